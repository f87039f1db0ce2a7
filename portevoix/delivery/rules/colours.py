"""Shades of a campaign's colours, for programs that cannot mix colours themselves, and whether they can be read."""

from __future__ import annotations

import re

#: Red, green and blue, from 0 to 1.
Channels = tuple[float, float, float]


def is_colour(value: str) -> bool:
    """Tell whether a value is a colour written #rrggbb, and nothing more: it goes into a style sheet."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", value) is not None


def mix(colour: str, other: str, share: float) -> str:
    """Return a colour made of a `share`, from 0 to 1, of one and the rest of another, both written #rrggbb."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one * share + two * (1 - share)):02x}" for one, two in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def linear(colour: str) -> Channels:
    """Return how much light each channel of a colour written #rrggbb gives (sRGB)."""
    shares = (value / 255 for value in _channels(colour))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour written #rrggbb (WCAG 2.2)."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
