"""European providers by their own interfaces, through django-anymail.

They take fields, not octets: each message is taken apart again. The provider signs it, chooses its return path and
its Message-ID; what it reports later is known by the proof that travels with the message (`metadata`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import Any

from anymail.backends.brevo import EmailBackend as Brevo
from anymail.backends.mailjet import EmailBackend as Mailjet
from anymail.backends.scaleway import EmailBackend as Scaleway
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailStatus
from django.core.mail import EmailMultiAlternatives
from requests import ConnectionError as NoConnection
from requests import ConnectTimeout
from requests.exceptions import SSLError
from urllib3.exceptions import NewConnectionError

from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.rules import tokens
from portevoix.delivery.types import Envelope, Outcome, Result

#: What a provider takes along of our headers: the way out, the list, and that a machine writes.
HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Auto-Submitted")
#: Our key is wrong, or unpaid: no message is to blame.
KEY_REFUSED = (401, 402, 403)
#: We ask too often (RFC 6585, 4): the queue waits, and no message loses an attempt.
TOO_MANY = 429
#: The provider says that it took nothing, for now.
LATER = (408, 425, 503)
#: How a provider says that it takes nothing from this sender: in words (Brevo), by the field at fault (Scaleway's
#: `argument_name`, Mailjet's `ErrorRelatedTo`), or by the sending domain that it does not know.
OF_SENDER = re.compile(
    r'\bsender\b|"argument_name"\s*:\s*"from\b|"ErrorRelatedTo"\s*:\s*\[[^]]*"From\b|"resource"\s*:\s*"domain"', re.I
)
#: A reader's own address may hold any word.
ADDRESS = re.compile(r"""[^\s"'<>,;:]*@[^\s"'<>,;:]*""")
LONGEST_EVIDENCE = 300


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Which provider, with which account."""

    name: str
    key: str
    secret: str = ""
    #: Empty for the provider's usual one.
    url: str = ""
    timeout: float = 30


class ProviderTransport:
    """One kept-open HTTP session with a provider."""

    def __init__(self, provider: Provider) -> None:
        options: dict[str, Any] = {"timeout": provider.timeout, **({"api_url": provider.url} if provider.url else {})}
        if provider.name == "scaleway":
            self._backend = Scaleway(secret_key=provider.key, project_id=provider.secret, **options)
        elif provider.name == "brevo":
            self._backend = Brevo(api_key=provider.key, **options)
        else:
            self._backend = Mailjet(api_key=provider.key, secret_key=provider.secret, **options)
        self._tracks = provider.name == "mailjet"

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Send in order; see `Transport`."""
        self._backend.open()
        for envelope in envelopes:
            message = self._message(envelope)
            if committing(envelope.ref):
                yield self._send(envelope.ref, message)

    def close(self) -> None:
        """Let the session go."""
        self._backend.close()

    def _message(self, envelope: Envelope) -> EmailMultiAlternatives:
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, Parsed)  # noqa: S101 - what this policy makes
        text, page = parsed.get_body(("plain",)), parsed.get_body(("html",))
        message = EmailMultiAlternatives(
            subject=str(parsed["Subject"]),
            body=text.get_content() if text is not None else "",
            from_email=str(parsed["From"]),
            to=[envelope.recipient],
            reply_to=[str(parsed["Reply-To"])] if parsed["Reply-To"] else None,
            headers={name: str(parsed[name]) for name in HEADERS if parsed[name]},
        )
        if page is not None:
            message.attach_alternative(page.get_content(), "text/html")
        if (proof := tokens.returned(f"<{parsed['Message-ID']}".replace("<<", "<").encode())) is not None:
            message.metadata = {tokens.PROOF: tokens.proof(*proof)}  # type: ignore[attr-defined]
        if self._tracks:
            # Nobody is followed (loi Informatique et Libertés, art. 82).
            message.track_clicks = message.track_opens = False  # type: ignore[attr-defined]
        return message

    def _send(self, ref: int, message: EmailMultiAlternatives) -> Result:
        try:
            self._backend.send_messages([message])
        except AnymailRecipientsRefused as error:
            return Result(ref, Outcome.REFUSED, 0, _in_words(error))
        except AnymailAPIError as error:
            return _judged(ref, error)
        except AnymailError as error:
            # The provider cannot say what the message says: it was not asked.
            return Result(ref, Outcome.REFUSED, 0, _in_words(error))
        told: AnymailStatus = message.anymail_status  # type: ignore[attr-defined]
        if told.status and "failed" in told.status:
            # What Mailjet did not take comes back without an error.
            return _refused(ref, told.esp_response)
        return Result(ref, Outcome.SENT, 250, "taken by the provider")


def _refused(ref: int, response: Any) -> Result:
    """Return the refusal of one message; raises ServerUnavailable where it is no message's fault."""
    words = _shortened(f"HTTP {response.status_code} {response.text}")
    if response.status_code in (*KEY_REFUSED, TOO_MANY) or _is_about_the_sender(response):
        raise ServerUnavailable(words)
    return Result(ref, Outcome.REFUSED, 0, words)


def _judged(ref: int, error: AnymailAPIError) -> Result:
    """Tell a refusal from what may have been taken; raises ServerUnavailable when nothing can have been."""
    status = error.status_code
    if status is None:
        if _never_arrived(error):
            raise ServerUnavailable(_in_words(error)) from error
        return Result(ref, Outcome.UNCERTAIN, 0, _in_words(error))
    if status in KEY_REFUSED or status == TOO_MANY:
        raise ServerUnavailable(_in_words(error)) from error
    if 400 <= status < 500 and _is_about_the_sender(error.response):
        # None of the readers is to blame: everything waits until the team has put it right.
        raise ServerUnavailable(_in_words(error)) from error
    if status in LATER:
        return Result(ref, Outcome.DEFERRED, 0, _in_words(error))
    # Below 400 it took the message and answered nonsense.
    outcome = Outcome.REFUSED if 400 <= status < 500 else Outcome.UNCERTAIN
    return Result(ref, outcome, 0, _in_words(error))


def _is_about_the_sender(response: Any) -> bool:
    words = getattr(response, "text", "")
    return OF_SENDER.search(ADDRESS.sub("", words)) is not None


def _never_arrived(error: AnymailAPIError) -> bool:
    cause = error.__cause__
    if isinstance(cause, ConnectTimeout | SSLError):
        return True
    reason = getattr(cause.args[0], "reason", None) if isinstance(cause, NoConnection) and cause.args else None
    return isinstance(reason, NewConnectionError)


def _in_words(error: AnymailError) -> str:
    """Say what happened in a line, without the message that anymail shows along."""
    status = f"HTTP {error.status_code} " if error.status_code else ""
    response = getattr(error, "response", None)
    said = response.text if response is not None else f"{error.args[0] if error.args else ''} {error.__cause__ or ''}"
    return _shortened(f"{status}{said}")


def _shortened(words: str) -> str:
    return " ".join(words.split())[:LONGEST_EVIDENCE]
