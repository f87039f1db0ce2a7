"""Commands on merges: two records become one, and for thirty days may be parted again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock, jobs
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Alias, Candidate, Person
from portevoix.people.selectors import refuse_restricted
from portevoix.people.services.duplicates import JUDGES
from portevoix.people.types import Kind
from portevoix.rights.exceptions import AlreadyMerged, NotUndoable
from portevoix.rights.models import Merge, MergingRule, Request
from portevoix.rights.selectors import hold
from portevoix.rights.selectors import merging as selectors
from portevoix.rights.types import HANDLERS, RequestKind, Trace, as_rows, bring_back, halt, put_back, tell_of_change

#: How long a merge may be undone; then what undoing takes is destroyed (RGPD art. 5(1)(e)).
UNDOABLE_FOR = timedelta(days=30)
SOURCE = "staff"
#: Columns that follow from others, or that nobody chooses.
DERIVED = {"sort_key", "updated_at"}


@command("rights.merge", label=_("Merge two records of one person"), roles=JUDGES)
def merge(
    kept_id: int,
    absorbed_id: int,
    *,
    chosen: Mapping[str, bool] | None = None,
    is_automatic: bool = False,
    actor: Actor,
) -> Merge:
    """Make one record of two: everything of both stays, and the stricter of two wills wins (RGPD art. 7(3)).

    ``chosen`` tells of a field whether its value is the absorbed record's; the rules settle those it does not name,
    which may be hidden from who chooses. Raises AlreadyMerged when one of the two is gone, OutOfSight for whom the
    actor's mandate does not cover, Restricted for whose data is only kept, MailUnderWay while a message leaves that
    the merge would forbid.
    """
    refuse_restricted([kept_id, absorbed_id], actor)
    _recall_files(kept_id, absorbed_id, actor)
    for _name, handler in HANDLERS.items():
        handler.before_merge(kept_id, absorbed_id)
    kept, absorbed = _both(kept_id, absorbed_id, actor)
    chosen = dict.fromkeys(selectors.better(kept, absorbed), True) | dict(chosen or {})
    taken = {name for name, is_taken in chosen.items() if is_taken}
    (before,) = as_rows(Person.objects.filter(pk=kept.pk))
    (person,) = as_rows(Person.objects.filter(pk=absorbed.pk))
    # Upper rooms first, as in erasure: messages are settled before the grounds they lean on move.
    traces = {name: asdict(handler.merge(kept.pk, absorbed.pk)) for name, handler in HANDLERS.items()}
    absorbed.delete()
    absorbed.pk = absorbed_id
    _take_values(kept, absorbed, taken)
    Alias.objects.create(person=kept, ref=absorbed.ref, external_ref=_other_ref(kept, before, person))
    (after,) = as_rows(Person.objects.filter(pk=kept.pk))
    done = Merge.objects.create(
        kept=kept,
        absorbed_number=absorbed_id,
        by=actor.label[:200],
        is_automatic=is_automatic,
        at=clock.now(),
        snapshot={"person": person, "before": before, "after": after, "traces": traces},
    )
    source = "" if is_automatic else SOURCE
    interactions.record(kept, Kind.MERGED, about=done, source=source, detail={"automatic": is_automatic})
    moved = sum(len(trace["moved"]) for trace in traces.values())
    tell_of_change()
    note(about=kept, count=moved, absorbed=absorbed_id, fields=sorted(taken), automatic=is_automatic)
    return done


@command("rights.undo_merge", label=_("Undo a merge"), roles=JUDGES)
def undo_merge(merge_id: int, *, actor: Actor) -> Person:
    """Part two records again as they were, but for what was done since; return the one that comes back.

    Raises NotUndoable when it was undone, is too old, or a later merge must be undone first; OutOfSight, Restricted.
    """
    done = Merge.objects.select_for_update().get(pk=merge_id)
    later = Merge.objects.standing().filter(kept=done.kept_id, pk__gt=done.pk)
    if done.undone_at or done.snapshot is None or clock.now() >= done.at + UNDOABLE_FOR or later.exists():
        raise NotUndoable
    kept = Person.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=done.kept_id).first()
    if kept is None:
        raise OutOfSight
    refuse_restricted([kept.pk], actor)
    snapshot = done.snapshot
    _give_values_back(kept, snapshot["before"], snapshot["after"])
    Alias.objects.filter(person=kept, ref=snapshot["person"]["ref"]).delete()
    bring_back(Person, [snapshot["person"]])
    # Lower rooms first, the other way round: what leaned on a ground comes back once the ground is there.
    for name, handler in reversed(list(HANDLERS.items())):
        handler.part(Trace(**snapshot["traces"].get(name, {})), kept.pk, done.absorbed_number)
    # A restriction that was lifted since the merge does not come back with the record.
    if not Request.objects.in_force().filter(person=done.absorbed_number).exists():
        Person.objects.filter(pk=done.absorbed_number).update(restricted_at=None)
    _remember_apart(kept.pk, done.absorbed_number)
    done.undone_at, done.snapshot = clock.now(), None
    done.save(update_fields=["undone_at", "snapshot"])
    restored = Person.objects.get(pk=done.absorbed_number)
    for person in (kept, restored):
        interactions.record(person, Kind.SEPARATED, about=done, source=SOURCE)
    tell_of_change()
    note(about=kept, count=2, restored=restored.pk, merge=done.pk)
    return restored


@command("rights.forget_merges", label=_("Destroy what undoing old merges would take"), roles={Role.DATA_OFFICER})
def forget_merges(*, actor: Actor) -> int:
    """Destroy the snapshots of merges that can no longer be undone; return how many (RGPD art. 5(1)(e))."""
    old = Merge.objects.undoable().filter(at__lte=clock.now() - UNDOABLE_FOR)
    count = old.update(snapshot=None)
    note(count=count)
    return count


@command("rights.set_merging_threshold", label=_("Set from when records merge by themselves"), roles={Role.DIRECTOR})
def set_merging_threshold(threshold: int | None, *, actor: Actor) -> None:
    """Have pairs merged without anybody looking from a likeness on, or never (None). Raises ValidationError."""
    rule = MergingRule(pk=1, threshold=threshold)
    rule.clean_fields()
    MergingRule.objects.update_or_create(pk=1, defaults={"threshold": threshold})
    note(count=int(threshold is not None), threshold=threshold)
    if threshold is not None:
        jobs.defer("rights.merge_alike", once=True)


def _recall_files(kept_id: int, absorbed_id: int, actor: Actor) -> None:
    """Recall the files that hold the other of two records of which one is restricted: both will be.

    Before the two are taken as merging takes them: an export that ends holds its file and waits for its people.
    """
    restricted = dict(Person.objects.filter(pk__in=[kept_id, absorbed_id]).values_list("pk", "restricted_at"))
    if any(restricted.values()):
        for pk in sorted(pk for pk, since in restricted.items() if since is None):
            hold(Person(pk=pk), actor)
            halt(pk, RequestKind.RESTRICTION)


def _both(kept_id: int, absorbed_id: int, actor: Actor) -> tuple[Person, Person]:
    if kept_id == absorbed_id:
        raise ValidationError(_("A record cannot be merged with itself."))
    # Always in the same order: two people merging the same pair wait for each other instead of blocking for ever.
    found = Person.objects.filter(pk__in=[kept_id, absorbed_id]).order_by("pk").select_for_update(of=("self",))
    persons = {person.pk: person for person in found}
    if len(persons) < 2:
        raise AlreadyMerged
    if Person.objects.visible_to(actor).filter(pk__in=persons).count() < 2:
        raise OutOfSight
    return persons[kept_id], persons[absorbed_id]


def _take_values(kept: Person, absorbed: Person, chosen: Collection[str]) -> None:
    for one in selectors.fields_to_choose():
        if one.name in chosen:
            setattr(kept, one.attname, getattr(absorbed, one.attname))
    taken = {key: value for key, value in absorbed.custom.items() if selectors.CUSTOM + key in chosen}
    kept.custom = {**kept.custom, **taken}
    kept.created_at = min(kept.created_at, absorbed.created_at)
    # The stricter of two wills: who is restricted on one record is restricted (RGPD art. 18).
    kept.restricted_at = min(filter(None, (kept.restricted_at, absorbed.restricted_at)), default=None)
    kept.save()


def _other_ref(kept: Person, before: dict[str, Any], person: dict[str, Any]) -> str | None:
    """Return the reference elsewhere that the kept record does not carry, so that a file still finds the person."""
    others = {before["external_ref"], person["external_ref"]} - {kept.external_ref, None}
    return others.pop() if others else None


def _give_values_back(kept: Person, before: dict[str, Any], after: dict[str, Any]) -> None:
    (now,) = as_rows(Person.objects.filter(pk=kept.pk))
    columns = [name for name in before if before[name] != after[name] and now.get(name) == after[name]]
    put_back(Person, [before], [name for name in columns if name not in DERIVED])
    kept.refresh_from_db()
    kept.save()


def _remember_apart(one: int, other: int) -> None:
    Candidate.objects.update_or_create(
        first_id=min(one, other),
        second_id=max(one, other),
        defaults={"told_apart_at": clock.now()},
        create_defaults={"told_apart_at": clock.now(), "score": 0, "reasons": []},
    )
