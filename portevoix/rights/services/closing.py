"""Commands of the end of a campaign: two persons decide, everybody who should not stay is destroyed, a record says so.

After an election only regular contacts and those who agreed may be kept (CNIL, 2012-020 and 30 January 2026); at the
very end, only what the law demands (RGPD art. 5(1)(e), 17(3)(b)). What was done is proven by a signed record.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.journal.models import Entry
from portevoix.kernel import clock, jobs
from portevoix.people.models import Attachment, Person
from portevoix.people.models.record import private_storage
from portevoix.rights import readers
from portevoix.rights.exceptions import ChangedSince, NotTheOther
from portevoix.rights.models import Closure, Suppression
from portevoix.rights.models.retention import ClosureState, Scope
from portevoix.rights.rules import destruction
from portevoix.rights.selectors import closing as selectors
from portevoix.rights.selectors import retention, wait_at_the_entrance
from portevoix.rights.services.erasing import forget_all

DECIDERS = {Role.DIRECTOR, Role.DATA_OFFICER}
SLICE, MOST_ERASED = 20_000, 500


@command("rights.propose_closure", label=_("Propose the end of the campaign"), roles=DECIDERS, nationwide=True)
def propose_closure(scope: Scope, *, seen: int, actor: Actor) -> Closure:
    """Decide, as the first of two, who goes. Nothing is destroyed before the second agrees.

    Raises ChangedSince when more persons would go than the proposer has ``seen``, NotTheOther for whoever is neither
    a director nor the officer in person.
    """
    if not actor.roles & DECIDERS:
        raise NotTheOther
    if (going := selectors.preview(scope).going) > seen:
        raise ChangedSince
    role = next(role for role in (Role.DIRECTOR, Role.DATA_OFFICER) if role in actor.roles)
    closure = Closure.objects.create(
        scope=scope,
        foreseen=going,
        proposed_by=actor.ident,
        proposed_role=role,
        proposed_at=clock.now(),
        is_alone=not selectors.others(actor.ident, role),
    )
    note(about=closure, count=going, scope=scope, alone=closure.is_alone)
    return closure


@command("rights.agree_closure", label=_("Agree to the end of the campaign"), roles=DECIDERS, nationwide=True)
def agree_closure(closure_id: int, *, seen: int, actor: Actor) -> Closure:
    """Agree as the second: another person, in the other role. The destruction begins at once.

    Raises NotTheOther, ChangedSince.
    """
    closure = _open(closure_id)
    other = selectors.other_role(closure.proposed_role)
    if other not in actor.roles or actor.ident == closure.proposed_by:
        raise NotTheOther
    if (going := selectors.preview(Scope(closure.scope)).going) > seen:
        raise ChangedSince
    closure.agreed_by, closure.agreed_role, closure.agreed_at = actor.ident, other, clock.now()
    closure.is_alone, closure.foreseen = False, going
    _begin(closure)
    note(about=closure, count=going, scope=closure.scope)
    jobs.defer("rights.close", once=True, closure_id=closure.pk)
    return closure


@command("rights.cancel_closure", label=_("Cancel the end of the campaign"), roles=DECIDERS, nationwide=True)
def cancel_closure(closure_id: int, *, actor: Actor) -> Closure:
    """Take the decision back, as either may until the destruction has begun."""
    closure = _open(closure_id)
    closure.state, closure.ended_at = ClosureState.CANCELLED, clock.now()
    closure.save(update_fields=["state", "ended_at"])
    note(about=closure)
    return closure


@command("rights.begin_alone", label=_("Begin the end of the campaign after three days"))
def begin_alone(closure_id: int, *, actor: Actor) -> bool:
    """Begin what somebody decided who is alone, once three days have passed and if they still are; tell whether."""
    closure = _open(closure_id)
    note(about=closure)
    if clock.now() < closure.due_at or selectors.others(closure.proposed_by, closure.proposed_role):
        return False
    closure.is_alone = True
    _begin(closure)
    return True


@command("rights.advance_closure", label=_("Do a stretch of the end of the campaign"))
def advance_closure(closure_id: int, *, size: int = SLICE, actor: Actor) -> bool:
    """Destroy one stretch of persons, then what no person leads to, then sign the record; tell whether more is to do.

    All of a stretch or none: the cursor moves in the same transaction.
    """
    closure = Closure.objects.select_for_update().get(pk=closure_id)
    note(about=closure, count=0)
    if closure.state != ClosureState.RUNNING:
        return False
    if closure.cursor >= closure.last:
        _finish(closure, actor)
        return False
    until = min(closure.cursor + size, closure.last)
    found = retention.leaving(selectors.staying(closure.scope), (closure.cursor, until))[:MOST_ERASED]
    if len(found) == MOST_ERASED:
        until = found[-1].ident
    going = _taken([one.ident for one in found], closure.scope)
    refusing = [ident for ident, one in going.items() if one.has_refused]
    touched = forget_all(list(going), refusing=refusing, actor=actor) if going else {}
    _add(closure, "people", Counter(one.code for one in going.values()))
    _add(closure, "tables", Counter(touched))
    closure.cursor = until
    closure.save(update_fields=["counts", "cursor"])
    note(count=len(going))
    return True


def _open(closure_id: int) -> Closure:
    return Closure.objects.select_for_update().get(pk=closure_id, state=ClosureState.PROPOSED)


def _begin(closure: Closure) -> None:
    closure.state, closure.begun_at = ClosureState.RUNNING, clock.now()
    closure.last = Person.objects.aggregate(last=Max("pk"))["last"] or 0
    closure.counts = {"period": selectors.period(closure.scope)}
    closure.save()


def _taken(person_ids: list[int], scope: str) -> dict[int, retention.Going]:
    """Hold the persons, and ask again who of them goes: a request may have come in a second ago."""
    if not person_ids:
        return {}
    wait_at_the_entrance()
    people = Person.objects.select_for_update(of=("self",), no_key=True).order_by("pk").filter(pk__in=person_ids)
    again = retention.leaving(selectors.staying(scope), list(people.values_list("pk", flat=True)))
    return {one.ident: one for one in again}


def _add(closure: Closure, name: str, more: Counter[str]) -> None:
    closure.counts[name] = dict(Counter(closure.counts.get(name, {})) + more)


def _finish(closure: Closure, actor: Actor) -> None:
    """Destroy what no person leads to, then write and sign what was done."""
    for kept in selectors.kept():
        if kept.destroy is not None:
            _add(closure, "others", Counter({kept.tables[0]: kept.destroy(actor)}))
    _add(closure, "others", Counter({"files": _sweep_files()}))
    closure.ended_at = clock.now()
    closure.state = ClosureState.DONE
    file = destruction.sign(_record(closure), destruction.signing_key(settings.SECRET_KEY))
    closure.record = file
    closure.save()
    note(
        count=sum(closure.counts.get("people", {}).values()),
        sha256=hashlib.sha256(file).hexdigest(),
        key=destruction.public_text(destruction.signing_key(settings.SECRET_KEY)),
    )


def _sweep_files() -> int:
    """Remove files of persons that no row leads to any more: what a sudden death may have left."""
    folder = Path(private_storage().path(""))
    known = set(Attachment.objects.values_list("file", flat=True))
    # One that was sent within the hour may have a row that is not there yet.
    old = (clock.now() - timedelta(hours=1)).timestamp()
    left = [
        path for path in folder.glob("*/*") if str(path.relative_to(folder)) not in known and path.stat().st_mtime < old
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _record(closure: Closure) -> dict[str, Any]:
    """Return what was destroyed, what stays and why, who decided and when: counts and days, no personal value."""
    head = readers.head()
    decided = [(closure.proposed_role, closure.proposed_by, closure.proposed_at)]
    if closure.agreed_at:
        decided.append((closure.agreed_role, closure.agreed_by, closure.agreed_at))
    return {
        "instance": {"name": settings.INSTANCE.site.name, "address": settings.BASE_URL},
        "product": f"Portevoix {version('portevoix')}",
        "number": closure.pk,
        "scope": closure.scope,
        "decided": [{"role": role, "account": who, "at": at.isoformat()} for role, who, at in decided],
        "alone": closure.is_alone,
        "begun": closure.begun_at.isoformat() if closure.begun_at else "",
        "ended": closure.ended_at.isoformat() if closure.ended_at else "",
        "period": closure.counts.get("period", {}),
        "method": "rows deleted from the database in transactions, files unlinked; back-ups are the host's to destroy",
        "people": closure.counts.get("people", {}),
        "tables": closure.counts.get("tables", {}),
        "others": {name: number for name, number in closure.counts.get("others", {}).items() if number},
        "stays": {
            "people": {status.value: number for status, (number, _held) in retention.statuses().items()},
            "held": sum(kept for _number, kept in retention.statuses().values()),
            "suppressions": Suppression.objects.count(),
            "journal": Entry.objects.count(),
            "ledger": head.number if head else 0,
        },
        "ledger": str(head) if head else "",
    }
