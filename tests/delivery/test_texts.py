"""Texts from the outbox to telephones and back: one outcome each, nobody twice, nobody guessed about."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portevoix.delivery import dispatch, selectors, tasks
from portevoix.delivery.dispatch import senders, texts
from portevoix.delivery.exceptions import NoTextProvider, TooManyParts, UnknownMergeField
from portevoix.delivery.models import Batch, LinkTotal, Message, Run, TextReceipt
from portevoix.delivery.selectors import texting as reads
from portevoix.delivery.services import stop, texting
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import SaidReceipt, Text
from portevoix.kernel import clock
from portevoix.operations.textcatcher.phones import Response
from portevoix.people.models import Interaction, PhoneNumber
from portevoix.rights import services as rights
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.purposes import Purpose
from portevoix.rights.services.asking import ask_for_text
from tests.delivery import factories
from tests.delivery.factories import states
from tests.delivery.operator import (
    CAMPAIGN,
    HANG_UP,
    SAY_NOTHING,
    TUESDAY,
    Telephones,
    audience,
    configure,
    queue,
    textable,
)
from tests.people.factories import EmailFactory, GroundFactory
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def telephones(settings: Any) -> Iterator[Telephones]:
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def test_everybody_gets_their_own_text_once(telephones: Telephones) -> None:
    batch = queue(people=12)
    summary = texts.run()
    assert states(batch) == {"sent": 12}
    assert (summary.claimed, summary.answered, summary.fault, summary.has_more) == (12, 12, "", False)
    numbers = Counter(one.phone for one in telephones.store.outgoing())
    assert numbers == Counter(PhoneNumber.objects.values_list("number", flat=True))
    assert set(telephones.words.values()) == {"Ricochet : à jeudi, Maëlle !\nSTOP au 36180".replace("ë", "e")}


def test_a_name_makes_no_text_dearer_but_an_author_may_choose_dear_signs(telephones: Telephones) -> None:
    textable(first_name="Jérôme", phone="+33639981111")
    queue()
    texts.run()
    assert telephones.words["+33639981111"].startswith("Ricochet : à jeudi, Jérome !")
    queue(words="Fête, {{ first_name }} !")
    texts.run()
    assert telephones.words["+33639981111"].startswith("Fête, Jérôme !")


def test_what_was_taken_is_told_by_its_name_its_parts_and_the_record(telephones: Telephones) -> None:
    person = textable()
    batch = queue(words="a" * 150)
    texts.run()
    receipt = TextReceipt.objects.get()
    assert receipt.reference == str(next(iter(telephones.store.outgoing())).ident)
    assert (receipt.parts, receipt.person, receipt.phone) == (2, person, person.phones.get())
    assert Interaction.objects.get(person=person, kind="texted").about_id == batch.pk
    assert telephones.store.credits == 10_000 - 2


def test_a_text_counts_the_links_by_our_own_domain(telephones: Telephones, settings: Any) -> None:
    settings.BASE_URL = "https://r.example"
    textable(phone="+33639981112")
    batch = queue(words="Venez : https://ailleurs.example/une/longue/adresse?avec=tout.")
    texts.run()
    assert telephones.words["+33639981112"].startswith(f"Venez : https://r.example/l/{batch.code}/1.")
    assert LinkTotal.objects.get().target == "https://ailleurs.example/une/longue/adresse?avec=tout"


def test_a_telephone_that_two_persons_share_gets_one_text(telephones: Telephones) -> None:
    textable(phone="+33639981113")
    textable(phone="+33639981113")
    batch = queue()
    texts.run()
    assert states(batch) == {"sent": 1, "suppressed": 1}
    assert len(list(telephones.store.outgoing())) == 1


def test_only_an_audience_of_texts_is_written_to(telephones: Telephones) -> None:
    with pytest.raises(NotFromTheGate):
        texting.send_texts(Text(words="Bonjour"), factories.audience(), actor=CAMPAIGN)
    with pytest.raises(NotFromTheGate):
        texting.send_texts(Text(words="Bonjour"), [textable()], actor=CAMPAIGN)  # type: ignore[arg-type]


def test_the_database_refuses_a_text_on_a_ground_for_letters(telephones: Telephones) -> None:
    batch = queue(people=1)
    message = Message.objects.get()
    ground = GroundFactory(person=message.person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            batch=batch, person=message.person, ground=ground, channel="sms", purpose="texts", state="queued"
        )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("{{ age }}", UnknownMergeField),
        ("a" * 1600, TooManyParts),
        ("{{ if commune }}b{{ else }}" + "a" * 1600 + "{{ end }}", TooManyParts),
        # Ten parts for most readers, eleven for this one.
        ("a" * 1500 + " {{ first_name }}", TooManyParts),
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_queued(
    telephones: Telephones, words: str, error: type[Exception]
) -> None:
    textable(first_name="Marie-Clémentine-Apolline")
    with pytest.raises(error):
        queue(words=words)
    assert not Message.objects.exists()


def test_of_two_passages_no_reader_gets_both_and_marks_cost_nothing(telephones: Telephones) -> None:
    there, elsewhere = textable(in_rennes=True), textable(in_brest=True)
    words = "{{ if commune = Rennes, Fougères, Besançon }}" + "a" * 900 + "{{ else }}" + "b" * 900 + "{{ end }}"
    queue(words=words)
    texts.run()
    assert telephones.words[there.phones.get().number].startswith("a" * 900 + "\n")
    assert telephones.words[elsewhere.phones.get().number].startswith("b" * 900 + "\n")


def test_nothing_is_queued_without_a_provider(settings: Any) -> None:
    configure(settings, backend="none")
    textable()
    with pytest.raises(NoTextProvider):
        queue()


def test_somebody_who_withdrew_after_queueing_gets_nothing(telephones: Telephones) -> None:
    batch = queue(people=2)
    leaving = Message.objects.order_by("pk")[0].person
    assert leaving is not None
    rights.withdraw(leaving, [Purpose.TEXTS], evidence={}, source="tests", actor=CAMPAIGN)
    texts.run()
    assert states(batch) == {"sent": 1, "suppressed": 1}
    assert leaving.phones.get().number not in telephones.words


@pytest.mark.django_db(transaction=True)
def test_somebody_who_says_stop_while_texts_leave_gets_nothing_more(telephones: Telephones, settings: Any) -> None:
    configure(settings, telephones, connections=1, timeout=10)
    batch = queue(people=4)
    leaving = Message.objects.select_related("person").order_by("pk")[3]

    def withdraw_at_the_first_text(count: int) -> None:
        if count == 1:
            assert leaving.person is not None
            rights.withdraw(leaving.person, [Purpose.TEXTS], evidence={}, source="tests", actor=CAMPAIGN)
            connection.close()
            threading.Event().wait(senders.FRESH + 0.1)

    telephones.fault = withdraw_at_the_first_text
    texts.run(seconds=10)
    assert states(batch) == {"sent": 3, "suppressed": 1}


def test_a_batch_that_was_stopped_sends_nothing(telephones: Telephones) -> None:
    batch = queue(people=2)
    assert stop(batch, actor=CAMPAIGN) == 2
    texts.run()
    assert not telephones.words


@pytest.mark.parametrize("status", ["bouncing", "refused"])
def test_a_number_that_does_not_work_is_not_written_to(telephones: Telephones, status: str) -> None:
    batch = queue(people=2)
    PhoneNumber.objects.filter(person=Message.objects.order_by("pk")[0].person).update(status=status)
    texts.run()
    assert states(batch) == {"sent": 1, "suppressed": 1}


def test_a_text_waits_for_its_hour_and_is_not_lost(telephones: Telephones) -> None:
    with clock.stopped_at(TUESDAY + timedelta(hours=12)):  # ten in the evening
        batch = queue(people=2)
        summary = texts.run()
        assert (summary.claimed, states(batch)) == (0, {"queued": 2})
        assert not texts.due().exists()
        assert reads.postponed(batch).count() == 2
    with clock.stopped_at(TUESDAY + timedelta(hours=21, minutes=59)):
        assert not texts.due().exists()
    with clock.stopped_at(TUESDAY + timedelta(hours=22)):
        texts.run()
    assert states(batch) == {"sent": 2}


def test_whoever_lives_overseas_gets_it_by_their_own_clock(telephones: Telephones) -> None:
    near = textable(commune=CommuneFactory())
    far = textable(postcode="97400")
    batch = queue()
    with clock.stopped_at(TUESDAY + timedelta(hours=8)):  # six in the evening in Paris, nine in La Réunion
        texts.run()
    assert near.phones.get().number in telephones.words
    assert far.phones.get().number not in telephones.words
    assert states(batch) == {"sent": 1, "queued": 1}


def test_what_a_person_asked_for_arrives_at_any_hour(telephones: Telephones) -> None:
    person = textable(phone="+33639981114")
    ask_for_text(person, evidence={}, source="tests", actor=CAMPAIGN)
    with clock.stopped_at(TUESDAY + timedelta(hours=14)):
        texting.send_texts(Text(words="Essai"), audience(Purpose.SERVICE), actor=CAMPAIGN)
        texts.run()
    assert telephones.words == {"+33639981114": "Essai"}


def test_the_pace_per_hour_is_kept(telephones: Telephones, settings: Any) -> None:
    configure(settings, telephones, per_hour=3)
    batch = queue(people=5)
    texts.run()
    assert states(batch) == {"sent": 3, "queued": 2}
    with clock.stopped_at(TUESDAY + timedelta(minutes=61)):
        texts.run()
    assert states(batch) == {"sent": 5}


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        (500, "uncertain", "HTTP 500"),
        (502, "uncertain", "HTTP 502"),
        (504, "uncertain", "HTTP 504"),
        (HANG_UP, "uncertain", "the line broke"),
        (SAY_NOTHING, "uncertain", "no answer in time"),
        (503, "queued", "HTTP 503"),
        (429, "queued", "HTTP 429"),
        (400, "failed", "HTTP 400"),
    ],
)
def test_each_fault_has_its_outcome(telephones: Telephones, fault: int, outcome: str, words: str) -> None:
    batch = queue(people=1)
    telephones.fault = lambda count: Response(b"{}", "application/json", fault) if fault > 0 else fault
    texts.run()
    assert states(batch) == {outcome: 1}
    message = Message.objects.get()
    assert message.reply.startswith(words)
    assert message.attempts == 1
    if outcome == "uncertain":
        telephones.fault = lambda count: None
        texts.run()
        assert not telephones.words, "what may have been taken is not sent again"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"ids": 3}', b"", b'{"ids": '])
def test_an_answer_that_cannot_be_read_is_not_guessed_about(telephones: Telephones, body: bytes) -> None:
    batch = queue(people=1)
    telephones.fault = lambda count: Response(body, "application/json", 200)
    texts.run()
    assert states(batch) == {"uncertain": 1}


def test_an_invalid_number_is_refused_and_not_used_again(telephones: Telephones) -> None:
    person = textable(phone="+33639980000")
    batch = queue()
    texts.run()
    assert states(batch) == {"failed": 1}
    assert person.phones.get().status == "bouncing"
    assert audience().count() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"ovh_application_key": "x"}, {"ovh_consumer_key": "x"}, {"ovh_application_secret": "x"}, {"ovh_service": "x"}],
)
def test_refused_credentials_keep_everything_here_and_say_so(
    telephones: Telephones, settings: Any, wrong: dict[str, str]
) -> None:
    configure(settings, telephones, **wrong)
    batch = queue(people=3)
    summary = texts.run()
    assert summary.fault
    assert states(batch) == {"queued": 3}
    assert Run.objects.get().channel == "sms"
    assert reads.fault() == summary.fault
    for secret in ("a secret of theirs", "application", "consumer"):
        assert secret not in summary.fault
    configure(settings, telephones)
    with clock.stopped_at(TUESDAY + timedelta(minutes=2)):
        texts.run()
    assert states(batch) == {"sent": 3}
    assert reads.fault() == ""


def test_an_exhausted_credit_pauses_in_the_middle_and_goes_on_when_it_is_filled(settings: Any) -> None:
    with Telephones(credits=2) as telephones, clock.stopped_at(TUESDAY):
        configure(settings, telephones, connections=1)
        batch = queue(people=5)
        summary = texts.run()
        assert "403" in summary.fault
        assert states(batch) == {"sent": 2, "queued": 3}
        assert {message.attempts for message in batch.messages.filter(state="queued")} == {0}
        with clock.stopped_at(TUESDAY + timedelta(minutes=2)):
            assert texts.run().fault == "no credit left"
        telephones.store.credits = 100
        with clock.stopped_at(TUESDAY + timedelta(minutes=4)):
            texts.run()
        assert states(batch) == {"sent": 5}
        assert len(telephones.words) == 5


def test_a_provider_that_is_away_is_tried_again(settings: Any) -> None:
    with clock.stopped_at(TUESDAY):
        configure(settings)
        batch = queue(people=2)
        assert texts.run().fault == "no connection"
    assert states(batch) == {"queued": 2}


def test_a_large_batch_that_was_just_paused_keeps_no_other_waiting(telephones: Telephones) -> None:
    paused = queue(people=3)
    other = queue(words="Autre chose")
    # A job is to put its messages aside, and has not come to it yet.
    Batch.objects.filter(pk=paused.pk).update(paused_at=clock.now())
    texts.run()
    assert states(paused) == {"paused": 3}
    assert states(other) == {"sent": 3}


def test_a_run_that_died_with_texts_in_hand_is_settled_though_none_is_due(telephones: Telephones) -> None:
    batch = queue(people=1)
    run = Run.objects.create(boot="another life", channel="sms", started_at=clock.now() - timedelta(hours=2))
    Message.objects.update(state="sending", run=run)
    tasks.look_after_texts()
    texts.run()
    assert states(batch) == {"uncertain": 1}


def test_a_redirect_is_not_followed_with_our_keys(telephones: Telephones) -> None:
    batch = queue(people=1)
    headers = {"Location": f"{telephones.url}/elsewhere"}
    telephones.fault = lambda count: Response(b"", "text/plain", 302, headers)
    texts.run()
    assert states(batch) == {"uncertain": 1}


def test_a_fault_that_quotes_a_number_is_written_without_it(telephones: Telephones) -> None:
    textable(phone="+33639981115")
    queue()
    telephones.fault = lambda count: Response(b'{"message": "bad +33 6 39 98 11 15"}', "application/json", 400)
    texts.run()
    assert "1115" not in Message.objects.get().reply


def test_receipts_settle_each_text_once_whatever_their_order(telephones: Telephones) -> None:
    good, gone = textable(), textable(phone="+33639980404")
    batch = queue()
    texts.run()
    references = dict(TextReceipt.objects.values_list("person", "reference"))
    said = [
        SaidReceipt(references[good.pk], None),
        SaidReceipt(references[good.pk], True, "ptt 4"),
        SaidReceipt(references[gone.pk], False, "ptt 23", True),
        SaidReceipt("nobody knows", True),
    ]
    for _time in range(2):
        for one in said:
            texting.take_in_receipts([one], actor=CAMPAIGN)
    texting.take_in_receipts([SaidReceipt(references[good.pk], False)], actor=CAMPAIGN)
    found = reads.receipts(batch)
    assert (found.delivered, found.undelivered, found.pending, found.parts) == (1, 1, 0, 2)
    assert gone.phones.get().status == "bouncing"
    assert good.phones.get().status == "unverified"


def test_the_tasks_send_close_and_try_again(telephones: Telephones) -> None:
    batch = queue(people=2)
    tasks.dispatch_texts()
    batch.refresh_from_db()
    assert states(batch) == {"sent": 2}
    assert batch.finished_at is not None
    tasks.look_after_texts()


def test_letters_and_texts_do_not_take_each_others_messages(telephones: Telephones) -> None:
    texted = queue(people=2)
    mailed = factories.queue(people=3)
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    assert (states(mailed), states(texted)) == ({"sent": 3}, {"queued": 2})
    texts.run()
    assert states(texted) == {"sent": 2}
    assert selectors.results(mailed).bounced == 0


def test_a_refused_text_says_nothing_of_an_e_mail_address(telephones: Telephones) -> None:
    person = textable(phone="+33639980000")
    EmailFactory(person=person)
    queue()
    texts.run()
    assert person.emails.get().status == "unverified"


def test_an_erased_person_leaves_a_receipt_that_says_nothing(telephones: Telephones) -> None:
    person = textable()
    batch = queue()
    texts.run()
    rights.forget(person, actor=CAMPAIGN)
    receipt = TextReceipt.objects.get()
    assert (receipt.person, receipt.phone, receipt.reference) == (None, None, "")
    assert reads.receipts(batch).parts == 1
