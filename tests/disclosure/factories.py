"""Exports, ordered and written as the office and the worker do."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyzipper
from django.conf import settings
from pytest_django import Settings

from portevoix.accounts.types import Actor
from portevoix.disclosure import tasks
from portevoix.disclosure.models import Canary, Export
from portevoix.disclosure.selectors import invented
from portevoix.disclosure.services import exporting
from portevoix.people.models import Person
from portevoix.rights import gate

FIELDS = ("first_name", "last_name", "email")
DOMAIN = "boite.example"


def with_canaries(wrapper: Settings, domain: str = DOMAIN) -> None:
    """Give the instance a domain for its canaries, or none."""
    instance = settings.INSTANCE
    told = instance.disclosure.model_copy(update={"canary_domain": domain})
    wrapper.INSTANCE = instance.model_copy(update={"disclosure": told})


def ordered(actor: Actor, fields: tuple[str, ...] = FIELDS, people: Any = None) -> Export:
    """Return an export that waits for the worker."""
    chosen = Person.objects.all() if people is None else people
    shown = gate.reveal(chosen, actor=actor, purpose="canvassing", fields=fields)
    return exporting.order_export(shown, by_worker=False, actor=actor)


def written(actor: Actor, fields: tuple[str, ...] = FIELDS, people: Any = None) -> Export:
    """Return an export after the worker's turn."""
    export = ordered(actor, fields, people)
    tasks.write(export.pk)
    export.refresh_from_db()
    return export


def rows_of(export: Export, actor: Actor, *, with_invented: bool = False) -> list[dict[str, str]]:
    """Open the file as its reader does, with the password that was shown; without the invented people unless asked."""
    password = exporting.show_password(export.pk, actor=actor)
    _export, file = exporting.download_export(export.pk, actor=actor)
    with file:
        return read(file.read(), password, with_invented=with_invented)


def read(content: bytes, password: str, *, with_invented: bool = False) -> list[dict[str, str]]:
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        [inside] = archive.namelist()
        text = archive.read(inside, pwd=password.encode()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    return rows if with_invented else [row for row in rows if not is_invented(row)]


def is_invented(row: dict[str, str]) -> bool:
    """Tell whether a row is a canary's, by what marks it."""
    cells = " ".join(row.values())
    people = [invented(canary) for canary in Canary.objects.all()]
    marks = {mark for one in people for mark in (one.mailbox, one.mobile, one.landline)}
    marks |= {one.family_name for one in people if "-" in one.family_name}
    return any(mark in cells for mark in marks)


def left() -> list[str]:
    """Return the names of the files about people that are on the disk."""
    return sorted(path.name for path in (Path(settings.DATA_DIR) / "exports").glob("*"))
