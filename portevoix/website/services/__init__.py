"""Commands of the public site: its first pages, its name and look, its local pages, and what visitors answer."""

from portevoix.website.services.answering import answer
from portevoix.website.services.dressing import dress
from portevoix.website.services.local_pages import make_local_pages
from portevoix.website.services.naming import name_site
from portevoix.website.services.starting import make_pages, open_site

__all__ = ["answer", "dress", "make_local_pages", "make_pages", "name_site", "open_site"]
