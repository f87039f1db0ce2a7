"""Screens of what is measured, and of political advertisements: mark one, read its notice, correct it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.kernel import clock
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms.adverts import CorrectionForm, DeclarationForm, MeasureForm
from portevoix.mailings.models import Mailing, Measure, Notice
from portevoix.mailings.services import advertising, measuring
from portevoix.mailings.wording import explain
from portevoix.territory.selectors import elections


@seen_by_who_may("mailings.set_measure")
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what a draft counts, and see what the law asks of it."""
    mailing = get_object_or_404(Mailing, pk=pk)
    chosen = Measure.objects.filter(mailing=mailing).values("opens", "people").first()
    form = MeasureForm(request.POST or None, initial=chosen)
    if request.method == "POST" and form.is_valid() and _set(request, mailing, form):
        return redirect("mailings:rules", pk)
    context = {
        **screen(mailing, gettext("Measurement and law")),
        **cautions(mailing),
        "form": form,
        "advert": selectors.advert_of(mailing),
        "targeted": selectors.is_targeted(mailing),
        "logic": selectors.logic_of(mailing),
    }
    return render(request, "mailings/rules.html", context)


def _set(request: HttpRequest, mailing: Mailing, form: MeasureForm) -> bool:
    said = form.cleaned_data
    try:
        measuring.set_measure(mailing, opens=said["opens"], people=said["people"], actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
        return False
    messages.success(request, gettext("What is counted of this message is set."))
    return True


@seen_by_who_may("mailings.declare_advert")
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare a draft a political advertisement."""
    mailing = get_object_or_404(Mailing, pk=pk)
    form = DeclarationForm(request.POST or None, instance=selectors.advert_of(mailing))
    if request.method == "POST" and form.is_valid():
        try:
            advertising.declare_advert(mailing, form.declaration, actor=actor_of(request))
        except MailingError as error:
            messages.error(request, explain(error))
        else:
            messages.success(request, gettext("The message says that it is a political advertisement."))
            return redirect("mailings:rules", pk)
    context = {**screen(mailing, gettext("Political advertisement")), "form": form}
    context["back"] = reverse("mailings:rules", args=[pk])
    return render(request, "mailings/declare.html", {**context, "logic": selectors.logic_of(mailing)})


@require_POST
@seen_by_who_may("mailings.withdraw_advert")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a draft is no advertisement."""
    mailing = get_object_or_404(Mailing, pk=pk)
    try:
        advertising.withdraw_advert(mailing, actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    return redirect("mailings:rules", pk)


@require_safe
@seen_by()
def adverts(request: HttpRequest) -> HttpResponse:
    """List the notices that were published."""
    context = {
        "header_title": gettext("Political advertisements"),
        "header_icon": "doc-full",
        "breadcrumbs_items": [*_way(), {"url": "", "label": gettext("Political advertisements")}],
        "notices": Notice.objects.latest_versions()[:200],
        "may_correct": may(actor_of(request), "mailings.correct_notice"),
    }
    return render(request, "mailings/adverts.html", context)


@seen_by_who_may("mailings.correct_notice")
def correct(request: HttpRequest, code: str) -> HttpResponse:
    """Say facts of a notice anew, with the reason."""
    last = get_object_or_404(Notice.objects.latest_versions(), code=code)
    form = CorrectionForm(request.POST or None, told=last.content)
    if request.method == "POST" and form.is_valid():
        advertising.correct_notice(code, form.said, reason=form.cleaned_data["reason"], actor=actor_of(request))
        messages.success(request, gettext("The notice has a new version; the former one stays readable."))
        return redirect("mailings:adverts")
    title = gettext("Correct a notice")
    way = [*_way(), {"url": reverse("mailings:adverts"), "label": gettext("Political advertisements")}]
    context = {"header_title": title, "header_icon": "doc-full", "form": form, "notice": last}
    context["breadcrumbs_items"] = [*way, {"url": "", "label": title}]
    return render(request, "mailings/correct.html", context)


def cautions(mailing: Mailing) -> dict[str, Any]:
    """Return what holds a message back, or must be known before it leaves: silence, and the law on advertisements."""
    silent = elections.silent_until(clock.now())
    coming = elections.next_silence()
    return {
        "silent_until": max(silent.values(), default=None),
        "coming_silence": coming if coming and not silent else None,
        "advertising": selectors.advertising_of(mailing),
        "measuring": selectors.measuring_of(mailing),
    }


def _way() -> list[dict[str, str]]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("mailings:index"), "label": gettext("Messages")},
    ]


def screen(mailing: Mailing, title: str) -> dict[str, Any]:
    """Return what Wagtail's page around a screen of one message shows."""
    of_it = {"url": reverse("mailings:edit", args=[mailing.pk]), "label": mailing.title}
    return {
        "mailing": mailing,
        "header_title": f"{title} : {mailing.title}",
        "screen": title,
        "header_icon": "mail",
        "breadcrumbs_items": [*_way(), of_it, {"url": "", "label": title}],
    }
