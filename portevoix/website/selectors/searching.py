"""Which pages speak of something: PostgreSQL's full text, in French, with accents or without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wagtail.models import Locale, Page
from wagtail.search.backends import get_search_backend
from wagtail.search.query import And, Or, PlainText, SearchQuery

from portevoix.website.rules.words import forms_of, telling_words


def pages_about(words: str) -> Sequence[Any]:
    """Return the published pages that hold all of these words, in either gender, the likeliest first."""
    telling = [forms_of(word) for word in telling_words(words)]
    if not telling:
        return []
    pages = Page.objects.live().public().filter(locale=Locale.get_active(), depth__gt=1).specific()
    found: Sequence[Any] = get_search_backend().search(_question(telling), pages)
    return found


def _question(telling: Sequence[Sequence[str]]) -> SearchQuery:
    """Ask for one form of each word, and for those that have one only together."""
    alone = " ".join(forms[0] for forms in telling if len(forms) == 1)
    asked: list[SearchQuery] = [PlainText(alone, operator="and")] if alone else []
    asked += [Or([PlainText(form) for form in forms]) for forms in telling if len(forms) > 1]
    return asked[0] if len(asked) == 1 else And(asked)
