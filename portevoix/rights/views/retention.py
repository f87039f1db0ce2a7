"""How long things are kept: every rule with its counts, who is about to go, the brake, and what else is kept."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.kernel import clock, jobs
from portevoix.rights.exceptions import ChangedSince
from portevoix.rights.forms.retention import SeenCountForm, TermForm
from portevoix.rights.models import RetentionRule, RetentionRun
from portevoix.rights.models.retention import RunState
from portevoix.rights.purposes import RULE_CHOICES, RULES
from portevoix.rights.selectors import closing
from portevoix.rights.selectors import retention as selectors
from portevoix.rights.selectors.protected import misplaced
from portevoix.rights.services import retention

#: Persons shown of those who are about to go.
SHOWN = 30


def trail(last: str = "") -> list[dict[str, str]]:
    way = [{"url": reverse("retention:rules"), "label": gettext("How long things are kept")}]
    return [*way, {"url": "", "label": last}] if last else way


@seen_by_who_may("rights.set_term")
def rules(request: HttpRequest) -> HttpResponse:
    """Show every rule, and what tonight would do. Changes nothing."""
    forecast = selectors.forecast()
    run = RetentionRun.objects.first()
    context = {
        **screen(gettext("How long things are kept")),
        "forecast": forecast,
        "groups": selectors.table(forecast),
        "run": run,
        "is_braked": run is not None and run.state == RunState.BRAKED,
        "may_begin": bool(forecast.counts) and (run is None or run.day < clock.today()),
        "is_working": run is not None and run.state == RunState.RUNNING,
        "form": SeenCountForm(initial={"seen": forecast.going}),
        "kept": closing.told(),
        "to_settle": len(misplaced()),
    }
    return render(request, "rights/retention.html", context)


@seen_by_who_may("rights.set_term")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """Set the term of one rule, with its reason; below, what was set before."""
    label = _label_or_404(code)
    form = TermForm(code, request.POST or None, initial={"months": selectors.terms_in_force()[code]})
    if request.method == "POST" and form.is_valid():
        retention.set_term(
            code, form.cleaned_data["months"], reason=form.cleaned_data["reason"], actor=actor_of(request)
        )
        messages.success(request, gettext("The rule is set. It holds from tonight on."))
        return redirect("retention:rules")
    former = RetentionRule.objects.filter(code=code)
    context = {**screen(gettext("Set a term"), label), "form": form, "label": label, "former": former}
    return render(request, "rights/retention_rule.html", context)


@seen_by_who_may("rights.set_term")
def who(request: HttpRequest, code: str) -> HttpResponse:
    """Show some of those whose time is over by one rule, as far as the reader may see them."""
    label = _label_or_404(code)
    people = selectors.sample(code, actor_of(request), most=SHOWN)
    context = {**screen(gettext("Who is about to go"), label), "label": label, "people": people, "shown": SHOWN}
    return render(request, "rights/retention_who.html", context)


@require_POST
@seen_by_who_may("rights.begin_retention")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin now what the night would do."""
    run = retention.begin_retention(actor=actor_of(request))
    if run.state == RunState.RUNNING:
        jobs.defer("rights.retain", once=True, run_id=run.pk)
    return redirect("retention:rules")


@require_POST
@seen_by_who_may("rights.confirm_retention")
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a run that the brake stopped go on, as far as was seen."""
    run = get_object_or_404(RetentionRun, pk=pk)
    form = SeenCountForm(request.POST)
    if form.is_valid():
        _confirm(request, run, form.cleaned_data["seen"])
    return redirect("retention:rules")


def _confirm(request: HttpRequest, run: RetentionRun, seen: int) -> None:
    try:
        retention.confirm_retention(run.pk, seen=seen, actor=actor_of(request))
    except ChangedSince:
        messages.error(request, gettext("More people would go by now: look again."))
        return
    text = ngettext("The erasure of %(count)d person begins.", "The erasure of %(count)d people begins.", seen)
    messages.success(request, text % {"count": seen})


@require_POST
@seen_by_who_may("rights.stop_retention")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run where it is."""
    run = get_object_or_404(RetentionRun, pk=pk)
    retention.stop_retention(run.pk, actor=actor_of(request))
    messages.success(request, gettext("Stopped. What is erased stays erased; the next night begins again."))
    return redirect("retention:rules")


def screen(title: str, last: str = "") -> dict[str, Any]:
    """Return what every screen of this part shows around it."""
    return {"header_title": title, "header_icon": "history", "breadcrumbs_items": trail(last)}


def _label_or_404(code: str) -> str:
    if code not in RULES:
        raise Http404
    return str(dict(RULE_CHOICES)[code])
