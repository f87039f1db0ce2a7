"""Signatures of DKIM, read by a program that is not ours; return paths that cannot be made up."""

from __future__ import annotations

from email import message_from_bytes
from io import StringIO
from pathlib import Path
from typing import Any

import dkim as reader
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from portevoix.delivery import dispatch
from portevoix.delivery.rules import dkim, dns_records, tokens
from portevoix.delivery.rules.mime import CompiledLetter, Particulars
from portevoix.delivery.transports import signing
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Envelope, Letter
from tests.delivery.factories import queue
from tests.delivery.scripted_server import ScriptedServer

KEY = b"k" * 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("keys")
    signing.make_keys(made, "essai", "exemple.fr")
    return made


def published(folder: Path) -> dict[str, str]:
    return {one.name: one.value for one in signing.make_keys(folder, "essai", "exemple.fr")}


def verdicts(content: bytes, folder: Path) -> list[bool]:
    records = published(folder)

    def ask(name: bytes, timeout: int = 5) -> bytes | None:
        found = records.get(name.decode().rstrip("."))
        return found.encode() if found else None

    def is_good(at: int) -> bool:
        try:
            return bool(reader.DKIM(content).verify(idx=at, dnsfunc=ask))
        except reader.ValidationError:
            return False

    return [is_good(at) for at in range(content.count(b"DKIM-Signature:"))]


def written(text: str, subject: str = "Samedi, {{ first_name }}") -> bytes:
    letter = Letter(
        subject=subject,
        text=text,
        html="<p>Bonjour  à\ttous</p>\n\n",
        sender_name="Élise Aubrac",
        sender_address="campagne@exemple.fr",
        list_name="La lettre",
    )
    to = Particulars(
        recipient="c@exemple.fr",
        message_id="1.a.b@exemple.fr",
        date="Tue, 24 Nov 2026 20:00:00 +0100",
        unsubscribe_url="https://exemple.fr/u/1",
    )
    return CompiledLetter(letter, known=["first_name"]).render({"first_name": "Zoé"}, to)


@trials(max_examples=25, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), max_size=200))
def test_both_signatures_are_good_whatever_is_written(folder: Path, text: str) -> None:
    content = dkim.signed(written(f"Bonjour{text}"), signing.signers(folder, "essai", "exemple.fr"))
    assert verdicts(content, folder) == [True, True]
    assert max(len(line) for line in content.partition(b"\r\nSubject:")[0].split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Bonjour", b"Bonsoir"),
        (b"<https://exemple.fr/u/1>", b"<https://ailleurs.fr/u/1>"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"To: c@exemple.fr", b"To: d@exemple.fr"),
    ],
)
def test_what_is_changed_on_the_way_is_seen(folder: Path, before: bytes, after: bytes) -> None:
    content = dkim.signed(written("Bonjour"), signing.signers(folder, "essai", "exemple.fr"))
    assert before in content
    assert verdicts(content.replace(before, after), folder) == [False, False]


def test_a_second_sender_spoils_the_signature(folder: Path) -> None:
    content = dkim.signed(written("Bonjour"), signing.signers(folder, "essai", "exemple.fr"))
    assert verdicts(content.replace(b"To: c@", b"From: autre@ailleurs.fr\r\nTo: c@"), folder) == [False, False]


@pytest.mark.parametrize("body", [b"", b"\r\n\r\n", b"a \t b \r\n\r\n", b" \r\na", b"a\r\n \r\n"])
def test_a_body_is_relaxed_as_another_program_does(body: bytes) -> None:
    assert dkim.relaxed_body(body) == reader.canonicalization.Relaxed.canonicalize_body(body)


def test_keys_are_ours_alone_and_made_once(tmp_path: Path) -> None:
    first = signing.make_keys(tmp_path / "keys", "essai", "exemple.fr")
    assert signing.make_keys(tmp_path / "keys", "essai", "exemple.fr") == first
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


