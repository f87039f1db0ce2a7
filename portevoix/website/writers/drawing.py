"""The picture shown where a page is shared, and the icon of an instance without a logo: drawn here, by nobody else."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFont

from portevoix.website.rules import ink_on
from portevoix.website.rules.looks import FONT_FILES, FONTS, WHITE
from portevoix.website.types import Look

WIDTH, HEIGHT, MARGIN = 1200, 630, 72
#: Sizes tried for the title, the largest first that fits.
SIZES = range(124, 43, -8)
MOST_LINES = 4


@dataclass(frozen=True)
class Card:
    """What a picture to share says."""

    title: str
    above: str
    below: str


def share_card(card: Card, look: Look) -> bytes:
    """Draw a page's picture to share, as PNG."""
    field, ink, edge = _colours(look)
    picture = Image.new("RGB", (WIDTH, HEIGHT), field)
    draw = ImageDraw.Draw(picture)
    _motif(draw, look, field, ink)
    draw.rectangle((0, HEIGHT - 16, WIDTH, HEIGHT), fill=edge)
    small = _font(look, 34, 700)
    if card.above:
        draw.text((MARGIN, MARGIN - 10), card.above, font=small, fill=ink)
    draw.text((MARGIN, HEIGHT - MARGIN - 40), card.below, font=small, fill=ink)
    title = card.title.upper() if "display-case" in FONTS[look.fonts] else card.title
    font, lines = _fitted(draw, title, look)
    leading = round(float(font.size) * 1.04)
    top = (HEIGHT - 30 - leading * len(lines)) // 2
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + number * leading), line, font=font, fill=ink)
    return _png(picture)


def icon(letter: str, look: Look, size: int) -> bytes:
    """Draw a letter on the main colour: the icon of an instance that has no logo."""
    picture = Image.new("RGB", (size, size), look.brand)
    draw = ImageDraw.Draw(picture)
    ink = ink_on(look.brand, (WHITE, look.deep))
    draw.text((size / 2, size / 2), letter.upper(), font=_font(look, round(size * 0.62), 800), fill=ink, anchor="mm")
    return _png(picture)


def _colours(look: Look) -> tuple[str, str, str]:
    fields = {"brand": look.brand, "deep": look.deep, "accent": look.accent, "paper": look.paper}
    field = fields[look.opening]
    return field, ink_on(field, (WHITE, look.deep)), look.brand if look.opening in {"paper", "accent"} else look.accent


def _motif(draw: ImageDraw.ImageDraw, look: Look, field: str, ink: str) -> None:
    faint = _between(field, ink, 0.12)
    if look.motif == "rings":
        for radius in range(520, 40, -104):
            for extent, colour in ((radius, faint), (radius - 52, field)):
                draw.ellipse((1110 - extent, 600 - extent, 1110 + extent, 600 + extent), fill=colour)
    elif look.motif == "lines":
        for start in range(640, WIDTH + HEIGHT, 64):
            draw.line((start, HEIGHT, start + 420, 0), fill=faint, width=18)


def _between(one: str, other: str, share: float) -> tuple[int, ...]:
    a, b = (tuple(int(colour[n : n + 2], 16) for n in (1, 3, 5)) for colour in (one, other))
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))


def _fitted(draw: ImageDraw.ImageDraw, title: str, look: Look) -> tuple[Any, list[str]]:
    for size in SIZES:
        font = _font(look, size, 800)
        lines = _wrapped(draw, title, font)
        if len(lines) <= MOST_LINES and size * 1.04 * len(lines) <= HEIGHT - 2 * MARGIN - 90:
            return font, lines
    return font, [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1] + " …"] if len(lines) > MOST_LINES else lines


def _wrapped(draw: ImageDraw.ImageDraw, text: str, font: Any) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(longer, font=font) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _font(look: Look, size: int, weight: int) -> Any:
    """Return the look's display letters; where they were not built yet, those that Pillow brings."""
    path = finders.find(FONT_FILES[look.fonts])
    if not path:
        return ImageFont.load_default(size)
    font = ImageFont.truetype(io.BytesIO(Path(str(path)).read_bytes()), size)
    values = {b"Weight": weight, b"Width": 80}
    axes: list[Any] = list(font.get_variation_axes())
    font.set_variation_by_axes(
        [min(max(values.get(axis["name"], axis["default"]), axis["minimum"]), axis["maximum"]) for axis in axes]
    )
    return font


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
