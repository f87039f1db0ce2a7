"""From a mailbox to the state of an address: who bounces or complains is written to no more, and nobody else."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portevoix.accounts.types import System
from portevoix.delivery import dispatch, selectors, services, tasks
from portevoix.delivery.dispatch.outbox import Claimed
from portevoix.delivery.dispatch.work import Work
from portevoix.delivery.exceptions import ReaderUnavailable
from portevoix.delivery.models import Bounce, Message
from portevoix.delivery.readers import maildir
from portevoix.delivery.readers.lmtp import LmtpServer
from portevoix.delivery.rules import reports
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Bad, Envelope, Outcome
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress
from portevoix.people.types import ContactStatus
from portevoix.rights import services as rights
from portevoix.rights.models import Ground
from tests.delivery.factories import queue
from tests.delivery.returned_mail import POSTFIX, SAMPLES
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")
COMPLAINT = next(one.raw for one in SAMPLES if one.name == "complaint")
FULL = next(one.raw for one in SAMPLES if one.name == "postfix-full")


@pytest.fixture(autouse=True)
def instance(settings: Any, tmp_path: Path) -> Any:
    """An instance with a return address and a Maildir."""
    settings.DATA_DIR = tmp_path
    configure(settings, return_address="retours@exemple.fr")
    configure(settings, "returns", maildir=str(tmp_path / "box"))
    (tmp_path / "box" / "new").mkdir(parents=True)
    return settings


def configure(settings: Any, section: str = "mail", **keys: Any) -> None:
    changed = getattr(settings.INSTANCE, section).model_copy(update=keys)
    settings.INSTANCE = settings.INSTANCE.model_copy(update={section: changed})


def sent(people: int = 1, **answers: Any) -> list[Envelope]:
    """Send a letter to new people; return what left."""
    queue(people=people)
    kept = MemoryTransport(**answers)
    dispatch.run(lambda: kept, connections=1, seconds=60)
    return kept.sent


def returned(raw: str, envelope: Envelope) -> bytes:
    found = re.search(rb"Message-ID: <([^>]+)>", envelope.content)
    assert found is not None
    return raw.replace("{to}", envelope.sender).replace("{id}", found[1].decode()).encode()


def drop(tmp_path: Path, *octets: bytes) -> None:
    for one in octets:
        maildir.deposit(tmp_path / "box", one)


def status_of(address: str) -> str:
    return EmailAddress.objects.get(address=address).status


def test_an_address_that_does_not_exist_is_written_to_no_more_and_no_other_is_touched(tmp_path: Path) -> None:
    one, other = sent(people=2)
    drop(tmp_path, returned(POSTFIX, one))
    assert tasks.take_in_returns() == {"hard": 1}
    assert status_of(one.recipient) == ContactStatus.BOUNCING
    assert status_of(other.recipient) in ("unverified", "verified")
    assert list((tmp_path / "box" / "new").iterdir()) == []
    again = queue()
    assert list(Message.objects.filter(batch=again).values_list("person__emails__address", flat=True)) == [
        other.recipient
    ]


def test_the_same_bounce_twice_counts_once(tmp_path: Path) -> None:
    (one,) = sent()
    drop(tmp_path, returned(FULL, one), returned(FULL, one))
    tasks.take_in_returns()
    assert Bounce.objects.count() == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\+(\d+)-", "+999999-"),
        (r"-([a-z2-7]{16})@", "-" + "a" * 16 + "@"),
    ],
)
def test_a_forged_bounce_changes_nothing(tmp_path: Path, before: str, after: str) -> None:
    (one,) = sent()
    forged = Envelope(one.ref, re.sub(before, after, one.sender), one.recipient, b"Message-ID: <x@y>")
    drop(tmp_path, returned(POSTFIX, forged), returned(COMPLAINT, forged))
    assert tasks.take_in_returns()["unproven"] == 2
    assert status_of(one.recipient) in ("unverified", "verified")
    assert not Bounce.objects.exists()
    assert Ground.objects.live().count() == 1


def test_a_readers_own_return_path_does_not_hurt_another(tmp_path: Path) -> None:
    one, other = sent(people=2)
    # Her number, his signature.
    mixed = re.sub(r"\+\d+-", f"+{other.ref}-", one.sender)
    drop(tmp_path, returned(POSTFIX, Envelope(1, mixed, "", b"Message-ID: <x@y>")))
    assert tasks.take_in_returns() == {"unproven": 1}
    assert status_of(other.recipient) in ("unverified", "verified")


def test_a_bounce_of_a_former_address_does_not_stop_the_new_one(tmp_path: Path) -> None:
    (one,) = sent()
    person = Message.objects.get(pk=one.ref).person
    assert person is not None
    person.emails.update(address="nouvelle@exemple.fr")
    drop(tmp_path, returned(POSTFIX, one))
    assert tasks.take_in_returns() == {"unproven": 1}
    assert status_of("nouvelle@exemple.fr") in ("unverified", "verified")


def test_a_bounce_finds_the_address_written_to_though_another_is_the_main_one_by_now(tmp_path: Path) -> None:
    (one,) = sent()
    person = Message.objects.get(pk=one.ref).person
    assert person is not None
    person.emails.update(is_primary=False)
    EmailAddress.objects.create(person=person, address="nouvelle@exemple.fr", source="tests")
    drop(tmp_path, returned(POSTFIX, one))
    tasks.take_in_returns()
    assert status_of(one.recipient) == ContactStatus.BOUNCING
    assert status_of("nouvelle@exemple.fr") == "unverified"


def test_a_refusal_bars_the_address_that_was_written_to_though_another_became_the_main_one_meanwhile(
    tmp_path: Path,
) -> None:
    queue(people=1)
    old = EmailAddress.objects.get()

    class Moving(Work):
        def claim(self, limit: int) -> tuple[list[Claimed], int]:
            claimed = super().claim(limit)
            if claimed[0]:
                EmailAddress.objects.update(is_primary=False)
                EmailAddress.objects.create(person=old.person, address="nouvelle@exemple.fr", source="tests")
            return claimed

    refusing = MemoryTransport(answers={old.address: (Outcome.REFUSED, 550, "5.1.1 User unknown")})
    with Moving(tmp_path, lambda: refusing, 1) as work:
        work.go_on(until=time.monotonic() + 20)
    assert status_of(old.address) == ContactStatus.BOUNCING
    assert status_of("nouvelle@exemple.fr") == "unverified"


def test_five_soft_bounces_in_a_month_stop_an_address_and_older_ones_do_not_count(tmp_path: Path) -> None:
    PersonFactory(reachable=True)
    address = EmailAddress.objects.get().address
    for number in range(6):
        (one,) = sent(people=0)
        drop(tmp_path, returned(FULL, one))
        tasks.take_in_returns()
        if number == 0:
            Bounce.objects.update(at=clock.now() - timedelta(days=31))
        assert (status_of(address) == ContactStatus.BOUNCING) is (number == 5)


@pytest.mark.parametrize(("arrived", "dead"), [(12, False), (2, True), (28, True)])
def test_soft_bounces_before_a_letter_that_arrived_do_not_count(tmp_path: Path, arrived: int, dead: bool) -> None:
    # Two days ago is too near: that letter may yet come back. All came back after the one of 28 days ago.
    PersonFactory(reachable=True)
    address = EmailAddress.objects.get().address
    for number in range(5):
        (one,) = sent(people=0)
        drop(tmp_path, returned(FULL, one))
        if number == 4:
            (kept,) = sent(people=0)
            Message.objects.filter(pk=kept.ref).update(done_at=clock.now() - timedelta(days=arrived))
        tasks.take_in_returns()
        Bounce.objects.filter(message=one.ref).update(at=clock.now() - timedelta(days=25 - number))
    assert (status_of(address) == ContactStatus.BOUNCING) is dead


def test_whoever_complains_is_left_in_peace_at_once(tmp_path: Path) -> None:
    (one,) = sent()
    drop(tmp_path, returned(COMPLAINT, one))
    assert tasks.take_in_returns() == {"complaint": 1}
    assert status_of(one.recipient) == ContactStatus.REFUSED
    ground = Ground.objects.get(purpose="newsletter")
    assert ground.withdrawn_at is not None
    assert ground.withdrawal["report"] == "complaint"
    batch = Message.objects.get(pk=one.ref).batch
    assert selectors.results(batch).complained == 1


def test_leaving_at_the_provider_ends_the_consent_and_not_the_address() -> None:
    (one,) = sent()
    found = reports.read(returned(POSTFIX, one))
    assert found is not None
    services.take_in([reports.Report(found.message_id, found.signature, Bad.LEFT, "")], actor=CAMPAIGN)
    assert not Ground.objects.live().exists()
    assert status_of(one.recipient) in ("unverified", "verified")
    assert Message.objects.get(pk=one.ref).unsubscribed_at is not None


def test_an_address_that_its_reader_refused_stays_refused(tmp_path: Path) -> None:
    (one,) = sent()
    EmailAddress.objects.update(status=ContactStatus.REFUSED)
    drop(tmp_path, returned(POSTFIX, one))
    tasks.take_in_returns()
    assert status_of(one.recipient) == ContactStatus.REFUSED


def test_a_server_that_knows_nobody_of_that_name_is_believed_at_once() -> None:
    queue(people=3)
    one, other, third = EmailAddress.objects.order_by("pk").values_list("address", flat=True)
    answers = {
        one: (Outcome.REFUSED, 550, "5.1.1 user unknown"),
        other: (Outcome.REFUSED, 550, "5.7.1 this looks like spam"),
    }
    dispatch.run(lambda: MemoryTransport(answers=answers), connections=1, seconds=60)
    assert [status_of(address) for address in (one, other, third)] == ["bouncing", "verified", "verified"]
    assert set(Bounce.objects.values_list("bad", flat=True)) == {"hard", "policy"}


def test_what_is_no_report_stays_for_people_to_read(tmp_path: Path) -> None:
    (one,) = sent()
    out_of_office = next(sample.raw for sample in SAMPLES if sample.name == "out-of-office")
    drop(tmp_path, returned(out_of_office, one), b"From: a@b\n\nBonjour")
    assert tasks.take_in_returns() == {"other": 2}
    assert [path.name.endswith(":2,S") for path in (tmp_path / "box" / "cur").iterdir()] == [True, True]
    assert tasks.take_in_returns() == {}
    assert status_of(one.recipient) in ("unverified", "verified")


#: What the library's parser answers with a ValueError: a number that no program could have meant.
HOSTILE = "charset*" + "9" * 5000 + '="utf-8"'


def test_a_hostile_message_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    one, other = sent(people=2)
    hostile = returned("Return-Path: <>\r\nTo: {to}\r\nContent-Type: text/plain; " + HOSTILE + "\r\n\r\nno", one)
    with pytest.raises(reports.UNREADABLE):
        reports.read(hostile)
    drop(tmp_path, hostile, returned(POSTFIX, other))
    assert tasks.take_in_returns() == {"hard": 1, "other": 1}
    assert status_of(other.recipient) == ContactStatus.BOUNCING
    (kept,) = (tmp_path / "box" / "cur").iterdir()
    assert kept.read_bytes() == hostile
    assert tasks.take_in_returns() == {}, "it is not looked at again"


def refuse(envelope: Envelope) -> None:
    """Let the database refuse whatever is said of one message, as it refuses what it cannot hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.message_id = {envelope.ref} THEN RAISE EXCEPTION 'it is <lea@exemple.fr>'; END IF;"
            " RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse_it BEFORE INSERT ON delivery_bounce FOR EACH ROW EXECUTE FUNCTION refuse_it()"
        )


