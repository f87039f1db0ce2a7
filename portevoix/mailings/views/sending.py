"""Screens of senders: look at the letter, confirm, follow it while it leaves, read what became of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.types import Letter
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import MailingError, NotADraft
from portevoix.mailings.forms import ConfirmationForm, HourForm
from portevoix.mailings.models import Departure, Mailing
from portevoix.mailings.services import sending
from portevoix.mailings.types import Confirmation, State
from portevoix.mailings.views.adverts import cautions
from portevoix.mailings.views.composing import send_test
from portevoix.mailings.views.letter import letter_response
from portevoix.mailings.wording import explain
from portevoix.rights.purposes import Purpose


@require_safe
@seen_by()
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a letter as a desktop, a telephone and a plain-text program do."""
    mailing = get_object_or_404(Mailing, pk=pk)
    context = furniture(request, mailing, gettext("Preview"))
    try:
        context |= _seen(mailing, letters.compose(mailing))
    except LetterError as error:
        context["fault"] = explain(error)
    return render(request, "mailings/look.html", context)


@require_safe
@seen_by()
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the letter itself, for the frames of `look`."""
    return letter_response(get_object_or_404(Mailing, pk=pk), request.GET.get("mode", "html"))


@require_POST
@seen_by_who_may("mailings.send_test")
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send whoever asks a test at their own address."""
    mailing = get_object_or_404(Mailing, pk=pk)
    send_test(request, mailing)
    return redirect("mailings:send" if request.POST.get("back") == "send" else "mailings:look", pk)


