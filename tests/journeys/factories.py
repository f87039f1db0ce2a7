"""Automations, drawn and published, and the people on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portevoix.accounts.types import System
from portevoix.journeys import tasks
from portevoix.journeys.models import Journey, Step, Trip, Version
from portevoix.journeys.services import designing, publishing
from portevoix.journeys.services.designing import Place
from portevoix.journeys.types import MAIL, Settings, Trigger
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from tests.mailings.factories import body

SYSTEM = System("tests")
CONFIRMED = {"kinds": [Kind.CONFIRMED.value]}


def drawn(trigger: Trigger = Trigger.HAPPENED, said: Any = None, **settings: Any) -> Version:
    """Return the first version of a new automation, without a step."""
    number = Journey.objects.count() + 1
    journey = designing.create(name=f"Automation {number}", actor=SYSTEM)
    version = journey.draft
    assert version is not None
    designing.set_up(version, Settings(trigger, CONFIRMED if said is None else said, **settings), actor=SYSTEM)
    version.refresh_from_db()
    return version


def step(version: Version, kind: str, place: Place | None = None, /, **said: Any) -> Step:
    """Put a step at the end of the main sequence, or where it is wanted."""
    last = version.steps.filter(parent=None).order_by("position").last()
    place = place or Place(after=last.key if last else None)
    made = designing.add_step(version, kind, said, place, actor=SYSTEM)
    if kind == MAIL:
        words = body(("text", "<p>Bonjour {{ first_name|à vous }}, bienvenue.</p>"))
        designing.write_letter(made, subject=f"Lettre {made.key}", preheader="", body=words, actor=SYSTEM)
    return made


def wait(version: Version, number: int = 3, unit: str = "days", place: Place | None = None) -> Step:
    return step(version, "wait", place, wait="for", number=number, unit=unit)


def published(version: Version) -> Journey:
    """Let a version run from a day ago, so that what is older than that starts nothing."""
    return publishing.publish(version, actor=SYSTEM)


def happens(person: Person, kind: Kind = Kind.CONFIRMED) -> None:
    interactions.record(person, kind, source="tests")


def run(at: datetime | None = None, **after: int) -> None:
    """Let the worker pass once: now, at a moment, or some time from now."""
    moment = at or clock.now() + timedelta(**after)
    with clock.stopped_at(moment):
        tasks.follow()


def where(person: Person) -> tuple[str, int, str]:
    """Return state, step and reason of somebody's last run."""
    trip = Trip.objects.filter(person=person).order_by("pk").last()
    assert trip is not None, "they are on no automation"
    return trip.state, trip.step.key, trip.why
