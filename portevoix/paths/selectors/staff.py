"""Which members of staff may follow a person, or do a task."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from portevoix.accounts.models import Mandate, User
from portevoix.accounts.types import Actor
from portevoix.paths.types import WORKERS
from portevoix.people.models import Person


def workers() -> QuerySet[User]:
    """Return the active members of staff who may do something, by name: everybody but those who only read."""
    mandated = Exists(_mandates())
    found = User.objects.filter(Q(mandated) | Q(is_superuser=True), is_active=True)
    return found.order_by("last_name", "first_name", "username")


def staff_who_see(person: Person) -> QuerySet[User]:
    """Return those of them who may do it for a person: by a mandate that covers them."""
    code = person.commune.departement_id if person.commune else ""
    return workers().filter(_covering({code}))


def staff_who_see_all(actor: Actor) -> QuerySet[User]:
    """Return those of them who may do it for everybody whom ``actor`` sees."""
    return workers().filter(_covering(actor.departements))


def _mandates() -> QuerySet[Mandate]:
    return Mandate.objects.filter(user=OuterRef("pk"), role__in=WORKERS)


def _covering(departements: frozenset[str] | set[str] | None) -> Q:
    """Return the condition on members of staff to cover each of some départements, or all of France (None)."""
    france = Q(is_superuser=True) | Q(Exists(_mandates().filter(departement_code="")))
    if departements is None:
        return france
    each = Q()
    for code in departements:
        each &= Q(Exists(_mandates().filter(departement_code=code)))
    return france | each
