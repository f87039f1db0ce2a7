"""The door: only an audience from the gate, only a letter that can be left, one statement for all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, Visitor
from portevoix.delivery import selectors, services
from portevoix.delivery.exceptions import LetterError, LinkUnusable, NoWayOut, UnknownMergeField
from portevoix.delivery.models import Batch, LinkTotal, Message, State
from portevoix.delivery.rules import tokens
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.selectors import everything_about
from tests.accounts.factories import staff
from tests.delivery.factories import CAMPAIGN, audience, letter, queue, queue_confirmation, states, withdraw
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def jobs_waiting() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo'")
        return [row[0] for row in cursor.fetchall()]


def test_everybody_in_the_audience_and_nobody_else_is_queued() -> None:
    willing = PersonFactory.create_batch(3, reachable=True)
    withdrawn = PersonFactory(reachable=True)
    withdraw(withdrawn)
    PersonFactory(with_email=True)
    batch = queue()
    messages = Message.objects.filter(batch=batch)
    assert {message.person_id for message in messages} == {person.pk for person in willing}
    assert all(message.state == State.QUEUED and message.ground is not None for message in messages)


def test_the_outbox_is_filled_by_one_statement_whatever_the_number() -> None:
    PersonFactory.create_batch(3, reachable=True)
    queue()
    with CaptureQueriesContext(connection) as few:
        queue()
    PersonFactory.create_batch(20, reachable=True)
    with CaptureQueriesContext(connection) as many:
        queue()
    assert len(few) == len(many)
    assert sum("INSERT INTO delivery_message" in query["sql"] for query in many) == 1


def test_a_job_is_asked_for_once() -> None:
    queue(people=1)
    queue()
    assert jobs_waiting().count("delivery.dispatch") == 1


def test_the_journal_says_how_many_and_not_who() -> None:
    batch = queue(people=2)
    line = Entry.objects.get(command="delivery.send")
    assert (line.count, line.about_kind, line.about_id) == (2, "delivery.batch", str(batch.pk))
    assert "Maëlle" not in str(line.detail)


@pytest.mark.parametrize("wrong", [None, [], "everybody", object()])
def test_only_an_audience_from_the_gate_is_accepted(wrong: Any) -> None:
    PersonFactory(reachable=True)
    with pytest.raises(NotFromTheGate):
        services.send(letter(), wrong, actor=CAMPAIGN)
    with pytest.raises(NotFromTheGate):
        services.send(letter(), Person.objects.all(), actor=CAMPAIGN)  # type: ignore[arg-type]
    assert not Batch.objects.exists()


def test_an_audience_cannot_be_altered_into_another() -> None:
    with pytest.raises(NotFromTheGate):
        replace(audience(), grounds=Ground.objects.all(), seal=None)


def test_a_ground_withdrawn_since_the_audience_was_made_is_left_out() -> None:
    people = PersonFactory.create_batch(2, reachable=True)
    admitted = audience()
    withdraw(people[0])
    batch = services.send(letter(), admitted, actor=CAMPAIGN)
    assert batch.messages.get().person == people[1]


def test_an_audience_of_nobody_queues_nothing() -> None:
    nobody = gate.admit(Person.objects.none(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    assert not services.send(letter(), nobody, actor=CAMPAIGN).messages.exists()


def test_a_reader_has_no_right_to_write_and_the_refusal_is_kept() -> None:
    with pytest.raises(NotAllowed):
        services.send(letter(), audience(), actor=staff(Role.READER))
    assert Entry.objects.get(command="delivery.send").outcome == "refused"


@pytest.mark.parametrize(
    "parts", [{"text": "Bonjour"}, {"html": "<p>Bonjour</p>"}, {"html": "", "text": "{{ preferences_url }}"}]
)
def test_a_letter_to_a_list_must_let_its_reader_leave(parts: dict[str, str]) -> None:
    with pytest.raises(NoWayOut):
        services.send(letter(**parts), audience(), actor=CAMPAIGN)


def test_an_unknown_field_is_refused_at_once() -> None:
    with pytest.raises(UnknownMergeField, match="favourite_cheese"):
        services.send(letter(subject="{{ favourite_cheese }}"), audience(), actor=CAMPAIGN)


def test_a_subject_too_long_for_a_batch_is_an_error_of_the_letter() -> None:
    with pytest.raises(LetterError):
        services.send(letter(subject="a" * 301), audience(), actor=CAMPAIGN)


def test_links_of_a_letter_are_counted_by_common_addresses(settings: Any) -> None:
    settings.BASE_URL = "https://campagne.example"
    page = '<a href="https://ailleurs.example/rdv">Venez</a> <a href="{{ unsubscribe_url }}">Quitter</a>'
    batch = queue(people=2, html=page)
    assert f'href="https://campagne.example/l/{batch.code}/1"' in batch.html
    assert LinkTotal.objects.get(batch=batch).target == "https://ailleurs.example/rdv"


def test_a_service_message_keeps_its_links_and_needs_no_way_out() -> None:
    batch = queue_confirmation(PersonFactory(with_email=True))
    assert batch.purpose == Purpose.SERVICE
    assert not LinkTotal.objects.exists()
    assert batch.messages.get().priority == 0


def test_a_batch_about_an_object_is_found_from_it() -> None:
    thing = PersonFactory()
    batch = services.send(letter(), audience(), about=thing, actor=CAMPAIGN)
    assert list(Batch.objects.about(thing)) == [batch]


def test_a_batch_that_still_waits_cannot_be_closed() -> None:
    batch = queue(people=1)
    assert not services.finish(batch, actor=CAMPAIGN)
    Message.objects.update(state=State.SENT)
    assert services.finish(batch, actor=CAMPAIGN)
    assert not services.finish(batch, actor=CAMPAIGN)
    assert Entry.objects.filter(command="delivery.finish", count=1).count() == 1


def test_closing_forgets_the_words_of_a_service_message_and_keeps_a_mailings() -> None:
    service, mailing = queue_confirmation(PersonFactory(with_email=True)), queue(people=1)
    Message.objects.update(state=State.SENT)
    for batch in (service, mailing):
        services.finish(batch, actor=CAMPAIGN)
        batch.refresh_from_db()
    assert service.text == ""
    assert "Bonjour" in mailing.text


def test_unsubscribing_ends_the_ground_with_the_message_as_evidence() -> None:
    batch = queue(people=2)
    message = batch.messages.select_related("person").order_by("pk")[0]
    services.unsubscribe(message, one_click=True, actor=Visitor())
    assert message.person is not None
    ground = Ground.objects.get(person=message.person)
    assert ground.withdrawn_at is not None
    assert ground.withdrawal == {"message": message.pk, "batch": batch.pk, "one_click": True}
    assert Interaction.objects.filter(person=message.person, kind="withdrew").count() == 1
    assert Ground.objects.live().count() == 1


def test_unsubscribing_twice_changes_nothing_more() -> None:
    batch = queue(people=1)
    for _time in range(2):
        services.unsubscribe(batch.messages.select_related("person").get(), one_click=False, actor=Visitor())
    assert selectors.results(batch).unsubscribed == 1
    assert Interaction.objects.filter(kind="withdrew").count() == 1


def test_results_are_totals() -> None:
    batch = queue(people=7)
    for message, state in zip(batch.messages.all(), State.values, strict=True):
        if state == State.PAUSED:  # with its batch
            Batch.objects.update(paused_at=clock.now())
        Message.objects.filter(pk=message.pk).update(state=state)
    LinkTotal.objects.create(batch=batch, number=1, target="https://a.example/", clicks=4)
    found = selectors.results(batch)
    assert [getattr(found, state) for state in State.values] == [1] * 7
    assert (found.total, found.waiting, found.clicks, found.links) == (7, 3, 4, (("https://a.example/", 4),))


def test_a_sample_shows_an_invented_reader() -> None:
    shown = selectors.sample(letter(subject="{{ full_name }}, de {{ commune }}"))
    assert shown.subject == "Camille Martin, de Rennes"
    assert "Bonjour Camille" in shown.html


def test_an_erased_person_leaves_the_totals_and_nothing_else() -> None:
    batch = queue(people=2)
    sent, waiting = Message.objects.order_by("pk")
    Message.objects.filter(pk=sent.pk).update(state=State.SENT, reply="ok for Maëlle")
    for message in (sent, waiting):
        assert message.person is not None
        rights.erase(message.person, actor=CAMPAIGN)
    assert states(batch) == {"sent": 1, "suppressed": 1}
    assert set(Message.objects.values_list("person", "ground", "reply")) == {(None, None, "")}


def test_a_person_may_read_what_was_sent_to_them() -> None:
    queue(people=1)
    given = everything_about(Person.objects.get())["delivery.message"]
    assert given[0]["batch__subject"] == "Bonjour {{ first_name|à vous }}"
    assert given[0]["state"] == "queued"


def test_a_token_of_a_message_that_is_no_more_is_unusable(settings: Any) -> None:
    token = tokens.token_of(123456, tokens.key_from(settings.SECRET_KEY))
    with pytest.raises(LinkUnusable):
        selectors.message_named_by(token)


def test_a_former_secret_key_still_opens_the_way_out(settings: Any) -> None:
    message = queue(people=1).messages.get()
    token = tokens.token_of(message.pk, tokens.key_from("former"))
    with pytest.raises(LinkUnusable):
        selectors.message_named_by(token)
    settings.SECRET_KEY_FALLBACKS = ["former"]
    assert selectors.message_named_by(token) == message
