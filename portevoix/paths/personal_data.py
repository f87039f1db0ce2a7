"""What places on paths and tasks owe to the persons in them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from portevoix.paths import rules
from portevoix.paths.models import Passage, Place, Task
from portevoix.rights.types import Follower, Handler, Trace, as_rows, bring_back, register


class PlaceHandler(Handler):
    """Of two journeys under way on one path, the further is kept, with the history of both."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        trace = Trace()
        for mine, theirs in self._both_under_way(kept_id, absorbed_id):
            is_mine_further = rules.further((mine.step.position, mine.pk), (theirs.step.position, theirs.pk))
            stays, goes = (mine, theirs) if is_mine_further else (theirs, mine)
            lines = list(Passage.objects.filter(place=goes).order_by("pk").values_list("pk", flat=True))
            Passage.objects.filter(pk__in=lines).update(place=stays)
            trace.changed.append({"from": goes.pk, "to": stays.pk, "passages": lines})
            trace.dropped += as_rows(Place.objects.filter(pk=goes.pk))
            goes.delete()
        moved = super().merge(kept_id, absorbed_id).moved
        return Trace(moved, trace.dropped, trace.changed)

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Give each record its own journey again, and each journey its own lines."""
        super().part(Trace(trace.moved), kept_id, absorbed_id)
        bring_back(Place, trace.dropped)
        for exchange in trace.changed:
            if Place.objects.filter(pk=exchange["from"]).exists():
                lines = Passage.objects.filter(pk__in=exchange["passages"], place=exchange["to"])
                lines.update(place=exchange["from"])

    def _both_under_way(self, kept_id: int, absorbed_id: int) -> list[tuple[Place, Place]]:
        mine = Place.objects.under_way().filter(person=kept_id)
        theirs = {
            place.path_id: place
            for place in Place.objects.under_way()
            .filter(person=absorbed_id)
            .filter(Exists(mine.filter(path=OuterRef("path"))))
            .select_related("step")
        }
        return [(place, theirs[place.path_id]) for place in mine.filter(path__in=theirs).select_related("step")]


register(
    PlaceHandler(
        Place,
        exported=["path__name", "step__name", "state", "began_at", "since", "ended_at", "due_on", "reason"],
    )
)
# The lines follow their place, and go with it.
register(Follower(Passage, exported=["act", "step_name", "at"], path="place__person_id"))
register(Handler(Task, exported=["title", "note", "due_on", "due_at", "done_at", "created_at"]))
