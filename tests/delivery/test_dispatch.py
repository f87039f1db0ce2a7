"""From the outbox to the wire and back: every message ends with one outcome, and nobody is guessed about."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import connection, transaction

from portevoix.delivery import dispatch, services, tasks
from portevoix.delivery.dispatch import senders
from portevoix.delivery.dispatch.work import Summary
from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.models import Batch, Bounce, Message, Run, State
from portevoix.delivery.rules import retries
from portevoix.delivery.transports import Transport
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.delivery.types import Envelope, Outcome, Result
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Interaction, Person
from tests.delivery.factories import CAMPAIGN, queue, queue_confirmation, states, withdraw
from tests.delivery.scripted_server import ScriptedServer
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def send_with(transport: Transport, **options: Any) -> Summary:
    return dispatch.run(lambda: transport, connections=1, **options)


def smtp_to(server: ScriptedServer, **options: Any) -> Callable[[], Transport]:
    return lambda: SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port, **options))


def test_everybody_gets_their_own_letter_once() -> None:
    batch = queue(people=30)
    with ScriptedServer() as server:
        summary = dispatch.run(smtp_to(server), connections=3)
    assert states(batch) == {"sent": 30}
    assert (summary.claimed, summary.answered, summary.fault, summary.has_more) == (30, 30, "", False)
    assert Counter(server.recipients) == Counter(EmailAddress.objects.values_list("address", flat=True))
    assert server.sessions == 3


def test_a_letter_holds_what_its_reader_needs() -> None:
    batch = queue(people=1, subject="Bonjour {{ first_name }} {{ last_name }}")
    kept = MemoryTransport()
    send_with(kept)
    message = batch.messages.select_related("person").get()
    assert message.person is not None
    seen = message_from_bytes(kept.sent[0].content, policy=policy.default)
    assert seen["Subject"] == f"Bonjour {message.person}"
    assert seen["Message-ID"].startswith(f"<{message.pk}.{batch.code}.")
    assert seen["Message-ID"].endswith("@exemple.fr>")
    assert seen["List-ID"] == "La lettre <lettre.exemple.fr>"
    assert seen["Auto-Submitted"] is seen["Precedence"] is None
    assert f"/unsubscribe/{message.pk}." in seen["List-Unsubscribe"]
    assert seen["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = seen.get_body(("plain",))  # type: ignore[attr-defined]
    assert f"/unsubscribe/{message.pk}." in text.get_content()


def test_a_service_message_has_no_list_headers_and_leaves_first() -> None:
    queue(people=3)
    queue_confirmation(PersonFactory(with_email=True))
    kept = MemoryTransport()
    send_with(kept)
    first = message_from_bytes(kept.sent[0].content)
    assert first["Subject"] == "Confirmez"
    assert first["List-Unsubscribe"] is None
    assert first["Auto-Submitted"] == "auto-generated"


def test_the_address_is_read_when_the_message_leaves() -> None:
    queue(people=1)
    EmailAddress.objects.update(address="nouvelle@exemple.fr")
    kept = MemoryTransport()
    send_with(kept)
    assert kept.sent[0].recipient == "nouvelle@exemple.fr"


@pytest.mark.parametrize("status", ["bouncing", "refused"])
def test_a_message_without_usable_address_is_held_back(status: str) -> None:
    batch = queue(people=2)
    EmailAddress.objects.filter(person=Person.objects.first()).update(status=status)
    kept = MemoryTransport()
    send_with(kept)
    assert states(batch) == {"sent": 1, "suppressed": 1}
    assert len(kept.sent) == 1


def test_somebody_who_withdrew_after_queueing_gets_nothing() -> None:
    batch = queue(people=3)
    withdrawn = Person.objects.order_by("pk")[1]
    withdraw(withdrawn)
    kept = MemoryTransport()
    send_with(kept)
    assert states(batch) == {"sent": 2, "suppressed": 1}
    assert withdrawn.emails.get().address not in {envelope.recipient for envelope in kept.sent}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", [1, 4], ids=["already announced", "still waiting"])
def test_somebody_who_withdraws_while_messages_are_on_their_way_gets_nothing(place: int) -> None:
    batch = queue(people=5)
    leaving = Message.objects.select_related("person").order_by("pk")[place]

    def withdraw_at_the_first_letter(count: int) -> str:
        if count == 1:
            assert leaving.person is not None
            withdraw(leaving.person)
            connection.close()
            # As slow as it takes for the promise to hold.
            threading.Event().wait(senders.FRESH + 0.1)
        return "250 taken"

    with ScriptedServer({"final dot": withdraw_at_the_first_letter}) as server:
        dispatch.run(smtp_to(server), connections=1)
    assert states(batch) == {"sent": 4, "suppressed": 1}
    assert len(server.contents) == 4
    assert not any(b"Message-ID: <%d." % leaving.pk in content for content in server.contents)


def test_refusals_are_told_apart_and_kept_with_the_servers_words() -> None:
    batch = queue(people=3)
    sent, later, never = (address.address for address in EmailAddress.objects.order_by("person__pk"))
    answers = {f"RCPT TO:<{later}": "450 4.2.0 greylisted", f"RCPT TO:<{never}": "550 5.1.1 nobody\0here"}
    with ScriptedServer(answers) as server:
        dispatch.run(smtp_to(server), connections=1)
    rows = {
        row["person__emails__address"]: row
        for row in batch.messages.values("person__emails__address", "state", "code", "reply", "attempts", "not_before")
    }
    assert (rows[sent]["state"], rows[sent]["code"]) == ("sent", 250)
    assert (rows[never]["state"], rows[never]["code"], rows[never]["reply"]) == ("failed", 550, "5.1.1 nobodyhere")
    assert (rows[later]["state"], rows[later]["attempts"]) == ("queued", 1)
    assert rows[later]["not_before"] > clock.now() + retries.DELAYS[0] - timedelta(minutes=1)


def test_what_was_refused_for_now_is_tried_again_later_and_not_for_ever() -> None:
    batch = queue(people=1)
    refusing = MemoryTransport(answers={EmailAddress.objects.get().address: (Outcome.DEFERRED, 450, "later")})
    for attempt in range(1, len(retries.DELAYS) + 1):
        send_with(refusing)
        assert states(batch) == {"queued": 1}
        assert Message.objects.get().attempts == attempt
        assert send_with(refusing).claimed == 0
        Message.objects.update(not_before=clock.now())
    send_with(refusing)
    assert states(batch) == {"failed": 1}


def test_a_retry_of_somebody_who_withdrew_meanwhile_is_held_back() -> None:
    batch = queue(people=1)
    person = Person.objects.get()

    class WithdrawingReader(MemoryTransport):
        def close(self) -> None:
            return

    refusing = WithdrawingReader(answers={person.emails.get().address: (Outcome.DEFERRED, 450, "later")})
    send_with(refusing)
    Message.objects.update(not_before=clock.now())
    withdraw(person)
    send_with(refusing)
    assert states(batch) == {"suppressed": 1}


def test_a_lost_line_leaves_the_message_uncertain_and_it_is_never_sent_again() -> None:
    batch = queue(people=3)
    with ScriptedServer({"final dot": lambda count: "(close the line)" if count == 2 else "250 ok"}) as server:
        for _run in range(3):
            dispatch.run(smtp_to(server), connections=1)
    assert states(batch) == {"sent": 2, "uncertain": 1}
    assert len(server.contents) == 3


def test_no_server_at_all_costs_no_attempt_and_is_told() -> None:
    batch = queue(people=5)
    with ScriptedServer() as server:
        pass
    summary = dispatch.run(smtp_to(server), connections=2)
    assert "refused" in summary.fault.lower()
    assert states(batch) == {"queued": 5}
    assert set(batch.messages.values_list("attempts", flat=True)) == {0}
    assert Run.objects.get().fault == summary.fault
    assert not Message.objects.due(clock.now()).exists()


def test_a_server_that_takes_one_connection_of_two_is_enough() -> None:
    batch = queue(people=40)
    greeting = {"greeting": lambda count: "220 welcome" if count == 1 else "421 one at a time"}
    with ScriptedServer(greeting) as server:
        summary = dispatch.run(smtp_to(server), connections=2)
        if states(batch) != {"sent": 40}:
            dispatch.run(smtp_to(server), connections=1)
    assert summary.fault == ""
    assert Counter(server.recipients).most_common(1)[0][1] == 1
    assert states(batch) == {"sent": 40}


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("MAIL", "550 5.1.8 Sender address rejected: Domain not found"),
        ("RCPT", "550 5.1.0 Sender address rejected: User unknown in local recipient table"),
        ("MAIL", "550 5.1.3 user unknown"),
    ],
)
def test_a_slip_in_the_name_of_who_sends_costs_no_reader_their_address(command: str, reply: str) -> None:
    batch = queue(people=60)
    with ScriptedServer({command: reply}) as server:
        summary = dispatch.run(smtp_to(server), connections=1)
    assert summary.fault == reply
    assert states(batch) == {"queued": 60}
    assert set(EmailAddress.objects.values_list("status", flat=True)) == {"verified"}
    assert batch.messages.filter(attempts=0).count() == 57
    # However often it is tried again.
    batch.messages.update(attempts=len(retries.DELAYS))
    with ScriptedServer({command: reply}) as server:
        dispatch.run(smtp_to(server), connections=1)
    assert batch.messages.filter(state=State.FAILED).exists()
    assert set(EmailAddress.objects.values_list("status", flat=True)) == {"verified"}
    assert not Bounce.objects.exists()


def test_time_over_gives_back_what_never_left() -> None:
    batch = queue(people=10)
    kept = MemoryTransport()
    summary = send_with(kept, seconds=0)
    assert summary.has_more or states(batch) == {"queued": 10}
    assert send_with(kept).claimed == 10
    assert states(batch) == {"sent": 10}


def test_a_batch_whose_field_is_gone_fails_and_says_why() -> None:
    batch = queue(people=1)
    Batch.objects.update(text="{{ gone }}")
    send_with(MemoryTransport())
    assert states(batch) == {"failed": 1}
    assert batch.messages.get().reply == "unknown merge field: gone"


def test_a_mailing_is_on_each_readers_timeline_and_a_confirmation_is_not() -> None:
    queue(people=2)
    queue_confirmation(PersonFactory(with_email=True))
    send_with(MemoryTransport())
    assert Interaction.objects.filter(kind="mailed", about_kind="delivery.batch").count() == 2


def test_a_finished_run_leaves_no_diary(tmp_path: Any) -> None:
    queue(people=2)
    send_with(MemoryTransport())
    assert list((tmp_path / "spool").iterdir()) == []
    assert Run.objects.get().ended_at is not None


def test_nothing_due_begins_no_run() -> None:
    assert send_with(MemoryTransport()) == Summary()
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sending_inside_a_transaction_is_refused() -> None:
    """A claim that could be rolled back after the message left would send it twice."""
    queue(people=1)
    kept = MemoryTransport()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        send_with(kept)
    assert kept.sent == []
    assert Message.objects.get().state == State.QUEUED


class Unavailable(MemoryTransport):
    """Takes two messages, then no more."""

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        for result in super().deliver(envelopes, committing=committing):
            yield result
            if len(self.sent) >= 2:
                raise ServerUnavailable("530 authentication required")


def test_a_server_that_stops_taking_leaves_the_rest_queued() -> None:
    batch = queue(people=5)
    summary = send_with(Unavailable())
    assert states(batch) == {"sent": 2, "queued": 3}
    assert summary.fault == "530 authentication required"


class Faulty(MemoryTransport):
    """A transport with a defect: dies after the content left."""

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        for envelope in envelopes:
            committing(envelope.ref)
            if self.sent:
                raise AssertionError("a defect")
            self.sent.append(envelope)
            yield Result(envelope.ref, Outcome.SENT, 250, "ok")


def test_a_defect_in_a_sender_is_raised_and_the_next_run_settles_what_it_left() -> None:
    batch = queue(people=4)
    with pytest.raises(AssertionError, match="a defect"):
        send_with(Faulty())
    assert states(batch)["sent"] == 1
    kept = MemoryTransport()
    assert send_with(kept).settled == 1
    assert states(batch) == {"sent": 3, "uncertain": 1}
    assert len(kept.sent) == 2


def test_the_job_closes_finished_batches_and_asks_for_more_when_needed(
    settings: Any,
) -> None:
    batch = queue(people=3)
    with ScriptedServer() as server:
        mail = settings.INSTANCE.mail.model_copy(update={"host": "127.0.0.1", "port": server.port})
        settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})
        tasks.dispatch_queue()
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert states(batch) == {"sent": 3}


def test_an_empty_batch_is_closed_too(settings: Any) -> None:
    batch = queue()
    tasks.dispatch_queue()
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert not services.finish(batch, actor=CAMPAIGN)
