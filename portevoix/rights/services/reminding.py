"""The command that reminds those who answer requests: counts and days, no name (RGPD art. 5(1)(f))."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.services.reminding import remind
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.rights.models import Request
from portevoix.rights.rules import deadlines
from portevoix.rights.selectors.requests import answerers
from portevoix.rights.types import RequestState


@command("rights.remind_of_requests", label=_("Remind those who answer requests"))
def remind_of_requests(*, actor: Actor) -> int:
    """Write to the data officers and directors about what is near its last day, late or paused.

    Once a mark, a day, a week. Return how many requests that is. May run twice a day: nobody is told twice.
    """
    today = clock.today()
    marks: dict[int, int] = {}
    waiting = Request.objects.select_for_update().owed()
    for request in waiting.exclude(reminded_on=today):
        owed = _owed(request, today)
        if owed is not None:
            marks[request.pk] = owed
            request.last_reminder, request.reminded_on = owed, today
            request.save(update_fields=["last_reminder", "reminded_on"])
    for user, reach in answerers():
        seen = Request.objects.visible_to(reach).filter(pk__in=marks).values_list("pk", flat=True)
        if body := _told([marks[pk] for pk in seen]):
            remind(
                user,
                subject=gettext("Requests of persons that wait for an answer"),
                body=body,
                path=reverse("requests:desk"),
                actor=actor,
            )
    note(count=len(marks))
    return len(marks)


def _owed(request: Request, today: date) -> int | None:
    if request.state != RequestState.PAUSED or request.paused_on is None:
        return deadlines.reminder(request.days_left, request.last_reminder)
    return deadlines.PAUSED if deadlines.is_pause_long(today, request.paused_on, request.reminded_on) else None


def _told(marks: list[int]) -> str:
    parts = []
    if late := marks.count(deadlines.LATE):
        parts.append(
            ngettext("%(count)d request is past its last day.", "%(count)d requests are past their last day.", late)
            % {"count": late}
        )
    for days in reversed(deadlines.REMINDERS):
        if near := marks.count(days):
            parts.append(
                ngettext(
                    "%(count)d request must be answered within %(days)d days.",
                    "%(count)d requests must be answered within %(days)d days.",
                    near,
                )
                % {"count": near, "days": days}
            )
    if paused := marks.count(deadlines.PAUSED):
        parts.append(
            ngettext(
                "%(count)d request has waited for a proof of identity for a week or more.",
                "%(count)d requests have waited for a proof of identity for a week or more.",
                paused,
            )
            % {"count": paused}
        )
    return " ".join(parts)
