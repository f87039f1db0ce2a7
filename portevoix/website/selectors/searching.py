"""Which pages speak of something: PostgreSQL's full text, in French."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wagtail.models import Locale, Page
from wagtail.search.backends import get_search_backend


def pages_about(words: str) -> Sequence[Any]:
    """Return the published pages that hold all of these words, the likeliest first."""
    if not words:
        return []
    pages = Page.objects.live().public().filter(locale=Locale.get_active(), depth__gt=1).specific()
    found: Sequence[Any] = get_search_backend().search(words, pages, operator="and")
    return found