@seen_by_who_may("mailings.send")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Say to whom the letter will go, and to whom not and why; send it when that is confirmed."""
    mailing = get_object_or_404(Mailing.objects.select_related("segment"), pk=pk)
    form = ConfirmationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _send(request, mailing, form.confirmation)
    return before_sending(request, mailing, form)


def before_sending(
    request: HttpRequest, mailing: Mailing, form: ConfirmationForm, hour: HourForm | None = None
) -> HttpResponse:
    """Show what the sender must know, with what is wrong in what they said, next to it."""
    if not mailing.is_draft:
        return redirect("mailings:departure" if mailing.is_here else "mailings:results", mailing.pk)
    context = furniture(request, mailing, gettext("Send"))
    context |= _before_sending(request, mailing)
    if request.method == "POST" and "form" in context:
        context |= {"unconfirmed": form.errors.get("is_sure"), "hour": hour or context["hour"]}
    return render(request, "mailings/send.html", context)


def _send(request: HttpRequest, mailing: Mailing, confirmed: Confirmation) -> HttpResponse:
    try:
        sent = sending.send(mailing, confirmed, actor=actor_of(request))
    except NotADraft as error:
        # A second click, or a colleague's: the first one counts.
        messages.info(request, explain(error))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
        return redirect("mailings:send", mailing.pk)
    else:
        message = ngettext("It leaves now for %(n)s person.", "It leaves now for %(n)s people.", sent.recipients)
        messages.success(request, message % {"n": intcomma(sent.recipients)})
    return redirect("mailings:results", mailing.pk)


def _before_sending(request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
    """Return what the sender must know, or the fault that keeps the letter here."""
    try:
        people = selectors.people_of(mailing, actor_of(request))
        reach = selectors.reach(people, Purpose(mailing.purpose), advertising=selectors.advertising_of(mailing))
        composed = letters.compose(mailing)
        seen = _seen(mailing, composed)
    except (LetterError, MailingError) as error:
        return {"fault": explain(error)}
    shown = Confirmation(letters.digest(composed, mailing), reach.admitted)
    is_partial = actor_of(request).departements is not None
    return {
        **seen,
        **cautions(mailing),
        "reach": reach,
        "is_partial": is_partial,
        "form": ConfirmationForm(seen=shown),
        "hour": HourForm(),
        "targets": selectors.targets_of(mailing),
        "trial": selectors.trial_of(mailing),
        "departure": Departure.objects.filter(mailing=mailing).first(),
    }


@require_POST
@seen_by_who_may("mailings.pause")
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nothing more leave for now."""
    try:
        waiting = sending.pause(get_object_or_404(Mailing, pk=pk), actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        message = ngettext("Paused: %(n)s letter waits.", "Paused: %(n)s letters wait.", waiting)
        messages.success(request, message % {"n": intcomma(waiting)})
    return redirect("mailings:results", pk)


@require_POST
@seen_by_who_may("mailings.resume")
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let what is paused go on."""
    try:
        waiting = sending.resume(get_object_or_404(Mailing, pk=pk), actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        message = ngettext("Resumed: %(n)s letter leaves.", "Resumed: %(n)s letters leave.", waiting)
        messages.success(request, message % {"n": intcomma(waiting)})
    return redirect("mailings:results", pk)


@require_POST
@seen_by_who_may("mailings.stop")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold back what has not left."""
    try:
        held = sending.stop(get_object_or_404(Mailing, pk=pk), actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        message = ngettext("Stopped: %(n)s letter was held back.", "Stopped: %(n)s letters were held back.", held)
        messages.success(request, message % {"n": intcomma(held)})
    return redirect("mailings:results", pk)


@require_safe
@seen_by()
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a mailing, in totals; when it leaves, of one that waits for its hour."""
    if Mailing.objects.filter(pk=pk, state=State.SCHEDULED).exists():
        return redirect("mailings:departure", pk)
    mailing = get_object_or_404(Mailing.objects.gone().select_related("batch", "created_by"), pk=pk)
    context = furniture(request, mailing, gettext("Results"))
    context["outcome"] = selectors.outcome(mailing)
    with suppress(LetterError):  # a field may have been taken away since
        context["subject"] = selectors.sampled(mailing.subject)
    context |= progressing(request, mailing)
    context |= cautions(mailing)
    return render(request, "mailings/results.html", context)


@require_safe
@seen_by()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the part of the results that moves while letters leave."""
    mailing = get_object_or_404(Mailing.objects.gone().select_related("batch"), pk=pk)
    context = {
        "mailing": mailing,
        "outcome": selectors.outcome(mailing),
        **progressing(request, mailing),
        **cautions(mailing),
    }
    return render(request, "mailings/_outcome.html", context)


def progressing(request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
    """Return what the progress of a mailing needs beside its outcome: who may hold it, its trial, when it is over."""
    is_leaving = mailing.state == State.SENDING and mailing.batch is not None
    return {
        "may_stop": may(actor_of(request), "mailings.stop"),
        "trial": selectors.trial_of(mailing),
        "resending": selectors.resending_of(mailing),
        "over_at": outbox.pace_now().finish(outbox.results(mailing.batch).waiting) if is_leaving else None,  # type: ignore[arg-type]
    }


def _seen(mailing: Mailing, composed: Letter) -> dict[str, Any]:
    """Return a letter as an invented reader sees it."""
    return {"letter": outbox.sample(composed), "preheader": selectors.sampled(mailing.preheader)}


def furniture(request: HttpRequest, mailing: Mailing, title: str) -> dict[str, Any]:
    """Return what Wagtail's page around the screen shows."""
    here = reverse("mailings:index")
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": here, "label": gettext("Messages")},
        {"url": reverse("mailings:edit", args=[mailing.pk]), "label": mailing.title},
        {"url": "", "label": title},
    ]
    buttons = []
    look_at_it = reverse("mailings:look", args=[mailing.pk])
    if request.path != look_at_it:
        buttons.append(HeaderButton(gettext("Preview"), look_at_it, icon_name="view"))
    if mailing.is_draft:
        buttons.append(HeaderButton(gettext("Measurement and law"), reverse("mailings:rules", args=[mailing.pk])))
    else:
        buttons.append(
            HeaderButton(gettext("Report"), reverse("mailings:report", args=[mailing.pk]), icon_name="chart")
        )
    if may(actor_of(request), "mailings.create"):
        buttons.append(HeaderButton(gettext("Copy"), reverse("mailings:copy", args=[mailing.pk]), icon_name="copy"))
    return {
        "mailing": mailing,
        "header_title": f"{title} : {mailing.title}",
        "screen": title,
        "header_icon": "mail",
        "breadcrumbs_items": crumbs,
        "header_buttons": buttons,
        "may_send": may(actor_of(request), "mailings.send"),
    }
