"""Each way a server can behave, on a real socket, has one clear outcome for each message."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.delivery.types import Envelope, Outcome, Result
from tests.delivery.scripted_server import CERTIFICATE, HANG_UP, SAY_NOTHING, ScriptedServer

MAKE = {"pipelined": ("PIPELINING",), "one by one": ()}
BOTH_WAYS = pytest.mark.parametrize("extensions", MAKE.values(), ids=MAKE.keys())


def envelope(ref: int, recipient: str = "", content: bytes = b"Subject: a\r\n\r\nbody\r\n") -> Envelope:
    return Envelope(ref, "campagne@exemple.fr", recipient or f"p{ref}@exemple.fr", content)


def deliver(server: ScriptedServer, *envelopes: Envelope, **options: object) -> list[Result]:
    transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port, hello="ici", **options))  # type: ignore[arg-type]
    try:
        return list(transport.deliver(iter(envelopes), committing=lambda ref: True))
    finally:
        transport.close()


def outcomes(results: list[Result]) -> dict[int, Outcome]:
    return {result.ref: result.outcome for result in results}


def nth(number: int, answer: str, otherwise: str) -> Callable[[int], str]:
    return lambda count: answer if count == number else otherwise


@BOTH_WAYS
def test_messages_arrive_in_order_over_one_session(extensions: tuple[str, ...]) -> None:
    with ScriptedServer(extensions=extensions) as server:
        results = deliver(server, *(envelope(ref) for ref in range(1, 6)))
    assert results == [Result(ref, Outcome.SENT, 250, "taken") for ref in range(1, 6)]
    assert server.recipients == [f"p{ref}@exemple.fr" for ref in range(1, 6)]
    assert server.sessions == 1
    assert server.lines[-1] == "QUIT"


def test_a_content_and_the_next_envelope_leave_together() -> None:
    with ScriptedServer() as server:
        deliver(server, envelope(1), envelope(2))
    together = b"body\r\n.\r\nMAIL FROM:<campagne@exemple.fr>\r\nRCPT TO:<p2@exemple.fr>\r\nDATA\r\n"
    assert any(read.endswith(together) for read in server.reads)


def test_nothing_is_pipelined_to_a_server_that_does_not_offer_it() -> None:
    with ScriptedServer(extensions=()) as server:
        deliver(server, envelope(1), envelope(2))
    assert all(read.count(b"MAIL") + read.count(b"RCPT") + read.count(b"DATA") <= 1 for read in server.reads)


@pytest.mark.parametrize(
    "content",
    [
        b".\r\n",
        b"..\r\n.\r\n.a\r\n",
        b"Subject: a\r\n\r\n.first\r\nmiddle .\r\n.",
        b"no line end",
        b"a\r\n.\r\nMAIL FROM:<somebody@else.example>\r\n",
    ],
)
def test_dots_that_open_a_line_never_end_a_message(content: bytes) -> None:
    with ScriptedServer() as server:
        results = deliver(server, envelope(1, content=content), envelope(2))
    received = b"\r\n".join(line.removeprefix(b".") for line in server.contents[0].split(b"\r\n"))
    assert received == content.removesuffix(b"\r\n")
    assert outcomes(results) == {1: Outcome.SENT, 2: Outcome.SENT}
    assert len(server.contents) == 2


@BOTH_WAYS
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "final dot"])
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("450 4.2.1 later", Outcome.DEFERRED), ("550 5.1.1 nobody here", Outcome.REFUSED)],
)
def test_a_refusal_is_of_one_message_only(
    extensions: tuple[str, ...], command: str, reply: str, outcome: Outcome
) -> None:
    usual = {"DATA": "354 go on"}.get(command, "250 ok")
    with ScriptedServer({command: nth(2, reply, usual)}, extensions) as server:
        results = deliver(server, envelope(1), envelope(2), envelope(3))
    if command == "MAIL":
        outcome = Outcome.DEFERRED  # it is about us, and ours to mend
    assert outcomes(results) == {1: Outcome.SENT, 2: outcome, 3: Outcome.SENT}
    assert results[1].code == int(reply[:3])
    assert results[1].reply == reply[4:]
    assert server.sessions == 1


@BOTH_WAYS
def test_a_refused_recipient_is_cleared_before_the_next_message(extensions: tuple[str, ...]) -> None:
    with ScriptedServer({"RCPT TO:<p1@": "550 no", "DATA": nth(1, "503 no recipient", "354 go on")}) as server:
        server.extensions = extensions
        if not extensions:
            server.answers["DATA"] = "354 go on"
        results = deliver(server, envelope(1), envelope(2))
    assert outcomes(results) == {1: Outcome.REFUSED, 2: Outcome.SENT}
    verbs = [line.split(" ")[0] for line in server.lines]
    assert verbs.index("RSET") < len(verbs) - 1 - verbs[::-1].index("MAIL")


def test_a_server_that_wants_a_content_for_nobody_gets_an_empty_one() -> None:
    with ScriptedServer({"RCPT TO:<p1@": "550 no"}) as server:
        results = deliver(server, envelope(1), envelope(2))
    assert outcomes(results) == {1: Outcome.REFUSED, 2: Outcome.SENT}
    assert server.contents[0] == b""


@BOTH_WAYS
def test_a_server_that_says_enough_is_called_again(extensions: tuple[str, ...]) -> None:
    with ScriptedServer({"MAIL": nth(2, "421 enough for now", "250 ok")}, extensions) as server:
        results = deliver(server, envelope(1), envelope(2), envelope(3))
    assert outcomes(results) == dict.fromkeys((1, 2, 3), Outcome.SENT)
    assert server.sessions == 2


@BOTH_WAYS
def test_an_idle_session_that_was_closed_costs_no_message(extensions: tuple[str, ...]) -> None:
    with ScriptedServer({"MAIL": nth(2, HANG_UP, "250 ok")}, extensions) as server:
        results = deliver(server, envelope(1), envelope(2))
    assert outcomes(results) == {1: Outcome.SENT, 2: Outcome.SENT}


def test_closing_after_the_final_dot_defers_that_message_and_calls_again() -> None:
    with ScriptedServer({"final dot": nth(1, "421 closing", "250 ok")}) as server:
        results = deliver(server, envelope(1), envelope(2))
    assert outcomes(results) == {1: Outcome.DEFERRED, 2: Outcome.SENT}
    assert server.sessions == 2


@BOTH_WAYS
@pytest.mark.parametrize("end", [HANG_UP, f"250 ta{HANG_UP}", "what?", "999 what?"])
def test_a_line_lost_before_the_reply_to_the_final_dot_leaves_that_message_uncertain(
    extensions: tuple[str, ...], end: str
) -> None:
    with ScriptedServer({"final dot": nth(2, end, "250 taken")}, extensions) as server:
        results = deliver(server, envelope(1), envelope(2), envelope(3))
    assert outcomes(results) == {1: Outcome.SENT, 2: Outcome.UNCERTAIN, 3: Outcome.SENT}
    assert len(server.contents) == 3


def test_a_server_silent_after_the_final_dot_leaves_the_message_uncertain() -> None:
    with ScriptedServer({"final dot": SAY_NOTHING}) as server:
        (result,) = deliver(server, envelope(1), final_timeout=0.2)
    assert result.outcome is Outcome.UNCERTAIN
    assert "no answer in time" in result.reply


@BOTH_WAYS
def test_a_line_lost_in_the_middle_of_a_content_defers_the_message(extensions: tuple[str, ...]) -> None:
    # Larger than what two kernels buffer: the final dot cannot have left.
    content = b"x" * 70 + b"\r\n"
    with ScriptedServer(content_limit=1000, extensions=extensions) as server:
        (result,) = deliver(server, envelope(1, content=content * 400_000))
    assert result.outcome is Outcome.DEFERRED
    assert "before the message was complete" in result.reply


@BOTH_WAYS
def test_a_server_that_breaks_at_each_envelope_defers_it_and_is_given_up(extensions: tuple[str, ...]) -> None:
    with ScriptedServer({"RCPT": HANG_UP}, extensions) as server:
        transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port))
        results = []
        with pytest.raises(ServerUnavailable):
            results.extend(transport.deliver(map(envelope, range(1, 9)), committing=lambda ref: True))
    assert outcomes(results) == dict.fromkeys((1, 2, 3), Outcome.DEFERRED)
    assert server.sessions == 3


@BOTH_WAYS
@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("MAIL", "550 5.7.1 not from here"),
        ("RCPT", "450 4.1.8 Sender address rejected: Domain not found"),
        ("MAIL", "451 4.3.0 try again"),
        ("RCPT", "550 5.1.8 Sender address rejected: Domain not found"),
        ("RCPT", "550 5.1.0 Sender address rejected: User unknown in local recipient table"),
    ],
)
def test_a_server_that_refuses_the_sender_is_asked_three_times_at_most(
    extensions: tuple[str, ...], command: str, reply: str
) -> None:
    with ScriptedServer({command: reply}, extensions) as server:
        transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port))
        results = []
        is_of_us = reply != "451 4.3.0 try again"
        with pytest.raises(ServerUnavailable, match=reply[4:]) if is_of_us else nullcontext():
            results.extend(transport.deliver(map(envelope, range(1, 9)), committing=lambda ref: True))
        transport.close()
    asked = 3 if is_of_us else 8
    assert {one.is_of_sender for one in results} == {is_of_us}
    assert outcomes(results) == dict.fromkeys(range(1, asked + 1), Outcome.DEFERRED)


def test_a_refusal_followed_by_a_hang_up_is_a_refusal() -> None:
    with ScriptedServer({"RCPT TO:<p1@": f"554 5.7.1 blocked\r\n{HANG_UP}"}) as server:
        results = deliver(server, envelope(1), envelope(2))
    assert outcomes(results) == {1: Outcome.REFUSED, 2: Outcome.SENT}
    assert results[0].reply == "5.7.1 blocked"


@BOTH_WAYS
def test_a_server_silent_before_the_content_defers_the_message(extensions: tuple[str, ...]) -> None:
    with ScriptedServer({"RCPT": SAY_NOTHING}, extensions) as server:
        (result,) = deliver(server, envelope(1), timeout=0.2)
    assert result.outcome is Outcome.DEFERRED


def test_an_endless_reply_ends() -> None:
    endless = "\r\n".join(["250-more"] * 200)
    with ScriptedServer({"MAIL": endless}) as server:
        (result,) = deliver(server, envelope(1))
    assert result.outcome is Outcome.DEFERRED


def test_a_reply_of_several_lines_is_one_reply() -> None:
    with ScriptedServer({"final dot": "250-2.0.0 queued\r\n250 as 4F2A"}) as server:
        (result,) = deliver(server, envelope(1))
    assert result.reply == "2.0.0 queued as 4F2A"


@pytest.mark.parametrize("greeting", ["421 busy", "554 go away", HANG_UP, "hello?"])
def test_a_server_that_does_not_open_a_session_is_unavailable(greeting: str) -> None:
    with ScriptedServer({"greeting": greeting}) as server, pytest.raises(ServerUnavailable):
        deliver(server, envelope(1))


def test_nobody_listening_is_unavailable() -> None:
    with ScriptedServer() as server:
        pass
    with pytest.raises(ServerUnavailable):
        deliver(server, envelope(1))


def test_a_server_that_never_greets_is_unavailable() -> None:
    with ScriptedServer({"greeting": SAY_NOTHING}) as server, pytest.raises(ServerUnavailable):
        deliver(server, envelope(1), timeout=0.2)


@pytest.mark.parametrize("reply", ["454 not now", "250 ok", HANG_UP])
def test_a_server_that_refuses_tls_gets_nothing_in_clear(reply: str) -> None:
    with ScriptedServer({"STARTTLS": reply}, tls=True) as server, pytest.raises(ServerUnavailable):
        deliver(server, envelope(1), security="starttls", user="u", password="p")
    assert not any(line.startswith(("AUTH", "MAIL")) for line in server.lines)


def test_a_server_without_tls_gets_nothing_in_clear() -> None:
    with ScriptedServer() as server, pytest.raises(ServerUnavailable, match="STARTTLS"):
        deliver(server, envelope(1), security="starttls")
    assert server.recipients == []


def test_a_certificate_that_nobody_signed_is_refused() -> None:
    with (
        ScriptedServer(tls=True) as server,
        pytest.raises(ServerUnavailable, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        deliver(server, envelope(1), security="starttls")
    assert server.recipients == []


def test_messages_leave_over_starttls() -> None:
    with ScriptedServer(tls=True) as server:
        trust = ssl.create_default_context(cafile=CERTIFICATE)
        results = deliver(server, envelope(1), envelope(2), security="starttls", tls=trust)
    assert outcomes(results) == {1: Outcome.SENT, 2: Outcome.SENT}
    assert server.lines[:3] == ["ehlo ici", "STARTTLS", "ehlo ici"]


def test_a_wrong_password_is_unavailable_and_says_so() -> None:
    server = ScriptedServer({"AUTH": "535 5.7.8 wrong password"}, ("PIPELINING", "AUTH PLAIN"))
    with server, pytest.raises(ServerUnavailable, match=r"535 5\.7\.8 wrong password"):
        deliver(server, envelope(1), user="marie", password="p")
    assert server.lines[1] == "AUTH PLAIN " + base64.b64encode(b"\0marie\0p").decode()


def test_a_server_that_wants_a_login_fails_no_message() -> None:
    server = ScriptedServer({"MAIL": "530 5.7.0 authentication required"})
    with server, pytest.raises(ServerUnavailable, match="authentication required"):
        deliver(server, envelope(1))


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "a b@exemple.fr",
        "a@exemple.fr>\r\nRCPT TO:<b@exemple.fr",
        "a\n@exemple.fr",
        "<a@exemple.fr>",
        "é@exemple.fr",
    ],
)
def test_an_impossible_address_is_refused_without_asking_the_server(recipient: str) -> None:
    impossible = Envelope(1, "campagne@exemple.fr", recipient, b"a\r\n")
    with ScriptedServer() as server:
        results = deliver(server, impossible, envelope(2), impossible)
    assert [result.outcome for result in results] == [Outcome.REFUSED, Outcome.SENT, Outcome.REFUSED]
    assert server.recipients == ["p2@exemple.fr"]


def test_an_accented_address_leaves_where_the_server_knows_how() -> None:
    with ScriptedServer(extensions=("PIPELINING", "SMTPUTF8")) as server:
        results = deliver(server, envelope(1, "zoé@exemple.fr"))
    assert outcomes(results) == {1: Outcome.SENT}
    assert "MAIL FROM:<campagne@exemple.fr> SMTPUTF8" in server.lines


def test_committing_is_said_before_each_content_and_never_for_a_refused_envelope() -> None:
    said: list[int] = []
    with ScriptedServer({"RCPT TO:<p2@": "550 no"}) as server:
        transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port))
        for result in transport.deliver(map(envelope, (1, 2, 3)), committing=lambda ref: not said.append(ref)):
            assert (result.ref in said) is (result.outcome is Outcome.SENT)
        transport.close()
    assert said == [1, 3]


def test_envelopes_are_drawn_at_most_one_ahead() -> None:
    drawn: list[int] = []

    def draw(ref: int) -> Envelope:
        drawn.append(ref)
        return envelope(ref)

    with ScriptedServer() as server:
        transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port))
        for result in transport.deliver(map(draw, range(1, 6)), committing=lambda ref: True):
            assert drawn[-1] <= result.ref + 1
        transport.close()


def test_an_abandoned_run_leaves_no_half_conversation_to_the_next() -> None:
    with ScriptedServer() as server:
        transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port))
        abandoned = transport.deliver(map(envelope, (1, 2)), committing=lambda ref: True)
        assert next(abandoned).ref == 1
        abandoned.close()  # type: ignore[attr-defined]
        results = list(transport.deliver([envelope(3)], committing=lambda ref: True))
        transport.close()
    assert outcomes(results) == {3: Outcome.SENT}
    assert server.sessions == 2


@BOTH_WAYS
def test_a_message_held_back_at_the_last_moment_does_not_leave(extensions: tuple[str, ...]) -> None:
    with ScriptedServer(extensions=extensions) as server:
        transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port))
        results = list(transport.deliver(map(envelope, (1, 2, 3)), committing=lambda ref: ref != 2))
        transport.close()
    assert outcomes(results) == {1: Outcome.SENT, 3: Outcome.SENT}
    assert len(server.contents) == 2
