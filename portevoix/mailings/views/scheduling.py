"""The hour at which a message leaves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError, NotADraft
from portevoix.mailings.forms import ConfirmationForm, HourForm
from portevoix.mailings.models import Departure, Mailing, TextDeparture
from portevoix.mailings.services import scheduling
from portevoix.mailings.types import State
from portevoix.mailings.views.sending import before_sending, furniture
from portevoix.mailings.wording import explain

INCOMPLETE = _("Choose a day and an hour, and tick the box to confirm.")


@require_POST
@seen_by_who_may("mailings.schedule")
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a message leave at an hour to come, as it is confirmed."""
    mailing = get_object_or_404(Mailing, pk=pk)
    form, hour = ConfirmationForm(request.POST), HourForm(request.POST)
    if not (form.is_valid() and hour.is_valid()):
        messages.error(request, str(INCOMPLETE))
        return before_sending(request, mailing, form, hour)
    try:
        departure = scheduling.schedule(mailing, form.confirmation, hour.moment, actor=actor_of(request))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
        return redirect("mailings:results" if isinstance(error, NotADraft) else "mailings:send", pk)
    say_when(request, departure)
    return redirect("mailings:departure", pk)


def say_when(request: HttpRequest, departure: Departure | TextDeparture) -> None:
    """Confirm the hour that was chosen."""
    moment = date_format(departure.at.astimezone(clock.PARIS), "DATETIME_FORMAT")
    messages.success(request, gettext("It leaves on %(moment)s.") % {"moment": moment})


@require_safe
@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Say when a message leaves, to whom, and let it be cancelled."""
    mailing = get_object_or_404(Mailing.objects.select_related("segment"), pk=pk)
    if mailing.state != State.SCHEDULED:
        return redirect("mailings:send" if mailing.is_draft else "mailings:results", pk)
    context = furniture(request, mailing, gettext("Departure"))
    context["written"] = mailing
    context["room"] = "mailings"
    context["departure"] = Departure.objects.select_related("planned_by").get(mailing=mailing)
    context["targets"] = selectors.targets_of(mailing)
    context["trial"] = selectors.trial_of(mailing)
    context["may_cancel"] = may(actor_of(request), "mailings.unschedule")
    return render(request, "mailings/departure.html", context)


@require_POST
@seen_by_who_may("mailings.unschedule")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft again of what waits for its hour; another may be chosen then."""
    try:
        scheduling.unschedule(get_object_or_404(Mailing, pk=pk), actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("Cancelled: it is a draft again."))
    return redirect("mailings:send", pk)
