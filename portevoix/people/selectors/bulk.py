"""Reads about acts on many people: whom they are about, whom they leave out, who asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff, System, Visitor
from portevoix.people.models import IS_NAMELESS, BulkRun, Person, PersonQuerySet

#: Names that a preview shows.
SAMPLE = 10
#: What the counts of those left out say of whoever is gone, or not of the actor's territory.
OUT_OF_SIGHT = "out_of_sight"
#: And of whoever had their data restricted: it is kept, and not used (RGPD art. 18).
RESTRICTED = "restricted"


def people_of(run: BulkRun, actor: Actor) -> PersonQuerySet:
    """Return those whom an act is about, as far as ``actor`` sees them."""
    listed = RawSQL("SELECT unnest(person_ids) FROM people_bulkportion WHERE run_id = %s", [run.pk])
    return Person.objects.visible_to(actor).filter(pk__in=listed)


def sorted_out(people: QuerySet[Person], reasons: Mapping[str, Q]) -> QuerySet[Any]:
    """Say of each person why they are left out (``why``), blank for those who are not."""
    every = {RESTRICTED: Q(restricted_at__isnull=False), **reasons}
    cases = [When(condition, then=Value(reason)) for reason, condition in every.items()]
    return people.annotate(why=Case(*cases, default=Value(""), output_field=CharField()))


def left_out(run: BulkRun, reasons: Mapping[str, Q], actor: Actor) -> dict[str, int]:
    """Count those whom an act would leave out now, by reason."""
    counted = sorted_out(people_of(run, actor), reasons).order_by().values_list("why").annotate(number=Count("pk"))
    counts: dict[str, int] = dict(counted)
    hidden = run.chosen - sum(counts.values())
    counts.pop("", None)
    return {**counts, OUT_OF_SIGHT: hidden} if hidden > 0 else counts


def touched(run: BulkRun, reasons: Mapping[str, Q], actor: Actor) -> QuerySet[Any]:
    """Return those whom an act would change now."""
    return sorted_out(people_of(run, actor), reasons).filter(why="")


def sample(run: BulkRun, reasons: Mapping[str, Q], actor: Actor) -> list[Person]:
    """Return the first of those whom an act would change, by name."""
    return list(touched(run, reasons, actor).order_by(IS_NAMELESS, F("sort_key"), "pk")[:SAMPLE])


def staff_of(kind: str, ident: str, label: str) -> Actor:
    """Return who asked for an act, with the rights and the territory that they have now."""
    if kind == "system":
        return System(label)
    user = User.objects.filter(pk=ident, is_active=True).first()
    return Staff(user) if user else Visitor()


def at_the_helm(run: BulkRun) -> Actor:
    """Return in whose name an act goes on: who asked for it, or who has it undone."""
    if run.undoer_kind:
        return staff_of(run.undoer_kind, run.undoer_id, run.undoer)
    return staff_of(run.asker_kind, run.asker_id, run.asker)
