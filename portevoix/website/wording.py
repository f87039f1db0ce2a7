"""What visitors are asked about other sites, word for word: shown by the banner, and kept as the proof of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from portevoix.website.types import Aim, Way


def question_title() -> str:
    return gettext("May other sites show you something here?")


def question_text() -> str:
    return gettext(
        "Some pages can show content of other sites. To load it, your browser tells them your address and what you "
        "read, and they may write on your device (cookies). Nothing is loaded unless you accept; the site works as "
        "well without."
    )


def question_of_block(name: str, company: str) -> str:
    """Return what content of another site asks by itself, in the place where it would be shown."""
    return gettext(
        "To show it, your browser will tell %(site)s (%(company)s) your address and this page; it may write on your "
        "device (cookies). Do you accept it?"
    ) % {"site": name, "company": company}


def question_words(sources: Iterable[Any]) -> dict[str, dict[str, list[str]]]:
    """Return all that visitors are told before they answer: in each language, by each way of answering."""
    found, said = list(sources), {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = {str(way): told(found) for way, told in TOLD.items()}
    return said


def _told_by_banner(sources: list[Any]) -> list[str]:
    names = [
        f"{capfirst(str(aim.label))}: {', '.join(one.name for one in sources if one.aim == aim)}"
        for aim in Aim
        if any(one.aim == aim for one in sources)
    ]
    buttons = [gettext("Refuse all"), gettext("Accept all"), gettext("Choose one by one")]
    return [question_title(), question_text(), *names, *buttons]


def _told_by_page(sources: list[Any]) -> list[str]:
    lines = []
    for aim in Aim:
        of_aim = [line for one in sources if one.aim == aim for line in (one.name, f"{one.company} · {one.host}")]
        lines += [capfirst(str(aim.label)), *of_aim] if of_aim else []
    buttons = [gettext("Keep this choice"), gettext("Refuse all"), gettext("Accept all")]
    return [question_text(), *lines, *buttons]


def _told_by_block(sources: list[Any]) -> list[str]:
    questions = [question_of_block(one.name, one.company) for one in sources]
    return [*questions, gettext("I accept, show it"), gettext("I refuse")]


TOLD = {Way.BANNER: _told_by_banner, Way.PAGE: _told_by_page, Way.BLOCK: _told_by_block}


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
