"""Pages on which citizens act."""

from __future__ import annotations

from wagtail.models import Site

from portevoix.actions.models import SignUpPage
from tests.website.factories import wagtail_roots


def sign_up_page(**fields: object) -> SignUpPage:
    """Return a published sign-up page under the root of the default site."""
    wagtail_roots()
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    assert site is not None
    page = SignUpPage(**{"title": "Rejoindre", "slug": "rejoindre", "introduction": "<p>Venez.</p>", **fields})
    site.root_page.add_child(instance=page)
    return page
