"""Screens of the calendar of elections."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.kernel import clock
from portevoix.territory.exceptions import SilenceIsRunning
from portevoix.territory.forms.elections import ElectionForm, RemovalForm
from portevoix.territory.models import Election
from portevoix.territory.rules import silence
from portevoix.territory.selectors import elections as selectors
from portevoix.territory.services import elections as services


@require_safe
@seen_by()
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the elections, and when the campaign is silent."""
    elections = list(Election.objects.all()[:200])
    rounds = selectors.rounds_of(elections)
    context = _screen()
    context |= {
        "elections": [{"election": one, "rounds": rounds[one.pk]} for one in elections],
        "is_silent": bool(selectors.silent_until(clock.now())),
        "next": selectors.next_silence(),
        "may_keep": may(actor_of(request), "territory.keep_election"),
    }
    if context["may_keep"]:
        context["header_buttons"] = [
            HeaderButton(gettext("Add an election"), reverse("elections:add"), icon_name="plus")
        ]
    return render(request, "territory/calendar.html", context)


@seen_by_who_may("territory.keep_election")
def keep(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write an election."""
    election = get_object_or_404(Election, pk=pk) if pk else None
    form = ElectionForm(request.POST or None, election=election)
    if request.method == "POST" and form.is_valid() and _kept(request, form, election):
        return redirect("elections:calendar")
    title = gettext("Change an election") if election else gettext("Add an election")
    context = {**_screen(title), "form": form, "election": election, "early_kinds": silence.EARLY_KINDS}
    return render(request, "territory/election.html", context)


def _kept(request: HttpRequest, form: ElectionForm, election: Election | None) -> bool:
    reason = form.cleaned_data.get("reason", "")
    try:
        services.keep_election(form.draft, election=election, reason=reason, actor=actor_of(request))
    except SilenceIsRunning:
        form.add_error("reason", gettext("The silence of this election has begun: say why it ends."))
        return False
    messages.success(request, gettext("The calendar is changed: silence follows from it at once."))
    return True


@seen_by_who_may("territory.remove_election")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an election."""
    election = get_object_or_404(Election, pk=pk)
    form = RemovalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.remove_election(election, reason=form.cleaned_data["reason"], actor=actor_of(request))
        except SilenceIsRunning:
            form.add_error("reason", gettext("The silence of this election has begun: say why it ends."))
        else:
            messages.success(request, gettext("The election is removed."))
            return redirect("elections:calendar")
    context = {**_screen(gettext("Remove an election")), "form": form, "election": election}
    return render(request, "territory/election_remove.html", context)


def _screen(last: str = "") -> dict[str, Any]:
    way = [{"url": reverse("elections:calendar"), "label": gettext("Elections")}]
    if last:
        way.append({"url": "", "label": last})
    return {"header_title": last or gettext("Elections"), "header_icon": "calendar", "breadcrumbs_items": way}
