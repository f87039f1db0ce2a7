"""What is offered to whoever passes an action on, and what came of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, pgettext
from wagtail.models import Page

from portevoix.actions import rules
from portevoix.actions.models import Participation, ShareCode
from portevoix.actions.types import ShareLink
from portevoix.intake.models import Submission

#: Below that many, a number would say who of one's friends signed (RGPD art. 9): none is said.
FEWEST_SAID = 3


def passed_on(page: Page, *, code: str = "", text: str = "") -> dict[str, Any]:
    """Return what the block of sharing shows of a page: the address to copy, and one link for each way."""
    return {
        "share_address": rules.with_origin(page.full_url, "copie", medium="partage", code=code),
        "share_links": links_of(page, code=code, text=text),
    }


def links_of(page: Page, *, code: str = "", text: str = "") -> list[ShareLink]:
    """Return the ways to pass a page on, in the reader's language."""
    words = text or getattr(page, "share_text", "") or page.title
    labels = {"email": gettext("E-mail"), "sms": pgettext("way to share", "Text message")}
    return rules.share_links(page.full_url, words, subject=page.title, labels=labels, code=code)


def passed_on_by(submission: Submission) -> dict[str, Any]:
    """Return the same for whoever confirmed: their own link, and how many signed by it, from three on."""
    taken = Participation.objects.filter(submission=submission).counted().select_related("page").first()
    if taken is None:
        return {}
    code = ShareCode.objects.filter(page=taken.page_id, person=taken.person_id).values_list("code", flat=True).first()
    page = taken.page.specific
    if code is None or not page.live:
        return {}
    brought = Participation.objects.filter(page=page.pk, recruiter=taken.person_id).counted().count()
    return {**passed_on(page, code=code), "brought": brought if brought >= FEWEST_SAID else 0, "is_own_link": True}
