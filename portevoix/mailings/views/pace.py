"""How fast letters leave, and when those that wait will have left."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from portevoix.accounts.office import seen_by
from portevoix.delivery import selectors as outbox
from portevoix.kernel import clock
from portevoix.kernel.charts import Bar
from portevoix.mailings.models import Departure, Mailing
from portevoix.mailings.types import UNDER_WAY


@require_safe
@seen_by()
def show(request: HttpRequest) -> HttpResponse:
    """Show the plan of the host, the present pace, and what leaves or will."""
    found = outbox.pace_now()
    context = {
        **page(gettext("Pace of sending")),
        "pace": found,
        "hours": _hours(found),
        "plan": _plan(found),
        "over_at": found.finish(),
        "under_way": _under_way(found),
        "ahead": Departure.objects.ahead().select_related("mailing").order_by("at")[:20],
    }
    return render(request, "mailings/pace.html", context)


def page(title: str) -> dict[str, Any]:
    """Return what Wagtail's page around a screen about all messages shows."""
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("mailings:index"), "label": gettext("Messages")},
        {"url": "", "label": title},
    ]
    return {"header_title": title, "screen": title, "header_icon": "mail", "breadcrumbs_items": crumbs}


def _hours(found: outbox.PaceNow) -> list[Bar]:
    """Gather the steps of the last day into hours."""
    hours: dict[Any, int] = {}
    for at, count in found.steps:
        hour = at.astimezone(clock.PARIS).replace(minute=0, second=0, microsecond=0)
        hours[hour] = hours.get(hour, 0) + count
    return [Bar(date_format(at, "j F, H:i"), count) for at, count in hours.items()]


def _plan(found: outbox.PaceNow) -> list[dict[str, Any]]:
    """Return the days of the warm-up plan, today's marked."""
    first = found.limits.warm_up_from
    today = (clock.today() - first).days if first else -1
    return [{"day": day + 1, "most": most, "is_today": day == today} for day, most in enumerate(found.limits.warm_up)]


def _under_way(found: outbox.PaceNow) -> list[dict[str, Any]]:
    rows = []
    for mailing in Mailing.objects.filter(state__in=UNDER_WAY).select_related("batch").order_by("sent_at"):
        result = outbox.results(mailing.batch)  # type: ignore[arg-type]
        is_leaving = result.queued + result.sending > 0
        over_at = found.finish(result.queued + result.sending) if is_leaving else None
        rows.append({"mailing": mailing, "waiting": result.waiting, "total": result.total, "over_at": over_at})
    return [row for row in rows if row["waiting"]]