@pytest.mark.django_db
def test_the_command_says_what_to_publish_and_messages_leave_signed(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    said = StringIO()
    call_command("dkim_key", "essai", stdout=said)
    assert 'essai-rsa._domainkey.localhost. TXT "v=DKIM1; k=rsa; p=' in said.getvalue()
    with ScriptedServer() as server:
        mail = settings.INSTANCE.mail.model_copy(
            update={"host": "127.0.0.1", "port": server.port, "dkim_selector": "essai"}
        )
        settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})
        queue(people=2)
        assert dispatch.run(connections=1, seconds=60).answered == 2
    assert [message_from_bytes(one)["DKIM-Signature"] is not None for one in server.contents] == [True, True]


def test_a_key_needs_a_name() -> None:
    with pytest.raises(CommandError):
        call_command("dkim_key")


def test_a_signed_message_is_asked_for_only_when_it_leaves(folder: Path) -> None:
    inner = MemoryTransport()
    transport = signing.SigningTransport(inner, signing.signers(folder, "essai", "exemple.fr"))
    envelope = Envelope(1, "a@exemple.fr", "b@exemple.fr", written("Bonjour"))
    assert list(transport.deliver([envelope], committing=lambda ref: False)) == []
    transport.close()
    assert inner.sent == []


@given(number=st.integers(1, 2**63 - 1), address=st.emails())
def test_a_return_path_fits_and_names_the_address_written_to(number: int, address: str) -> None:
    signature = tokens.return_signature(number, address, KEY)
    path = tokens.return_address("r" * 26 + "@exemple.fr", number, signature)
    assert len(path.partition("@")[0]) <= 64
    # Mail servers may change the case of what is before the @.
    assert tokens.returned(f"To: <{path.upper()}>".encode()) == (number, signature)
    assert tokens.went_to(number, signature, ["autre@ailleurs.fr", address.upper()], [b"new", KEY]) is not None
    assert tokens.went_to(number, signature, ["autre@ailleurs.fr"], [KEY]) is None
    assert tokens.went_to(number + 1, signature, [address], [KEY]) is None


@pytest.mark.django_db
def test_each_message_has_its_own_return_path(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    mail = settings.INSTANCE.mail.model_copy(update={"return_address": "retours@exemple.fr"})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})
    queue(people=3)
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1, seconds=60)
    keys = [tokens.return_key_from(settings.SECRET_KEY)]
    for envelope in kept.sent:
        found = tokens.returned(f"To: {envelope.sender}".encode())
        assert found == tokens.returned(envelope.content), "the Message-ID is the same proof"
        assert found is not None
        assert found[0] == envelope.ref
        assert tokens.went_to(*found, [envelope.recipient], keys) == envelope.recipient


@pytest.mark.parametrize(
    ("records", "is_good"),
    [
        (["v=spf1 mx -all"], True),
        (["autre=1", "v=spf1 include:exemple.fr ~all"], True),
        (["v=spf1 +all"], False),
        (["v=spf1 mx -all", "v=spf1 a -all"], False),
        (["v=spf10 mx"], False),
        ([], False),
    ],
)
def test_one_spf_policy_that_does_not_let_everybody_in_is_good(records: list[str], is_good: bool) -> None:
    assert dns_records.has_spf(records) is is_good


@pytest.mark.parametrize(
    ("records", "is_good"),
    [
        (["v=DMARC1; p=none"], True),
        (["v=DMARC1;p=Reject; rua=mailto:a@b.fr"], True),
        (["v=DMARC1"], False),
        ([], False),
    ],
)
def test_a_dmarc_policy_says_what_to_do(records: list[str], is_good: bool) -> None:
    assert dns_records.has_dmarc(records) is is_good


def test_a_published_key_is_compared_by_its_octets() -> None:
    record = dns_records.dkim_record("ed25519", b"0" * 32)
    assert dns_records.has_key([record.replace("; ", ";  ")], record)
    assert not dns_records.has_key(["v=DKIM1; k=ed25519; p="], record)
