"""What the tables of the way out owe to the persons in them: who was given their data, who read it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from portevoix.disclosure.models import CopyRequest, Export, Portion
from portevoix.disclosure.types import AT_WORK, End, State
from portevoix.kernel import clock
from portevoix.people.models import Consultation, Interaction
from portevoix.people.types import Kind
from portevoix.rights.types import Follower, Handler, RequestKind, register

#: Why a file is destroyed, by what a person of it had done.
ENDS = {RequestKind.RESTRICTION: End.RESTRICTED, RequestKind.OBJECTION: End.OBJECTED}


class ExportHandler(Follower):
    """An export has no key to the people in it: it lists them while it is written, then the spine says who was in it.

    Whoever is erased leaves no file behind: one that is being written begins again without them, one that is ready
    is destroyed, and who downloaded it is asked to destroy the copies (RGPD art. 17(1) and 19). The same where a
    person has their data restricted (art. 18), or objects: a file that says they may be called outlives neither. A
    flag on the file would leave the data where the person no longer wants it; making the export again takes a minute.
    """

    def rows(self, person_id: int) -> QuerySet[Export]:
        """Return the exports that list a person, or held them."""
        told = Interaction.objects.filter(person=person_id, kind=Kind.EXPORTED, about_kind=Export._meta.label_lower)
        listed = Q(state__in=AT_WORK, portions__person_ids__contains=[person_id])
        return Export.objects.filter(Q(pk__in=told.values("about_id")) | listed).distinct()

    def export(self, person_id: int) -> list[dict[str, Any]]:
        """Return what left about the person: when, why, which fields, to whom by role."""
        return list(self.rows(person_id).exclude(ready_at=None).order_by("pk").values(*self.exported))

    def erase(self, person_id: int) -> int:
        """Count the erasure on each export and destroy the files that are ready."""
        return self._recall(person_id, End.ERASURE)

    def halt(self, person_id: int, kind: RequestKind) -> int:
        """Do the same where the file may no longer be used as it is."""
        return self._recall(person_id, ENDS[kind]) if kind in ENDS else 0

    def before_merge(self, kept_id: int, absorbed_id: int) -> None:
        """Have the files that are being written with the absorbed record begun again, with the kept one in its place.

        Its line may be written already, and nothing would tell that the survivor is in the file: erased, they would
        leave it behind. An export that ends holds its file and waits for its people: so it is taken before them.
        """
        listed = Export.objects.at_work().filter(portions__person_ids__contains=[absorbed_id])
        held = (
            Export.objects.select_for_update().order_by("pk").filter(pk__in=list(listed.values_list("pk", flat=True)))
        )
        for export in held:
            export.recalls += 1
            export.save(update_fields=["recalls"])
            has_both = export.portions.filter(person_ids__contains=[kept_id]).exists()
            for portion in export.portions.filter(person_ids__contains=[absorbed_id]):
                others = [pk for pk in portion.person_ids if pk != absorbed_id]
                portion.person_ids = others if has_both else [*others, kept_id]
                portion.save(update_fields=["person_ids"])

    def _recall(self, person_id: int, end: End) -> int:
        touched = list(self.rows(person_id).values_list("pk", flat=True))
        held = Export.objects.filter(pk__in=touched)
        locked = dict(held.select_for_update().order_by("pk").values_list("pk", "state"))
        held.update(recalls=F("recalls") + 1, recalled_at=None)
        ready = [pk for pk, state in locked.items() if state == State.READY]
        Export.objects.filter(pk__in=ready).update(state=State.DESTROYED, end=end, seed="", ended_at=clock.now())
        for path in [Export(pk=pk).path for pk in ready]:
            transaction.on_commit(partial(path.unlink, missing_ok=True))
        return len(touched)

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Do it for those of many persons who were in an export, or are about to be."""
        told = Interaction.objects.filter(person__in=person_ids, kind=Kind.EXPORTED).values_list("person", flat=True)
        concerned = set(told)
        portions = Portion.objects.filter(export__state__in=AT_WORK, person_ids__overlap=list(person_ids))
        for listed in portions.values_list("person_ids", flat=True):
            concerned.update(set(listed) & set(person_ids))
        return sum(self.erase(person_id) for person_id in sorted(concerned))


register(
    ExportHandler(
        Export,
        path="pk",
        exported=["ready_at", "purpose", "recipient", "fields", "asker_roles", "downloaded_at", "expires_at"],
    )
)
register(Handler(CopyRequest, exported=["created_at", "given_at"]))
register(Handler(Consultation, exported=["at", "roles", "why"]))
