"""What came back is read for what it says, however it was written, and never costs more than it may."""

from __future__ import annotations

import secrets
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.delivery.rules import bounces, reports, tokens
from portevoix.delivery.types import Bad
from tests.delivery.returned_mail import POSTFIX, SAMPLES, Sample

SIGNATURE = "a" * 16
TO = f"retours+42-{SIGNATURE}@exemple.fr"
ID = f"42.abcdefgh.{SIGNATURE}@exemple.fr"


def filled(raw: str, to: str = TO, ident: str = ID) -> bytes:
    return raw.replace("{to}", to).replace("{id}", ident).encode("utf-8")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.name)
def test_each_servers_words_are_understood(sample: Sample) -> None:
    found = reports.read(filled(sample.raw))
    if sample.bad is None:
        assert found is None
    else:
        assert found == reports.Report(42, SIGNATURE, sample.bad, sample.status)


def test_without_its_return_path_a_report_is_known_by_the_message_it_quotes() -> None:
    found = reports.read(filled(POSTFIX, to="campagne@exemple.fr"))
    assert found == reports.Report(42, SIGNATURE, Bad.HARD, "5.1.1")


def test_a_report_that_quotes_nothing_of_ours_is_none() -> None:
    assert reports.read(filled(POSTFIX, to="campagne@exemple.fr", ident="x@y.fr")) is None


@pytest.mark.parametrize(
    ("words", "bad"),
    [
        ("550 5.1.1 User unknown", Bad.HARD),
        ("550 no such user here", Bad.HARD),
        ("550 Requested action not taken: mailbox unavailable", Bad.HARD),
        ("550 5.7.1 Relaying denied", Bad.POLICY),
        ("554 5.7.1 rejected by policy: SPF fail", Bad.POLICY),
        ("550 5.1.1 blocked: poor reputation, see our policy", Bad.POLICY),
        ("552 5.2.2 mailbox full", Bad.SOFT),
        ("552 5.3.4 message too big", Bad.POLICY),
        ("451 4.7.1 greylisted", Bad.POLICY),
        ("421 too many connections", Bad.POLICY),
        ("450 4.7.1 poor reputation", Bad.POLICY),
        ("421 4.7.0 try again later", Bad.POLICY),
        ("452 4.2.2 mailbox full by our policy", Bad.SOFT),
        ("421 later", Bad.SOFT),
        ("554 transaction failed", Bad.SOFT),
        ("550 Boîte inexistante", Bad.HARD),
        ("550 Adresse du destinataire inconnue", Bad.HARD),
        ("550 Boîte aux lettres pleine", Bad.SOFT),
        ("250 2.0.0 ok", None),
        ("550 5.1.8 <c@x.example>: Sender address rejected: Domain not found", Bad.POLICY),
        ("550 5.1.0 <c@x.example>: Sender address rejected: User unknown in local recipient table", Bad.POLICY),
        ("550 5.1.7 invalid address", Bad.POLICY),
        ("550 Sender verify failed", Bad.POLICY),
        ("450 4.1.8 <c@x.example>: Sender address rejected: Domain not found", Bad.POLICY),
        ("550 5.7.0 Sender rejected", Bad.POLICY),
        ("550 Invalid sender", Bad.POLICY),
        ("550 5.1.0 sender address does not exist", Bad.POLICY),
        ("550 5.1.1 expéditeur inconnu", Bad.POLICY),
        ("552 5.1.1 5.2.2 sorry, final recipient mailbox is full (chkuser)", Bad.SOFT),
        ("550 5.1.6 mailbox moved, quota unknown", Bad.HARD),
    ],
)
def test_only_what_says_that_nobody_is_there_is_final(words: str, bad: Bad | None) -> None:
    assert reports.verdict(words)[0] is bad


@pytest.mark.parametrize(("soft", "dead"), [(1, False), (4, False), (5, True), (50, True)])
def test_an_address_is_given_up_after_a_month_of_soft_bounces(soft: int, dead: bool) -> None:
    assert bounces.is_dead(soft) is dead


@pytest.mark.parametrize(
    ("action", "bad"),
    [
        ("failed", Bad.HARD),
        ("failure", Bad.HARD),
        ("Failed.", Bad.HARD),
        ("", Bad.HARD),
        ("delayed", None),
        ("Delayed;", None),
        ("delivered", None),
        ("relayed", None),
        ("expanded (to a list)", None),
    ],
)
def test_a_misspelt_action_does_not_lose_a_bounce(action: str, bad: Bad | None) -> None:
    raw = POSTFIX.replace("Action: failed", f"Action: {action}")
    assert f"Action: {action}" in raw
    found = reports.read(filled(raw))
    assert (found.bad if found else None) is bad


