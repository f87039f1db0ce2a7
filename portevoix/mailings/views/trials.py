"""Screens that try a letter: what to look at before it leaves, tests to the team, the sites it links to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import letters
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import TeamForm
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import trials
from portevoix.mailings.types import Trial
from portevoix.mailings.views.composing import hints_of
from portevoix.mailings.views.furniture import furniture
from portevoix.mailings.wording import explain


@seen_by_who_may("mailings.send_tests")
def tests(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who of the team gets a test, and send it."""
    mailing = get_object_or_404(Mailing, pk=pk)
    form = TeamForm(request.POST if request.method == "POST" else None, initial={"members": [request.user.pk]})
    if request.method == "POST" and form.is_valid() and _sent(request, mailing, form):
        return redirect("mailings:look", pk)
    context = {**furniture(request, mailing, gettext("Tests to the team")), "form": form}
    return render(request, "mailings/tests.html", context)


def _sent(request: HttpRequest, mailing: Mailing, form: TeamForm) -> bool:
    try:
        trial = trials.send_tests(mailing, list(form.cleaned_data["members"]), actor=actor_of(request))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
        return False
    _say(request, trial)
    return True


def _say(request: HttpRequest, trial: Trial) -> None:
    count = len(trial.reached)
    sent = ngettext("A test is on its way to %(n)d person.", "A test is on its way to %(n)d people.", count)
    messages.success(request, sent % {"n": count})
    if trial.missed:
        names = ", ".join(user.get_full_name() or user.username for user in trial.missed)
        messages.warning(request, gettext("These addresses do not receive our letters: %(names)s.") % {"names": names})


@seen_by_who_may("mailings.send")
def checks(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything that an author should look at before a letter leaves."""
    mailing = get_object_or_404(Mailing, pk=pk)
    context = {**furniture(request, mailing, gettext("Checks")), **hints_of(mailing)}
    if "fault" not in context:
        context["outside"] = letters.outside_links(letters.composed(mailing)[1])
    return render(request, "mailings/checks.html", context)


@require_POST
@seen_by_who_may("mailings.ask_links")
def ask_links(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the sites that a letter links to, because its author wants to."""
    mailing = get_object_or_404(Mailing, pk=pk)
    context = {**furniture(request, mailing, gettext("Checks")), **hints_of(mailing)}
    try:
        context["asked"] = trials.ask_links(mailing, actor=actor_of(request))
    except LetterError as error:
        context["fault"] = explain(error)
    return render(request, "mailings/checks.html", context)
