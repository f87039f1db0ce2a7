"""The audience of the public site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from portevoix.accounts.office import seen_by
from portevoix.audience import selectors

#: Numbers of days that may be shown.
SPANS = (30, 90)


@seen_by()
def audience(request: HttpRequest) -> HttpResponse:
    """Show visits by day, page and origin."""
    asked = request.GET.get("jours", "")
    span = int(asked) if asked in {str(number) for number in SPANS} else SPANS[0]
    context = {
        "measured": selectors.measured(span),
        "span": span,
        "spans": SPANS,
        "header_title": gettext("Audience"),
        "header_icon": "chart",
        "breadcrumbs_items": [{"url": "", "label": gettext("Audience")}],
    }
    return render(request, "audience/audience.html", context)
