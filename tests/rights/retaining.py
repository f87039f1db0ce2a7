"""Persons as retention sees them: each of one status, at an age in days."""

from __future__ import annotations

from datetime import datetime, timedelta

from portevoix.accounts.types import Role, System
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person, PersonRole
from portevoix.people.types import Kind, RoleKind
from portevoix.rights.models import Ground, RetentionRule, RetentionRun
from portevoix.rights.models.retention import RunState
from portevoix.rights.purposes import OPTIONAL, Basis, Channel, Purpose
from portevoix.rights.services import retention
from tests.accounts.factories import staff
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory

NIGHT = System("tests")
REASON = "La campagne a décidé de garder moins longtemps."
NOW = datetime(2028, 3, 1, 4, 0, tzinfo=clock.PARIS)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def person(days: float = 2000, **known: object) -> Person:
    """Return somebody who came in that many days ago."""
    return PersonFactory(created_at=ago(days), **known)


def gave(who: Person, purpose: Purpose = Purpose.NEWSLETTER, days: float = 10, **more: object) -> Ground:
    channel = OPTIONAL.get(purpose, Channel.EMAIL)
    return GroundFactory(person=who, purpose=purpose, channel=channel, given_at=ago(days), **more)


def said(who: Person, days: float, kind: Kind = Kind.CONFIRMED) -> None:
    Interaction.objects.create(person=who, kind=kind, at=ago(days))


def regular() -> Person:
    who = person()
    gave(who)
    return who


def holds(who: Person, kind: RoleKind, **known: object) -> Person:
    """Give a role as a file does: without any day, but for those that are said."""
    PersonRole.objects.create(person=who, kind=kind, source="tests", **known)
    return who


def bound() -> Person:
    return holds(person(), RoleKind.MEMBER, dues_until=ago(-100).date())


def dormant() -> Person:
    return holds(person(), RoleKind.VOLUNTEER)


def refused(days: float = 400, **known: object) -> Person:
    who = person(**known)
    EmailFactory(person=who, address=f"refused{who.pk}@mail.example")
    gave(who, days=1000, withdrawn_at=ago(days), withdrawal={"asked": "letter"})
    return who


def lapsed() -> Person:
    """Somebody whose only agreement is older than its term, still written as in force."""
    who = person()
    gave(who, days=1500)
    return who


def occasional(days: float = 100) -> Person:
    who = person(days)
    gave(who, Purpose.SERVICE, days=days, basis=Basis.REQUEST)
    return who


def ungrounded(days: float = 100) -> Person:
    return person(days)


def run(*, size: int = 20_000, looked_at: bool = True) -> RetentionRun:
    """Do a whole night, confirmed where the brake asks for it."""
    begun = retention.begin_retention(actor=NIGHT)
    if begun.state == RunState.BRAKED and looked_at:
        retention.confirm_retention(begun.pk, seen=begun.foreseen, actor=staff(Role.DIRECTOR))
    while retention.advance_retention(begun.pk, size=size, actor=NIGHT):
        continue
    begun.refresh_from_db()
    return begun


def set_term(code: str, months: int, reason: str = REASON) -> RetentionRule:
    return retention.set_term(code, months, reason=reason, actor=staff(Role.DATA_OFFICER))
