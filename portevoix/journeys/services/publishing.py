"""Commands that let an automation run, stop it, and move or take out those who are on it."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.delivery.exceptions import LetterError
from portevoix.journeys import letters, selectors
from portevoix.journeys.exceptions import Faulty, NotPossible
from portevoix.journeys.models import Journey, Seen, Trip, Version
from portevoix.journeys.rules import plan
from portevoix.journeys.services import advertising
from portevoix.journeys.types import DESIGNERS, OF_BECOMING, Standing, State, Trigger, Why
from portevoix.kernel import clock
from portevoix.mailings import selectors as mailings
from portevoix.mailings.exceptions import NotApproved
from portevoix.mailings.wording import explain
from portevoix.people.models import Person
from portevoix.rights.selectors import hold

NOTE_PRESENT = """
INSERT INTO journeys_seen (journey_id, person_id) SELECT %s, id FROM ({present}) AS present (id) ON CONFLICT DO NOTHING
"""
# Whoever stands at a step that the new version has too; what was done for them stays done, waits end when they would.
MOVE = """
UPDATE journeys_trip trip SET version_id = %(version)s, step_id = there.id
FROM journeys_step here, journeys_step there
WHERE trip.journey_id = %(journey)s AND trip.state = 'under_way' AND trip.version_id <> %(version)s
    AND here.id = trip.step_id AND there.version_id = %(version)s AND there.key = here.key AND there.kind = here.kind
