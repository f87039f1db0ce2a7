"""Colours: how far apart two of them are to the eye, and what lies between them."""

from __future__ import annotations

import re

#: WCAG 2.2: 1.4.3 (text), 1.4.11 (edges of controls).
READABLE = 4.5
VISIBLE = 3.0

Channels = tuple[float, float, float]


def is_colour(value: str) -> bool:
    """Tell whether a value is a colour written #rrggbb, and nothing more: it goes into a style sheet."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", value) is not None


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour written #rrggbb (WCAG 2.2)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(field: str, inks: tuple[str, ...]) -> str:
    """Return the ink that reads best on a field of colour."""
    return max(inks, key=lambda ink: contrast(field, ink))


def mix(one: str, other: str, share: float) -> str:
    """Return what ``color-mix(in oklab, one share, other)`` is, as browsers compute it (CSS Color 5)."""
    mixed = [share * a + (1 - share) * b for a, b in zip(_oklab(one), _oklab(other), strict=True)]
    return _written((mixed[0], mixed[1], mixed[2]))


def _linear(colour: str) -> Channels:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _oklab(colour: str) -> Channels:
    r, g, b = _linear(colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _written(lab: Channels) -> str:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(max(c, 0), 1))):02x}" for c in linear)


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
