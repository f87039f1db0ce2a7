"""Whom a letter that has left did not reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from portevoix.delivery import selectors as outbox
from portevoix.mailings.models import Mailing, Resending
from portevoix.mailings.types import Again
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose


def resending_of(mailing: Mailing) -> Resending | None:
    """Return what a mailing sends again, if it does."""
    return Resending.objects.select_related("original").filter(mailing=mailing.pk).first() if mailing.pk else None


def batches_of(original: Mailing) -> list[int]:
    """Return every batch by which a letter left: its own, its versions', and those of each time it was sent again."""
    family = Mailing.objects.filter(
        Q(pk=original.pk)
        | Q(version__trial__mailing=original.pk)
        | Q(resending__original=original.pk)
        | Q(version__trial__mailing__resending__original=original.pk)
    )
    return sorted({pk for pk in family.values_list("batch", flat=True) if pk is not None})


def not_reached(people: QuerySet[Person], original: Mailing, to: Again) -> QuerySet[Person]:
    """Keep those of ``people`` whom a letter did not reach, for the reasons chosen; never one who has it."""
    batches = batches_of(original)
    missed = outbox.whom_not_reached(batches, undelivered=to.undelivered, uncertain=to.uncertain)
    meant = Q(pk__in=missed)
    if to.newcomers:
        meant |= ~Q(pk__in=outbox.who_was_written(batches))
    return people.filter(meant).exclude(pk__in=outbox.who_has(batches, uncertain=not to.uncertain))


@dataclass(frozen=True)
class Missed:
    """How many of those whom a letter did not reach may be written to now, by reason."""

    undelivered: int
    uncertain: int
    newcomers: int

    @property
    def total(self) -> int:
        return self.undelivered + self.uncertain + self.newcomers


def missed(people: QuerySet[Person], original: Mailing) -> Missed:
    """Count them; ``people`` are the letter's audience as it is now."""
    nothing = Again(undelivered=False, uncertain=False, newcomers=False)
    counts = {}
    for reason in ("undelivered", "uncertain", "newcomers"):
        chosen = not_reached(people, original, replace(nothing, **{reason: True}))
        counts[reason] = gate.admit(chosen, purpose=Purpose(original.purpose), channel=Channel.EMAIL).count()
    return Missed(**counts)
