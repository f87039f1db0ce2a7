"""A report as a PDF: tagged (PDF/UA-1), fonts inside. Values are data to the page, never markup."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst

from portevoix.auditor.engine.report.telling import told
from portevoix.auditor.engine.types import Report

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
#: Signs of control have no shape; a line's end has.
SHAPELESS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) != "\n"}


def pdf(report: Report, language: str, folder: Path | None = None) -> bytes:
    """Return the PDF; outlines of countries are in the lists' ``folder``.

    A sign that no font has costs the file its conformance, not its existence.
    """
    text = json.dumps(_shaped(told(report, language, folder)), ensure_ascii=False)
    at = datetime.fromisoformat(report.made_at)
    try:
        return _compiled(text, at, "ua-1")
    except typst.TypstError:
        return _compiled(text, at, "1.7")


def _shaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(SHAPELESS)
    if isinstance(value, dict):
        return {key: _shaped(one) for key, one in value.items()}
    return [_shaped(one) for one in value] if isinstance(value, list | tuple) else value


def _compiled(text: str, at: datetime, standard: Literal["ua-1", "1.7"]) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
        sys_inputs={"report": text},
        pdf_standards=standard,
        timestamp=at,
    )
