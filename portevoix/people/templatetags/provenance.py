"""Where something comes from, in words that are read."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

#: The sources that the platform itself writes down; any other is a page's address or a file's name.
WORDS: dict[str, str | Promise] = {
    "copy": _("the page of one’s own data"),
    "delivery": "",
    "paper": _("a form on paper"),
    "preferences": _("the page of choices"),
    "staff": _("the team"),
    "unsubscribe": _("the link to unsubscribe"),
}


@register.filter
def provenance(source: str) -> str:
    """Return the words for a source, or the source itself."""
    return str(WORDS.get(source, source))
