"""Commands on segments."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.segments import rules, selectors
from portevoix.segments.criteria.membership import InSnapshot
from portevoix.segments.exceptions import ChangedMeanwhile, InUse
from portevoix.segments.models import Segment, Snapshot, Use
from portevoix.segments.types import Group, Named

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS, Role.ORGANISER}
# Two people who save at once could each close half a circle.
ONE_AT_A_TIME = "LOCK TABLE segments_use IN SHARE ROW EXCLUSIVE MODE"
FREEZE = "INSERT INTO segments_snapshotmember (snapshot_id, person_id) SELECT %s, id FROM ({found}) AS found (id)"


@command("segments.save", label=_("Save a segment"), roles=WRITERS)
def save(*, name: str, tree: Any, segment: Segment | None = None, seen: str = "", actor: Actor) -> Segment:
    """Make a segment, or change one, after reading its tree and those of the segments it names.

    ``seen`` is the version that the author had before their eyes. Raises ChangedMeanwhile when it is no longer so,
    InvalidTree, also when segments would go round in a circle, and NotToBeAsked when the tree, or the one it replaces,
    asks about what is hidden from ``actor``.
    """
    question = rules.read(tree)
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
    kept = segment or Segment()
    if segment and seen and Segment.objects.get(pk=segment.pk).version != seen:
        raise ChangedMeanwhile
    selectors.check_writer(question, selectors.resolved(question, of=kept), actor)
    if segment:
        selectors.check_editor(segment, actor)
    kept.name, kept.tree = name, rules.as_json(question)
    kept.save()
    _write_uses(kept, question)
    note(about=kept, count=len(list(question.criteria())), made=segment is None)
    return kept


@command("segments.delete", label=_("Delete a segment"), roles=WRITERS)
def delete(segment: Segment, *, actor: Actor) -> None:
    """Take a segment and its snapshots away; messages already sent to it keep its name.

    Raises InUse when other segments, or what runs, ask about it or about one of its snapshots.
    """
    if by := selectors.named_by(segment):
        raise InUse(by)
    note(about=segment)
    segment.uses.all().delete()
    segment.delete()


@command("segments.freeze", label=_("Keep whom a segment finds today"), roles=WRITERS)
def freeze(segment: Segment, *, actor: Actor) -> Snapshot:
    """Write down whom a segment finds now, among those whom ``actor`` may see, in one statement. Raises InvalidTree."""
    found = selectors.people_of(segment, actor)
    snapshot = Snapshot.objects.create(segment=segment, name=segment.name, tree=segment.tree, taken_at=clock.now())
    with connection.cursor() as cursor:
        found_sql, values = found.order_by().values("pk").query.sql_with_params()
        cursor.execute(FREEZE.format(found=found_sql), [snapshot.pk, *values])
        snapshot.count = cursor.rowcount
    snapshot.save(update_fields=["count"])
    note(about=snapshot, count=snapshot.count, segment=segment.pk)
    return snapshot


@command("segments.delete_snapshot", label=_("Delete a snapshot"), roles=WRITERS)
def delete_snapshot(snapshot: Snapshot, *, actor: Actor) -> None:
    """Forget whom a segment found one day. Raises InUse when segments, or what runs, ask about it."""
    names = list(Segment.objects.filter(uses__of_snapshot=snapshot).values_list("name", flat=True))
    if names := names + selectors.asking_about(set(), {snapshot.pk}):
        raise InUse(names)
    note(about=snapshot, count=snapshot.count)
    snapshot.delete()


def _write_uses(segment: Segment, question: Group) -> None:
    criteria = list(question.criteria())
    segments = {one.segment for one in criteria if isinstance(one, Named)}
    snapshots = set(
        Snapshot.objects.filter(pk__in=[one.snapshot for one in criteria if isinstance(one, InSnapshot)]).values_list(
            "pk", flat=True
        )
    )
    segment.uses.all().delete()
    Use.objects.bulk_create(
        [Use(segment=segment, of_segment_id=pk) for pk in sorted(segments)]
        + [Use(segment=segment, of_snapshot_id=pk) for pk in sorted(snapshots)]
    )
