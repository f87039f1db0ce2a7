"""Which pages speak of something: PostgreSQL's full text, in French, with accents or without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wagtail.models import Locale, Page
from wagtail.search.backends import get_search_backend


def pages_about(words: str) -> Sequence[Any]:
    """Return the published pages that hold all of these words, the likeliest first."""
    telling = " ".join(word for word in words.split() if len(word) > 1 or word.isdecimal())  # « à » is also typed « a »
    if not telling:
        return []
    pages = Page.objects.live().public().filter(locale=Locale.get_active(), depth__gt=1).specific()
    found: Sequence[Any] = get_search_backend().search(telling, pages, operator="and")
    return found
