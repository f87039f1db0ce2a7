"""Words of the mailings room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from portevoix.segments.models import Segment


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
class Reach:
    """Whom of the chosen people a mailing may go to, and why not the others; each person is counted once."""

    chosen: int
    admitted: int
    #: Agreed once, and took it back.
    withdrew: int
    #: Agreed, but no address that may be written to: the two next are among them.
    no_address: int
    bouncing: int = 0
    refused: int = 0
    #: Whose data is left alone (RGPD art. 18).
    restricted: int = 0

    @property
    def never_agreed(self) -> int:
        return self.chosen - self.admitted - self.withdrew - self.no_address - self.restricted

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
class Share:
    """One bar of a chart: a label, a number, and its part of the whole from 0 to 100."""

    label: Any
    count: int
    percent: float
    kind: str = ""
    #: Where it begins, in a bar that holds several.
    start: float = 0.0
