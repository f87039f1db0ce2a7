"""Links of a letter are numbered, the same for every reader: clicks can be counted and nobody followed.

Whoever agreed to it has a word of their own behind the number; for everybody else the slot of that word is empty.

(Loi Informatique et Libertés, art. 82; CNIL, délibération 2026-042: individual tracking needs its own
consent; a total by link identifies nobody.)
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

from portevoix.delivery.types import Letter, Measuring

HTML_LINK = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?://[^"']+)\2""", re.IGNORECASE)
TEXT_LINK = re.compile(r"""https?://[^\s<>"']+""", re.IGNORECASE)
LONGEST = 2000
#: The merge field that holds the reader's own word, or nothing.
READER = "reader"
#: Behind what the counted picture stands, so that nothing is asked before the letter is shown.
END = re.compile(r"</body\s*>", re.IGNORECASE)
#: Signs that end a sentence rather than an address.
TRAILING = ".,;:!?…»)”"


class Numbering:
    """Gives each target of a letter its number, starting at 1."""

    def __init__(self, address: Callable[[int], str]) -> None:
        self.targets: list[str] = []
        self._address = address

    def of(self, target: str) -> str | None:
        """Return the address that stands for a target; None for one that must stay as it is."""
        if "{{" in target or len(target) > LONGEST:
            return None
        if target not in self.targets:
            self.targets.append(target)
        return self._address(self.targets.index(target) + 1)


def numbered(letter: Letter, address: Callable[[int], str]) -> tuple[Letter, list[str]]:
    """Return the letter with its links led through `address(number)`, and the targets in order.

    A link that holds a merge field is the reader's own and stays.
    """
    numbering = Numbering(address)

    def in_html(found: re.Match[str]) -> str:
        counted = numbering.of(html.unescape(found[3]).strip())
        return found[0] if counted is None else f"{found[1]}{found[2]}{html.escape(counted)}{found[2]}"

    def in_text(found: re.Match[str]) -> str:
        target = found[0].rstrip(TRAILING)
        return (numbering.of(target) or target) + found[0][len(target) :]

    page = HTML_LINK.sub(in_html, letter.html)
    text = TEXT_LINK.sub(in_text, letter.text)
    return replace(letter, html=page, text=text), numbering.targets


def measured(letter: Letter, measuring: Measuring, picture: str) -> Letter:
    """Return the letter with its counted picture, where openings are counted and there is a page to hold it."""
    if not (measuring.opens and letter.html):
        return letter
    seen = f'<img src="{html.escape(picture)}" width="1" height="1" alt="" role="presentation"/>'
    page, found = END.subn(lambda end: seen + end[0], letter.html, count=1)
    return replace(letter, html=page if found else letter.html + seen)


def own(address: str, measuring: Measuring) -> str:
    """Return an address with room for the reader's own word, where readers are measured."""
    return f"{address}{{{{ {READER} }}}}" if measuring.people else address
