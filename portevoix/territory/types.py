"""Words of the territory: kinds of elections, and how long silence lasts in a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class ElectionKind(models.TextChoices):
    """What is voted on. A kind is never renamed."""

    PRESIDENTIAL = "presidential", _("presidential election")
    LEGISLATIVE = "legislative", _("elections to the National Assembly")
    EUROPEAN = "european", _("elections to the European Parliament")
    REFERENDUM = "referendum", _("referendum")
    MUNICIPAL = "municipal", _("municipal elections")
    DEPARTMENTAL = "departmental", _("elections of the départements")
    REGIONAL = "regional", _("elections of the régions")
    SENATE = "senate", _("elections to the Senate")
    OTHER = "other", _("another election")


@dataclass(frozen=True)
class Silence:
    """From when until when no message of propaganda may leave (code électoral, art. L. 49)."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class ElectionDraft:
    """What a director says of an election; without départements it is held everywhere.

    ``early`` are those of its départements that vote the day before.
    """

    kind: str
    name: str
    first_round_on: date
    second_round_on: date | None = None
    departements: tuple[str, ...] = ()
    early: tuple[str, ...] = ()
