"""A look: the decisions that make a site a campaign's own, written as one sheet of tokens, and whether it can be read.

The mixes below are those of ``kernel/css/tokens.css``: what is checked is what browsers show, by day and by night.
"""

from __future__ import annotations

from collections.abc import Iterator

from portevoix.delivery.rules.colours import contrast
from portevoix.website.rules.colours import READABLE, VISIBLE, ink_on, mix
from portevoix.website.types import Look, Pair

#: What says an error and a success, and the fields behind them: the same in every look, by day and by night.
SAID = {"danger": "#b3161b", "success": "#0c6b3d"}
SAID_AT_NIGHT = {"danger": "#ffb1ac", "success": "#9be3b9"}
TINTS, TINTS_AT_NIGHT = ("#fdecec", "#e5f6ec"), ("#4a1216", "#0e3a23")
NIGHT, WHITE, PALE, GREY = "#0a0a0d", "#ffffff", "#f1eff7", "#c9c6d6"

#: Display family, text family, and how the display family is set.
FONTS = {
    "bricolage": {
        "font-display": '"Bricolage Grotesque", "Arial Narrow", system-ui, sans-serif',
        "font-text": '"Instrument Sans", system-ui, sans-serif',
    },
    "newsreader": {
        "font-display": '"Newsreader", "Iowan Old Style", Georgia, serif',
        "font-text": '"Source Sans 3", system-ui, sans-serif',
        "display-weight": "560",
        "display-tracking": "-0.018em",
        "leading": "1.16",
        "display-scale": "0.86",
    },
    "archivo": {
        "font-display": '"Archivo", "Arial Narrow", system-ui, sans-serif',
        "font-text": '"Archivo", system-ui, sans-serif',
        "display-weight": "900",
        "display-tracking": "-0.01em",
        "display-case": "uppercase",
        "leading": "1.14",
        "display-scale": "0.84",
    },
}
#: The file that the head of each page asks for first.
FONT_FILES = {
    "bricolage": "vendor/bricolage-grotesque/latin-wdth-normal.woff2",
    "newsreader": "vendor/newsreader/latin-wght-normal.woff2",
    "archivo": "vendor/archivo/latin-wdth-normal.woff2",
}
CORNERS = {
    "round": {},
    "soft": {"radius-1": "0.25rem", "radius-2": "0.5rem", "radius-3": "0.75rem", "round": "0.375rem"},
    "square": {"radius-1": "0", "radius-2": "0", "radius-3": "0", "round": "0"},
}
SPACING = {
    "airy": {},
    "compact": {
        "space-6": "1.5rem",
        "space-7": "2.25rem",
        "space-8": "clamp(2.5rem, 1.9rem + 2.6vw, 4.5rem)",
    },
}
MOTIFS = {
    "rings": {},
    "lines": {
        "motif": "repeating-linear-gradient(125deg, transparent 0 1.5rem, "
        "color-mix(in oklab, currentcolor 14%, transparent) 1.52rem 2rem)",
        "motif-round": "0",
    },
    "none": {"motif": "none"},
}
CARDS = {
    "lifted": {},
    "ruled": {"card-edge": "1px solid var(--line)", "shadow": "none"},
    "framed": {"card-edge": "3px solid var(--heading)", "shadow": "none"},
}
#: Fields of colour that the bar at the top and the opening of pages may take: field, ink, the button one must see.
GROUNDS = {
    "brand": ("var(--brand)", "var(--on-brand)", "accent"),
    "deep": ("var(--deep)", "var(--on-deep)", "accent"),
    "accent": ("var(--accent)", "var(--on-accent)", "deep"),
    "paper": ("var(--surface)", "var(--heading)", "brand"),
}

