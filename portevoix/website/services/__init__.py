"""Commands of the public site: its look, its local pages, and what visitors answer."""

from portevoix.website.services.answering import answer
from portevoix.website.services.dressing import dress
from portevoix.website.services.local_pages import make_local_pages

__all__ = ["answer", "dress", "make_local_pages"]