def test_a_report_that_cannot_be_written_down_is_set_aside_and_the_others_are_taken_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    envelopes = sent(people=7)
    refuse(envelopes[3])
    drop(tmp_path, *(returned(POSTFIX, one) for one in envelopes))
    assert tasks.take_in_returns() == {"hard": 6, "refused": 1}
    assert list((tmp_path / "box" / "new").iterdir()) == []
    (kept,) = (tmp_path / "box" / "cur").iterdir()
    assert envelopes[3].sender.encode() in kept.read_bytes()
    (line,) = [one.getMessage() for one in caplog.records if "set aside" in one.getMessage()]
    assert f"message {envelopes[3].ref} " in line
    assert "P0001" in line
    assert "lea@" not in line, "the database's own words may quote somebody"
    assert tasks.take_in_returns() == {}, "it holds nothing up the next time"


def test_an_erased_person_leaves_nothing_that_came_back(tmp_path: Path) -> None:
    (one,) = sent()
    drop(tmp_path, returned(POSTFIX, one))
    tasks.take_in_returns()
    person = Message.objects.get(pk=one.ref).person
    assert person is not None
    rights.erase(person, actor=CAMPAIGN)
    assert not Bounce.objects.exists()
    drop(tmp_path, returned(FULL, one))
    assert tasks.take_in_returns() == {"unproven": 1}


