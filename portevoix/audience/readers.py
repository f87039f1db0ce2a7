"""Visits that the web server in front answered by itself: its log, a line each (« portevoix nginx »)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import unquote, unquote_plus

from django.conf import settings

from portevoix.audience import rules
from portevoix.kernel.clock import PARIS

#: Bytes read at once, at most.
MOST_BYTES = 8 * 1024 * 1024


def visits_log() -> Path:
    """Return where the web server in front writes visits."""
    return Path(settings.DATA_DIR) / "visits.log"


@dataclass(frozen=True)
class Part:
    """Whole lines of a log, which file they come from, where the next begin, and whether there are any yet."""

    lines: list[bytes]
    file: int
    end: int
    is_last: bool


def read(log: Path, *, file: int, start: int) -> Part:
    """Return the lines that came after ``start`` in ``file``; all of them if it is another file by now, or shorter."""
    with log.open("rb") as opened:
        state = os.fstat(opened.fileno())
        begin = start if state.st_ino == file and start <= state.st_size else 0
        opened.seek(begin)
        found = opened.read(MOST_BYTES)
    whole = found[: found.rfind(b"\n") + 1]
    return Part(whole.split(b"\n")[:-1], state.st_ino, begin + len(whole), len(found) < MOST_BYTES)


def visits_in(lines: Iterable[bytes]) -> Iterator[tuple[date, str, str | None, rules.Link]]:
    """Yield the day, the page, the origin and the link of each visit; what is no such line is left out.

    Lines of a configuration that was made before links were counted have no link, or its first word alone.
    """
    for line in lines:
        try:
            hour, host, path, origin, *said = json.loads(line)
            link = _link(*said) if said else rules.NO_LINK
            day = datetime.fromisoformat(hour).astimezone(PARIS).date()
            own_host = host.partition(":")[0]
            yield day, unquote(path), rules.origin_of(f"https://{origin}/" if origin else "", own_host), link
        except (ValueError, TypeError, AttributeError, IndexError):
            continue


def _link(word: str, is_own: str, medium: str = "", campaign: str = "", *_more: str) -> rules.Link:
    source, medium, campaign = (rules.origin_word(unquote_plus(said)) for said in (word, medium, campaign))
    return rules.Link(source, is_own == "1", medium, campaign)
