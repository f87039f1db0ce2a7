"""Any gateway that takes one HTTP request a message, on a real socket: what it takes, refuses, and does wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from portevoix.delivery.dispatch import texts
from portevoix.delivery.models import Message, TextReceipt
from portevoix.delivery.services import texting
from portevoix.delivery.types import Text
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose
from tests.delivery.factories import states
from tests.delivery.operator import CAMPAIGN, TUESDAY, configure, queue, textable
from tests.people.factories import GroundFactory

pytestmark = pytest.mark.django_db
#: A status and a body; or close the line before the answer, or in the middle of it; or say nothing.
HANG_UP, BREAK_OFF, SAY_NOTHING = -1, -2, -3
Answer = tuple[int, str]


class Gateway:
    """A gateway that listens: it keeps what it is asked, and answers what a test wants."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: Callable[[int], Answer] = lambda number: (202, f'{{"id": "m-{number}"}}')
        self.stopped = threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                gateway.asked.append((self.command, self.path, dict(self.headers), body))
                gateway._give(self, *gateway.answer(len(gateway.asked)))

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/send"

    def _give(self, handler: BaseHTTPRequestHandler, status: int, body: str) -> None:
        if status == SAY_NOTHING:
            self.stopped.wait(20)
        if status in {HANG_UP, SAY_NOTHING}:
            handler.close_connection = True
            return
        said = body.encode()
        handler.send_response(202 if status == BREAK_OFF else status)
        if 300 <= status < 400:
            handler.send_header("Location", f"{self.url}?elsewhere=1")
        handler.send_header("Content-Length", str(len(said) + (100 if status == BREAK_OFF else 0)))
        handler.end_headers()
        handler.wfile.write(said)
        handler.close_connection = status == BREAK_OFF

    def __enter__(self) -> Gateway:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def configured(settings: Any, gateway: Gateway, **keys: Any) -> None:
    usual = {
        "backend": "gateway",
        "gateway_url": gateway.url,
        "gateway_headers": ["Authorization: Bearer a-key-of-theirs", "X-Message: {id}"],
        "gateway_body": '{"to": "{to}", "from": "{from}", "text": "{text}"}',
        "gateway_reference": '"id": "([^"]+)"',
        "timeout": 1.0,
        "stop_mention": "STOP au 36180",
    }
    configure(settings, None, **{**usual, **keys})


@pytest.fixture(autouse=True)
def gateway(settings: Any, tmp_path: Any) -> Iterator[Gateway]:
    settings.DATA_DIR = tmp_path
    with Gateway() as running, clock.stopped_at(TUESDAY):
        configured(settings, running)
        yield running


def test_what_it_takes_is_sent_with_its_own_name_and_the_mention_of_stop(gateway: Gateway) -> None:
    textable(phone="+33639981111", first_name="Zoé")
    batch = queue(words='Ricochet : « à jeudi », {{ first_name }} "vite"\\ !')
    assert texts.run().fault == ""
    assert states(batch) == {"sent": 1}
    method, _path, headers, body = gateway.asked[0]
    said = json.loads(body)
    assert (method, said["to"], said["from"]) == ("POST", "+33639981111", "Ricochet")
    assert '"vite"\\ !' in said["text"]
    assert said["text"].endswith("STOP au 36180")
    assert headers["Authorization"] == "Bearer a-key-of-theirs"
    assert headers["X-Message"] == str(Message.objects.get().pk)
    assert headers["Content-Type"] == "application/json"
    receipt = TextReceipt.objects.get()
    assert (receipt.reference, receipt.parts) == ("m-1", 1)


