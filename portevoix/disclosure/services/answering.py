"""Commands that give people what is theirs: all that is held on them; and to who brought a file, its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import IO

from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.disclosure import links, selectors
from portevoix.disclosure.exceptions import LinkUnusable, NotYours
from portevoix.disclosure.models import CopyRequest
from portevoix.disclosure.writers import copy, table
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Disclosure
from portevoix.rights.selectors.requests import is_changed
from portevoix.rights.services.answers import settle_copy

#: Copies that somebody with a link to the preferences can have sent in a day: a mailbox is not to be flooded.
MOST_COPIES_A_DAY = 3
#: Why a copy is given: the law's words for it, in the journal and on the timeline.
ON_REQUEST = "RGPD art. 15"


@command(
    "disclosure.answer_access_request",
    label=_("Give a person everything held on them"),
    roles={Role.DIRECTOR, Role.DATA_OFFICER},
)
def answer_access_request(disclosure: Disclosure, *, actor: Actor) -> IO[bytes]:
    """Return an open archive with everything held on the one person of a disclosure (RGPD art. 15 and 20).

    Raises NotFromTheGate, NotYours when the disclosure was made for somebody else, Person.DoesNotExist.
    """
    if not isinstance(disclosure, Disclosure):
        raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")
    if disclosure.actor != actor:
        raise NotYours
    person = disclosure.people.select_related("commune").get()
    note(about=person, count=1, purpose=disclosure.purpose[:200])
    settle_copy(person, actor=actor)
    return _copy(person, disclosure.purpose[:200])


@command("disclosure.ask_for_copy", label=_("Ask for a copy of one’s own data"), visitors=True)
def ask_for_copy(person: Person, *, actor: Actor) -> CopyRequest | None:
    """Take a person's request for their data, whose link serves once; return nothing when they had enough today."""
    note(about=person, count=0)
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    now = clock.now()
    if person.copy_requests.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_COPIES_A_DAY:
        return None
    note(count=1)
    return CopyRequest.objects.create(person=person, created_at=now)


@command("disclosure.give_copy", label=_("Give a person the copy they asked for"), visitors=True)
def give_copy(token: str, *, actor: Actor) -> IO[bytes]:
    """Return to the holder of a link everything held on them; the link serves once.

    Raises LinkUnusable; also where the record was merged, or is reached otherwise, since the link was asked for.
    """
    request = links.request_of(token, for_update=True)
    if is_changed(request.person_id, since=request.created_at):
        raise LinkUnusable
    people = Person.objects.filter(pk=request.person_id)
    shown = gate.reveal(
        people, actor=System("disclosure.give_copy"), purpose=ON_REQUEST, fields=selectors.IDENTITY, to_themselves=True
    )
    person = shown.people.select_related("commune").first()
    if person is None:
        raise LinkUnusable
    request.given_at = clock.now()
    request.save(update_fields=["given_at"])
    note(about=person, count=1, purpose=ON_REQUEST)
    settle_copy(person, actor=actor)
    return _copy(person, ON_REQUEST)


def _copy(person: Person, purpose: str) -> IO[bytes]:
    with translation.override(person.language):
        content = copy.archive(selectors.file_about(person), language=person.language)
    interactions.record(person, Kind.EXPORTED, source=purpose)
    return content


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
