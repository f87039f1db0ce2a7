"""A report as one page of HTML that needs nothing else: no script, no other host."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portevoix.auditor.engine.report.telling import told
from portevoix.auditor.engine.types import Report

TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates() -> Environment:
    """Return the templates; every value is escaped."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def html(
    report: Report,
    language: str,
    pictures: dict[str, str] | None = None,
    around: dict[str, Any] | None = None,
    folder: Path | None = None,
) -> str:
    """Return the page. ``pictures`` are JPEG in base64; ``around`` is what an observatory adds; lists in ``folder``."""
    said = told(report, language, folder)
    # Drawn by ourselves from escaped words.
    drawing, world = Markup(said.pop("map")), Markup(said.pop("world"))  # noqa: S704
    return (
        templates()
        .get_template("report.jinja")
        .render(
            **said,
            map=drawing,
            world=world,
            css=Markup(css()),  # noqa: S704
            pictures=_pictures(pictures or {}),
            around=around or {"index": "", "other": "", "changes": [], "history": []},
        )
    )


@cache
def css() -> str:
    return (TEMPLATES / "report.css").read_text("utf-8")


def _pictures(pictures: dict[str, str]) -> list[tuple[str, str]]:
    names = (("none-0", "picture_home"), ("refuse-choice", "picture_refuse"), ("accept-choice", "picture_accept"))
    return [(word, pictures[name]) for name, word in names if name in pictures]
