"""Text messages by HTTP: OVHcloud's interface, and any gateway that the configuration describes.

One request a message, so that what is known of it is known of it alone. No key and no number is ever part of a fault
that is written down.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
from requests import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, InvalidSchema, InvalidURL, MissingSchema, SSLError
from urllib3.exceptions import NewConnectionError

from portevoix.delivery.exceptions import CreditExhausted, KeysRefused, ServerUnavailable
from portevoix.delivery.rules import gateways, ovh, texting
from portevoix.delivery.types import Envelope, Outcome, Result, TextBody

#: The code of a message whose number is nobody's, as in SMTP.
NOBODY = 550
#: The provider says that it took nothing, for now.
LATER = (408, 425, 429, 503)
LONGEST_EVIDENCE = 200
#: Minutes for which operators try: what is sent in the evening does not arrive in the night.
VALID_FOR = 240
NUMBER = re.compile(r"\+?[0-9][0-9 .]{5,}[0-9]")


@dataclass(frozen=True, kw_only=True)
class OvhAccount:
    """One SMS account at OVHcloud."""

    service: str
    application_key: str
    application_secret: str
    consumer_key: str
    url: str = "https://eu.api.ovh.com/1.0"
    #: Empty for a short number that can be answered.
    sender: str = ""
    timeout: float = 20

    @property
    def path(self) -> str:
        return f"/sms/{self.service}"


class OvhClient:
    """Signed calls to the interface. Raises ServerUnavailable when nothing can have happened."""

    def __init__(self, account: OvhAccount) -> None:
        self.account = account
        self._session = _session()
        #: Seconds that their clock is ahead of ours.
        self._ahead: int | None = None

    def call(self, method: str, path: str, asked: dict[str, Any] | None = None) -> requests.Response:
        """Ask; the answer may be of any status. Raises ServerUnavailable, Unanswered."""
        if self._ahead is None:
            self._ahead = self._look_at_their_clock()
        address = self.account.url + path
        body = json.dumps(asked, ensure_ascii=False) if asked is not None else ""
        moment = str(int(time.time()) + self._ahead)
        keys = (self.account.application_secret, self.account.consumer_key)
        headers = {
            "X-Ovh-Application": self.account.application_key,
            "X-Ovh-Consumer": self.account.consumer_key,
            "X-Ovh-Timestamp": moment,
            "X-Ovh-Signature": ovh.signature(keys, method, address, body, moment),
            "Content-Type": "application/json; charset=utf-8",
        }
        return _ask(self._session, method, address, headers, body.encode(), self.account.timeout)

    def read(self, path: str) -> Any:
        """Return what is at a path. Raises ServerUnavailable for whatever else than an answer."""
        try:
            response = self.call("GET", path)
        except Unanswered as error:
            raise ServerUnavailable(str(error)) from error
        if response.status_code != 200:
            raise _fault(response)
        return _json(response)

    def credits_left(self) -> float:
        """Return how many parts are paid for. Raises ServerUnavailable."""
        said = self.read(self.account.path)
        left = said.get("creditsLeft") if isinstance(said, dict) else None
        if not isinstance(left, int | float):
            raise ServerUnavailable("an answer without creditsLeft")
        return float(left)

    def close(self) -> None:
        self._session.close()

    def _look_at_their_clock(self) -> int:
        try:
            answer = _ask(self._session, "GET", f"{self.account.url}/auth/time", {}, b"", self.account.timeout)
            return int(answer.text.strip()) - int(time.time())
        except Unanswered as error:
            raise ServerUnavailable(str(error)) from error
        except ValueError as error:
            raise ServerUnavailable("their clock cannot be read") from error


class OvhTransport:
    """Text messages by OVHcloud."""

    def __init__(self, account: OvhAccount) -> None:
        self._client = OvhClient(account)
        self._has_looked = False

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Send in order; see `Transport`."""
        for envelope in envelopes:
            # With an envelope in hand: one that was never drawn would be nobody's.
            self._look()
            if committing(envelope.ref):
                yield self._send(envelope)

    def close(self) -> None:
        """Let the session go."""
        self._client.close()

    def _look(self) -> None:
        if not self._has_looked and self._client.credits_left() <= 0:
            raise CreditExhausted("no credit left")
        self._has_looked = True

    def _send(self, envelope: Envelope) -> Result:
        body = TextBody.unpacked(envelope.content)
        account = self._client.account
        asked = {
            "message": body.words,
            "receivers": [envelope.recipient],
            # They add how to get no more, unless the reader asked for this very message.
            "noStopClause": not body.is_list,
            "charset": "UTF-8",
            "coding": "7bit" if texting.is_cheap(body.words) else "8bit",
            "class": "phoneDisplay",
            "priority": "medium" if body.is_list else "high",
            "validityPeriod": VALID_FOR,
            "tag": f"pv{envelope.ref}",
            **({"sender": account.sender} if account.sender else {"senderForResponse": True}),
        }
        try:
            response = self._client.call("POST", f"{account.path}/jobs", asked)
        except Unanswered as error:
            return Result(envelope.ref, Outcome.UNCERTAIN, 0, str(error))
        return _judged(envelope.ref, response)