def test_it_may_be_asked_by_an_address_alone(gateway: Gateway, settings: Any) -> None:
    url = gateway.url + "?to={to_digits}&m={text}&s={from}"
    configured(settings, gateway, gateway_method="GET", gateway_url=url, gateway_body="", gateway_reference="[0-9]+")
    gateway.answer = lambda number: (200, "queued 42")
    textable(phone="+33639981112")
    queue(words="Venez & riez = oui ?")
    texts.run()
    method, path, headers, body = gateway.asked[0]
    said = parse_qs(urlsplit(path).query)
    assert (method, body, said["to"], said["s"]) == ("GET", b"", ["33639981112"], ["Ricochet"])
    assert said["m"][0].startswith("Venez & riez = oui ?\n")
    assert "Content-Type" not in headers
    assert TextReceipt.objects.get().reference == "42"


def test_everybody_is_asked_for_once_over_one_line(gateway: Gateway) -> None:
    batch = queue(people=30)
    texts.run()
    assert (states(batch), len(gateway.asked)) == ({"sent": 30}, 30)
    assert len({json.loads(body)["to"] for _method, _path, _headers, body in gateway.asked}) == 30


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((400, "number +33639981111 is not ours"), "failed"),
        ((422, "no"), "failed"),
        # It may have been heard: never guessed, never told again.
        ((500, "oops"), "uncertain"),
        ((502, ""), "uncertain"),
        ((204, ""), "uncertain"),
        ((302, "elsewhere"), "uncertain"),
        ((HANG_UP, ""), "uncertain"),
        ((BREAK_OFF, '{"id": '), "uncertain"),
        ((SAY_NOTHING, ""), "uncertain"),
        ((408, ""), "queued"),
        ((429, ""), "queued"),
        ((503, ""), "queued"),
    ],
)
def test_what_it_answers_otherwise_is_told_for_what_it_is(gateway: Gateway, answer: Answer, state: str) -> None:
    batch = queue(people=1)
    gateway.answer = lambda number: answer
    texts.run()
    assert states(batch) == {state: 1}
    texts.run()  # what may come later waits for its moment; what is uncertain is not told twice
    assert len(gateway.asked) == 1
    assert "elsewhere" not in gateway.asked[0][1]


def test_a_success_that_does_not_look_like_one_is_uncertain(gateway: Gateway, settings: Any) -> None:
    configured(settings, gateway, gateway_success_pattern='"status":\\s*"ok"')
    gateway.answer = lambda number: (200, '{"status": "ko"}' if number == 1 else '{"status": "ok", "id": "m"}')
    batch = queue(people=2)
    texts.run()
    assert states(batch) == {"sent": 1, "uncertain": 1}


@pytest.mark.parametrize("status", [401, 402, 403, 404, 407])
def test_where_it_takes_nothing_from_us_everything_waits_and_says_why(gateway: Gateway, status: int) -> None:
    gateway.answer = lambda number: (status, "no")
    batch = queue(people=5)
    summary = texts.run()
    assert str(status) in summary.fault
    assert "a-key-of-theirs" not in summary.fault
    assert states(batch) == {"queued": 5}


def test_where_nobody_listens_everything_waits(gateway: Gateway, settings: Any) -> None:
    configured(settings, gateway, gateway_url="http://127.0.0.1:9/send")
    batch = queue(people=3)
    assert texts.run().fault
    assert states(batch) == {"queued": 3}


def test_no_number_is_in_the_evidence_of_a_refusal(gateway: Gateway) -> None:
    gateway.answer = lambda number: (400, "number +33639981111 is not ours")
    queue(people=1)
    texts.run()
    message = Message.objects.get()
    assert "not ours" in message.reply
    assert "3363998" not in message.reply


def test_what_a_person_asked_for_has_no_mention_of_stop(gateway: Gateway) -> None:
    person = textable()
    GroundFactory(person=person, purpose=Purpose.SERVICE, channel=Channel.SMS)
    audience = gate.admit(Person.objects.all(), purpose=Purpose.SERVICE, channel=Channel.SMS)
    texting.send_texts(Text(words="Votre code"), audience, actor=CAMPAIGN)
    texts.run()
    assert json.loads(gateway.asked[0][3])["text"] == "Votre code"
