"""Reads about the second reader of automations: whether one is needed, and what waits for an answer."""

from __future__ import annotations

from django.db.models import QuerySet

from portevoix.accounts.types import Actor
from portevoix.journeys.models import Version, VersionApproval
from portevoix.journeys.types import WRITES
from portevoix.mailings import selectors as mailings


def needs_approval(version: Version) -> bool:
    """Tell whether a version writes to people while the campaign asks for a second reader."""
    return version.steps.filter(kind__in=WRITES).exists() and mailings.is_approval_asked()


def approvals_of(version: Version) -> QuerySet[VersionApproval]:
    """Return what was asked and answered about a version, the last first."""
    return VersionApproval.objects.filter(version=version).select_related("asked_by", "answered_by")


def awaiting(actor: Actor) -> QuerySet[VersionApproval]:
    """Return what waits for an answer that this member of staff may give."""
    waiting = VersionApproval.objects.waiting().filter(version__published_at=None).select_related("version__journey")
    return waiting.exclude(asked_by=int(actor.ident)) if actor.kind == "staff" else waiting
