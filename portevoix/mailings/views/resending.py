"""Sending a letter again, to those whom it did not reach."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import AgainForm
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import resending
from portevoix.mailings.views.sending import furniture
from portevoix.mailings.wording import explain


@seen_by_who_may("mailings.resend")
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many a letter did not reach and why; prepare a draft for those chosen."""
    mailing = get_object_or_404(Mailing.objects.gone().select_related("segment"), pk=pk)
    usual = {"title": gettext("%(title)s, again") % {"title": mailing.title[:100]}, "undelivered": True}
    form = AgainForm(request.POST if request.method == "POST" else None, initial={**usual, "newcomers": True})
    if request.method == "POST" and form.is_valid():
        return _prepare(request, mailing, form)
    context = {**furniture(request, mailing, gettext("Send again")), "form": form, **_missed(request, mailing)}
    return render(request, "mailings/again.html", context)


def _missed(request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
    before = selectors.resending_of(mailing)
    trial = selectors.trial_of(mailing)
    original = before.original if before else trial.mailing if trial else mailing
    try:
        return {"missed": selectors.missed(selectors.people_of(original, actor_of(request)), original)}
    except MailingError as error:
        return {"fault": explain(error)}


def _prepare(request: HttpRequest, mailing: Mailing, form: AgainForm) -> HttpResponse:
    try:
        copy = resending.resend(mailing, form.again, form.cleaned_data["title"], actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
        return redirect("mailings:again", mailing.pk)
    messages.success(request, gettext("A draft is ready for those whom it did not reach: look at it, and send it."))
    return redirect("mailings:send", copy.pk)
