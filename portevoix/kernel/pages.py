"""What every public page says of itself to machines, whatever its type and room."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from datetime import datetime

    from wagtail.models import Page


#: What links to a page show of it, and nothing else: whatever else changes in it leaves pages that link to it alone.
LINKED = ("title", "slug", "url_path", "path", "depth", "numchild", "live", "locale", "translation_key", "content_type")


class PublicPage:
    """A mixin of Wagtail's pages: their versions in other languages, and their name for machines (JSON-LD)."""

    #: Schema.org's name for pages of this type.
    kind_for_machines: ClassVar[str] = "WebPage"
    #: Its kind where a link to it is shared (Open Graph).
    kind_for_sharing: ClassVar[str] = "website"
    #: Words for search engines and shared links; each type of page says where they come from.
    description: Any

    @cached_property
    def versions(self: Any) -> list[Page]:
        """The published pages that say the same in each language, this one included; empty where it is alone."""
        found = self.get_translations(inclusive=True).live().public().select_related("locale").order_by("locale")
        versions = list(found.only(*LINKED, "locale__language_code"))
        return versions if len(versions) > 1 else []

    def next_change(self, now: datetime) -> datetime | None:
        """Return when it will say something else though nobody changes it: shown as it is, it is wrong from then on."""
        return None

    def for_machines(self) -> dict[str, Any]:
        """Return what the page says of itself to machines, beyond its name and address."""
        return {}
