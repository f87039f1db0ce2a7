"""What providers report to us by HTTP: who bounced, complained or left, read by django-anymail or as it reads."""

from __future__ import annotations

from typing import Any

from anymail.signals import EventType
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from portevoix.delivery.readers.scaleway import ScalewayTrackingWebhookView
from portevoix.delivery.rules import tokens
from portevoix.delivery.rules.reports import Report
from portevoix.delivery.types import Bad

VIEWS = {
    "brevo": BrevoTrackingWebhookView,
    "mailjet": MailjetTrackingWebhookView,
    "scaleway": ScalewayTrackingWebhookView,
}
KINDS = {
    EventType.COMPLAINED: Bad.COMPLAINT,
    EventType.UNSUBSCRIBED: Bad.LEFT,
    EventType.REJECTED: Bad.POLICY,
}
#: Brevo says it in the event, Mailjet in a field.
HARD = {"hard_bounce", "invalid_email"}


def read(provider: str, request: HttpRequest, secret: str) -> list[Report]:
    """Return what a provider reports. Raises KeyError for one without reports, SuspiciousOperation for a stranger."""
    view = VIEWS[provider](webhook_secret=secret)
    view.run_validators(request)
    try:
        events = view.parse_events(request)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SuspiciousOperation("not a report") from error
    return [report for event in events if (report := _report(event)) is not None]


def _report(event: Any) -> Report | None:
    bad = _hard_or_soft(event.esp_event) if event.event_type == EventType.BOUNCED else KINDS.get(event.event_type)
    proof = event.metadata.get(tokens.PROOF) if isinstance(event.metadata, dict) else None
    if bad is None or not isinstance(proof, str):
        return None
    found = tokens.read_proof(proof)
    return Report(*found, bad, "") if found is not None else None


def _hard_or_soft(event: dict[str, Any]) -> Bad:
    return Bad.HARD if event.get("event") in HARD or event.get("hard_bounce") is True else Bad.SOFT