"""
MOVE_SOME = MOVE + " AND trip.id = ANY(%(runs)s)"


@command("journeys.publish", label=_("Publish an automation"), roles=DESIGNERS, nationwide=True)
def publish(version: Version, *, actor: Actor) -> Journey:
    """Let a version run: whoever enters from now on follows it, whoever is under way finishes on theirs.

    One that writes to people needs the approval of a second person, where the campaign asks for it. The version
    changes no more: the database sees to both. Raises Faulty with every fault, NotPossible.
    """
    journey = Journey.objects.locked(version.journey_id)
    kept = Version.objects.filter(pk=version.pk, published_at=None).first()
    if kept is None or journey.state == State.ARCHIVED:
        raise NotPossible(gettext("This version is published: it changes no more. Write a new one."))
    if found := selectors.faults(kept, actor):
        raise Faulty([words for _key, words in found])
    _require_approval(kept)
    _link(kept)
    former = journey.live
    if former is None or (former.trigger, former.said) != (kept.trigger, kept.said):
        _begin(journey, kept)
    kept.published_at = clock.now()
    kept.save(update_fields=["published_at"])
    journey.live, journey.state, journey.published_at = kept, State.LIVE, kept.published_at
    journey.save()
    note(about=journey, count=kept.steps.count(), number=kept.number, trigger=kept.trigger)
    advertising.publish_notices(kept, actor=actor)
    return journey


def _require_approval(version: Version) -> None:
    """Refuse a version that writes to people and that nobody approved as it is. Raises NotPossible."""
    if not selectors.needs_approval(version):
        return
    try:
        mailings.require_approval(selectors.approvals_of(version), letters.digest(version))
    except (NotApproved, LetterError) as error:
        raise NotPossible(explain(error)) from error


def _link(version: Version) -> None:
    """Work out once what follows what."""
    steps = {step.key: step for step in version.steps.select_related("parent")}
    for link in plan.linked(step.node for step in steps.values()):
        step = steps[link.key]
        step.rank = link.rank
        step.next = steps[link.next] if link.next is not None else None
        step.otherwise = steps[link.otherwise] if link.otherwise is not None else None
        step.save(update_fields=["rank", "next", "otherwise"])


def _begin(journey: Journey, version: Version) -> None:
    """Start from now: what happened before, and who is there already, starts nothing unless it is wanted."""
    journey.looked_at = None
    journey.looked_on = None if version.trigger == Trigger.DAY else clock.today() - timedelta(days=1)
    journey.cursor = selectors.last_line()
    Seen.objects.filter(journey=journey).delete()
    with connection.cursor() as cursor:
        if version.trigger in OF_BECOMING and not version.said.get("present"):
            try:
                sql, values = selectors.there_now(version).order_by().values("pk").query.sql_with_params()
            except EmptyResultSet:
                return
            cursor.execute(NOTE_PRESENT.format(present=sql), [journey.pk, *values])


@command("journeys.pause", label=_("Pause an automation"), roles=DESIGNERS, nationwide=True)
def pause(journey: Journey, *, actor: Actor) -> None:
    """Let nobody enter and nobody go on for now; who comes meanwhile enters later. Raises NotPossible."""
    _change(journey, {State.LIVE}, State.PAUSED)


@command("journeys.resume", label=_("Resume an automation"), roles=DESIGNERS, nationwide=True)
def resume(journey: Journey, *, actor: Actor) -> None:
    """Go on where it was paused. Raises NotPossible."""
    _change(journey, {State.PAUSED}, State.LIVE)


@command("journeys.archive", label=_("Archive an automation"), roles=DESIGNERS, nationwide=True)
def archive(journey: Journey, *, actor: Actor) -> None:
    """End it for good: whoever is under way leaves within the minute. Raises NotPossible."""
    _change(journey, {State.LIVE, State.PAUSED, State.DRAFT}, State.ARCHIVED)
    Seen.objects.filter(journey=journey).delete()


def _change(journey: Journey, former: set[State], state: State) -> None:
    kept = Journey.objects.locked(journey.pk)
    if kept.state not in former:
        raise NotPossible(gettext("Somebody was quicker: look at the automation again."))
    kept.state = state
    kept.save(update_fields=["state"])
    note(about=kept, state=state.value)


@command(
    "journeys.move_people", label=_("Move people to the new version of an automation"), roles=DESIGNERS, nationwide=True
)
def move_people(journey: Journey, *, actor: Actor) -> int:
    """Move those who are under way on former versions to the published one, at the same step; return how many.

    Whoever stands at a step that is no more finishes on their version. What was done for them is not done again.
    """
    kept = Journey.objects.locked(journey.pk)
    with connection.cursor() as cursor:
        cursor.execute(MOVE, {"version": kept.live_id, "journey": kept.pk})
        moved = int(cursor.rowcount)
    note(about=kept, count=moved)
    return moved


@command("journeys.take_out", label=_("Take a person out of an automation"), roles=DESIGNERS)
def take_out(trip: Trip, *, actor: Actor) -> bool:
    """End a person’s run; return whether it was under way. Raises OutOfSight."""
    hold(Person(pk=trip.person_id), actor)
    ended = (
        Trip.objects.visible_to(actor)
        .under_way()
        .filter(pk=trip.pk)
        .update(state=Standing.LEFT, why=Why.TAKEN_OUT, ended_at=clock.now())
    )
    note(about=trip, count=ended)
    return bool(ended)


@command(
    "journeys.try_again",
    label=_("Try again where an automation was stopped by a fault"),
    roles=DESIGNERS,
    nationwide=True,
)
def try_again(journey: Journey, *, actor: Actor) -> int:
    """Let those go on whom a fault stopped, once it is mended, unless they entered again since; return how many.

    What runs is mended by publishing a new version: they follow it, where it has the step at which they stopped.
    """
    kept = Journey.objects.locked(journey.pk)
    failed = Trip.objects.filter(journey=kept, state=Standing.FAILED)
    again = Trip.objects.under_way().filter(journey=kept, person=OuterRef("person"))
    last = failed.filter(~Exists(again)).order_by().values("person").annotate(last=Max("pk")).values("last")
    runs = list(last.values_list("last", flat=True))
    moved = Trip.objects.filter(pk__in=runs).update(state=Standing.UNDER_WAY, why="", ended_at=None, due_at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute(MOVE_SOME, {"version": kept.live_id, "journey": kept.pk, "runs": runs})
    note(about=kept, count=moved)
    return moved


@command("journeys.clear_archived", label=_("Let people leave archived automations"))
def clear_archived(*, portion: int = 5_000, actor: Actor) -> int:
    """End the runs on automations that were archived; return how many."""
    waiting = Trip.objects.under_way().filter(journey__state=State.ARCHIVED)
    ids = list(waiting.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:portion])
    ended = Trip.objects.filter(pk__in=ids).update(state=Standing.LEFT, why=Why.ARCHIVED, ended_at=clock.now())
    note(count=ended)
    return ended
