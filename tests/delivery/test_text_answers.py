"""Answers by text message: STOP ends the consent with its proof, once; other words are shown to the team."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portevoix.accounts.types import Role
from portevoix.delivery import tasks
from portevoix.delivery.dispatch import answers, texts
from portevoix.delivery.dispatch.outbox import Claimed
from portevoix.delivery.models import Message, TextReceipt, TextReply
from portevoix.delivery.selectors import texting as reads
from portevoix.delivery.services import texting
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Outcome, SaidReply
from portevoix.kernel import clock
from portevoix.people.models import Interaction
from portevoix.rights import services as rights
from portevoix.rights.models import Ground, LedgerEntry
from portevoix.rights.purposes import Basis, Purpose
from tests.delivery.operator import CAMPAIGN, SECRET, TUESDAY, Telephones, configure, queue, textable
from tests.mailings.screens import browser, read, words
from tests.people.factories import GroundFactory

pytestmark = pytest.mark.django_db
PHONE = "+33639982000"


@pytest.fixture(autouse=True)
def telephones(settings: Any, tmp_path: Any) -> Iterator[Telephones]:
    settings.DATA_DIR = tmp_path
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def told(what: str, secret: str = SECRET, **said: Any) -> int:
    return Client().get(reverse("delivery:texts_told", args=[secret, what]), said).status_code


def live(person: Any) -> bool:
    return Ground.objects.live().filter(person=person, purpose=Purpose.TEXTS).exists()


@pytest.mark.parametrize("said", ["STOP", "Stop SMS", "arrêt", "Je ne veux plus recevoir de sms"])
def test_stop_ends_the_consent_with_the_answer_as_its_proof(said: str) -> None:
    person = textable(PHONE)
    GroundFactory(person=person)  # the newsletter by e-mail is another matter
    batch = queue()
    texts.run()
    assert told("reply", id=7, sender=PHONE, message=said, date="2027-03-16 10:05:00") == 204
    ground = Ground.objects.get(person=person, purpose=Purpose.TEXTS)
    assert ground.withdrawn_at == TUESDAY
    assert ground.withdrawal["words"] == said
    assert ground.withdrawal["reply"] == TextReply.objects.get().pk
    assert LedgerEntry.objects.filter(person_ref=person.ref, act="withdrawn", purpose="texts").count() == 1
    assert Ground.objects.live().get(person=person).purpose == Purpose.NEWSLETTER
    assert Message.objects.get().unsubscribed_at == TUESDAY
    assert (reads.receipts(batch).stops, reads.receipts(batch).replies) == (1, 0)
    assert not Interaction.objects.filter(person=person, kind="replied").exists()


def test_stop_told_again_does_not_undo_a_newer_consent() -> None:
    person = textable(PHONE)
    told("reply", id=7, sender=PHONE, message="STOP")
    rights.give(person, Purpose.TEXTS, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)
    for _time in range(3):
        assert told("reply", id=7, sender=PHONE, message="STOP") == 204
    assert live(person)
    assert TextReply.objects.count() == 1


def consent_again(person: Any, at: datetime) -> None:
    with clock.stopped_at(at):
        rights.give(person, Purpose.TEXTS, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)


def test_a_second_stop_in_the_same_words_stops_again_whatever_the_provider_leaves_out() -> None:
    person = textable(PHONE)
    told("reply", sender=PHONE, message="STOP")
    consent_again(person, TUESDAY + timedelta(hours=1))
    assert live(person)
    for hours in (2, 3):
        with clock.stopped_at(TUESDAY + timedelta(hours=hours)):
            assert told("reply", sender=PHONE, message="STOP") == 204
        assert not live(person)
    assert TextReply.objects.filter(is_stop=True).count() == 2, "told again, the second is still one"


def test_an_old_stop_with_its_date_told_again_does_not_undo_a_newer_consent() -> None:
    person = textable(PHONE)
    said = {"sender": PHONE, "message": "STOP", "date": "2027-03-16 10:00:00"}
    told("reply", **said)
    consent_again(person, TUESDAY + timedelta(hours=1))
    with clock.stopped_at(TUESDAY + timedelta(hours=2)):
        told("reply", **said)
    assert live(person)


def test_the_providers_list_ends_a_consent_that_is_older_than_its_entry_and_no_other(telephones: Telephones) -> None:
    person = textable(PHONE)
    telephones.store.bar(PHONE, at=TUESDAY.isoformat())
    tasks.read_replies()
    assert not live(person)
    consent_again(person, TUESDAY + timedelta(hours=1))
    with clock.stopped_at(TUESDAY + timedelta(hours=2)):
        tasks.read_replies()
        assert live(person), "that they stopped is known, and they agreed since"
        telephones.store.bar(PHONE, at=clock.now().isoformat())
        tasks.read_replies()
    assert not live(person)
    with clock.stopped_at(TUESDAY + timedelta(hours=3)):
        assert answers.held_by_the_provider() == [], "nothing is asked about who may not be written to"


def test_a_stop_under_the_name_of_the_text_that_was_answered_before_stops() -> None:
    person = textable(PHONE)
    told("reply", messageId="M", sender=PHONE, message="Qui êtes-vous ?")
    told("reply", messageId="M", sender=PHONE, message="STOP")
    assert not live(person)
    consent_again(person, TUESDAY + timedelta(hours=1))
    told("reply", messageId="M", sender=PHONE, message="STOP", date="2027-03-16 10:00:00")
    assert live(person), "told again, it is the same"
    assert TextReply.objects.count() == 2


def test_an_answer_without_a_name_is_known_by_what_it_says() -> None:
    textable(PHONE)
    for _time in range(2):
        told("reply", sender=PHONE, message="Oui", date="2027-03-16 09:00:00")
    told("reply", sender=PHONE, message="Oui", date="2027-03-16 09:10:00")
    assert TextReply.objects.count() == 2


def test_a_provider_may_say_itself_that_it_is_a_stop() -> None:
    person = textable(PHONE)
    assert told("stop", id=8, number="33639982000") == 204
    assert not live(person)


def test_a_telephone_speaks_for_all_who_share_it() -> None:
    people = [textable(PHONE), textable(PHONE)]
    told("reply", id=9, sender="0639982000", message="stop")
    assert not any(live(person) for person in people)


def test_another_answer_is_on_the_record_and_to_be_read() -> None:
    person = textable(PHONE)
    batch = queue()
    texts.run()
    body = {"id": "a1", "from": PHONE, "text": "Oui, à jeudi", "timestamp": "2027-03-16T10:00:00+01:00"}
    address = reverse("delivery:texts_told", args=[SECRET, "reply"])
    assert Client().post(address, body, content_type="application/json").status_code == 204
    reply = TextReply.objects.get()
    assert (reply.text, reply.is_stop, reply.batch, reply.read_at) == ("Oui, à jeudi", False, batch, None)
    event = Interaction.objects.get(person=person, kind="replied")
    assert (event.about_kind, event.about_id) == ("delivery.textreply", reply.pk)
    assert live(person)


@pytest.mark.parametrize("secret", ["x", "", SECRET + "x", SECRET.upper()])
def test_nobody_is_believed_without_the_secret(secret: str) -> None:
    person = textable(PHONE)
    path = f"/sms/{secret}/stop/"
    assert Client().get(path, {"number": PHONE}).status_code == 404
    assert live(person)


def test_nothing_is_taken_in_where_no_secret_is_configured(settings: Any) -> None:
    configure(settings, webhook_secret="")
    assert told("stop", number=PHONE) == 404


def test_calls_that_make_no_sense_change_nothing() -> None:
    person = textable(PHONE)
    assert told("reply") == 204
    assert told("reply", sender="nobody", message="stop") == 204
    assert told("stop", sender="+33600000001") == 204
    assert told("receipt", id="", ptt="4") == 204
    assert told("elsewhere") == 404
    address = reverse("delivery:texts_told", args=[SECRET, "reply"])
    assert Client().post(address, "{", "application/json").status_code == 204
    assert live(person)


def test_the_providers_receipt_settles_a_text() -> None:
    textable(PHONE)
    batch = queue()
    texts.run()
    reference = TextReceipt.objects.get().reference
    said = {"id": reference, "ptt": "4", "date": "2027-03-16", "description": "1", "descriptionDlr": "Success"}
    assert told("receipt", **said) == 204
    assert reads.receipts(batch).delivered == 1


@pytest.mark.parametrize("is_at_once", [True, False])
def test_the_number_that_was_written_to_is_barred_though_another_became_the_main_one(is_at_once: bool) -> None:
    person = textable(PHONE)
    queue()

    class Moving(texts.TextWork):
        def claim(self, limit: int) -> tuple[list[Claimed], int]:
            claimed = super().claim(limit)
            if claimed[0]:
                person.phones.update(is_primary=False)
                person.phones.create(number="+33639982009", kind="mobile", is_primary=True, source="tests")
            return claimed

    answer = (Outcome.REFUSED, 550, "nobody") if is_at_once else (Outcome.SENT, 200, "M 1")
    with Moving(texts.configured(lambda: MemoryTransport(answers={PHONE: answer}))) as work:
        work.go_on(until=time.monotonic() + 20)
    if not is_at_once:
        told("receipt", message_id="M", status="unknown subscriber")
    assert dict(person.phones.values_list("number", "status")) == {PHONE: "bouncing", "+33639982009": "unverified"}


def test_a_gateways_receipt_settles_a_text() -> None:
    person = textable(PHONE)
    batch = queue()
    texts.run()
    assert told("receipt", message_id=TextReceipt.objects.get().reference, status="unknown subscriber") == 204
    assert reads.receipts(batch).undelivered == 1
    assert person.phones.get().status == "bouncing"


def test_answers_that_no_call_told_of_are_asked_for(telephones: Telephones) -> None:
    here, gone = textable(PHONE), textable("+33639982001")
    with clock.stopped_at(clock.timezone.now()):
        telephones.operator.answer(PHONE, "Oui !")
        telephones.operator.answer("+33639982001", "STOP")
        tasks.read_replies()
        assert {reply.text for reply in TextReply.objects.all()} == {"Oui !", "STOP"}
        assert live(here)
        assert not live(gone)
        before = TextReply.objects.count()
        tasks.read_replies()
        assert TextReply.objects.count() == before
        assert answers.held_by_the_provider() == []


def test_a_call_that_only_says_that_there_is_something_is_enough(telephones: Telephones) -> None:
    person = textable(PHONE)
    with clock.stopped_at(clock.timezone.now()):
        sms = telephones.operator.answer(PHONE, "stop")
        assert told("reply", id=sms.ident) == 204
    assert not live(person)


def test_a_provider_that_is_away_is_asked_again_later(settings: Any) -> None:
    configure(settings)
    tasks.read_replies()
    assert told("reply", id=5) == 204


def test_answers_are_read_by_who_answers_people(client: Client) -> None:
    person = textable(PHONE, first_name="Aïcha", last_name="Belkacem")
    texting.take_in_replies([SaidReply("1", PHONE, "À <b>quelle</b> heure ?", TUESDAY)], actor=CAMPAIGN)
    texting.take_in_replies([SaidReply("2", PHONE, "stop", TUESDAY + timedelta(0))], actor=CAMPAIGN)
    organiser = browser(Role.ORGANISER)
    page = read(organiser.get(reverse("delivery_office:replies")))
    said = " ".join(page.get_text(" ").split())
    assert "Aïcha Belkacem" in said
    assert "À <b>quelle</b> heure ?" in said
    assert "l’accord a été retiré aussitôt" in said
    assert organiser.post(reverse("delivery_office:read_reply", args=[TextReply.objects.get(reference="1").pk]))
    unread = organiser.get(reverse("delivery_office:replies") + "?etat=a-lire")
    assert "Toutes les réponses ont été lues" in words(unread)
    assert browser(Role.COMMUNICATIONS).get(reverse("delivery_office:replies")).status_code in {302, 403}
    assert person.text_replies.count() == 2


def test_answers_from_elsewhere_are_not_shown() -> None:
    textable(PHONE, in_rennes=True, last_name="Quéméneur")
    texting.take_in_replies([SaidReply("1", PHONE, "Oui", TUESDAY)], actor=CAMPAIGN)
    here, there = browser(Role.LOCAL_LEAD, "35"), browser(Role.LOCAL_LEAD, "29")
    assert "Quéméneur" in words(here.get(reverse("delivery_office:replies")))
    assert "Quéméneur" not in words(there.get(reverse("delivery_office:replies")))
    reply = TextReply.objects.get()
    assert there.post(reverse("delivery_office:read_reply", args=[reply.pk])).status_code == 404


def test_what_was_answered_goes_with_its_writer() -> None:
    person = textable(PHONE)
    told("reply", id=7, sender=PHONE, message="Oui")
    rights.forget(person, actor=CAMPAIGN)
    assert not TextReply.objects.exists()
