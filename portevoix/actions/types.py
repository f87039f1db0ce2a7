"""Words of the actions room: what a form may ask, and what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.intake.types import SignUp


class PersonField(models.TextChoices):
    """What a form may ask of the record itself, beside the address, which every form asks. Never renamed."""

    FIRST_NAME = "first_name", _("first name")
    LAST_NAME = "last_name", _("last name")
    POSTCODE = "postcode", _("postcode and commune")
    PHONE = "phone", _("telephone")
    BORN_ON = "born_on", _("birth date")
    OCCUPATION = "occupation", _("occupation")


class Serves(models.TextChoices):
    """Why a field is asked, said under it (RGPD art. 5(1)(b) and 13(1)(c)). Never renamed: versions name it."""

    ACTION = "action", _("for this action, and nothing else")
    PLACE = "place", _("to know where you live or vote, and tell you of what happens there")
    REACH = "reach", _("to reach you, for what you tick below only")
    NAME = "name", _("to call you by your name")
    AGE = "age", _("because the law asks for your age")
    HELP = "help", _("to find how you can help")
    STATUTES = "statutes", _("because the statutes ask it of whoever joins")
    PAIR = "pair", _("to find somebody for you, and nothing else")


class AnswerKind(models.TextChoices):
    """How a question of the campaign's own is answered. Never renamed: versions of forms name it."""

    LINE = "line", _("a few words")
    TEXT = "text", _("a longer text")
    NUMBER = "number", pgettext_lazy("kind of field", "number")
    DAY = "day", _("day")
    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("one choice")
    CHOICES = "choices", _("several choices")
    SCALE = "scale", _("from 1 to 5")

    @property
    def is_counted(self) -> bool:
        """Whether answers of this kind add up to a chart; the others are for reading."""
        return self in {AnswerKind.YES_NO, AnswerKind.CHOICE, AnswerKind.CHOICES, AnswerKind.SCALE}


#: The standard letters that remind: of a form that waits for its click, of a meeting.
REMIND_CONFIRM, REMIND_MEETING = "actions.remind_confirm", "actions.remind_meeting"
#: … and of those that say that a meeting is cancelled, or takes place after all.
MEETING_CANCELLED, MEETING_RESTORED = "actions.meeting_cancelled", "actions.meeting_restored"
#: The question by which the signatory of an open letter says who they are.
QUALITY = "q_quality"


class EnquiryState(models.TextChoices):
    """Where a message to the campaign is."""

    NEW = "new", pgettext_lazy("message", "to answer")
    ANSWERED = "answered", pgettext_lazy("message", "answered")
    CLOSED = "closed", pgettext_lazy("message", "closed")


class ApplicationState(models.TextChoices):
    """Where an application for membership is."""

    RECEIVED = "received", pgettext_lazy("application", "to decide")
    ACCEPTED = "accepted", pgettext_lazy("application", "accepted")
    REFUSED = "refused", pgettext_lazy("application", "refused")


class ProxySide(models.TextChoices):
    """Who of a proxy vote: the one who cannot go, the one who goes."""

    ASKS = "asks", _("looks for somebody")
    OFFERS = "offers", _("can vote for somebody")


#: What the record keeps under a key of the campaign's own.
OWN_FIELD = "own_"


@dataclass(frozen=True)
class Question:
    """One field of a form as it was shown: ``key`` is stable, whatever becomes of the words.

    ``only_if`` names an earlier question and the answer after which this one is asked; ``step`` is the page of the form
    on which it stands, where there are several.
    """

    key: str
    label: str
    serves: Serves
    is_required: bool = False
    kind: AnswerKind = AnswerKind.LINE
    choices: tuple[str, ...] = ()
    help: str = ""
    only_if: tuple[str, str] | None = None
    step: int = 0

    @property
    def field(self) -> PersonField | None:
        """The part of the record that it fills in, where it does."""
        return PersonField(self.key) if self.key in PersonField.values else None

    @property
    def own_field(self) -> str:
        """The key of the campaign's own field that it fills in, where it does."""
        return self.key.removeprefix(OWN_FIELD) if self.key.startswith(OWN_FIELD) else ""

    @property
    def is_answer(self) -> bool:
        """Whether what it is told stays with the action and goes nowhere else."""
        return self.field is None and not self.own_field

    def as_json(self) -> dict[str, Any]:
        """Return it as a version of a form keeps it."""
        said: dict[str, Any] = {
            "key": self.key,
            "label": self.label,
            "serves": str(self.serves),
        }
        only_if = list(self.only_if) if self.only_if else None
        said |= {
            "is_required": self.is_required,
            "kind": str(self.kind),
            "choices": list(self.choices),
            "help": self.help,
            "only_if": only_if,
        }
        # Forms of one page say nothing of pages: their versions stay those that they were.
        return {**said, "step": self.step} if self.step else said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Question:
        """Read it back."""
        given = dict(said)
        return cls(
            **{
                **given,
                "serves": Serves(given["serves"]),
                "kind": AnswerKind(given["kind"]),
                "choices": tuple(given["choices"]),
                "only_if": tuple(given["only_if"]) if given["only_if"] else None,
            }
        )


@dataclass(frozen=True)
class Step:
    """A page of a form that has several; the last asks the address too."""

    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a visitor came from, as the link they followed says: never who they are."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    referrer: str = ""
    recruiter: str = ""


@dataclass(frozen=True)
class Filled:
    """A valid form: what comes in of the person, and what stays with the action."""

    sign_up: SignUp
    answers: Mapping[str, Any] = field(default_factory=dict)
    is_public: bool = False
    may_be_handed_over: bool = False
    origin: Origin = field(default_factory=Origin)


class Stage(models.TextChoices):
    """How far a form came, for figures. Never renamed: rows name it."""

    SENT = "sent", _("sent")
    CONFIRMED = "confirmed", _("confirmed")


@dataclass(frozen=True)
class ShareLink:
    """One way to pass a page on: a plain link, followed only when it is clicked; ``address`` is what it passes on."""

    key: str
    label: str
    url: str
    address: str
    is_elsewhere: bool = True
