"""What pages show beside their form: results, seats, the law, whom one may write to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portevoix.actions.models import (
    ActionPage,
    Attendance,
    EventPage,
    Participation,
    Proxy,
    ProxyPage,
    SurveyPage,
    WritePage,
)
from portevoix.actions.rules import calendars, letters
from portevoix.actions.selectors.results import public_results
from portevoix.intake.models import Submission
from portevoix.territory.models import Commune


@dataclass(frozen=True)
class Representative:
    """Whom one may write to, and the link that opens the letter."""

    name: str
    office: str
    email: str
    link: str


def shown_besides(page: ActionPage, sought: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page of this type shows; ``sought`` is what a visitor looks for on it, which is not kept."""
    if isinstance(page, SurveyPage):
        return {"results": public_results(page)} if page.shows_results else {}
    if isinstance(page, EventPage):
        return _seats(page)
    if isinstance(page, ProxyPage):
        return {"law": page.law()}
    return _representatives(page, str(sought.get("seek", ""))) if isinstance(page, WritePage) else {}


def attendance_of(submission: Submission) -> Attendance | None:
    """Return the seat, or the place in the queue, that came of a form; None where none was asked for."""
    taken = Participation.objects.filter(submission=submission).first()
    found = Attendance.objects.filter(page=taken.page_id, person=taken.person_id).first() if taken else None
    if found is not None and taken is not None:
        found.refused = 1 + int(taken.answers.get("q_guests") or 0) - found.seats
    return found


def proxy_of(submission: Submission) -> Proxy | None:
    """Return the request or the offer of a proxy vote that came of a form; None where none did."""
    taken = Participation.objects.filter(submission=submission).first()
    return Proxy.objects.filter(page=taken.page_id, person=taken.person_id).first() if taken else None


def calendar_of(page: EventPage) -> str:
    """Return the meeting as calendars read it."""
    return calendars.calendar(
        calendars.Meeting(
            ident=f"{page.translation_key}@portevoix",
            title=page.title,
            starts_at=page.starts_at,
            ends_at=page.ends_at,
            place=", ".join(part for part in (page.place, page.street) if part),
            url=page.full_url or "",
            changed_at=page.cancelled_at or page.last_published_at or page.starts_at,
            is_cancelled=page.cancelled_at is not None,
        )
    )


def _seats(page: EventPage) -> dict[str, Any]:
    if page.capacity is None:
        return {}
    taken = Attendance.objects.filter(page=page.pk)
    left = max(page.capacity - taken.coming().seats(), 0)
    return {"left": 0 if taken.waiting().exists() else left, "has_limit": True}


def _representatives(page: WritePage, postcode: str) -> dict[str, Any]:
    wanted = "".join(postcode.split())
    is_known = len(wanted) == 5 and wanted.isascii() and wanted.isdigit()
    communes = list(Commune.objects.with_postcode(wanted).values_list("code", flat=True)) if is_known else []
    found = [
        Representative(
            one.value["name"],
            one.value["office"],
            one.value["email"],
            letters.mail_link(one.value["email"], page.subject, page.letter),
        )
        for one in page.representatives
        if is_known and letters.represents(one.value["places"] or "", wanted, communes)
    ]
    return {"sought": postcode[:10], "is_known": is_known, "representatives": found}