def test_the_journal_counts_and_names_nobody(tmp_path: Path) -> None:
    (one,) = sent()
    drop(tmp_path, returned(POSTFIX, one))
    tasks.take_in_returns()
    line = Entry.objects.filter(command="delivery.take_in").get()
    assert line.detail["counts"] == {"hard": 1, "unproven": 0}
    assert one.recipient not in str(line.detail)


def test_the_command_says_what_came_back(tmp_path: Path) -> None:
    (one,) = sent()
    drop(tmp_path, returned(POSTFIX, one))
    said = StringIO()
    call_command("mail_in", stdout=said)
    assert "1  " in said.getvalue().splitlines()[0]


def test_a_mailbox_that_is_not_there_is_told(tmp_path: Path, settings: Any) -> None:
    configure(settings, "returns", maildir=str(tmp_path / "nowhere"))
    with pytest.raises(CommandError):
        call_command("mail_in")
    tasks.read_returns()


@pytest.fixture
def lmtp(tmp_path: Path) -> Iterator[smtplib.LMTP]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = LmtpServer(tmp_path / "box", "retours@exemple.fr", hostname="127.0.0.1", port=port)
    server.start()
    with smtplib.LMTP("127.0.0.1", port) as line:
        yield line
    server.stop()


def test_a_mail_server_hands_bounces_over_by_lmtp(tmp_path: Path, lmtp: smtplib.LMTP) -> None:
    (one,) = sent()
    # The report itself names nothing: where it came to is enough.
    bare = returned(POSTFIX, one).replace(one.sender.encode(), b"-").replace(b"Message-ID", b"X-Id")
    lmtp.sendmail("", one.sender, bare.replace(b"\n", b"\r\n"))
    assert tasks.take_in_returns() == {"hard": 1}


