"""What the end of a campaign would destroy and leave, who else could decide, and how long everything else is kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max, Min, Q
from django.utils.timezone import localtime
from wagtail import hooks

from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from portevoix.people.models import Person
from portevoix.rights.models import LedgerHead, Suppression
from portevoix.rights.models.retention import Scope
from portevoix.rights.purposes import Status
from portevoix.rights.selectors import retention
from portevoix.rights.types import HANDLERS, Kept


@dataclass(frozen=True)
class Preview:
    """How many persons of each status would go, and how many stay or are held."""

    goes: tuple[tuple[Status, int], ...]
    stays: tuple[tuple[Status, int], ...]
    held: int
    suppressions: int
    ledger: int

    @property
    def going(self) -> int:
        return sum(number for _status, number in self.goes)


def staying(scope: str) -> list[str]:
    """Return the statuses that stay: members and donors always (L. 52-8 and following keep the accounts)."""
    return [Status.BOUND.value, *([Status.REGULAR.value] if scope == Scope.PROSPECTS else [])]


def preview(scope: Scope) -> Preview:
    """Count who would go and who would stay. Changes nothing."""
    found = retention.statuses()
    stays = staying(scope)
    head = LedgerHead.objects.first()
    return Preview(
        goes=tuple((one, number - kept) for one, (number, kept) in found.items() if one.value not in stays),
        stays=tuple((one, number) for one, (number, _kept) in found.items() if one.value in stays),
        held=sum(kept for one, (_number, kept) in found.items() if one.value not in stays),
        suppressions=Suppression.objects.count(),
        ledger=head.number if head else 0,
    )


def period(scope: str) -> dict[str, str]:
    """Return the first and last days (Paris) on which those in the file came in."""
    ends = Person.objects.aggregate(first=Min("created_at"), last=Max("created_at"))
    return {name: localtime(at).date().isoformat() for name, at in ends.items() if at}


def other_role(role: str) -> Role:
    """Return the role of the second who must agree."""
    return Role.DATA_OFFICER if role == Role.DIRECTOR else Role.DIRECTOR


def others(ident: str, role: str) -> bool:
    """Tell whether somebody else could be the second: an active member with the other role over all of France."""
    other = other_role(role)
    holds = Q(mandates__role=other, mandates__departement_code="")
    if other is Role.DIRECTOR:
        holds |= Q(is_superuser=True)
    return User.objects.filter(holds, is_active=True).exclude(pk=ident).exists()


def kept() -> list[Kept]:
    """Return how long every table is kept, as the rooms say it."""
    lines: list[Kept] = []
    for construct in hooks.get_hooks("construct_kept"):
        construct(lines)
    return lines


def tables_of_persons() -> list[str]:
    """Return the tables that lead to persons, by label."""
    return [handler.model._meta.label for _name, handler in HANDLERS.items()]
