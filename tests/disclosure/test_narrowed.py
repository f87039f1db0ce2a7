"""What a file says of how people are reached, and what becomes of it when its asker may see less."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from portevoix.accounts.models import Mandate, User
from portevoix.accounts.rules import MASKS
from portevoix.accounts.types import Fact, Role, Staff
from portevoix.disclosure import tasks
from portevoix.disclosure.exceptions import Narrowed
from portevoix.disclosure.models import Export
from portevoix.disclosure.services import exporting
from portevoix.disclosure.types import End, State
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.services.merging import merge
from tests.accounts.factories import MandateFactory, UserFactory, staff
from tests.disclosure.factories import left, ordered, rows_of, written
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory, reachable

pytestmark = pytest.mark.django_db
Commits = Callable[..., AbstractContextManager[list[Callable[[], None]]]]
WAYS = ("email", "mobile_number", "phone_number")


# How people are reached


@pytest.mark.parametrize("status", ["refused", "bouncing"])
def test_a_way_that_somebody_refused_or_that_is_dead_is_in_no_file(status: str) -> None:
    person = PersonFactory()
    EmailFactory(person=person, status=status)
    PhoneFactory(person=person, number="+33639980001", kind="mobile", is_primary=True, status=status)
    PhoneFactory(person=person, number="+33299001122", kind="home", is_primary=False, status=status)
    actor = staff()
    [row] = rows_of(written(actor, WAYS), actor)
    assert set(row.values()) == {""}
    PhoneFactory(person=person, number="+33639980002", kind="mobile", is_primary=False)
    [row] = rows_of(written(actor, WAYS), actor)
    assert row["mobile_number"] == "+33639980002"


def test_of_two_numbers_the_main_one_leaves() -> None:
    person, actor = PersonFactory(), staff()
    PhoneFactory(person=person, number="+33639980001", kind="mobile", is_primary=False)
    PhoneFactory(person=person, number="+33639980002", kind="mobile", is_primary=True)
    assert [row["mobile_number"] for row in rows_of(written(actor, WAYS), actor)] == ["+33639980002"]


# Who may see less


def organiser() -> User:
    UserFactory()  # a campaign keeps a director
    user = UserFactory(role=Role.ORGANISER, departement="35")
    MandateFactory(user=user, role=Role.ORGANISER, departement_code="29")
    return user


@pytest.mark.parametrize("act", ["mot-de-passe", "telecharger"])
def test_whose_mandate_was_narrowed_gets_neither_password_nor_file_and_is_told(
    act: str, django_capture_on_commit_callbacks: Commits
) -> None:
    PersonFactory(in_rennes=True)
    user = organiser()
    export = written(Staff(user), ("first_name",))
    assert export.asker_departements == ["29", "35"]
    Mandate.objects.filter(user=user, departement_code="29").delete()
    for ask in (exporting.show_password, exporting.download_export):
        with pytest.raises(Narrowed):
            ask(export.pk, actor=Staff(User.objects.get(pk=user.pk)))
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    with django_capture_on_commit_callbacks(execute=True):
        way = f"{reverse('disclosure:file', args=[export.pk])}{act}/"
        page = client.post(way, follow=True).content.decode()
    export.refresh_from_db()
    assert (export.state, export.end, export.seed, left()) == (State.DESTROYED, End.NARROWED, "", [])
    assert "son fichier est détruit" in page


def test_a_field_that_is_hidden_by_now_ends_the_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable("maelle@mail.example")
    actor = staff(Role.ORGANISER)
    export, other = written(actor), written(actor, ("first_name",))
    monkeypatch.setitem(MASKS, Role.ORGANISER, frozenset({Fact.EMAIL}))
    with pytest.raises(Narrowed):
        exporting.download_export(export.pk, actor=actor)
    exporting.download_export(other.pk, actor=actor)[1].close()


def test_who_sees_as_much_or_more_has_their_file() -> None:
    PersonFactory(in_rennes=True)
    UserFactory()
    user = UserFactory(role=Role.ORGANISER, departement="35")
    export = written(Staff(user), ("first_name",))
    MandateFactory(user=user, role=Role.ORGANISER, departement_code="29")
    assert rows_of(export, Staff(User.objects.get(pk=user.pk)))


# Who becomes one with another while the file is written


@pytest.mark.parametrize("has_both", [True, False])
def test_a_merge_while_a_file_is_written_leaves_nobody_in_it_whom_an_erasure_would_miss(
    has_both: bool, django_capture_on_commit_callbacks: Commits
) -> None:
    actor, absorbed, kept = staff(), reachable("a@mail.example"), reachable("b@mail.example")
    people = Person.objects.all() if has_both else Person.objects.filter(pk=absorbed.pk)
    export = exporting.begin_export(ordered(actor, people=people).pk, actor=tasks.ACTOR)
    assert len(list(tasks._rows(export))) >= 1
    merge(kept.pk, absorbed.pk, actor=actor)
    ended = exporting.finish_export(export.pk, recalls=export.recalls, size=1, count=1, actor=tasks.ACTOR)
    assert ended.state == State.WRITING, "it holds the line of somebody who is no more"
    tasks.write(export.pk)
    export = Export.objects.get()
    assert (export.state, export.people) == (State.READY, 1)
    assert Interaction.objects.filter(person=kept, kind=Kind.EXPORTED, about_id=export.pk).count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        rights.erase(kept, actor=actor)
    export.refresh_from_db()
    assert (export.state, export.end, left()) == (State.DESTROYED, End.ERASURE, [])
