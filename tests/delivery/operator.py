"""The demo's own operator on a real socket, with faults on demand, and texts queued through the door."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from typing import Any

from portevoix.accounts.types import System
from portevoix.conf.instance import Sms
from portevoix.delivery.models import Batch
from portevoix.delivery.services import texting
from portevoix.delivery.types import Text
from portevoix.operations.textcatcher.interface import Keys
from portevoix.operations.textcatcher.phones import Response
from portevoix.operations.textcatcher.service import BASE, Handler, Operator
from portevoix.operations.textcatcher.store import Store
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose
from tests.people.factories import GroundFactory, PersonFactory, PhoneFactory

CAMPAIGN = System("tests")
KEYS = Keys("application", "a secret of theirs", "consumer", "sms-test-1")
SECRET = "a-long-word-that-nobody-guesses"
#: A Tuesday morning: texts may arrive in all of the mainland.
TUESDAY = datetime(2027, 3, 16, 9, tzinfo=UTC)
#: Close the line without an answer; say nothing for as long as the test lasts.
HANG_UP, SAY_NOTHING = -1, -2
_numbers = itertools.count(1)


class Telephones:
    """The operator, listening. ``fault(n)`` may say what happens to the n-th message instead of its being taken."""

    def __init__(self, **known: Any) -> None:
        self.store = Store(**known)
        self.fault: Callable[[int], Response | int | None] = lambda number: None
        self.posts = 0
        self.stopped = threading.Event()
        telephones = self

        class Faulty(Handler):
            def _answer(self) -> None:
                if self.command == "POST" and self.path.endswith("/jobs"):
                    telephones.posts += 1
                    fault = telephones.fault(telephones.posts)
                    if fault is not None:
                        self.rfile.read(int(self.headers.get("Content-Length") or 0))
                        return telephones._misbehave(self, fault)
                super()._answer()
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Faulty)
        self.url = f"http://127.0.0.1:{self._server.server_port}{BASE}"
        Faulty.operator = Operator(self.store, KEYS, base=self.url, callback="", site="http://localhost")
        self.operator = Faulty.operator

    def _misbehave(self, handler: Handler, fault: Response | int) -> None:
        if isinstance(fault, Response):
            handler._send(fault)
            return
        if fault == SAY_NOTHING:
            self.stopped.wait(20)
        handler.close_connection = True

    def __enter__(self) -> Telephones:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def words(self) -> dict[str, str]:
        """What each telephone got last."""
        return {one.phone: one.words for one in self.store.outgoing()}


def configure(settings: Any, telephones: Telephones | None = None, **keys: Any) -> Sms:
    """Let the instance send by the operator."""
    usual = {
        "backend": "ovh",
        "sender": "Ricochet",
        "webhook_secret": SECRET,
        "ovh_service": KEYS.service,
        "ovh_application_key": KEYS.application,
        "ovh_application_secret": KEYS.secret,
        "ovh_consumer_key": KEYS.consumer,
        "ovh_url": telephones.url if telephones else "http://127.0.0.1:9/1.0",
        "timeout": 1.0,
    }
    sms = Sms(**{**usual, **keys})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"sms": sms})
    return sms


def number() -> str:
    """Return a mobile number of those that are kept for fiction."""
    return f"+336399{next(_numbers) % 100000:05d}"


def textable(phone: str = "", **known: Any) -> Person:
    """Return somebody who agreed to text messages at a mobile number."""
    person: Person = PersonFactory(**known)
    PhoneFactory(person=person, number=phone or number())
    GroundFactory(person=person, purpose=Purpose.TEXTS, channel=Channel.SMS)
    return person


def audience(purpose: Purpose = Purpose.TEXTS) -> gate.Audience:
    return gate.admit(Person.objects.all(), purpose=purpose, channel=Channel.SMS)


def queue(people: int = 0, words: str = "Ricochet : à jeudi, {{ first_name|vous }} !") -> Batch:
    """Queue a text to everybody who may get it, after adding some more of them."""
    for _one in range(people):
        textable()
    return texting.send_texts(Text(words=words), audience(), actor=CAMPAIGN)
