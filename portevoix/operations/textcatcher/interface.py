"""OVHcloud's SMS interface, as far as the product uses it: signatures, jobs, receipts, answers, credit and errors."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from portevoix.delivery.rules import ovh, texting
from portevoix.operations.textcatcher.store import Sms, Store

PARIS = ZoneInfo("Europe/Paris")
#: Seconds that a signed call may be old.
FRESH = 60
RECEIVER = re.compile(r"\+[1-9][0-9]{6,14}|00[1-9][0-9]{6,14}")
#: What the platform appends where the sender did not renounce it.
STOP_CLAUSE = "\nSTOP au 36180"
#: Numbers of fiction that behave badly: refused at once, or found to be nobody's later.
INVALID, NOBODY = "0000", "0404"


@dataclass(frozen=True)
class Keys:
    """The keys that it knows."""

    application: str
    secret: str
    consumer: str
    service: str = "sms-demo-1"


@dataclass(frozen=True)
class Answer:
    """What is answered to a call."""

    status: int
    said: Any


class Refused(Exception):
    """An error as the interface tells it."""

    def __init__(self, status: int, kind: str, message: str, code: str = "") -> None:
        super().__init__(message)
        told = {"class": f"Client::{kind}", "message": message}
        self.answer = Answer(status, {**told, "errorCode": code, "httpCode": f"{status} {kind}"} if code else told)


class Interface:
    """Answers calls. ``taken`` is told of each message that was taken, to send its receipt later."""

    def __init__(self, store: Store, keys: Keys, *, base: str, taken: Callable[[Sms], None] = lambda sms: None) -> None:
        self.store, self.keys, self.base = store, keys, base
        self._taken = taken
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = [
            ("GET", re.compile(r"/sms"), lambda query, asked: [self.keys.service]),
            ("GET", re.compile(r"/sms/([^/]+)"), self._service),
            ("POST", re.compile(r"/sms/([^/]+)/jobs"), self._send),
            ("GET", re.compile(r"/sms/([^/]+)/jobs"), lambda query, asked, service: []),
            ("GET", re.compile(r"/sms/([^/]+)/outgoing/(\d+)"), self._outgoing),
            ("GET", re.compile(r"/sms/([^/]+)/incoming"), self._incoming_list),
            ("GET", re.compile(r"/sms/([^/]+)/incoming/(\d+)"), self._incoming),
            ("GET", re.compile(r"/sms/([^/]+)/blacklists"), lambda query, asked, service: sorted(self.store.barred)),
            ("GET", re.compile(r"/sms/([^/]+)/blacklists/(\+\d+)"), self._barred),
        ]

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a call whose path is given below the base's."""
        address = urlsplit(target)
        if (method, address.path) == ("GET", "/auth/time"):
            return Answer(HTTPStatus.OK, int(time.time()))
        try:
            self._check(method, target, headers, body)
            asked = self._json(body)
            query = {key: values[-1] for key, values in parse_qs(address.query).items()}
            for verb, pattern, act in self._routes:
                found = pattern.fullmatch(address.path)
                if found and verb == method:
                    if found.groups() and found[1] != self.keys.service:
                        raise Refused(404, "NotFound", "This service does not exist")
                    return Answer(HTTPStatus.OK, act(query, asked, *found.groups()))
            raise Refused(404, "NotFound", "Got an invalid (or empty) URL")
        except Refused as refused:
            return refused.answer

    def _check(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        if headers.get("X-Ovh-Application") != self.keys.application:
            raise Refused(403, "Forbidden", "This application key is invalid", "INVALID_KEY")
        if headers.get("X-Ovh-Consumer") != self.keys.consumer:
            raise Refused(403, "Forbidden", "This credential does not exist", "NOT_CREDENTIAL")
        moment = headers.get("X-Ovh-Timestamp", "")
        keys = (self.keys.secret, self.keys.consumer)
        expected = ovh.signature(keys, method, self.base + target, body.decode("utf-8", "replace"), moment)
        if not ovh.is_signed(headers.get("X-Ovh-Signature", ""), expected):
            raise Refused(400, "BadRequest", "Invalid signature", "INVALID_SIGNATURE")
        if not moment.isdecimal() or abs(int(moment) - time.time()) > FRESH:
            raise Refused(400, "BadRequest", "Query out of time", "QUERY_TIME_OUT")

    def _json(self, body: bytes) -> dict[str, Any]:
        try:
            said = json.loads(body) if body else {}
        except ValueError:
            raise Refused(400, "BadRequest", "Invalid JSON received") from None
        return said if isinstance(said, dict) else {}

    def _service(self, query: dict[str, str], asked: dict[str, Any], service: str) -> dict[str, Any]:
        return {"name": service, "status": "enable", "creditsLeft": self.store.credits, "smsResponse": {}}

    def _send(self, query: dict[str, str], asked: dict[str, Any], service: str) -> dict[str, Any]:
        words, receivers = asked.get("message"), asked.get("receivers")
        if not isinstance(words, str) or not words or not isinstance(receivers, list) or not receivers:
            raise Refused(400, "BadRequest", "Missing message or receivers")
        if not asked.get("sender") and not asked.get("senderForResponse"):
            raise Refused(400, "BadRequest", "You must specify a sender")
        if not asked.get("noStopClause"):
            words += STOP_CLAUSE
        parts = texting.measure(words).parts
        valid = [one for one in receivers if RECEIVER.fullmatch(str(one)) and not str(one).endswith(INVALID)]
        valid = [one for one in valid if asked.get("noStopClause") or one not in self.store.barred]
        invalid = [one for one in receivers if one not in valid]
        with self.store.lock:
            if self.store.credits < parts * len(valid):
                raise Refused(403, "Forbidden", "Not enough credits on this account")
            sender = str(asked.get("sender") or "36180")
            tag = str(asked.get("tag") or "")
            made = [
                self.store.add(str(one), sender=sender, words=words, at=_now(), parts=parts, tag=tag) for one in valid
            ]
            if made:
                self.store.spend(parts * len(made))
        for sms in made:
            self._taken(sms)
        return {
            "totalCreditsRemoved": parts * len(made),
            "invalidReceivers": invalid,
            "validReceivers": valid,
            "ids": [sms.ident for sms in made],
            "tag": tag,
        }

    def _outgoing(self, query: dict[str, str], asked: dict[str, Any], service: str, ident: str) -> dict[str, Any]:
        sms = self.store.messages.get(int(ident))
        if sms is None or sms.is_answer:
            raise Refused(404, "NotFound", "The requested object does not exist")
        return {
            "id": sms.ident,
            "receiver": sms.phone,
            "sender": sms.sender,
            "message": sms.words,
            "deliveryReceipt": int(sms.description),
            "ptt": int(sms.ptt),
            "creationDatetime": sms.at,
            "credits": sms.parts,
            "tag": sms.tag,
        }

    def _incoming_list(self, query: dict[str, str], asked: dict[str, Any], service: str) -> list[int]:
        since = query.get("creationDatetime.from")
        found = self.store.incoming()
        if since:
            moment = datetime.fromisoformat(since)
            found = [one for one in found if datetime.fromisoformat(one.at) >= moment]
        return [one.ident for one in found]

    def _barred(self, query: dict[str, str], asked: dict[str, Any], service: str, number: str) -> dict[str, Any]:
        if number not in self.store.barred:
            raise Refused(404, "NotFound", "The requested object does not exist")
        return {"number": number, "dateCreation": self.store.barred[number]}

    def _incoming(self, query: dict[str, str], asked: dict[str, Any], service: str, ident: str) -> dict[str, Any]:
        sms = self.store.messages.get(int(ident))
        if sms is None or not sms.is_answer:
            raise Refused(404, "NotFound", "The requested object does not exist")
        told = {"id": sms.ident, "sender": sms.phone, "message": sms.words, "creationDatetime": sms.at}
        return {**told, "credits": 0, "tag": ""}


def _now() -> str:
    return datetime.now(PARIS).isoformat(timespec="seconds")
