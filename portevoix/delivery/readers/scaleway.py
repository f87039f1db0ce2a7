"""What Scaleway's Transactional Email says through a topic of Topics and Events: who bounced, and who called it spam.

A topic speaks as Amazon SNS does: an envelope in JSON whose `Message` is the event, itself in JSON. Which message it is
about stands in the header that the message was given on its way (`X-Metadata`), among the event's own.
"""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.base import AnymailCoreWebhookView
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from portevoix.delivery.rules import reports
from portevoix.delivery.types import Bad

logger = logging.getLogger(__name__)

#: Their own pages, where a subscription is confirmed.
HOSTS = (".scaleway.com", ".scw.cloud")
#: A refusal that the server said in words is judged by them, as one by SMTP is.
DROPPED, NOBODY, BARRED, SPAM = "email_dropped", "email_mailbox_not_found", "email_blocklisted", "email_spam"
KINDS = {Bad.HARD: EventType.BOUNCED, Bad.SOFT: EventType.BOUNCED, Bad.POLICY: EventType.REJECTED}


class ScalewayTrackingWebhookView(AnymailCoreWebhookView):
    """Reads a call of a topic, as the library's own views read those of other providers."""

    esp_name = "Scaleway"
    webhook_secret = ""

    def validate_request(self, request: HttpRequest) -> None:
        """Believe nobody without the secret, by login or in the address: a topic may know of no login."""
        told = request.GET.get("secret", "")
        login = _login(request)
        if not any(constant_time_compare(one, self.webhook_secret) for one in (told, login)):
            raise AnymailWebhookValidationFailure("neither the login nor the secret of this instance")

    def parse_events(self, request: HttpRequest) -> list[AnymailTrackingEvent]:
        """Return the event of a call, if it tells of one."""
        envelope = json.loads(request.body)
        kind = envelope.get("Type")
        if kind == "SubscriptionConfirmation":
            _tell_the_host(str(envelope.get("SubscribeURL") or ""))
            return []
        told = json.loads(envelope["Message"]) if kind == "Notification" else envelope
        event_type = _kind(told)
        if event_type is None:
            return []
        hard = told["type"] in {NOBODY, BARRED} or _verdict(told) is Bad.HARD
        return [
            AnymailTrackingEvent(
                event_type=event_type, metadata=_metadata(told), esp_event={**told, "hard_bounce": hard}
            )
        ]


def _login(request: HttpRequest) -> str:
    from anymail.utils import get_request_basic_auth

    return get_request_basic_auth(request) or ""


def _kind(told: dict[str, Any]) -> str | None:
    said = told.get("type")
    if said in {NOBODY, BARRED}:
        return str(EventType.BOUNCED)
    if said == DROPPED:
        return str(KINDS[_verdict(told)])
    if said == SPAM:
        # Said by a server that refused it, that is its opinion of us; of what was delivered, the reader's.
        is_refused = str(told.get("email_response_code") or "")[:1] in {"4", "5"}
        return str(EventType.REJECTED if is_refused else EventType.COMPLAINED)
    return None


def _verdict(told: dict[str, Any]) -> Bad:
    code = told.get("email_response_code") or ""
    words = f"{code} {told.get('email_response_message') or told.get('email_error') or ''}".strip()
    if not words:
        return Bad.HARD
    found, _status = reports.verdict(words)
    return found if found in KINDS else Bad.HARD


def _metadata(told: dict[str, Any]) -> dict[str, Any]:
    for header in told.get("email_headers") or []:
        if str(header.get("name", "")).lower() == "x-metadata":
            found = json.loads(header.get("value") or "{}")
            return found if isinstance(found, dict) else {}
    return {}


def _tell_the_host(address: str) -> None:
    """Leave it to the host: an address that anybody may have sent is not visited by this machine."""
    place = urlsplit(address)
    if place.scheme == "https" and (place.hostname or "").endswith(HOSTS):
        logger.warning("Scaleway asks to confirm the subscription to its topic: open %s once", address)