@pytest.mark.parametrize("to", ["autre@exemple.fr", "retours@ailleurs.fr"])
def test_lmtp_takes_nothing_for_others(lmtp: smtplib.LMTP, to: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        lmtp.sendmail("", to, "Subject: x\n\nx")


def test_lmtp_takes_nothing_endless(lmtp: smtplib.LMTP) -> None:
    lmtp.ehlo_or_helo_if_needed()
    assert lmtp.docmd("MAIL", "FROM:<> SIZE=99999999")[0] == 552


class Mailbox:
    """An IMAP server of one folder, on a real socket; it knows just what is asked of it."""

    def __init__(self, *messages: bytes, refuses: str = "") -> None:
        self.messages = dict(enumerate(messages, 1))
        self.flags: dict[int, str] = {}
        self.refuses = refuses
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        try:
            sock, _address = self._listener.accept()
        except OSError:
            return
        with sock, sock.makefile("rb") as lines:
            sock.sendall(b"* OK ready\r\n")
            for line in lines:
                tag, words = line.decode().strip().split(" ", 1)
                if self.refuses and words.upper().startswith(self.refuses):
                    sock.sendall(f"{tag} NO refused\r\n".encode())
                    continue
                sock.sendall(self._answer(words) + f"{tag} OK done\r\n".encode())
                if words == "LOGOUT":
                    return

    def _answer(self, words: str) -> bytes:
        if words.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if words.startswith("SELECT"):
            return f"* {len(self.messages)} EXISTS\r\n".encode()
        if words.startswith("UID SEARCH"):
            return f"* SEARCH {' '.join(map(str, sorted(self.messages.keys() - self.flags.keys())))}\r\n".encode()
        if words.startswith("UID FETCH"):
            number = int(words.split()[2])
            content = self.messages[number]
            return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (number, number, len(content), content)
        if words.startswith("UID STORE"):
            self.flags[int(words.split()[2])] = words
        if words.startswith("CLOSE"):
            self.messages = {at: one for at, one in self.messages.items() if "Deleted" not in self.flags.get(at, "")}
        return b""


@contextlib.contextmanager
def mailbox(settings: Any, *messages: bytes, refuses: str = "") -> Iterator[Mailbox]:
    box = Mailbox(*messages, refuses=refuses)
    configure(
        settings,
        "returns",
        maildir="",
        imap_host="127.0.0.1",
        imap_port=box.port,
        imap_security="none",
        imap_user="u",
        imap_password="p",
    )
    try:
        yield box
    finally:
        box.stop()


def test_bounces_are_read_by_imap_and_the_rest_is_left_there(settings: Any) -> None:
    (one,) = sent()
    with mailbox(settings, returned(POSTFIX, one), b"From: a@b\r\n\r\nBonjour") as box:
        assert tasks.take_in_returns() == {"hard": 1, "other": 1}
    assert list(box.messages.values()) == [b"From: a@b\r\n\r\nBonjour"]
    assert status_of(one.recipient) == ContactStatus.BOUNCING


@pytest.mark.parametrize("act", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"])
def test_a_mailbox_that_refuses_is_unavailable_and_says_so(settings: Any, act: str) -> None:
    (one,) = sent()
    with mailbox(settings, returned(POSTFIX, one), refuses=act), pytest.raises(ReaderUnavailable):
        tasks.take_in_returns()


def test_nobody_at_the_other_end_is_unavailable(settings: Any) -> None:
    with mailbox(settings) as box:
        box.stop()
        with pytest.raises(ReaderUnavailable):
            tasks.take_in_returns()