#: Three looks to begin from; each is complete, and each can be changed.
LOOKS = {
    "onde": Look(),
    "gazette": Look(
        brand="#8c1d2f",
        deep="#231815",
        accent="#f2c14e",
        spark="#e8a598",
        calm="#d9dfc8",
        paper="#fbf7ef",
        fonts="newsreader",
        corners="square",
        spacing="airy",
        motif="none",
        cards="ruled",
        bar="paper",
        opening="paper",
    ),
    "affiche": Look(
        brand="#0b3fd6",
        deep="#0a0f2e",
        accent="#ffe14d",
        spark="#ff8a5c",
        calm="#a9e5ff",
        paper="#ffffff",
        fonts="archivo",
        corners="square",
        spacing="compact",
        motif="lines",
        cards="framed",
        bar="deep",
        opening="accent",
    ),
}


def sheet(look: Look) -> str:
    """Write a look as one sheet of tokens, each field with the ink that reads best on it."""
    tokens = {"paper": look.paper}
    for name in Look.COLOURS:
        colour = getattr(look, name)
        tokens |= {name: colour, f"on-{name}": ink_on(colour, (WHITE, look.deep))}
    for part, ground in (("bar", look.bar), ("opening", look.opening)):
        field, ink, call = GROUNDS[ground]
        tokens |= {
            part: field,
            f"on-{part}": ink,
            f"{part}-call": f"var(--{call})",
            f"on-{part}-call": f"var(--on-{call})",
        }
    for table, choice in (
        (FONTS, look.fonts),
        (CORNERS, look.corners),
        (SPACING, look.spacing),
        (MOTIFS, look.motif),
        (CARDS, look.cards),
    ):
        tokens |= table[choice]
    return "@layer tokens { :root { " + " ".join(f"--{name}: {value};" for name, value in tokens.items()) + " } }\n"


def pairs(look: Look) -> list[Pair]:
    """Return every pair of ink and field that pages show, with the contrast each has and needs."""
    return [*_fields(look), *_by_day(look), *_by_night(look)]


def unreadable(look: Look) -> list[Pair]:
    """Return the pairs that not everybody could read."""
    return [pair for pair in pairs(look) if pair.ratio < pair.needed]


def _pair(name: str, ink: str, field: str, fault: str, needed: float = READABLE) -> Pair:
    return Pair(name, ink, field, round(contrast(ink, field), 2), needed, fault)


def _fields(look: Look) -> Iterator[Pair]:
    for name in ("brand", "deep"):
        yield _pair("white", WHITE, getattr(look, name), name)
    for name in ("accent", "spark", "calm"):
        yield _pair("deep", look.deep, getattr(look, name), name)


def _by_day(look: Look) -> Iterator[Pair]:
    for field in (look.paper, mix(look.brand, look.paper, 0.06), WHITE):
        yield _pair("text", look.deep, field, "paper")
        yield _pair("soft", mix(look.deep, WHITE, 0.78), field, "paper")
        yield _pair("link", look.brand, field, "brand")
        yield _pair("edge", mix(look.deep, WHITE, 0.62), field, "deep", VISIBLE)
        for name, ink in SAID.items():
            yield _pair(name, ink, field, "paper")
    for field in TINTS:
        yield _pair("text", look.deep, field, "deep")
        yield _pair("link", look.brand, field, "brand")


def _by_night(look: Look) -> Iterator[Pair]:
    surface = mix(look.deep, NIGHT, 0.55)
    link, edge = mix(look.brand, WHITE, 0.38), mix(surface, WHITE, 0.45)
    for field in (surface, mix(look.deep, NIGHT, 0.82), mix(look.deep, WHITE, 0.88)):
        yield _pair("night text", PALE, field, "deep")
        yield _pair("night soft", GREY, field, "deep")
        yield _pair("night link", link, field, "brand")
        yield _pair("night edge", edge, field, "deep", VISIBLE)
        yield _pair("night focus", look.accent, field, "accent", VISIBLE)
        for name, ink in SAID_AT_NIGHT.items():
            yield _pair(f"night {name}", ink, field, "deep")
    for field in TINTS_AT_NIGHT:
        yield _pair("night link", link, field, "brand")
