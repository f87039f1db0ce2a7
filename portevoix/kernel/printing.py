"""Pages as tagged PDFs (PDF/UA-1), fonts inside, by typst. Values are data to a page, never markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

#: Signs of control have no shape; a line's end has.
SHAPELESS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) != "\n"}


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the library (Libertinus, SIL OFL): the same page on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def pdf(template: Path, told: Mapping[str, Any], *, at: datetime) -> bytes:
    """Return what a template makes of ``told``, dated ``at``.

    The template is a constant and reads one JSON text: no value is ever compiled. A sign that no font has (somebody
    pasted an emoji) is printed as a box, and the file then claims no conformance: better than none.
    """
    text = json.dumps(_shaped(told), ensure_ascii=False)
    try:
        return _compiled(template, text, at, "ua-1")
    except typst.TypstError:
        return _compiled(template, text, at, "1.7")


def _shaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(SHAPELESS)
    if isinstance(value, Mapping):
        return {key: _shaped(one) for key, one in value.items()}
    return [_shaped(one) for one in value] if isinstance(value, list | tuple) else value


def _compiled(template: Path, text: str, at: datetime, standard: Literal["ua-1", "1.7"]) -> bytes:
    return typst.compile(
        template.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"document": text},
        pdf_standards=standard,
        timestamp=at.replace(microsecond=0),
    )
