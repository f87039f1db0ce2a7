"""Commands on acts on many people: prepare, start, carry out portion by portion, cancel, undo, forget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import acting, command, may, note
from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock, jobs
from portevoix.people import interactions
from portevoix.people.exceptions import Impossible, OutOfSight
from portevoix.people.models import BulkChange, BulkRun, Person, PersonQuerySet
from portevoix.people.models.bulk import UNDOABLE
from portevoix.people.selectors import bulk as selectors
from portevoix.people.services.acts import BulkAct
from portevoix.people.services.editing import EDITORS, SOURCE
from portevoix.people.types import Changed, RunEnd, RunState

#: People of one transaction: the journal has a line, and the worker may die, between two of them.
PORTION = 1000
FAILURES_ALLOWED = 5
#: What nobody confirmed is forgotten.
DRAFT_LIFE = timedelta(days=1)
#: What the counts say of those whom somebody else changed in the same moment.
MEANWHILE = "meanwhile"

# By number, so that two acts on the same people lock them in the same order.
LIST = """
INSERT INTO people_bulkportion (run_id, number, person_ids)
SELECT %s, (place - 1) / %s, array_agg(id ORDER BY id)
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM ({people}) AS chosen (id)) AS ranked GROUP BY 2
"""


@command("people.prepare_act", label=_("Prepare an act on many people"), roles=EDITORS)
def prepare_act(act: BulkAct, cleaned: Mapping[str, Any], people: PersonQuerySet, *, actor: Actor) -> BulkRun:
    """Settle whom an act is about, by number; nothing is done to them before ``start_act``.

    Raises Impossible when what the act was told makes no sense, or when it is about nobody; NotAllowed without the
    right to the act itself.
    """
    reach = _reaching(act, actor)
    said = act.settle(cleaned, reach)
    run = BulkRun.objects.create(
        act=act.key,
        said=said,
        asker_kind=actor.kind,
        asker_id=actor.ident,
        asker=actor.label[:200],
        created_at=clock.now(),
    )
    run.chosen = _list(run, people.visible_to(reach))
    if not run.chosen:
        raise Impossible(gettext("Nobody is chosen."))
    run.save(update_fields=["chosen"])
    note(about=run, count=run.chosen, act=act.key)
    return run


def _list(run: BulkRun, people: PersonQuerySet) -> int:
    try:
        statement, parameters = people.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(LIST.format(people=statement), [run.pk, PORTION, *parameters])
    counted = run.portions.aggregate(people=Sum("person_ids__len"))
    return int(counted["people"] or 0)


@command("people.start_act", label=_("Do an act on many people"), roles=EDITORS)
def start_act(run: BulkRun, *, by_worker: bool = True, actor: Actor) -> BulkRun:
    """Have what was prepared done by the worker. Raises OutOfSight for somebody else's; once started, it is left."""
    kept = _held(run, actor)
    if not kept.was_asked_by(actor):
        raise OutOfSight
    note(about=kept, count=kept.chosen, act=kept.act)
    if kept.state == RunState.DRAFT:
        kept.state = RunState.RUNNING
        kept.save(update_fields=["state"])
        _defer(kept, by_worker)
    return kept


@command("people.carry_out", label=_("Carry out a portion of an act on many people"), roles=EDITORS)
def carry_out(run: BulkRun, act: BulkAct, *, actor: Actor) -> BulkRun:
    """Do one portion in the name of who asked, with the rights and the territory that they have now.

    The mark moves with the portion, so that whoever goes on after a sudden death does nobody twice. Raises Impossible
    when what the act needs is gone, NotAllowed.
    """
    reach = _reaching(act, actor)
    kept = _held(run, actor)
    portion = kept.portions.filter(number=kept.cursor).first() if kept.state == RunState.RUNNING else None
    if portion is not None:
        act.check(kept.said, reach)
        locked = _locked(portion.person_ids, reach)
        # A statement of its own: whoever had these people before us has ended, and is seen.
        reasons = selectors.sorted_out(Person.objects.filter(pk__in=locked), act.left_out(kept.said))
        why = dict(reasons.order_by().values_list("pk", "why"))
        wanted = [pk for pk in locked if why.get(pk) == ""]
        changed = act.do(wanted, kept.said) if wanted else []
        _remember(kept, act, changed)
        counts = Counter(kept.left_out) + Counter(reason for reason in why.values() if reason)
        counts += Counter(
            {
                selectors.OUT_OF_SIGHT: len(portion.person_ids) - len(locked),
                MEANWHILE: len(wanted) - len(changed),
            }
        )
        kept.left_out, kept.cursor = dict(counts), kept.cursor + 1
        kept.seen += len(portion.person_ids)
        kept.touched += len(changed)
        note(about=kept, count=len(changed), act=act.key)
    if kept.state == RunState.RUNNING and not kept.portions.filter(number__gte=kept.cursor).exists():
        _end(kept, RunState.DONE)
    kept.save()
    return kept


def _remember(run: BulkRun, act: BulkAct, changed: list[Changed]) -> None:
    BulkChange.objects.bulk_create(
        BulkChange(run=run, person_id=one.person_id, row_id=one.row_id, before=one.before) for one in changed
    )
    persons = [one.person_id for one in changed]
    interactions.record_all(persons, act.kind, at=clock.now(), about=run, source=SOURCE, detail={"act": act.key})


