"""What came back: bounces and complaints."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from portevoix.accounts.office import actor_of, seen_by
from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Fact
from portevoix.delivery import selectors as outbox
from portevoix.delivery.types import Bad
from portevoix.kernel import clock
from portevoix.mailings import rules
from portevoix.mailings.types import Share
from portevoix.mailings.views.pace import page
from portevoix.people.models import Person

#: Days that may be asked for.
PERIODS = (7, 30, 365)
MOST = 50


@require_safe
@seen_by()
def show(request: HttpRequest) -> HttpResponse:
    """Count what came back, by what it says and by mail domain; name addresses to whoever may know them."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in PERIODS else 30
    found = outbox.returns(clock.now() - timedelta(days=days))
    may_know = Fact.EMAIL not in hidden_from(actor_of(request))
    people = Person.objects.visible_to(actor_of(request))
    context = {
        **page(gettext("What came back")),
        "found": found,
        "days": days,
        "periods": PERIODS,
        "kinds": [
            Share(
                outbox.SETBACKS[bad.value],
                found.counts.get(bad, 0),
                rules.share(found.counts.get(bad, 0), found.sent),
                bad,
            )
            for bad in Bad
        ],
        "domains": [(one, [one.counts.get(bad, 0) for bad in Bad]) for one in found.domains],
        "states": outbox.address_states(),
        "may_know": may_know,
        "last": outbox.last_returns(people, MOST) if may_know else [],
    }
    return render(request, "mailings/returns.html", context)
