"""What runs of automations owe to the persons on them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from portevoix.journeys.models import Call, Mark, Seen, Trip
from portevoix.journeys.types import Standing, Why
from portevoix.kernel import clock
from portevoix.rights.types import Follower, Handler, Trace, as_rows, put_back, register


class TripHandler(Handler):
    """Of two runs under way of one automation the kept person's goes on; the other ends where it is."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        mine = Trip.objects.under_way().filter(person=kept_id, journey=OuterRef("journey"))
        double = Trip.objects.under_way().filter(Exists(mine), person=absorbed_id)
        former = as_rows(double)
        Trip.objects.filter(pk__in=[row["id"] for row in former]).update(
            state=Standing.LEFT, why=Why.MERGED, ended_at=clock.now()
        )
        return Trace(super().merge(kept_id, absorbed_id).moved, [], former)

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Give each record its own runs again; the one that a merge ended goes on."""
        super().part(Trace(trace.moved), kept_id, absorbed_id)
        ended = set(
            Trip.objects.filter(
                pk__in=[row["id"] for row in trace.changed], person=absorbed_id, why=Why.MERGED
            ).values_list("pk", flat=True)
        )
        put_back(Trip, [row for row in trace.changed if row["id"] in ended], ["state", "why", "ended_at"])


# What follows a run goes first, and with it.
register(Follower(Call, exported=["address__name", "state", "ended_at"], path="trip__person_id"))
register(Follower(Mark, exported=["kind", "at"], path="trip__person_id"))
register(TripHandler(Trip, exported=["journey__name", "state", "why", "entered_at", "since", "due_at", "ended_at"]))
register(Handler(Seen, exported=["journey__name"], same=["journey"]))
