"""To whom a message goes: segments, and segments left out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import TargetsForm
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import targeting
from portevoix.mailings.views.sending import furniture
from portevoix.mailings.wording import explain
from portevoix.rights.purposes import Purpose


@seen_by_who_may("mailings.target")
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the segments of a draft, and see at once how many may lawfully be written to."""
    mailing = get_object_or_404(Mailing.objects.drafts().select_related("segment"), pk=pk)
    if request.method == "POST":
        return _choose(request, mailing)
    targets = selectors.targets_of(mailing)
    context = furniture(request, mailing, gettext("To whom"))
    context |= {"form": TargetsForm(initial=vars(targets)), "targets": targets, "mode": "targets"}
    try:
        people = selectors.people_of(mailing, actor_of(request))
        context["reach"] = selectors.reach(people, Purpose(mailing.purpose))
    except MailingError as error:
        context["fault"] = explain(error)
    return render(request, "mailings/targets.html", context)


def _choose(request: HttpRequest, mailing: Mailing) -> HttpResponse:
    form = TargetsForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        targeting.target(mailing, list(data["included"]), list(data["excluded"]), actor=actor_of(request))
        messages.success(request, gettext("Its audience is chosen."))
    else:
        messages.error(request, gettext("One of these segments does not exist any more: choose again."))
    return redirect("mailings:send" if "go_on" in request.POST else "mailings:targets", mailing.pk)
