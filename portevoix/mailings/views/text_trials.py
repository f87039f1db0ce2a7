"""Trials of versions of a text message: the same screen as for letters."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.mailings.models import ShortMessage, TextTrial, TextVersion
from portevoix.mailings.services import trying
from portevoix.mailings.views.texts import furniture
from portevoix.mailings.views.trying import choose, done, screen


@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the trial of a draft; say how that of a text under way stands, and let its version be chosen."""
    text = get_object_or_404(ShortMessage, pk=pk)
    return screen(request, text, furniture(request, text, gettext("Versions")))


@require_POST
@seen_by_who_may("mailings.add_version")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a version."""
    trial = get_object_or_404(TextTrial, mailing=pk)
    return done(request, trial.mailing, lambda: trying.add_version(trial, actor=actor_of(request)))


@require_POST
@seen_by_who_may("mailings.drop_trial")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep version A alone."""
    trial = get_object_or_404(TextTrial, mailing=pk)
    return done(request, trial.mailing, lambda: trying.drop(trial, actor=actor_of(request)))


@require_POST
@seen_by_who_may("mailings.decide")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the version chosen to all the others."""
    return choose(request, TextVersion, pk)
