"""Reads about approvals: whether they are asked for, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from portevoix.accounts.types import Actor
from portevoix.mailings.exceptions import NotApproved
from portevoix.mailings.models import Answer, AnyMailing, Approval, ApprovalRule, Asked, ShortMessage, TextApproval


@dataclass(frozen=True)
class Standing:
    """Where something is with its second reader."""

    #: Whether the campaign asks for one.
    is_asked: bool
    #: The last request, whatever became of it.
    last: Asked | None
    #: Whether the last request was about it as it is now.
    is_current: bool
    #: Whether whoever looks may answer.
    may_answer: bool

    @property
    def is_waiting(self) -> bool:
        return self.last is not None and self.last.state == Answer.ASKED and self.is_current

    @property
    def is_approved(self) -> bool:
        return self.last is not None and self.last.state == Answer.APPROVED and self.is_current

    @property
    def holds_back(self) -> bool:
        return self.is_asked and not self.is_approved


def is_approval_asked() -> bool:
    """Tell whether the campaign asks that a second person read what is written to many."""
    return ApprovalRule.objects.filter(is_asked=True).exists()


def approvals_of(mailing: AnyMailing) -> QuerySet[Any]:
    """Return what was asked and answered about a letter or a text, the last first."""
    kind: Any = TextApproval if isinstance(mailing, ShortMessage) else Approval
    found: QuerySet[Any] = kind.objects.filter(mailing=mailing).select_related("asked_by", "answered_by")
    return found


def require_approval(approvals: QuerySet[Any], digest: str) -> None:
    """Refuse what nobody approved as it is. Raises NotApproved.

    The database refuses it too; this says so in words, and sees what the database cannot: a page, a picture or the
    brand changed since.
    """
    if is_approval_asked() and not approvals.filter(state=Answer.APPROVED, digest=digest).exists():
        raise NotApproved


def standing(approvals: QuerySet[Any], digest: str, actor: Actor) -> Standing:
    """Return where what a digest names is with its second reader, for whoever looks."""
    last: Asked | None = approvals.first()
    is_current = last is not None and last.digest == digest
    may_answer = (
        last is not None
        and last.state == Answer.ASKED
        and is_current
        and actor.kind == "staff"
        and str(last.asked_by_id) != str(actor.ident)
    )
    return Standing(is_approval_asked(), last, is_current, may_answer)


def awaiting(actor: Actor) -> list[Approval | TextApproval]:
    """Return what waits for an answer that this member of staff may give, three of a kind."""
    found: list[Any] = []
    for kind in (Approval, TextApproval):
        waiting: Any = kind.objects.waiting().filter(mailing__state="draft").select_related("mailing")
        found += (waiting.exclude(asked_by=int(actor.ident)) if actor.kind == "staff" else waiting)[:3]
    return found
