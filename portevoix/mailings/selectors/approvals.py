"""Reads about approvals: whether they are asked for, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from portevoix.accounts.types import Actor
from portevoix.mailings.exceptions import NotApproved
from portevoix.mailings.models import Answer, Approval, ApprovalRule, Mailing


@dataclass(frozen=True)
class Standing:
    """Where a letter is with its second reader."""

    #: Whether the campaign asks for one.
    is_asked: bool
    #: The last request, whatever became of it.
    last: Approval | None
    #: Whether the last request was about the letter as it is now.
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
    """Tell whether the campaign asks that a second person read each letter."""
    return ApprovalRule.objects.filter(is_asked=True).exists()


def require_approval(mailing: Mailing, digest: str) -> None:
    """Refuse a letter that nobody approved as it is. Raises NotApproved.

    The database refuses it too; this says so in words, and sees what the database cannot: a page, a picture or the
    brand changed since.
    """
    if not is_approval_asked():
        return
    approved = Approval.objects.filter(mailing=mailing, state=Answer.APPROVED, digest=digest)
    if not approved.exists():
        raise NotApproved


def standing(mailing: Mailing, digest: str, actor: Actor) -> Standing:
    """Return where a letter is with its second reader, for whoever looks."""
    last = Approval.objects.filter(mailing=mailing).select_related("asked_by", "answered_by").first()
    is_current = last is not None and last.digest == digest
    may_answer = (
        last is not None
        and last.state == Answer.ASKED
        and is_current
        and actor.kind == "staff"
        and str(last.asked_by_id) != str(actor.ident)
    )
    return Standing(is_approval_asked(), last, is_current, may_answer)


def awaiting(actor: Actor) -> QuerySet[Approval]:
    """Return what waits for an answer that this member of staff may give."""
    waiting = Approval.objects.waiting().filter(mailing__state="draft").select_related("mailing")
    return waiting.exclude(asked_by=int(actor.ident)) if actor.kind == "staff" else waiting
