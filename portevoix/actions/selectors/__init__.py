"""What action pages show of who took part."""

from __future__ import annotations

from typing import Any

from wagtail.models import Page

from portevoix.actions.models import ActionPage, Participation, SignedPage
from portevoix.actions.selectors.signatures import shown_of
from portevoix.intake.models import Submission

def page_of(submission: Submission) -> Page | None:
    """Return the page on which a form was sent, as it is now."""
    taken = Participation.objects.filter(submission=submission).select_related("page").first()
    return taken.page.specific if taken else None


def shown_by(page: ActionPage) -> dict[str, Any]:
    """Return what a page shows of its participants: how many, and the names of who agreed to it."""
    return shown_of(page) if isinstance(page, SignedPage) else {}
