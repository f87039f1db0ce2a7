"""Plain values of the public site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.kernel.questions import Questions


@dataclass(frozen=True)
class Link:
    """An entry of a menu, and what it opens."""

    label: str
    url: str
    is_current: bool = False
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Column:
    """Links under a title, at the foot of every page."""

    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Announcement:
    """What the line above a page says; ``language`` is that of the page it leads to, where it is another."""

    text: str
    link: Link | None = None
    language: str = ""


@dataclass(frozen=True)
class StoredPage:
    """A page as it left, ready to leave again, with what it was made from."""

    body: bytes
    compressed: bytes | None
    headers: dict[str, str]
    generation: tuple[int, int]
    expires_at: datetime
    questions: Questions

    @property
    def weight(self) -> int:
        """Bytes it takes in memory, about."""
        return len(self.body) + len(self.compressed or b"") + 512 + 512 * len(self.questions.asked)


@dataclass(frozen=True)
class Look:
    """Every decision of a campaign's own look; the values of choices are keys of ``rules.looks``."""

    COLOURS: ClassVar[tuple[str, ...]] = ("brand", "deep", "accent", "spark", "calm")
    CHOICES: ClassVar[tuple[str, ...]] = ("fonts", "corners", "spacing", "motif", "cards", "bar", "opening")

    brand: str = "#0b5c56"
    deep: str = "#062c2e"
    accent: str = "#ffd24a"
    spark: str = "#ff7f5c"
    calm: str = "#bfeedd"
    paper: str = "#ffffff"
    fonts: str = "bricolage"
    corners: str = "round"
    spacing: str = "airy"
    motif: str = "rings"
    cards: str = "lifted"
    bar: str = "brand"
    opening: str = "brand"


@dataclass(frozen=True)
class Pair:
    """An ink on a field: what it is, the contrast it has and needs, and the colour to change where it falls short."""

    name: str
    ink: str
    field: str
    ratio: float
    needed: float
    fault: str

    @property
    def is_readable(self) -> bool:
        return self.ratio >= self.needed


class Fonts(models.TextChoices):
    BRICOLAGE = "bricolage", _("Bricolage Grotesque, narrow and lively, with Instrument Sans")
    NEWSREADER = "newsreader", _("Newsreader, a newspaper's serif, with Source Sans")
    ARCHIVO = "archivo", _("Archivo, a poster's capitals")


class Corners(models.TextChoices):
    ROUND = "round", pgettext_lazy("corners", "round")
    SOFT = "soft", pgettext_lazy("corners", "softened")
    SQUARE = "square", pgettext_lazy("corners", "square")


class Spacing(models.TextChoices):
    AIRY = "airy", pgettext_lazy("spacing", "airy")
    COMPACT = "compact", pgettext_lazy("spacing", "compact")


class Motif(models.TextChoices):
    RINGS = "rings", pgettext_lazy("motif", "rings")
    LINES = "lines", pgettext_lazy("motif", "slanted lines")
    NONE = "none", pgettext_lazy("motif", "none")


class Cards(models.TextChoices):
    LIFTED = "lifted", pgettext_lazy("cards", "lifted by a shadow")
    RULED = "ruled", pgettext_lazy("cards", "a thin line around")
    FRAMED = "framed", pgettext_lazy("cards", "a thick line around")


class Ground(models.TextChoices):
    BRAND = "brand", _("the main colour")
    DEEP = "deep", _("the dark colour")
    ACCENT = "accent", _("the bright colour")
    PAPER = "paper", _("the colour of the paper")


class Aim(models.TextChoices):
    """What foreign content is for: visitors answer for each."""

    VIDEO = "video", _("watch videos kept on other sites")
    NETWORK = "network", _("read messages published on social networks")
    MAP = "map", _("look at maps kept on other sites")


@dataclass(frozen=True)
class Foreign:
    """Content of another site: its host, its name, who answers for it, what it is for, and the address to load."""

    host: str
    name: str
    company: str
    aim: Aim
    address: str


class Way(models.TextChoices):
    """Where a visitor answered."""

    BANNER = "banner", _("the banner")
    BLOCK = "block", _("the content itself")
    PAGE = "page", _("the page of choices")


class StartingPage(models.TextChoices):
    """A page that a site may begin with; the law wants some of them on every site."""

    PROGRAMME = "programme", _("Programme: themes and measures, each with its own address")
    CANDIDATE = "candidate", _("Candidate: who leads the campaign")
    TEAM = "team", _("Team: who makes the campaign")
    NEWS = "news", _("News and press releases, with their feeds")
    SIGN_UP = "sign_up", _("Sign-up: to join the campaign")
    NOTICE = "notice", _("Legal notice")
    PRIVACY = "privacy", _("Privacy")
    COOKIES = "cookies", _("Cookies")
    ACCESSIBILITY = "access", _("Accessibility statement")


#: What the law has a campaign say of itself and of the data: every site has them.
REQUIRED_PAGES = (StartingPage.NOTICE, StartingPage.PRIVACY, StartingPage.COOKIES, StartingPage.ACCESSIBILITY)
OPTIONAL_PAGES = tuple(page for page in StartingPage if page not in REQUIRED_PAGES)
