"""Commands that tell programs of persons: what the gate granted, written down before it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import EVERYONE, command, note
from portevoix.accounts.types import Actor
from portevoix.disclosure.exceptions import NotYours, UnknownField, Withheld
from portevoix.disclosure.services.exporting import EXPORTERS
from portevoix.disclosure.writers.answer import FIELDS, record, unserved
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Person, Tagging
from portevoix.people.types import Why
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Disclosure
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.services.opinions import RECORDERS
from portevoix.rights.types import Views

#: What a program may be granted of a person.
TOLD = tuple(FIELDS)


@dataclass(frozen=True)
class Page:
    """Some records, and after which one the next page begins, if there is one."""

    records: list[dict[str, Any]]
    next: int | None


@command("disclosure.serve_people", label=_("Read the file by a program"), roles=EXPORTERS)
def serve_people(granted: Disclosure, *, after: int, most: int, actor: Actor) -> Page:
    """Tell a program a page of the file, in the order of the numbers: whoever may export may.

    Each person's timeline says so, once a day for each key. Raises NotFromTheGate, NotYours, UnknownField.
    """
    _check(granted, actor)
    found = list(_whole(granted).filter(pk__gt=after).order_by("pk")[: most + 1])
    page = found[:most]
    interactions.served([person.pk for person in page], granted.purpose[:200], actor=actor)
    note(count=len(page), fields=list(granted.fields), purpose=granted.purpose[:200])
    return Page(_told(page, granted), page[-1].pk if len(found) > most else None)


@command("disclosure.serve_person", label=_("Read a person’s record by a program"), roles=EVERYONE)
def serve_person(granted: Disclosure, *, most: int = 1, actor: Actor) -> list[dict[str, Any]]:
    """Tell a program of one person, or of the few whom a number names; each reading is written down as on a screen.

    Raises NotFromTheGate, NotYours, UnknownField.
    """
    _check(granted, actor)
    found = list(_whole(granted).order_by("pk")[:most])
    for person in found:
        interactions.consulted(person, Why.RECORD, actor=actor)
    about = found[0] if len(found) == 1 else None
    note(about=about, count=len(found), fields=list(granted.fields), purpose=granted.purpose[:200])
    return _told(found, granted)


@command("disclosure.serve_opinion", label=_("Read a person’s political opinions by a program"), roles=RECORDERS)
def serve_opinion(person: Person, *, purpose: str, actor: Actor) -> Views:
    """Tell a program what a person agreed to have recorded of their opinions; the reading is written down.

    Raises OutOfSight, Withheld.
    """
    seen = _open_to(person, actor)
    interactions.consulted(seen, Why.RECORD, actor=actor)
    note(about=seen, count=1, purpose=purpose[:200])
    known = Opinion.objects.filter(person=seen).first()
    return known.views if known else Views()


@command("disclosure.serve_consents", label=_("Read a person’s consents by a program"), roles=EVERYONE)
def serve_consents(person: Person, *, purpose: str, actor: Actor) -> list[Ground]:
    """Tell a program what a person agreed to, refused and took back, the latest first; the reading is written down.

    What proves each stays here: it may name others. Raises OutOfSight, Withheld.
    """
    seen = _open_to(person, actor)
    interactions.consulted(seen, Why.RECORD, actor=actor)
    found = list(Ground.objects.filter(person=seen).select_related("wording"))
    note(about=seen, count=len(found), purpose=purpose[:200])
    return found


def _open_to(person: Person, actor: Actor) -> Person:
    """Return somebody as an actor may know them. Raises OutOfSight, Withheld."""
    seen: Person | None = Person.objects.visible_to(actor).filter(pk=person.pk).first()
    if seen is None:
        raise OutOfSight
    if seen.restricted_at is not None:
        raise Withheld
    return seen


def _check(granted: Disclosure, actor: Actor) -> None:
    if not isinstance(granted, Disclosure):
        raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")
    if granted.actor.signature != actor.signature or granted.actor.mandates != actor.mandates:
        raise NotYours
    if unknown := set(granted.fields) - FIELDS.keys():
        raise UnknownField(", ".join(sorted(unknown)))


def _whole(granted: Disclosure) -> Any:
    """Return the people with all that is told of them: as many queries for a hundred as for one."""
    tagged = Prefetch("taggings", Tagging.objects.select_related("tag"))
    live = Prefetch("grounds", Ground.objects.live())
    return granted.people.select_related("commune").prefetch_related("emails", "phones", "addresses", tagged, live)


def _told(people: list[Person], granted: Disclosure) -> list[dict[str, Any]]:
    left = unserved()
    return [record(person, granted.fields, left) for person in people]
