"""Words of the mailings room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from portevoix.accounts.models import User
    from portevoix.segments.models import Segment


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
    #: Agreed, but no address that may be written to.
    no_address: int

    @property
    def never_agreed(self) -> int:
        return self.chosen - self.admitted - self.withdrew - self.no_address

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
