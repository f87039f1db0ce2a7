"""Commands by which data about people leaves: each says to whom, which fields and why, and leaves a journal line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.disclosure import selectors
from portevoix.disclosure.exceptions import NotYours, UnknownField
from portevoix.disclosure.writers import table
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Disclosure

MARK = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, detail)
SELECT p.id, %s, %s, '', NULL, %s, '{{}}'::jsonb FROM ({people}) AS p (id)
"""


@command(
    "disclosure.export_people",
    label=_("Export people to a file"),
    roles={Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER},
)
def export_people(disclosure: Disclosure, *, actor: Actor) -> IO[bytes]:
    """Return an open temporary file, at its beginning, with a disclosure's people as CSV.

    Each person's timeline says that they were part of it. The file has no name on disk and goes when it is closed.
    Raises NotFromTheGate, NotYours when the disclosure was made for somebody else, UnknownField.
    """
    if not isinstance(disclosure, Disclosure):
        raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")
    if disclosure.actor != actor:
        raise NotYours
    if unknown := set(disclosure.fields) - set(selectors.COLUMNS):
        raise UnknownField(", ".join(sorted(unknown)))
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller gives it away and closes it
    count = table.write(disclosure.fields, selectors.rows(disclosure.people, disclosure.fields), file)
    _mark(disclosure)
    note(count=count, fields=list(disclosure.fields), purpose=disclosure.purpose[:200])
    file.seek(0)
    return file


@command(
    "disclosure.export_rows",
    label=_("Download rows of a file"),
    roles={Role.DIRECTOR, Role.DATA_OFFICER},
    nationwide=True,
)
def export_rows(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, purpose: str, about: Model, actor: Actor
) -> IO[bytes]:
    """Return an open temporary file with rows that came in by a file, given back to who brought them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller gives it away and closes it
    count = table.write(header, rows, file)
    note(about=about, count=count, purpose=purpose)
    file.seek(0)
    return file


@command(
    "disclosure.answer_access_request",
    label=_("Give a person everything held on them"),
    roles={Role.DIRECTOR, Role.DATA_OFFICER},
)
def answer_access_request(disclosure: Disclosure, *, actor: Actor) -> bytes:
    """Return, as JSON, everything held on the one person of a disclosure (RGPD art. 15 and 20).

    Raises NotFromTheGate, NotYours when the disclosure was made for somebody else, Person.DoesNotExist.
    """
    if not isinstance(disclosure, Disclosure):
        raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")
    if disclosure.actor != actor:
        raise NotYours
    person = disclosure.people.select_related("commune").get()
    content = json.dumps(selectors.file_about(person), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    interactions.record(person, Kind.EXPORTED, source=disclosure.purpose[:200])
    note(about=person, count=1, purpose=disclosure.purpose[:200])
    return content.encode()


def _mark(disclosure: Disclosure) -> None:
    people, parameters = disclosure.people.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(MARK.format(people=people), [Kind.EXPORTED, clock.now(), disclosure.purpose[:200], *parameters])
