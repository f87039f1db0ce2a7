"""Text messages that an automation sends: by the same gate, at the hours of their readers, once, at a cost foretold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portevoix.accounts.types import Role
from portevoix.delivery.dispatch import texts as dispatcher
from portevoix.delivery.models import Batch, Message
from portevoix.delivery.services import texting as delivery
from portevoix.delivery.types import SaidReply
from portevoix.journeys import selectors
from portevoix.journeys.models import Mark, Step, Version
from portevoix.journeys.selectors import phrase
from portevoix.kernel import clock
from portevoix.people.models import Person, PhoneNumber
from tests.accounts.factories import signed_in
from tests.delivery.operator import CAMPAIGN, TUESDAY, Telephones, configure, textable
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step, wait, where
from tests.people.factories import PersonFactory
from tests.territory.factories import election

pytestmark = pytest.mark.django_db
WORDS = "Ricochet : bonjour {{ first_name|à vous }}, à jeudi !"


@pytest.fixture(autouse=True)
def telephones(settings: Any, campaign: None) -> Iterator[Telephones]:
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def texting(version: Version, words: str = WORDS, otherwise: str = "leave") -> Step:
    return step(version, "text", words=words, otherwise=otherwise)


def faults(version: Version) -> str:
    return " ".join(words for _key, words in selectors.faults(version, SYSTEM))


def test_a_text_goes_to_who_agreed_and_who_did_not_leaves(telephones: Telephones) -> None:
    willing, other = textable(first_name="Zoé"), PersonFactory(reachable=True)
    version = drawn()
    texting(version)
    published(version)
    happens(willing)
    happens(other)
    run(TUESDAY)
    batch = Batch.objects.get()
    assert (batch.channel, batch.about_kind) == ("sms", "journeys.step")
    assert list(Message.objects.values_list("person", flat=True)) == [willing.pk]
    assert (where(willing)[0], where(other)) == ("done", ("left", 1, "unreachable"))
    dispatcher.run()
    assert ["bonjour Zoé" in words and "STOP" in words for words in telephones.words.values()] == [True]


def test_who_cannot_be_texted_goes_on_where_the_step_says_so() -> None:
    other, version = PersonFactory(), drawn()
    texting(version, otherwise="go_on")
    published(version)
    happens(other)
    run(TUESDAY)
    assert (where(other)[0], Batch.objects.count()) == ("done", 0)


def test_stop_keeps_the_next_text_of_an_automation_from_leaving() -> None:
    person, version = textable(), drawn()
    texting(version)
    wait(version, 3)
    texting(version, "Ricochet : c’est demain.")
    published(version)
    happens(person)
    run(TUESDAY)
    dispatcher.run()
    number = PhoneNumber.objects.get(person=person).number
    delivery.take_in_replies([SaidReply("r1", number, "Stop", TUESDAY)], actor=CAMPAIGN)
    run(TUESDAY + timedelta(days=3, minutes=1))
    assert (Message.objects.count(), where(person)) == (1, ("left", 3, "unreachable"))


def test_at_night_a_text_of_an_automation_waits_for_the_morning_of_its_reader(telephones: Telephones) -> None:
    person, version = textable(), drawn()
    texting(version)
    published(version)
    happens(person)
    night = datetime(2027, 3, 16, 23, tzinfo=clock.PARIS)
    run(night)
    with clock.stopped_at(night):
        dispatcher.run()
    assert telephones.words == {}
    assert Message.objects.get().not_before == datetime(2027, 3, 17, 8, tzinfo=clock.PARIS)


def test_in_the_quiet_hours_of_the_automation_nobody_is_texted() -> None:
    person, version = textable(), drawn(quiet_from=9, quiet_until=14)
    texting(version)
    published(version)
    happens(person)
    run(TUESDAY)
    assert Message.objects.count() == 0
    run(datetime(2027, 3, 16, 14, 1, tzinfo=clock.PARIS))
    assert Message.objects.count() == 1


def test_in_electoral_silence_a_text_of_an_automation_waits(telephones: Telephones) -> None:
    election(date(2027, 4, 11))
    person, version = textable(), drawn()
    texting(version)
    published(version)
    happens(person)
    saturday = datetime(2027, 4, 10, 10, tzinfo=clock.PARIS)
    run(saturday)
    assert Message.objects.get().not_before > saturday + timedelta(days=1)
    with clock.stopped_at(saturday):
        dispatcher.run()
        foreseen = selectors.foresee(version, textable())
    assert telephones.words == {}
    assert "12 avril 2027" in foreseen[1].what


def test_a_step_that_is_done_texts_nobody_twice() -> None:
    person, version = textable(), drawn()
    made = texting(version)
    published(version)
    happens(person)
    run(TUESDAY)
    trip = Mark.objects.get(key=made.key).trip
    trip.state, trip.ended_at = "under_way", None
    trip.save()
    run(TUESDAY)
    assert (Message.objects.count(), where(person)[0]) == (1, "done")


def test_a_dry_run_says_what_a_text_costs_and_when_it_arrives() -> None:
    person, version = textable(first_name="Zoé"), drawn()
    texting(version)
    published(version)
    shown = selectors.foresee(version, person)[1]
    assert shown.happens
    assert "1 partie" in shown.what
    assert "0,07 €" in shown.what
    with clock.stopped_at(datetime(2027, 3, 20, 23, tzinfo=clock.PARIS)):  # a Saturday night
        late = selectors.foresee(version, person)[1]
    assert "22 mars 2027" in late.what
    assert (Message.objects.count(), Batch.objects.count()) == (0, 0)
    refused = selectors.foresee(version, PersonFactory())[1]
    assert (refused.happens, "SMS" in refused.what) == (False, True)


def test_what_cannot_be_sent_keeps_the_automation_from_running(settings: Any) -> None:
    for words, said in (("", "Écrivez"), ("Bonjour {{ nowhere }}", "nowhere"), ("a" * 1600, "parties")):
        version = drawn()
        texting(version, words)
        assert said in faults(version)
    version = drawn()
    texting(version)
    assert faults(version) == ""
    configure(settings, backend="none")
    assert "fournisseur" in faults(version)


def test_its_box_says_the_words() -> None:
    assert "SMS" in phrase(texting(drawn()))
    assert "à jeudi" in phrase(texting(drawn()))


def test_an_automation_started_by_texts_does_not_go_round_in_a_circle() -> None:
    version = drawn(said={"kinds": ["texted"]}, again_days=1)
    texting(version)
    assert "en rond" in faults(version)


def test_a_text_is_written_on_its_screen_and_counted_without_a_script() -> None:
    client, version = signed_in(Role.COMMUNICATIONS), drawn()
    address = f"/gestion/automatisations/{version.journey_id}/etapes/nouvelle/?sorte=text"
    counted = client.post(address, {"words": "Bonjour à tous", "otherwise": "leave", "count": "1"})
    assert (counted.status_code, Step.objects.count()) == (200, 0)
    assert "1 partie" in counted.content.decode()
    wrong = client.post(address, {"words": "Bonjour {{ nowhere }}", "otherwise": "leave"})
    assert "nowhere" in wrong.content.decode()
    assert Step.objects.count() == 0
    client.post(address, {"words": "Bonjour", "otherwise": "go_on"})
    assert Step.objects.get().said == {"words": "Bonjour", "otherwise": "go_on"}
    shown = client.get(f"/gestion/automatisations/{version.journey_id}/").content.decode()
    assert "Bonjour" in shown
    plain = client.post(address, {"words": "Déjà « ici »", "otherwise": "leave", "plain": "1"}).content.decode()
    assert '"ici"' in plain.replace("&quot;", '"')
    assert Person.objects.count() == 0
