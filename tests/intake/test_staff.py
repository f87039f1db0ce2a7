"""Members of staff who try a letter at their own address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.intake.models import Submission
from portevoix.intake.services import receiving
from portevoix.intake.services.staff import receive_staff
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.rights import gate
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Channel, Purpose
from tests.accounts.factories import staff
from tests.people.factories import reachable

pytestmark = pytest.mark.django_db

ADDRESS = "ilhan@campaign.example"


def receive(role: Role = Role.COMMUNICATIONS) -> Person:
    return receive_staff(ADDRESS, first_name="Ilhan", last_name="Tavarel", actor=staff(role))


def test_a_member_of_staff_may_be_written_to_for_their_own_request_only() -> None:
    person = receive()
    assert list(Ground.objects.values_list("person", "purpose", "basis")) == [
        (person.pk, Purpose.SERVICE, Basis.REQUEST)
    ]
    everybody = Person.objects.all()
    assert gate.admit(everybody, purpose=Purpose.SERVICE, channel=Channel.EMAIL).count() == 1
    assert gate.admit(everybody, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL).count() == 0


def test_a_known_person_stays_who_they_are() -> None:
    known = reachable(ADDRESS, first_name="Ilhane")
    assert receive() == known
    known.refresh_from_db()
    assert known.first_name == "Ilhane"
    assert not Interaction.objects.exists()


def test_many_tests_leave_one_trace() -> None:
    receive()
    receive()
    assert (Person.objects.count(), Submission.objects.count(), Ground.objects.count()) == (1, 1, 1)


def test_who_is_known_by_tests_only_is_forgotten_a_month_after_the_last() -> None:
    now = clock.now()
    with clock.stopped_at(now - timedelta(days=40)):
        receive()
    with clock.stopped_at(now - timedelta(days=20)):
        receive()
    assert receiving.forget_unconfirmed(actor=System("tests")) == 0
    with clock.stopped_at(now + timedelta(days=11)):
        assert receiving.forget_unconfirmed(actor=System("tests")) == 1
    assert not Person.objects.exists()


def test_a_reader_cannot() -> None:
    with pytest.raises(NotAllowed):
        receive(Role.READER)