@command("people.cancel_act", label=_("Cancel an act on many people"), roles=EDITORS)
def cancel_act(run: BulkRun, *, actor: Actor) -> BulkRun:
    """Stop between two portions; what is done stays done until it is undone. A draft goes. Raises OutOfSight."""
    kept = _held(run, actor)
    note(about=kept, count=kept.touched, act=kept.act)
    if kept.state == RunState.DRAFT:
        kept.delete()
    elif kept.state == RunState.RUNNING:
        _end(kept, RunState.CANCELLED, RunEnd.BY_HAND)
        kept.save()
    return kept


@command("people.undo_act", label=_("Undo an act on many people"), roles=EDITORS)
def undo_act(run: BulkRun, act: BulkAct, *, by_worker: bool = True, actor: Actor) -> BulkRun:
    """Have the worker undo what an act changed and nobody has since. Raises OutOfSight, Impossible, NotAllowed."""
    _reaching(act, actor)
    kept = _held(run, actor)
    if not kept.is_undoable:
        raise Impossible(gettext("This can no longer be undone."))
    kept.state, kept.failures = RunState.UNDOING, 0
    kept.undoer_kind, kept.undoer_id, kept.undoer = actor.kind, actor.ident, actor.label[:200]
    kept.save()
    note(about=kept, count=kept.touched, act=kept.act)
    _defer(kept, by_worker)
    return kept


@command("people.take_back", label=_("Undo a portion of an act on many people"), roles=EDITORS)
def take_back(run: BulkRun, act: BulkAct, *, actor: Actor) -> BulkRun:
    """Undo one portion, in the name of who undoes; what is settled goes, so that the rest says where it is."""
    reach = _reaching(act, actor)
    kept = _held(run, actor)
    if kept.state != RunState.UNDOING:
        return kept
    portion = list(kept.changes.order_by("person_id")[:PORTION])
    seen = _locked([change.person_id for change in portion], reach)
    locked = set(Person.objects.unrestricted().filter(pk__in=seen).values_list("pk", flat=True))
    changes = [Changed(one.person_id, one.row_id, one.before) for one in portion if one.person_id in locked]
    undone = act.undo(changes, kept.said) if changes else set()
    told = {"act": act.key, "undone": True}
    kind = act.kind_undone or act.kind
    interactions.record_all(sorted(undone), kind, at=clock.now(), about=kept, source=SOURCE, detail=told)
    BulkChange.objects.filter(pk__in=[change.pk for change in portion]).delete()
    kept.undone += len(undone)
    kept.kept += len(portion) - len(undone)
    if not kept.changes.exists():
        kept.state, kept.undone_at = RunState.UNDONE, clock.now()
        # Whoever was erased or merged since has no change left to undo.
        kept.kept = kept.touched - kept.undone
    kept.save()
    note(about=kept, count=len(undone), act=act.key)
    return kept


@command("people.stop_act", label=_("Stop an act on many people that cannot go on"))
def stop_act(run: BulkRun, end: RunEnd, *, actor: Actor) -> BulkRun:
    """End an act, or an undoing, on the way: what it did stays, and is still to be undone."""
    kept = BulkRun.objects.select_for_update().get(pk=run.pk)
    note(about=kept, count=kept.touched, end=end)
    if kept.is_working:
        _end(kept, RunState.STOPPED, end)
        kept.save()
    return kept


@command("people.note_failure", label=_("Note that an act on many people has failed"))
def note_failure(run: BulkRun, kind: str, *, actor: Actor) -> BulkRun:
    """Count a failure; one too many stops the act."""
    kept = BulkRun.objects.select_for_update().get(pk=run.pk)
    kept.failures += 1
    note(about=kept, count=kept.failures, kind=kind)
    if kept.failures >= FAILURES_ALLOWED and kept.is_working:
        _end(kept, RunState.STOPPED, RunEnd.UNFORESEEN)
    kept.save()
    return kept


@command("people.forget_acts", label=_("Forget what old acts on many people changed"), roles={Role.DATA_OFFICER})
def forget_acts(*, actor: Actor) -> int:
    """Forget drafts after a day, and after thirty what acts changed and were told; return how many acts."""
    now = clock.now()
    BulkRun.objects.filter(state=RunState.DRAFT, created_at__lt=now - DRAFT_LIFE).delete()
    old = BulkRun.objects.filter(ended_at__lt=now - UNDOABLE).exclude(state=RunState.UNDOING).exclude(said={})
    BulkChange.objects.filter(run__in=old.values("pk")).delete()
    number = old.update(said={})
    note(count=number)
    return number


def _reaching(act: BulkAct, actor: Actor) -> Actor:
    if not may(actor, act.command):
        raise NotAllowed(act.command)
    return acting(actor, act.command)


def _held(run: BulkRun, actor: Actor) -> BulkRun:
    """Return the act, locked: one's own, or anybody's for who answers for the file. Raises OutOfSight."""
    kept = BulkRun.objects.visible_to(actor).select_for_update().filter(pk=run.pk).first()
    if kept is None:
        raise OutOfSight
    return kept


def _locked(ids: list[int], actor: Actor) -> list[int]:
    """Lock those of these people whom ``actor`` sees now, always in the same order."""
    people = Person.objects.visible_to(actor).filter(pk__in=ids).order_by("pk").only("pk")
    return [person.pk for person in people.select_for_update(of=("self",), no_key=True)]


def _end(run: BulkRun, state: RunState, end: RunEnd | str = "") -> None:
    run.state, run.end = state, end
    run.ended_at = run.ended_at or clock.now()
    run.portions.all().delete()


def _defer(run: BulkRun, by_worker: bool) -> None:
    if by_worker:
        jobs.defer("people.advance_act", run_id=run.pk)