def nested(depth: int) -> str:
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n" for at in range(depth))
    return f"Return-Path: <>\nFrom: mailer-daemon@x\nTo: {TO}\n{head}\n550 5.1.1"


BOMBS = {
    "parts-in-parts": nested(5000),
    "messages-in-messages": f"To: {TO}\n" + "Content-Type: message/rfc822\n\n" * 5000,
    "a-million-headers": f"Return-Path: <>\nTo: {TO}\n" + "X: y\n" * 200_000,
    "one-endless-line": f"Return-Path: <>\nTo: {TO}\nSubject: " + "=?utf-8?q?" * 30_000,
    "many-continuations": f"Return-Path: <>\nTo: {TO}\nSubject: a\n" + " b\n" * 100_000,
    "twenty-megabytes": f"Return-Path: <>\nTo: {TO}\n\n" + "a b c 5.1 " * 2_000_000,
    "many-boundaries": f"To: {TO}\nContent-Type: multipart/report; boundary=b\n\n" + "--b\n\n" * 50_000,
    "dashes": f"Return-Path: <>\nFrom: mailer-daemon@x\nTo: {TO}\n\n" + "--" * 100_000,
    "almost-unknown": f"Return-Path: <>\nFrom: mailer-daemon@x\nTo: {TO}\n\n" + "user " * 50_000,
    "almost-a-field": f"To: {TO}\nContent-Type: message/delivery-status\n\nfinal-recipient\n" + "status:\n " * 30_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_a_few_seconds_at_most(name: str) -> None:
    raw = BOMBS[name].encode()
    began = time.process_time()
    reports.read(raw)
    assert time.process_time() - began < 4


@given(st.binary(max_size=2000))
def test_whatever_comes_is_read_without_a_fault(noise: bytes) -> None:
    reports.judged(noise)
    reports.judged(
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + noise
    )


STATUS_PART = "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
#: What the library's own parser refuses to write, decode or compare.
TRAPS = {
    "eight bits in a header": f"Return-Path: <>\nTo: {TO}\nPrecedence: é\n\n550 5.1.1 user unknown".encode("latin-1"),
    "a page break in a field": f"To: {TO}\n{STATUS_PART}Status: 5.1.1\nDiagnostic-Code: smtp; 5\x0cuser: b\n".encode(),
    "a vertical tab in a field": f"To: {TO}\n{STATUS_PART}Status: 5.1.1\nAction: failed\x0bto: b\n".encode(),
    "a charset for host names": f"To: {TO}\nContent-Type: text/plain; charset=idna\nFrom: <>\n\né..".encode(),
    "a charset with a zero": f'To: {TO}\nContent-Type: text/plain; charset="a\0b"\nFrom: <>\n\né'.encode(),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_for_the_reader_is_read_like_any_other(name: str) -> None:
    reports.read(TRAPS[name])


def test_a_delivery_status_with_a_page_break_says_what_it_says() -> None:
    found = reports.read(TRAPS["a page break in a field"])
    assert found is not None
    assert (found.bad, found.status) == (Bad.HARD, "5.1.1")


WORDS = st.text(st.sampled_from('aé\0\x0b\x0c\x1c\x85:;=\r\n \t\udcff"<>5.'), max_size=40)


@given(
    st.lists(st.tuples(st.sampled_from(["Precedence", "From", "Subject", "Content-Type", "Auto-Submitted"]), WORDS)),
    st.lists(st.tuples(st.sampled_from(["Status", "Action", "Diagnostic-Code", "Final-Recipient"]), WORDS)),
)
def test_whatever_stands_in_the_fields_is_read_without_a_fault(
    headers: list[tuple[str, str]], fields: list[tuple[str, str]]
) -> None:
    above, below = ("".join(f"{name}: {value}\n" for name, value in some) for some in (headers, fields))
    for raw in (f"To: {TO}\n{above}\n{below}", f"To: {TO}\n{above}{STATUS_PART}{below}"):
        reports.read(raw.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("code", ["23456789", "a2345678", "abcdefgh", "9"])
def test_a_message_id_names_its_message_whatever_the_code_of_its_batch(code: str) -> None:
    assert tokens.returned(f"Message-ID: <417.{code}.{'b' * 16}@exemple.fr>".encode()) == (417, "b" * 16)
    both = f"To: <retours+7-{'c' * 16}@exemple.fr>\nMessage-ID: <417.{code}.{'b' * 16}@exemple.fr>"
    assert tokens.returned(both.encode()) == (7, "c" * 16)


def test_the_name_of_a_batch_is_never_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "choice", lambda signs: signs[-1])
    assert tokens.new_code() == "z9999999"


def test_the_first_of_our_return_paths_counts() -> None:
    other = f"retours+7-{'b' * 16}@exemple.fr"
    assert tokens.returned(filled(f"To: {other}\n\n{TO}")) == (7, "b" * 16)
