"""The hour at which a text message leaves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError, NotADraft
from portevoix.mailings.forms import HourForm, TextConfirmationForm
from portevoix.mailings.models import ShortMessage, TextDeparture
from portevoix.mailings.services import scheduling
from portevoix.mailings.types import State
from portevoix.mailings.views.scheduling import INCOMPLETE, say_when
from portevoix.mailings.views.texts import before_sending, counted_words, furniture, screen_of
from portevoix.mailings.wording import explain


@require_POST
@seen_by_who_may("mailings.schedule")
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a text message leave at an hour to come, as it is confirmed."""
    text = get_object_or_404(ShortMessage, pk=pk)
    form, hour = TextConfirmationForm(request.POST), HourForm(request.POST)
    if not (form.is_valid() and hour.is_valid()):
        messages.error(request, str(INCOMPLETE))
        return before_sending(request, text, form, hour)
    try:
        departure = scheduling.schedule(text, form.confirmation, hour.moment, actor=actor_of(request))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
        return redirect("texts:results" if isinstance(error, NotADraft) else "texts:send", pk)
    say_when(request, departure)
    return redirect("texts:departure", pk)


@require_safe
@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Say when a text message leaves, to whom, and let it be cancelled."""
    text = get_object_or_404(ShortMessage.objects.select_related("segment"), pk=pk)
    if text.state != State.SCHEDULED:
        return redirect(screen_of(text))
    context = furniture(request, text, gettext("Departure"))
    context["written"] = text
    context["room"] = "texts"
    context["counted"] = counted_words(text.words, selectors.label_of(text))
    context["departure"] = TextDeparture.objects.select_related("planned_by").get(mailing=text)
    context["targets"] = selectors.targets_of(text)
    context["trial"] = selectors.trial_of(text)
    context["may_cancel"] = may(actor_of(request), "mailings.unschedule")
    return render(request, "mailings/departure.html", context)


@require_POST
@seen_by_who_may("mailings.unschedule")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft again of what waits for its hour; another may be chosen then."""
    try:
        scheduling.unschedule(get_object_or_404(ShortMessage, pk=pk), actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("Cancelled: it is a draft again."))
    return redirect("texts:send", pk)
