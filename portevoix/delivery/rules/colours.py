"""Shades of a campaign's colours, for programs that cannot mix colours themselves."""

from __future__ import annotations


def mix(colour: str, other: str, share: float) -> str:
    """Return a colour made of a `share`, from 0 to 1, of one and the rest of another, both written #rrggbb."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one * share + two * (1 - share)):02x}" for one, two in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