def _judged(ref: int, response: requests.Response) -> Result:
    """Tell a refusal from what may have been taken. Raises ServerUnavailable when nothing can have been."""
    status = response.status_code
    if 200 <= status < 300:
        return _taken(ref, response)
    if status in LATER:
        return Result(ref, Outcome.DEFERRED, status, _in_words(response))
    if status >= 500 or status < 400:
        return Result(ref, Outcome.UNCERTAIN, status, _in_words(response))
    fault = _fault(response)
    if isinstance(fault, CreditExhausted | KeysRefused):
        raise fault
    return Result(ref, Outcome.REFUSED, status, _in_words(response))


def _taken(ref: int, response: requests.Response) -> Result:
    said = _json(response)
    if not isinstance(said, dict) or not isinstance(said.get("ids"), list):
        return Result(ref, Outcome.UNCERTAIN, response.status_code, "an answer that cannot be read")
    if said["ids"]:
        return Result(ref, Outcome.SENT, 250, f"{said['ids'][0]} {_number(said.get('totalCreditsRemoved'))}")
    if said.get("invalidReceivers"):
        return Result(ref, Outcome.REFUSED, NOBODY, "the number is invalid")
    return Result(ref, Outcome.REFUSED, response.status_code, "not taken")


def _number(value: Any) -> int:
    return max(int(value), 1) if isinstance(value, int | float) else 1


def _fault(response: requests.Response) -> ServerUnavailable:
    """Return what an answer without success says of us, rather than of one message."""
    said = _json(response)
    name = str(said.get("errorCode") or said.get("class") or "") if isinstance(said, dict) else ""
    told = str(said.get("message") or "") if isinstance(said, dict) else ""
    words = f"HTTP {response.status_code} {name}".strip()[:LONGEST_EVIDENCE]
    if response.status_code == 402 or "credit" in told.lower():
        return CreditExhausted(words)
    if response.status_code in (401, 403, 404) or name in ovh.ABOUT_KEYS:
        return KeysRefused(words)
    return ServerUnavailable(words)


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Any gateway, as the configuration describes it."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    content_type: str
    success: list[int]
    success_pattern: str
    reference: str
    sender: str
    stop_mention: str
    timeout: float = 20


class GatewayTransport:
    """Text messages by one HTTP request each."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._session = _session()

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Send in order; see `Transport`."""
        for envelope in envelopes:
            if committing(envelope.ref):
                yield self._send(envelope)

    def close(self) -> None:
        """Let the session go."""
        self._session.close()

    def _send(self, envelope: Envelope) -> Result:
        gateway, text = self._gateway, TextBody.unpacked(envelope.content)
        words = texting.with_mention(text.words, gateway.stop_mention if text.is_list else "")
        values = {
            "to": envelope.recipient,
            "to_digits": envelope.recipient.lstrip("+"),
            "text": words,
            "from": gateway.sender,
            "id": str(envelope.ref),
        }
        body = gateways.filled(gateway.body, values, style=gateways.style_of(gateway.content_type))
        headers = {name: gateways.filled(value, values, style="plain") for name, value in gateway.headers.items()}
        if body:
            headers["Content-Type"] = gateway.content_type
        address = gateways.filled(gateway.url, values)
        try:
            response = _ask(self._session, gateway.method, address, headers, body.encode(), gateway.timeout)
        except Unanswered as error:
            return Result(envelope.ref, Outcome.UNCERTAIN, 0, str(error))
        return self._judged(envelope.ref, response, texting.measure(words).parts)

    def _judged(self, ref: int, response: requests.Response, parts: int) -> Result:
        gateway, status = self._gateway, response.status_code
        if gateways.is_success(status, response.text, statuses=gateway.success, pattern=gateway.success_pattern):
            return Result(ref, Outcome.SENT, 250, f"{gateways.reference(response.text, gateway.reference)} {parts}")
        if status in LATER:
            return Result(ref, Outcome.DEFERRED, status, f"HTTP {status}")
        if status == 402:
            raise CreditExhausted(f"HTTP {status}")
        if status in (401, 403, 404, 407):
            raise KeysRefused(f"HTTP {status}")
        # A success that does not look like one may be one.
        outcome = Outcome.REFUSED if 400 <= status < 500 else Outcome.UNCERTAIN
        return Result(ref, outcome, status, _in_words(response))


class Unanswered(Exception):
    """The request left and no whole answer came: it may have been heard."""


def _session() -> requests.Session:
    session = requests.Session()
    # Neither a proxy nor a login of the machine's gets between the keys and whom they are for.
    session.trust_env = False
    return session


def _ask(
    session: requests.Session, method: str, address: str, headers: dict[str, str], body: bytes, timeout: float
) -> requests.Response:
    """Ask, and follow nobody elsewhere. Raises ServerUnavailable when nothing can have arrived, Unanswered."""
    try:
        return session.request(
            method, address, headers=headers, data=body or None, timeout=timeout, allow_redirects=False
        )
    except (ConnectTimeout, SSLError, InvalidURL, InvalidSchema, MissingSchema) as error:
        raise ServerUnavailable(type(error).__name__) from None
    except NoConnection as error:
        if isinstance(getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError):
            raise ServerUnavailable("no connection") from None
        raise Unanswered("the line broke before the answer") from None
    except requests.Timeout:
        raise Unanswered("no answer in time") from None
    except requests.RequestException as error:
        raise Unanswered(type(error).__name__) from None


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _in_words(response: requests.Response) -> str:
    """Say what was answered in a line, without numbers of telephones."""
    said = NUMBER.sub("…", " ".join(response.text.split()))
    return f"HTTP {response.status_code} {said}"[:LONGEST_EVIDENCE]
