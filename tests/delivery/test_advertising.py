"""Political advertisements (regulation (EU) 2024/900, art. 18): gate and database ask the same, each by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portevoix.accounts.types import System
from portevoix.delivery import dispatch, services
from portevoix.delivery.models import Batch, Message, State
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.purposes import Advertising, Basis, Channel, Purpose
from portevoix.rights.services.merging import merge
from tests.delivery.factories import CAMPAIGN, letter, states
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
ADULT = date(1980, 5, 17)


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def years_ago(years: int, days: int = 0) -> date:
    return clock.months_later(clock.today(), -12 * years) + timedelta(days=days)


def agreeing(**known: Any) -> Person:
    person: Person = PersonFactory(reachable=True, **{"born_on": ADULT, **known})
    rights.give(person, Purpose.TARGETING, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)
    return person


def disagree(person: Person) -> None:
    rights.withdraw(person, [Purpose.TARGETING], evidence={}, source="tests", actor=CAMPAIGN)


def admitted(advertising: Advertising) -> set[int]:
    audience = gate.admit(
        Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL, advertising=advertising
    )
    return set(audience.grounds.values_list("person", flat=True))


def queue(advertising: Advertising) -> Batch:
    audience = gate.admit(
        Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL, advertising=advertising
    )
    return services.send(letter(), audience, actor=CAMPAIGN)


def leaves() -> int:
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    return len(kept.sent)


def test_a_targeted_advertisement_goes_only_to_who_agreed_to_that() -> None:
    agreed = agreeing()
    PersonFactory(reachable=True, born_on=ADULT)
    disagree(agreeing())
    assert admitted(Advertising.TARGETED) == {agreed.pk}


def test_agreeing_to_be_chosen_is_not_agreeing_to_the_news() -> None:
    person = PersonFactory(with_email=True, born_on=ADULT)
    rights.give(person, Purpose.TARGETING, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)
    assert admitted(Advertising.TARGETED) == set()


@pytest.mark.parametrize(
    ("born", "general", "targeted"),
    [
        (years_ago(17), True, True),
        (years_ago(17, days=1), False, False),
        (years_ago(16), False, False),
        (None, True, False),
    ],
)
def test_who_is_under_17_is_sent_no_advertisement_and_an_unknown_age_none_that_is_targeted(
    born: date | None, general: bool, targeted: bool
) -> None:
    person = agreeing(born_on=born)
    assert (person.pk in admitted(Advertising.GENERAL)) is general
    assert (person.pk in admitted(Advertising.TARGETED)) is targeted
    assert person.pk in admitted(Advertising.NONE)


def test_the_batch_says_what_it_is() -> None:
    agreeing()
    assert queue(Advertising.TARGETED).advertising == Advertising.TARGETED
    assert leaves() == 1


def test_whoever_takes_it_back_while_it_waits_gets_nothing() -> None:
    person = agreeing()
    batch = queue(Advertising.TARGETED)
    disagree(person)
    assert leaves() == 0
    assert states(batch) == {"suppressed": 1}


def test_whoever_turns_out_to_be_too_young_gets_nothing() -> None:
    person = agreeing()
    batches = [queue(Advertising.TARGETED), queue(Advertising.GENERAL)]
    Person.objects.filter(pk=person.pk).update(born_on=years_ago(15))
    assert leaves() == 0
    assert [states(batch) for batch in batches] == [{"suppressed": 1}] * 2


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING])
def test_the_database_refuses_a_targeted_advertisement_without_a_live_ground_for_that(state: State) -> None:
    person = agreeing()
    queue(Advertising.TARGETED)
    disagree(person)
    Message.objects.update(state=State.SUPPRESSED)
    with pytest.raises(IntegrityError, match="without a live ground for targeting"), transaction.atomic():
        Message.objects.update(state=state)
    Message.objects.update(state=State.SUPPRESSED)


def test_the_database_refuses_an_advertisement_to_who_is_too_young_or_targeted_at_an_unknown_age() -> None:
    person = agreeing()
    queue(Advertising.TARGETED)
    for born in (years_ago(16), None):
        Person.objects.filter(pk=person.pk).update(born_on=born)
        with pytest.raises(IntegrityError, match="under 17, or targeted at an unknown age"), transaction.atomic():
            Message.objects.update(state=State.SENDING)


def test_the_database_lets_a_general_one_go_to_an_unknown_age_and_any_letter_to_anybody() -> None:
    PersonFactory(reachable=True, born_on=None)
    queue(Advertising.GENERAL)
    Message.objects.update(state=State.SENDING)
    Message.objects.all().delete()
    Person.objects.update(born_on=years_ago(12))
    queue(Advertising.NONE)
    Message.objects.update(state=State.SENDING)


def test_the_database_refuses_that_a_waiting_batch_is_said_to_be_targeted_afterwards_and_leaves() -> None:
    PersonFactory(reachable=True, born_on=ADULT)
    queue(Advertising.GENERAL)
    Batch.objects.update(advertising=Advertising.TARGETED)
    with pytest.raises(IntegrityError, match="without a live ground for targeting"):
        Message.objects.update(state=State.SENDING)


def test_two_records_that_become_one_are_sent_no_advertisement_that_waits() -> None:
    kept, absorbed = agreeing(), PersonFactory(reachable=True, born_on=None)
    batch = queue(Advertising.GENERAL)
    merge(kept.pk, absorbed.pk, actor=System("tests"))
    assert states(batch) == {"suppressed": 2}
