"""Commands of the second reader: ask, approve, refuse; and the director's rule that asks for one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import (
    AskedAlready,
    ChangedMeanwhile,
    NoApprovalAsked,
    NothingAsked,
    NoWords,
    OwnApproval,
)
from portevoix.mailings.models import Answer, AnyMailing, Approval, ApprovalRule, ShortMessage, TextApproval
from portevoix.mailings.selectors import texts

SENDERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.demand_approval", label=_("Decide whether messages need a second person"), roles={Role.DIRECTOR})
def demand_approval(is_asked: bool, *, actor: Actor) -> ApprovalRule:
    """Ask, from now on, that a second person approve each message before it leaves; or no longer."""
    values = {"is_asked": is_asked, "changed_by": _member(actor), "changed_at": clock.now()}
    rule, _made = ApprovalRule.objects.update_or_create(id=1, defaults=values)
    note(about=rule, is_asked=is_asked)
    return rule


@command("mailings.ask_approval", label=_("Ask for a message to be approved"), roles=SENDERS)
def ask_approval(mailing: AnyMailing, request: str = "", *, actor: Actor) -> Approval | TextApproval:
    """Ask that somebody else read the letter or the text as it is now.

    Raises NotADraft, NoSegment, LetterError for one that could not leave anyway, NoApprovalAsked, AskedAlready.
    """
    mailing = type(mailing).objects.locked_draft(mailing.pk)
    if not selectors.is_approval_asked():
        raise NoApprovalAsked
    selectors.people_of(mailing, actor)
    digest = _digest(mailing)
    kind: Any = TextApproval if isinstance(mailing, ShortMessage) else Approval
    live = kind.objects.live().filter(mailing=mailing)
    if live.filter(digest=digest).exists():
        raise AskedAlready
    # What was asked about the letter before a page or a picture of it changed: the database could not see that.
    live.lapse()
    approval: Approval | TextApproval = kind.objects.create(
        mailing=mailing, digest=digest, asked_by=_member(actor), asked_at=clock.now(), request=request.strip()
    )
    note(about=mailing, count=1, approval=approval.pk)
    return approval


@command("mailings.approve", label=_("Approve somebody else’s message"), roles=SENDERS)
def approve(mailing: AnyMailing, digest: str, word: str = "", *, actor: Actor) -> Approval | TextApproval:
    """Approve the letter of this digest, which is what the reader saw. Raises as `refuse`, ChangedMeanwhile."""
    return _answer(mailing, Answer.APPROVED, word, actor, seen=digest)


@command("mailings.refuse", label=_("Ask for somebody else’s message to be changed"), roles=SENDERS)
def refuse(mailing: AnyMailing, word: str, *, actor: Actor) -> Approval | TextApproval:
    """Say what must change before it may leave. Raises NotADraft, NothingAsked, OwnApproval, NoWords."""
    if not word.strip():
        raise NoWords
    return _answer(mailing, Answer.REFUSED, word, actor)


def _answer(
    mailing: AnyMailing, answer: Answer, word: str, actor: Actor, *, seen: str | None = None
) -> Approval | TextApproval:
    mailing = type(mailing).objects.locked_draft(mailing.pk)
    approval = selectors.approvals_of(mailing).waiting().select_for_update(of=("self",)).first()  # type: ignore[attr-defined]
    if approval is None:
        raise NothingAsked
    member = _member(actor)
    if member is None or approval.asked_by_id == member.pk:
        raise OwnApproval
    if seen is not None and not seen == _digest(mailing) == approval.digest:
        raise ChangedMeanwhile
    approval.answer(answer, word, member)
    note(about=mailing, count=1, approval=approval.pk)
    return approval  # type: ignore[no-any-return]


def _digest(mailing: AnyMailing) -> str:
    """Return what names a letter or a text as it is. Raises LetterError for one that cannot leave."""
    if not isinstance(mailing, ShortMessage):
        return letters.digest(letters.compose(mailing), mailing)
    if fault := texts.counted(mailing.words, label=selectors.label_of(mailing)).fault:
        raise fault
    return texts.digest(mailing)


def _member(actor: Actor) -> User | None:
    return User.objects.filter(pk=actor.ident).first() if actor.kind == "staff" else None
