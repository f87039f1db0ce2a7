"""Acts on many people, prepared and done as the office and the worker do them."""

from __future__ import annotations

from typing import Any

from portevoix.accounts.types import Actor
from portevoix.people import tasks
from portevoix.people.models import BulkRun, Person, PersonQuerySet
from portevoix.people.services import bulk
from portevoix.people.services.acts import BulkAct


def prepared(key: str, cleaned: dict[str, Any], actor: Actor, people: PersonQuerySet | None = None) -> BulkRun:
    """Return an act that waits for its confirmation, on everybody unless said otherwise."""
    everybody = Person.objects.all() if people is None else people
    return bulk.prepare_act(BulkAct.every()[key], cleaned, everybody, actor=actor)


def done(key: str, cleaned: dict[str, Any], actor: Actor, people: PersonQuerySet | None = None) -> BulkRun:
    """Return an act that was carried out to its end."""
    return advanced(bulk.start_act(prepared(key, cleaned, actor, people), by_worker=False, actor=actor))


def undone(run: BulkRun, actor: Actor) -> BulkRun:
    """Return an act that was undone to its end."""
    return advanced(bulk.undo_act(run, BulkAct.every()[run.act], by_worker=False, actor=actor))


def advanced(run: BulkRun) -> BulkRun:
    """Have the worker advance an act as far as it goes."""
    tasks.advance_act(run.pk)
    run.refresh_from_db()
    return run
