"""What action pages show of who took part."""

from __future__ import annotations

from typing import Any

from wagtail.models import Page

from portevoix.actions.models import ActionPage, Participation, PetitionPage
from portevoix.intake.models import Submission

#: Names shown on the page of a petition.
NAMES_SHOWN = 12


def page_of(submission: Submission) -> Page | None:
    """Return the page on which a form was sent, as it is now."""
    taken = Participation.objects.filter(submission=submission).select_related("page").first()
    return taken.page.specific if taken else None


def shown_by(page: ActionPage) -> dict[str, Any]:
    """Return what a page shows of its participants: how many, and the names of who agreed to it."""
    if not isinstance(page, PetitionPage):
        return {}
    taken = Participation.objects.filter(page=page.pk)
    count = taken.counted().count() if page.shows_count or page.goal else 0
    names = taken.shown().select_related("person__commune").order_by("-confirmed_at")[:NAMES_SHOWN]
    return {
        "count": count,
        "share": min(100, round(100 * count / page.goal)) if page.goal else 0,
        "signatories": list(names) if page.shows_names else [],
    }
