"""What the end of a campaign would destroy and leave, who else could decide, and how long everything else is kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Max, Min, Q
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from wagtail import hooks

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import jobs
from portevoix.people.models import Person
from portevoix.rights.models import Closure, LedgerHead, Suppression
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
    """Return the statuses that stay: members always; gifts are in the accounts, kept elsewhere (L. 52-12)."""
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


def may_agree(closure: Closure, actor: Actor) -> bool:
    """Tell whether the actor can be the second person."""
    return other_role(closure.proposed_role) in actor.roles and actor.ident != closure.proposed_by


@dataclass(frozen=True)
class Told:
    """A line of the table of everything that is kept: names of tables, how long, why, and when it was last applied."""

    names: list[str]
    kept: Kept
    last: datetime | None


def told() -> list[Told]:
    """Return how long everything is kept, with the last run of the job that sees to it."""
    runs = {planned.name: planned.last for planned in jobs.schedule()}
    return [
        Told(
            [capfirst(str(apps.get_model(label)._meta.verbose_name_plural)) for label in line.tables],
            line,
            runs.get(line.job),
        )
        for line in kept()
    ]


def rows_of(record: dict[str, Any]) -> list[tuple[str, int]]:
    """Return what a record says was destroyed, table by table, in words; empty tables apart."""
    names = {model._meta.label_lower: model._meta.verbose_name_plural for model in apps.get_models()}
    names["files"] = _("files that no row led to")
    rows: Counter[str] = Counter()
    for destroyed in (record["tables"], record["others"]):
        for label, number in destroyed.items():
            rows[capfirst(str(names.get(label.lower(), label)))] += number
    return [(name, number) for name, number in rows.most_common() if number]


def in_words(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record's moments and labels as they are read."""
    moments = {name: datetime.fromisoformat(record[name]) for name in ("begun", "ended") if record[name]}
    decided = [
        {"role": Role(one["role"]).label, "account": one["account"], "at": datetime.fromisoformat(one["at"])}
        for one in record["decided"]
    ]
    return {
        **moments,
        "decided": decided,
        "period": {name: date.fromisoformat(day) for name, day in record["period"].items()},
        "people": [(Status(code).label, number) for code, number in record["people"].items()],
        "stays": [(Status(code).label, number) for code, number in record["stays"]["people"].items()],
        "rows": rows_of(record),
    }
