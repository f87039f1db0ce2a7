"""A register as a PDF, in its language."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portevoix.kernel import clock, printing
from portevoix.registers.types import Document

TEMPLATE = Path(__file__).parent / "templates" / "registers" / "register.typ"


def pdf(document: Document, *, at: datetime) -> bytes:
    """Return the register as a PDF, dated ``at``."""
    with translation.override(document.language):
        day = date_format(localtime(at, clock.PARIS), "DATETIME_FORMAT")
        words = {"contents": _("Contents"), "made": _("As it stands on %(day)s") % {"day": day}}
        told = {**document.as_json(), "words": words}
    return printing.pdf(TEMPLATE, told, at=at)
