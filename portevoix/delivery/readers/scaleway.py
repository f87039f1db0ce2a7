"""What Scaleway's Transactional Email says through a topic of Topics and Events: who bounced, and who called it spam.

A topic speaks as Amazon SNS does: an envelope in JSON whose `Message` is the event, itself in JSON. Which message it is
about stands in the header that the message was given on its way (`X-Metadata`), among the event's own.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.base import AnymailCoreWebhookView
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from portevoix.delivery.rules import reports
from portevoix.delivery.types import Bad

logger = logging.getLogger(__name__)

#: Their own topics, one host a region: nothing else of theirs, where customers have pages and buckets of their own.
TOPICS = re.compile(r"sns\.mnq\.[a-z]{2}-[a-z]{3}\.scaleway\.com")
CONFIRMS = "ConfirmSubscription"
#: Seconds for which their answer is waited for.
PATIENCE = 10
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
            _confirm(str(envelope.get("SubscribeURL") or ""))
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


def _confirm(address: str) -> None:
    """Confirm the subscription of this instance to a topic. The address is a key: no log holds it."""
    if not is_theirs(address):
        logger.warning("somebody who knows the secret asks to confirm a topic that is not Scaleway's: nothing is done")
    elif visited(address):
        logger.info("the subscription to Scaleway's topic is confirmed")
    else:
        logger.error("the subscription to Scaleway's topic could not be confirmed: make it again in their console")


def is_theirs(address: str) -> bool:
    """Tell whether an address confirms a subscription at Scaleway's own, and nowhere else."""
    try:
        place = urlsplit(address)
        is_whole = place.netloc == place.hostname and place.fragment == ""
    except ValueError:
        return False
    asked = parse_qs(place.query).get("Action")
    return is_whole and place.scheme == "https" and bool(TOPICS.fullmatch(place.netloc)) and asked == [CONFIRMS]


def visited(address: str) -> bool:
    """Ask for an address once, and follow it nowhere; tell whether it was taken."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(address, timeout=PATIENCE, allow_redirects=False, stream=True).status_code == 200
    except requests.RequestException:
        return False
