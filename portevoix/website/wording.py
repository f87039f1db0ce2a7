"""What visitors are asked about other sites, word for word: shown by the banner, and kept as the proof of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from portevoix.website.types import Aim


def question_title() -> str:
    return gettext("May other sites show you something here?")


def question_text() -> str:
    return gettext(
        "Some pages can show content of other sites. To load it, your browser tells them your address and what you "
        "read, and they may write on your device. Nothing is loaded unless you accept; the site works as well without."
    )


def question_words(sources: Iterable[Any]) -> list[str]:
    """Return all that is said to visitors, in the instance's main language."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = [f"{Aim(source.aim).label}: {source.name} – {source.company} – {source.host}" for source in sources]
        return [question_title(), question_text(), *sorted(lines)]


#: What Wagtail says in a French of its own, and we otherwise: “Locales” are languages here, not regions. Our catalogue
#: is read before Wagtail's.
OF_WAGTAIL = (
    _("Locale"),
    _("Locale: "),
    _("Locales"),
    _("locale"),
    _("Add a locale"),
    _("Add locale"),
    _("Delete locale"),
    _("Locale '%(object)s' created."),
    _("Locale '%(object)s' updated."),
    _("Locale '%(object)s' deleted."),
    _("Available in %(translations_total)s locales"),
    _("Switch locales"),
    _("Are you sure you want to delete this locale?"),
    _("Redirects"),
    _("Add redirect"),
)
