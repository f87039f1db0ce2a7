"""Where an opinion goes that stood in a field or a tag: into what the person said, never over it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portevoix.people.types import CustomKind
from portevoix.rights.types import OpinionPlace, Views

LONGEST_ISSUE, LONGEST_INTENTION, FIRMEST = 80, 200, 5
LEVELS = {
    OpinionPlace.LEVEL_5: 5,
    OpinionPlace.LEVEL_4: 4,
    OpinionPlace.LEVEL_3: 3,
    OpinionPlace.LEVEL_2: 2,
    OpinionPlace.LEVEL_1: 1,
}
WORDS = (OpinionPlace.ISSUES, OpinionPlace.INTENTION)
SCALES = (OpinionPlace.SUPPORT, OpinionPlace.SUPPORT_REVERSED)


def places(kind: CustomKind | None) -> tuple[OpinionPlace, ...]:
    """Return where a field of a kind may go, or a tag (None): what is only there or not there is worth one level."""
    return (*WORDS, *(LEVELS if kind in {None, CustomKind.YES_NO} else SCALES))


def placed(now: Views, name: str, value: Any, place: OpinionPlace) -> Views:
    """Return what is recorded once a value has its place beside it; ``now`` where it has none.

    What the person said already stays: a second support level, a second intention are dropped. A tag, and a field that
    says yes, are told by their name.
    """
    said = _texts(name, value)
    if place == OpinionPlace.ISSUES:
        fitting = [text for text in said if len(text) <= LONGEST_ISSUE]
        return replace(now, issues=tuple(dict.fromkeys([*now.issues, *fitting])))
    if place == OpinionPlace.INTENTION:
        intention = ", ".join(said)
        return (
            now if now.vote_intention or len(intention) > LONGEST_INTENTION else replace(now, vote_intention=intention)
        )
    level = _level(said, place)
    return now if level is None or now.support_level is not None else replace(now, support_level=level)


def _texts(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [name] if value else []
    parts = value if isinstance(value, list) else [value]
    return [text for part in parts if part is not None and (text := str(part).strip())]


def _level(said: list[str], place: OpinionPlace) -> int | None:
    if place in LEVELS:
        return LEVELS[place] if said else None
    if len(said) != 1 or said[0] not in {"1", "2", "3", "4", "5"}:
        return None
    return FIRMEST + 1 - int(said[0]) if place == OpinionPlace.SUPPORT_REVERSED else int(said[0])
