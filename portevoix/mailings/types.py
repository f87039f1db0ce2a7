"""Words of the mailings room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from portevoix.segments.models import Segment
    from portevoix.territory.models import Election


class State(models.TextChoices):
    """Where a mailing is; it never goes back."""

    DRAFT = "draft", pgettext_lazy("message", "draft")
    SENDING = "sending", pgettext_lazy("message", "being sent")
    SENT = "sent", pgettext_lazy("message", "sent")
    STOPPED = "stopped", pgettext_lazy("message", "stopped")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What an author writes."""

    title: str
    subject: str
    preheader: str = ""
    sender_name: str = ""
    reply_to: str = ""
    #: A value of the letter's StreamField, or its raw form: a list of (type, value).
    body: Any = ()
    segment: Segment | None = None


@dataclass(frozen=True)
class Reach:
    """Whom of the chosen people a mailing may go to, and why not the others; each person is counted once."""

    chosen: int
    admitted: int
    #: Agreed once, and took it back.
    withdrew: int
    #: Agreed, but no address that may be written to.
    no_address: int
    #: May be written to, but sent no such advertisement: too young, of unknown age, or did not agree to be chosen.
    no_advertising: int = 0

    @property
    def never_agreed(self) -> int:
        return self.chosen - self.admitted - self.withdrew - self.no_address - self.no_advertising

    @property
    def left_out(self) -> int:
        return self.chosen - self.admitted


@dataclass(frozen=True)
class Confirmation:
    """What the sender saw when they confirmed: which letter, to how many."""

    digest: str
    count: int


@dataclass(frozen=True)
class Share:
    """One bar of a chart: a label, a number, and its part of the whole from 0 to 100."""

    label: Any
    count: int
    percent: float
    kind: str = ""
    #: Where it begins, in a bar that holds several.
    start: float = 0.0


class Origin(models.TextChoices):
    """Whose money an advertisement is made with (regulation (EU) 2024/900, art. 12(1)(e))."""

    PRIVATE = "private", _("private")
    PUBLIC = "public", _("public")
    BOTH = "both", _("private and public")


class Place(models.TextChoices):
    """From where that money comes."""

    INSIDE = "inside", _("from the European Union")
    OUTSIDE = "outside", _("from outside the European Union")
    BOTH = "both", _("from inside and outside the European Union")


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What the campaign says of a political advertisement."""

    sponsor: str
    sponsor_email: str
    sponsor_address: str
    begins_on: date
    ends_on: date
    amount: Decimal
    method: str
    origin: str
    place: str
    complaints: str
    controller: str = ""
    payer: str = ""
    election: Election | None = None
    process: str = ""
    benefits: str = ""
    logic: str = ""
    suspended: str = ""


@dataclass(frozen=True)
class Label:
    """What an advertisement says of itself, in the letter (regulation (EU) 2024/900, art. 11)."""

    sponsor: str
    about: str
    is_targeted: bool
    address: str


@dataclass(frozen=True, kw_only=True)
class TextDraft:
    """What an author of a text message writes."""

    title: str
    words: str
    segment: Segment | None = None
