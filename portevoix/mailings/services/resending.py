"""Commands on letters that are sent again, to those whom they did not reach."""

from __future__ import annotations

from dataclasses import asdict, fields

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import NobodyChosen, NotSentYet
from portevoix.mailings.models import Mailing, Resending
from portevoix.mailings.services import composing, targeting
from portevoix.mailings.services.composing import WRITERS
from portevoix.mailings.types import Again, Draft


@command("mailings.resend", label=_("Prepare a message for those whom it did not reach"), roles=WRITERS)
def resend(mailing: Mailing, again: Again, title: str, *, actor: Actor) -> Mailing:
    """Write a draft that goes to those of a letter's audience whom it did not reach, and never to who has it.

    Of a letter that was tried in versions, it is the version that was kept. It is looked at, confirmed and sent like
    any other. Raises NotSentYet, NobodyChosen.
    """
    if mailing.is_here:
        raise NotSentYet
    if not any(asdict(again).values()):
        raise NobodyChosen
    before = selectors.resending_of(mailing)
    trial = selectors.trial_of(mailing)
    original = before.original if before else trial.mailing if trial else mailing
    words = trial.winner.mailing if trial and trial.winner else mailing
    copy = composing.create(_draft(words, title), actor=actor)
    targets = selectors.targets_of(original)
    targeting.target(copy, targets.included, targets.excluded, actor=actor)
    Resending.objects.create(mailing=copy, original=original, **asdict(again))
    note(about=copy, count=1, of=original.pk, **asdict(again))
    return copy


def _draft(mailing: Mailing, title: str) -> Draft:
    words = {one.name: getattr(mailing, one.name) for one in fields(Draft)}
    return Draft(**(words | {"title": title[:120]}))
