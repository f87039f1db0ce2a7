"""Trials of versions: plan, follow, choose. Letters and text messages share the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import TrialForm
from portevoix.mailings.models import MOST_VERSIONS, AnyMailing, AnyTrial, Mailing, ShortMessage, Trial, Version
from portevoix.mailings.services import trying
from portevoix.mailings.types import Aspect, Measure, TrialPlan
from portevoix.mailings.views.sending import furniture
from portevoix.mailings.wording import explain

USUAL = TrialPlan(aspect=Aspect.SUBJECT, measure=Measure.CLICKS, share=20, hours=4, is_automatic=True)
ACTS = {"decide": "trial_decide", "add": "trial_version", "drop": "trial_drop", "send": "send", "trial": "trial"}


@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the trial of a draft; say how that of a letter under way stands, and let its version be chosen."""
    mailing = get_object_or_404(Mailing, pk=pk)
    return screen(request, mailing, furniture(request, mailing, gettext("Versions")))


def screen(request: HttpRequest, mailing: AnyMailing, context: dict[str, Any]) -> HttpResponse:
    """Show the screen of a trial, or plan it, in the furniture of its room."""
    trial: AnyTrial | None = selectors.trial_of(mailing)
    if trial is not None and trial.mailing_id != mailing.pk:
        return redirect(_addresses(trial.mailing)["trial"])
    form = None
    if request.method == "POST" and may(actor_of(request), "mailings.try_versions"):
        form = TrialForm(request.POST, has_aspect=isinstance(mailing, Mailing))
        if form.is_valid():
            plan = form.plan
            return done(request, mailing, lambda: trying.plan(mailing, plan, actor=actor_of(request)))
    shown = form or TrialForm(initial=vars(trial.plan if trial else USUAL), has_aspect=isinstance(mailing, Mailing))
    return render(request, "mailings/trial.html", {**context, **_shown(request, mailing, trial), "form": shown})


def _shown(request: HttpRequest, mailing: AnyMailing, trial: AnyTrial | None) -> dict[str, Any]:
    standings = selectors.standings(trial) if trial else None
    return {
        "written": mailing,
        "room": "texts" if isinstance(mailing, ShortMessage) else "mailings",
        "addresses": _addresses(mailing),
        "trial": trial,
        "standings": standings,
        "may_plan": mailing.is_draft and may(actor_of(request), "mailings.try_versions"),
        "may_decide": trial is not None and trial.is_under_way and may(actor_of(request), "mailings.decide"),
        "may_add": standings is not None and len(standings.versions) < MOST_VERSIONS,
    }


def _addresses(mailing: AnyMailing) -> dict[str, str]:
    room = "texts" if isinstance(mailing, ShortMessage) else "mailings"
    return {act: reverse(f"{room}:{name}", args=[mailing.pk]) for act, name in ACTS.items()}


@require_POST
@seen_by_who_may("mailings.add_version")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a version."""
    trial = get_object_or_404(Trial, mailing=pk)
    return done(request, trial.mailing, lambda: trying.add_version(trial, actor=actor_of(request)))


@require_POST
@seen_by_who_may("mailings.drop_trial")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep version A alone."""
    trial = get_object_or_404(Trial, mailing=pk)
    return done(request, trial.mailing, lambda: trying.drop(trial, actor=actor_of(request)))


@require_POST
@seen_by_who_may("mailings.decide")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the version chosen to all the others."""
    return choose(request, Version, pk)


def choose(request: HttpRequest, versions: Any, pk: int) -> HttpResponse:
    """Send the version that was chosen, of one of two kinds."""
    number = request.POST.get("version", "")
    found = versions.objects.filter(trial__mailing=pk).select_related("trial__mailing")
    version = get_object_or_404(found, pk=number if number.isdecimal() else 0)
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
    return redirect(_addresses(version.trial.mailing)["trial"])


def done(request: HttpRequest, mailing: AnyMailing, act: Callable[[], object]) -> HttpResponse:
    """Do something to a trial, say whether it was done, and go back to its screen."""
    address = _addresses(mailing)["trial"]
    try:
        act()
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("The trial is saved."))
    return redirect(address)
