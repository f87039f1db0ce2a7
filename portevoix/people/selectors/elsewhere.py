"""How often somebody was told that an address is known, though not to them: each time is an answer to a guess."""

from __future__ import annotations

from datetime import timedelta

from portevoix.accounts.types import Actor
from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome
from portevoix.kernel import clock
from portevoix.people.exceptions import HIDDEN, AskedTooOften

#: So many in a day are chance: a stack of forms of a market, a town where two départements meet.
MOST = 10
DAY = timedelta(days=1)


def check_may_ask(actor: Actor) -> None:
    """Raise AskedTooOften when ``actor``, who does not see everybody, was told so often enough within a day."""
    if actor.departements is None:
        return
    kind, ident, _label = actor.signature
    told = Entry.objects.filter(actor_kind=kind, actor_id=ident, at__gt=clock.now() - DAY, outcome=Outcome.REFUSED)
    if told.filter(detail__reason=HIDDEN).count() >= MOST:
        raise AskedTooOften
