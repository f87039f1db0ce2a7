"""A register as a PDF: tagged (PDF/UA-1), fonts inside, in its language. Values are data to the page, never markup."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portevoix.kernel import clock
from portevoix.registers.types import Document

#: Signs of control have no shape; a line's end has.
SHAPELESS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) != "\n"}
TEMPLATE = Path(__file__).parent / "templates" / "registers" / "register.typ"


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the library (Libertinus, SIL OFL): the same page on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def pdf(document: Document, *, at: datetime) -> bytes:
    """Return the register as a PDF, dated ``at``.

    The template is a constant and reads one JSON text: no value of a register is ever compiled. A sign that no font
    has (somebody pasted an emoji) is printed as a box, and the file then claims no conformance: better than none.
    """
    with translation.override(document.language):
        day = date_format(localtime(at, clock.PARIS), "DATETIME_FORMAT")
        told = {
            **document.as_json(),
            "words": {"contents": _("Contents"), "made": _("As it stands on %(day)s") % {"day": day}},
        }
    text = json.dumps(_shaped(told), ensure_ascii=False)
    try:
        return _compiled(text, at, "ua-1")
    except typst.TypstError:
        return _compiled(text, at, "1.7")


def _shaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(SHAPELESS)
    if isinstance(value, dict):
        return {key: _shaped(one) for key, one in value.items()}
    return [_shaped(one) for one in value] if isinstance(value, list) else value


def _compiled(text: str, at: datetime, standard: Literal["ua-1", "1.7"]) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"document": text},
        pdf_standards=standard,
        timestamp=at.replace(microsecond=0),
    )
