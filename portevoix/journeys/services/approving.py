"""Commands of the second reader of an automation that writes to people: ask, approve, refuse."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.delivery.exceptions import LetterError
from portevoix.journeys import letters, selectors
from portevoix.journeys.exceptions import Faulty, NotPossible
from portevoix.journeys.models import Journey, Version, VersionApproval
from portevoix.journeys.types import DESIGNERS
from portevoix.kernel import clock
from portevoix.mailings import exceptions
from portevoix.mailings.models import Answer
from portevoix.mailings.wording import explain


@command("journeys.ask_approval", label=_("Ask for an automation to be approved"), roles=DESIGNERS, nationwide=True)
def ask_approval(version: Version, request: str = "", *, actor: Actor) -> VersionApproval:
    """Ask that somebody else read a version as it is now. Raises NotPossible, Faulty for one that could not run."""
    kept = _written(version)
    if not selectors.needs_approval(kept):
        raise NotPossible(explain(exceptions.NoApprovalAsked()))
    if found := selectors.faults(kept, actor):
        raise Faulty([words for _key, words in found])
    digest = _digest(kept)
    live = VersionApproval.objects.live().filter(version=kept)
    if live.filter(digest=digest).exists():
        raise NotPossible(explain(exceptions.AskedAlready()))
    # What was asked before a page or a picture of a letter changed: the database could not see that.
    live.lapse()
    approval = VersionApproval.objects.create(
        version=kept, digest=digest, asked_by=_member(actor), asked_at=clock.now(), request=request.strip()
    )
    note(about=kept.journey, count=1, number=kept.number, approval=approval.pk)
    return approval


@command("journeys.approve", label=_("Approve somebody else’s automation"), roles=DESIGNERS, nationwide=True)
def approve(version: Version, digest: str, word: str = "", *, actor: Actor) -> VersionApproval:
    """Approve the version of this digest, which is what the reader saw. Raises NotPossible."""
    return _answer(version, Answer.APPROVED, word, actor, seen=digest)


@command(
    "journeys.refuse", label=_("Ask for somebody else’s automation to be changed"), roles=DESIGNERS, nationwide=True
)
def refuse(version: Version, word: str, *, actor: Actor) -> VersionApproval:
    """Say what must change before it may run. Raises NotPossible."""
    if not word.strip():
        raise NotPossible(explain(exceptions.NoWords()))
    return _answer(version, Answer.REFUSED, word, actor)


def _answer(version: Version, answer: Answer, word: str, actor: Actor, *, seen: str | None = None) -> VersionApproval:
    kept = _written(version)
    approval = VersionApproval.objects.waiting().filter(version=kept).select_for_update().first()
    if approval is None:
        raise NotPossible(explain(exceptions.NothingAsked()))
    member = _member(actor)
    if member is None or approval.asked_by_id == member.pk:
        raise NotPossible(explain(exceptions.OwnApproval()))
    if seen is not None and not seen == _digest(kept) == approval.digest:
        raise NotPossible(explain(exceptions.ChangedMeanwhile()))
    approval.answer(answer, word, member)
    note(about=kept.journey, count=1, number=kept.number, approval=approval.pk)
    return approval


def _written(version: Version) -> Version:
    Journey.objects.locked(version.journey_id)
    kept = Version.objects.select_related("journey").filter(pk=version.pk, published_at=None).first()
    if kept is None:
        raise NotPossible(gettext("This version is published: it changes no more. Write a new one."))
    return kept


def _digest(version: Version) -> str:
    try:
        return letters.digest(version)
    except LetterError as error:
        raise NotPossible(explain(error)) from error


def _member(actor: Actor) -> User | None:
    return User.objects.filter(pk=actor.ident).first() if actor.kind == "staff" else None
