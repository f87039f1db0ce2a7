"""Everything that may be known of one person, each row under the person's own number: what addresses lead to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, models

from portevoix.actions.models import (
    Attendance,
    Enquiry,
    EventPage,
    MembershipApplication,
    Participation,
    Proxy,
)
from portevoix.actions.types import ProxySide
from portevoix.delivery.models import TextReply
from portevoix.journeys.models import Trip
from portevoix.kernel import clock
from portevoix.paths.models import Place
from portevoix.people.models import Attachment, Note, Person, PersonRole, Relationship, Tag
from portevoix.people.services.households import house_together
from portevoix.people.types import RelationKind, RoleKind
from portevoix.rights.models import Ground, Merge, Request
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.types import RequestKind, RequestState, RequestWay
from tests.accounts.factories import UserFactory
from tests.actions.factories import participation, published
from tests.journeys.factories import SYSTEM, drawn, wait
from tests.journeys.factories import published as turned_on
from tests.journeys.factories import step as then
from tests.paths.factories import PathFactory, TaskFactory, placed
from tests.people.factories import PersonFactory, PhoneFactory

#: Rooms whose addresses with a number name a person, or a row about one.
OF_PERSONS = {"people", "rights", "disclosure", "delivery", "paths", "actions", "journeys"}
#: Of these, addresses whose number names a thing of the campaign: there for everybody, naming no stranger to anybody.
OF_THINGS = {
    *("actions/1/", "actions/1/reponses/", "actions/1/reponses/export/", "actions/1/presents/", "actions/1/origines/"),
    *("actions/1/origines/fichier/", "actions/1/partage/", "parcours/1/", "parcours/1/segment/"),
}

#: Addresses that are there for nobody in this world, and why: tests of their rooms try them.
NOT_HERE = {
    "actions/1/procurations/": "the page is a meeting",
    "actions/1/reponses/x/": "the meeting asks no such question",
    "doublons/1/1/": "one record is no pair",
    "doublons/1/1/differents/": "one record is no pair",
    "parcours/1/etapes/1/suite/": "steps have numbers of their own",
    "parcours/1/termines/x/": "no such state",
    "parcours/groupes/1/": "nobody was put on the path by a segment",
    "parcours/groupes/1/annuler/": "nobody was put on the path by a segment",
    "parcours/groupes/1/avancement/": "nobody was put on the path by a segment",
    "personnes/1/notes/1/": "a note is corrected by who wrote it",
    **dict.fromkeys(("personnes/vues/1/", "personnes/vues/1/retrait/"), "a view is a member’s own"),
    **dict.fromkeys(
        (
            *("personnes/actes/1/", "personnes/actes/1/faire/", "personnes/actes/1/arreter/"),
            "personnes/actes/1/annuler/",
        ),
        "an act on many is seen by who asked for it",
    ),
}


def said_by(answer: Any) -> bytes:
    """Return what an answer holds, a file's too, which is closed."""
    said: bytes = answer.getvalue()
    for close in answer._resource_closers:
        close()
    return said


def everything_about(number: int, name: str, **where: bool) -> Person:
    """Return a person of that number and name of whom every room knows something."""
    person: Person = PersonFactory(pk=number, last_name=name, with_email=True, **where)
    other = PersonFactory(last_name=name, **where)
    PhoneFactory(person=person, number=f"+3363998{number % 10_000:04d}", status="verified")
    user, now = UserFactory(), clock.now()
    _on_the_record(person, other, now)
    Request.objects.create(
        pk=number, person=person, kind=RequestKind.ACCESS, way=RequestWay.LETTER, state=RequestState.OPEN,
        received_on=clock.today(), due_on=clock.today() + timedelta(days=30), assignee=user,
    )  # fmt: skip
    Merge.objects.create(pk=number, kept=person, absorbed_number=number + 50_000, by="tests", snapshot={}, at=now)
    TextReply.objects.create(pk=number, person=person, reference=str(number), text=name, at=now)
    _in_actions(person, now)
    path = PathFactory(pk=number)
    _next(Place, number)
    placed(path, person=person)
    TaskFactory(pk=number, person=person, assignee=user)
    _on_a_journey(person, now)
    return person


def _on_the_record(person: Person, other: Person, now: Any) -> None:
    told = {"pk": person.pk, "person": person, "source": "tests"}
    Note.objects.create(**told, text=person.last_name, author_name="tests", created_at=now)
    file = Attachment(**told, name="lettre.txt", size=3, author_name="tests", created_at=now)
    file.file.save("lettre.txt", ContentFile(person.last_name.encode()))
    PersonRole.objects.create(**told, kind=RoleKind.MEMBER)
    Relationship.objects.create(**told, kind=RelationKind.KNOWS, other=other, created_at=now)
    house_together(person, other, actor=SYSTEM)
    Ground.objects.create(
        **told, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL, basis="consent", given_at=now,
    )  # fmt: skip


def _in_actions(person: Person, now: Any) -> None:
    """Take part in a meeting that is today, and in what leads to a desk."""
    number, address = person.pk, person.emails.get().address
    meeting = published(
        EventPage(
            pk=number, title="Réunion", slug=f"reunion-{number}", starts_at=now + timedelta(hours=1), place="Salle"
        )
    )
    _next(Participation, number)
    _next(Attendance, number)
    participation(meeting, email=address)
    of_the_person = {"pk": number, "person": person, "page": meeting}
    Enquiry.objects.create(**of_the_person, subject="Question", text=person.last_name)
    MembershipApplication.objects.create(**of_the_person)
    Proxy.objects.create(**of_the_person, side=ProxySide.ASKS)


def _on_a_journey(person: Person, now: Any) -> None:
    version = drawn()
    step = wait(version)
    then(version, "add_tag", tag=Tag.objects.get_or_create(name="Accueilli")[0].pk)
    journey = turned_on(version)
    Trip.objects.create(
        pk=person.pk, person=person, journey=journey, version=version, step=step, entered_at=now, since=now, due_at=now
    )


def _next(model: type[models.Model], number: int) -> None:
    """Have the next row of a table take a number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [model._meta.db_table, number])
