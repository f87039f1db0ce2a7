"""Words of the registers, and the one shape in which a register is shown, kept, compared and printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Nature(models.TextChoices):
    """What a breach did to the data (RGPD art. 4(12))."""

    CONFIDENTIALITY = "confidentiality", _("confidentiality: somebody could read them who should not")
    INTEGRITY = "integrity", _("integrity: they were changed")
    AVAILABILITY = "availability", _("availability: they were lost, or out of reach")


class Risk(models.TextChoices):
    """What a breach may do to people (RGPD art. 33(1), 34(1))."""

    NONE = "none", _("unlikely to be a risk for people")
    SOME = "some", _("a risk for people")
    HIGH = "high", _("a high risk for people")


class Spared(models.TextChoices):
    """Why people need not be told of a high risk (RGPD art. 34(3))."""

    UNREADABLE = "unreadable", _("the data cannot be read by who has them (a: encryption)")
    AVERTED = "averted", _("the high risk is no longer likely to happen (b)")
    PUBLIC = "public", _("telling each would be out of proportion: a public notice instead (c)")


class Addressee(models.TextChoices):
    """Who was told of a breach."""

    AUTHORITY = "authority", _("the CNIL (art. 33)")
    PERSONS = "persons", _("the people concerned (art. 34)")


class Decision(models.TextChoices):
    """What the controller decides after an impact assessment (RGPD art. 35, 36)."""

    NONE = "none", _("not decided yet")
    GO = "go", _("the processing may go on")
    IMPROVE = "improve", _("it may go on once the measures below are taken")
    CONSULT = "consult", _("the CNIL is consulted first (art. 36)")
    STOP = "stop", _("the processing stops")


class Service(models.TextChoices):
    """What the configuration says that somebody may do for the campaign."""

    HOST = "host", _("hosting")
    MAIL = "mail", _("sending e-mails")
    DATABASE = "database", _("the database")
    OTHER = "other", _("another service")


class Held(models.TextChoices):
    """Whether a measure of security is in place on this instance."""

    YES = "yes", _("in place")
    PARTLY = "partly", _("in part")
    NO = "no", _("not done")
    UNKNOWN = "unknown", _("not known to the platform")


class Threat(models.TextChoices):
    """The three feared events of the CNIL's method (PIA, 2018)."""

    ACCESS = "access", _("illegitimate access to the data")
    CHANGE = "change", _("unwanted change of the data")
    LOSS = "loss", _("disappearance of the data")


class Verdict(models.TextChoices):
    """What the law says of a country that data go to."""

    EEA = "eea", _("in the European Economic Area: no transfer")
    ADEQUATE = "adequate", _("adequate (art. 45)")
    ON_CONDITION = "on_condition", _("adequate under a condition that is recorded (art. 45)")
    SAFEGUARDED = "safeguarded", _("not adequate; safeguards are recorded (art. 46)")
    FORBIDDEN = "forbidden", _("not adequate, and no safeguard is recorded: this transfer is unlawful (art. 44)")


Row = list[str]


@dataclass(frozen=True)
class Block:
    """A part of a section. Every kind is rows of cells, so that page, print and comparison treat all alike.

    ``passing`` is true today and no part of the register's wording: counts, dates of checks. It is shown and kept,
    but makes no new version by itself.
    """

    kind: str  # words, pairs, points, table
    rows: list[Row]
    heads: Row = field(default_factory=list)
    tone: str = ""  # "", alarm, good
    passing: bool = False


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Document:
    """A register as it stands: data only, in one language, without markup of any kind."""

    title: str
    subtitle: str
    author: str
    language: str
    sections: list[Section]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Document:
        """Read what ``as_json`` wrote."""
        sections = [Section(one["title"], [Block(**block) for block in one["blocks"]]) for one in told["sections"]]
        return cls(told["title"], told["subtitle"], told["author"], told["language"], sections)


def named(label: object, value: object) -> str:
    """Return a label with its value, as the language writes the sign between them."""
    return gettext("%(label)s: %(value)s") % {"label": label, "value": value}


def words(*lines: object, tone: str = "", passing: bool = False) -> Block:
    """Return paragraphs."""
    return Block("words", [[str(line)] for line in lines if str(line)], tone=tone, passing=passing)


def pairs(rows: Iterable[tuple[object, object]], *, passing: bool = False) -> Block:
    """Return labels with their values; what is not said is shown as such."""
    return Block("pairs", [[str(label), str(value) or "—"] for label, value in rows], passing=passing)


def points(items: Iterable[object], *, tone: str = "", passing: bool = False) -> Block:
    """Return a list."""
    return Block("points", [[str(item)] for item in items], tone=tone, passing=passing)


def table(heads: Sequence[object], rows: Iterable[Sequence[object]], *, passing: bool = False) -> Block:
    """Return a table; its first column names each row."""
    told = [[str(cell) or "—" for cell in row] for row in rows]
    return Block("table", told, heads=[str(head) for head in heads], passing=passing)


@dataclass(frozen=True)
class Reach:
    """A law of a parent's country that reaches the data of its companies."""

    country: str
    law: str


@dataclass(frozen=True)
class Countries:
    """Names, adequacy and reach of countries, as a dated file says them."""

    checked_on: date
    source: str
    names: dict[str, tuple[str, str]]
    eea: frozenset[str]
    adequate: dict[str, dict[str, Any]]
    reach: dict[str, str]


@dataclass(frozen=True)
class Found:
    """Somebody whom the configuration names, by what they do, and what is known of them from there."""

    service: Service
    value: str
    name: str
    country: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Program:
    """A program that comes in by a key now, as the room of keys tells: whose, what for, what it is given of people."""

    name: str
    purpose: str
    holder: str
    #: The roles that it acts in, and where.
    sight: str
    #: Which of people's data it may read; empty for one that only brings in, corrects or counts.
    gives: str
    until: date
    used_on: date | None


@dataclass(frozen=True)
class Measure:
    """A measure of security as it is on this instance, read from its settings and its tables."""

    label: str
    held: Held
    detail: str
    against: tuple[Threat, ...]
    #: What is true today only: a date, a number.
    passing: str = ""


@dataclass(frozen=True)
class Change:
    """What differs in one section between two versions."""

    title: str
    gone: list[str]
    come: list[str]
