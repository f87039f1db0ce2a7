"""Trials of versions: plan, follow, choose."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import TrialForm
from portevoix.mailings.models import MOST_VERSIONS, Mailing, Trial, Version
from portevoix.mailings.services import trying
from portevoix.mailings.types import Aspect, Measure, TrialPlan
from portevoix.mailings.views.sending import furniture
from portevoix.mailings.wording import explain

USUAL = TrialPlan(aspect=Aspect.SUBJECT, measure=Measure.CLICKS, share=20, hours=4, is_automatic=True)


@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the trial of a draft; say how that of a letter under way stands, and let its version be chosen."""
    mailing = get_object_or_404(Mailing, pk=pk)
    trial = selectors.trial_of(mailing)
    if trial is not None and trial.mailing_id != pk:
        return redirect("mailings:trial", trial.mailing_id)
    if request.method == "POST" and may(actor_of(request), "mailings.try_versions"):
        return _plan(request, mailing)
    context = furniture(request, mailing, gettext("Versions"))
    context |= _shown(request, mailing, trial)
    return render(request, "mailings/trial.html", context)


def _shown(request: HttpRequest, mailing: Mailing, trial: Trial | None) -> dict[str, Any]:
    plan = vars(trial.plan if trial else USUAL)
    return {
        "trial": trial,
        "form": TrialForm(initial=plan),
        "standings": selectors.standings(trial) if trial else None,
        "may_plan": mailing.is_draft and may(actor_of(request), "mailings.try_versions"),
        "may_decide": trial is not None and trial.is_under_way and may(actor_of(request), "mailings.decide"),
        "may_add": trial is not None and trial.versions.count() < MOST_VERSIONS,
    }


def _plan(request: HttpRequest, mailing: Mailing) -> HttpResponse:
    form = TrialForm(request.POST)
    if not form.is_valid():
        context = furniture(request, mailing, gettext("Versions"))
        context |= {**_shown(request, mailing, selectors.trial_of(mailing)), "form": form}
        return render(request, "mailings/trial.html", context)
    return _done(request, mailing.pk, lambda: trying.plan(mailing, form.plan, actor=actor_of(request)))


@require_POST
@seen_by_who_may("mailings.add_version")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a version."""
    trial = get_object_or_404(Trial, mailing=pk)
    return _done(request, pk, lambda: trying.add_version(trial, actor=actor_of(request)))


@require_POST
@seen_by_who_may("mailings.drop_trial")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep version A alone."""
    trial = get_object_or_404(Trial, mailing=pk)
    return _done(request, pk, lambda: trying.drop(trial, actor=actor_of(request)))


@require_POST
@seen_by_who_may("mailings.decide")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the version chosen to all the others."""
    number = request.POST.get("version", "")
    version = get_object_or_404(Version.objects.filter(trial__mailing=pk), pk=number if number.isdecimal() else 0)
    try:
        count = trying.decide(version.trial, version, actor=actor_of(request))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
    else:
        said = ngettext(
            "Version %(letter)s leaves for %(n)s more person.",
            "Version %(letter)s leaves for %(n)s more people.",
            count,
        )
        messages.success(request, said % {"letter": version.letter, "n": intcomma(count)})
    return redirect("mailings:trial", pk)


def _done(request: HttpRequest, pk: int, act: Any) -> HttpResponse:
    try:
        act()
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("The trial is saved."))
    return redirect("mailings:trial", pk)
