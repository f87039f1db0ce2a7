"""A map of the world with the countries that receive data: drawn from the outlines of an installed package, or not."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from html import escape
from pathlib import Path

from portevoix.auditor.engine import words
from portevoix.auditor.engine.knowledge.lists import Lists
from portevoix.auditor.engine.types import Receiver

#: The npm package that the outlines come from (Natural Earth, Miller's projection), and its file.
PACKAGE, FILE = "jsvectormap", Path("dist") / "maps" / "world.js"
SIZE = re.compile(r"\{width:(\d+),top:0,left:0,height:(\d+)")
OUTLINE = re.compile(r'\b([A-Z]{2}):\{path:"([MmLlHhVvZz0-9.,\- ]+)"')
#: The machine stands there; only the company, or its parent, does.
MACHINE, COMPANY, NOBODY = "#8a1c13", "#d98a2b", "#dfe4e3"


@cache
def outlines(folder: Path) -> tuple[str, Mapping[str, str]]:
    """Return the drawing's size and the outline of each country by its code; nothing where the package is not there."""
    package = Lists(folder).npm(PACKAGE)
    if package is None or not (package / FILE).is_file():
        return "", {}
    text = (package / FILE).read_text("utf-8")
    size, found = SIZE.search(text), dict(OUTLINE.findall(text))
    return (f"0 0 {size[1]} {size[2]}", found) if size else ("", {})


def countries(receivers: Collection[Receiver]) -> tuple[set[str], set[str]]:
    """Return where machines that receive something stand, and where else companies do that may ask for it."""
    machines = {one.country for one in receivers if (one.phases or one.is_own) and one.country}
    companies = {one.company_country for one in receivers if (one.phases or one.is_own) and one.company_country}
    return machines, companies - machines


def drawing(receivers: Collection[Receiver], language: str, folder: Path | None) -> str:
    """Return the map; empty without outlines, or where no country is known. The table beside it says the same."""
    box, shapes = outlines(folder) if folder else ("", {})
    machines, companies = countries(receivers)
    if not shapes or not machines | companies:
        return ""
    said = words.words(language)
    others = "".join(shape for code, shape in shapes.items() if code not in machines | companies)
    parts = [f'<path d="{others}" fill="{NOBODY}" stroke="#fff" stroke-width=".4"/>']
    for codes, colour, word in ((companies, COMPANY, "world_company"), (machines, MACHINE, "world_machine")):
        parts += [
            f'<path d="{shapes[code]}" fill="{colour}" stroke="#fff" stroke-width=".4">'
            f"<title>{escape(words.country_name(code, language))} : {escape(said[word])}</title></path>"
            for code in sorted(codes & set(shapes))
        ]
    told = ", ".join(
        f"{words.country_name(code, language)} ({said['world_machine' if code in machines else 'world_company']})"
        for code in sorted(machines | companies)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img">'
        f"<title>{escape(said['world'])}</title><desc>{escape(told)}</desc>{''.join(parts)}</svg>"
    )
