"""Colours of the site: which ink reads on which field, and what lies between two of them, as browsers mix them."""

from __future__ import annotations

from portevoix.delivery.rules.colours import Channels, contrast, linear

#: WCAG 2.2: 1.4.3 (text), 1.4.11 (edges of controls).
READABLE = 4.5
VISIBLE = 3.0


def ink_on(field: str, inks: tuple[str, ...]) -> str:
    """Return the ink that reads best on a field of colour."""
    return max(inks, key=lambda ink: contrast(field, ink))


def mix(one: str, other: str, share: float) -> str:
    """Return what ``color-mix(in oklab, one share, other)`` is, as browsers compute it (CSS Color 5)."""
    mixed = [share * a + (1 - share) * b for a, b in zip(_oklab(one), _oklab(other), strict=True)]
    return _written((mixed[0], mixed[1], mixed[2]))


def _oklab(colour: str) -> Channels:
    r, g, b = linear(colour)
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
    light = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(max(c, 0), 1))):02x}" for c in light)


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
