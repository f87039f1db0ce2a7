"""Words of the mailings room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from portevoix.accounts.models import User
    from portevoix.segments.models import Segment
    from portevoix.territory.models import Election


class State(models.TextChoices):
    """Where a mailing is. What is scheduled may be a draft again, what is paused may go on; nothing else goes back."""

    DRAFT = "draft", pgettext_lazy("message", "draft")
    SCHEDULED = "scheduled", pgettext_lazy("message", "scheduled")
    SENDING = "sending", pgettext_lazy("message", "being sent")
    PAUSED = "paused", pgettext_lazy("message", "paused")
    SENT = "sent", pgettext_lazy("message", "sent")
    STOPPED = "stopped", pgettext_lazy("message", "stopped")


#: What has not left, not even to one reader.
STILL_HERE = (State.DRAFT, State.SCHEDULED)
#: What leaves, or will go on leaving.
UNDER_WAY = (State.SENDING, State.PAUSED)


class Aspect(models.TextChoices):
    """In what the versions of a trial differ: in one thing, or nobody knows what made the difference."""

    SUBJECT = "subject", pgettext_lazy("message", "subject")
    SENDER = "sender", _("sender’s name")
    CONTENT = "content", _("content of the letter")


class Measure(models.TextChoices):
    """By what a version wins: totals of all its readers, never what one of them did."""

    CLICKS = "clicks", _("most clicks for a hundred letters")
    LEAVING = "leaving", _("fewest departures and complaints")


@dataclass(frozen=True)
class Totals:
    """What became of one version of a trial."""

    sent: int
    clicks: int = 0
    unsubscribed: int = 0
    complained: int = 0
    bounced: int = 0
    waiting: int = 0

    @property
    def left(self) -> int:
        return self.unsubscribed + self.complained

    @property
    def clicks_percent(self) -> float:
        return 100 * self.clicks / self.sent if self.sent else 0.0

    @property
    def left_percent(self) -> float:
        return 100 * self.left / self.sent if self.sent else 0.0


@dataclass(frozen=True, kw_only=True)
class TrialPlan:
    """How a trial is made."""

    aspect: Aspect
    measure: Measure
    #: How much of the audience it takes, all versions together, in hundredths.
    share: int
    hours: int
    is_automatic: bool


@dataclass(frozen=True, kw_only=True)
class Again:
    """To whom of those not reached a letter is sent again."""

    #: Their server refused it, or it came back.
    undelivered: bool = True
    #: Nobody knows whether they have it.
    uncertain: bool = False
    #: They came since, or it was held back from them.
    newcomers: bool = True


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
class PageFacts:
    """What a page of the site says of itself in a letter; rooms that make pages tell it by a hook."""

    title: str = ""
    lead: str = ""
    #: A picture of Wagtail's library.
    picture: Any = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""


@dataclass(frozen=True)
class Reach:
    """Whom of the chosen people a mailing may go to, and why not the others; each person is counted once."""

    chosen: int
    admitted: int
    #: Agreed once, and took it back.
    withdrew: int
    #: Agreed, but no address that may be written to: the two next are among them.
    no_address: int
    #: May be written to, but sent no such advertisement: too young, of unknown age, or did not agree to be chosen.
    no_advertising: int = 0
    bouncing: int = 0
    refused: int = 0
    #: Whose data is left alone (RGPD art. 18).
    restricted: int = 0
    #: Agreed once, for a time that is over.
    lapsed: int = 0

    @property
    def never_agreed(self) -> int:
        reached = self.admitted + self.no_advertising
        return self.chosen - reached - self.withdrew - self.lapsed - self.no_address - self.restricted

    @property
    def nowhere(self) -> int:
        """Those who have no address at all."""
        return self.no_address - self.bouncing - self.refused

    @property
    def left_out(self) -> int:
        return self.chosen - self.admitted


@dataclass(frozen=True)
class Confirmation:
    """What the sender saw when they confirmed: which letter, to how many."""

    digest: str
    count: int


@dataclass(frozen=True)
class Trial:
    """Which members of staff a test went to, and which have no address that may be written to."""

    reached: list[User]
    missed: list[User]


@dataclass(frozen=True)
class Asked:
    """What another site answered: the status, 0 for none, and what is wrong with it, if anything."""

    address: str
    status: int
    fault: str

    @property
    def is_well(self) -> bool:
        return not self.fault


class Weight(models.IntegerChoices):
    """How much a hint matters."""

    #: Some readers will get a worse letter, or none.
    WARNING = 2, pgettext_lazy("hint", "to be corrected")
    ADVICE = 1, pgettext_lazy("hint", "could be better")


@dataclass(frozen=True)
class Hint:
    """Something about a letter that its author should look at: where it is, what it is, and why it matters."""

    weight: Weight
    where: str
    what: str
    why: str


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
class Told:
    """What the notice of an advertisement says of the message itself."""

    title: str
    channel: str
    is_targeted: bool
    logic: str
    reach: int | None = None


@dataclass(frozen=True)
class Label:
    """What an advertisement says of itself, in the message (regulation (EU) 2024/900, art. 11)."""

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
