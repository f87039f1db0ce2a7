"""A register as a PDF: tagged (PDF/UA-1), fonts inside, in its language. Values are data to the page, never markup."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast

import typst
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portevoix.kernel import clock
from portevoix.registers.types import Document

TEMPLATE = Path(__file__).parent / "templates" / "registers" / "register.typ"


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the library (Libertinus, SIL OFL): the same page on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def pdf(document: Document, *, at: datetime) -> bytes:
    """Return the register as a PDF, dated ``at``.

    The template is a constant and reads one JSON text: no value of a register is ever compiled.
    """
    with translation.override(document.language):
        day = date_format(localtime(at, clock.PARIS), "DATETIME_FORMAT")
        told = {
            **document.as_json(),
            "words": {"contents": _("Contents"), "made": _("As it stands on %(day)s") % {"day": day}},
        }
    made = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(told, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=at,
    )
    return cast("bytes", made)
