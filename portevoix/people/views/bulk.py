"""Acts on many people: choose, look at what would happen, do, watch, undo."""

from __future__ import annotations

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.commands import acting, may
from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.accounts.types import Actor
from portevoix.people.exceptions import Impossible, OutOfSight
from portevoix.people.filters import Chosen
from portevoix.people.forms.lists import ActForm
from portevoix.people.models import BulkRun
from portevoix.people.office import reach_of
from portevoix.people.selectors import MOST_COUNTED, capped_count
from portevoix.people.selectors import bulk as selectors
from portevoix.people.services import bulk
from portevoix.people.services.acts import BulkAct
from portevoix.people.types import RunState

ACT = "people.prepare_act"
PAGE_LENGTH = 30
#: What the counts say of whoever is left out by no reason of the act itself.
COMMON = {
    selectors.OUT_OF_SIGHT: gettext_lazy("are gone, or not of your territory"),
    selectors.RESTRICTED: gettext_lazy("had their data restricted: it is kept and not used (GDPR art. 18)"),
    bulk.MEANWHILE: gettext_lazy("were changed by somebody else in the same moment"),
}


def trail(last: str = "") -> list[dict[str, str]]:
    """Return the way from the list of people to acts, and to one of them."""
    way = [
        {"url": reverse("people:list"), "label": gettext("People")},
        {"url": reverse("people:acts"), "label": gettext("Acts on many people")},
    ]
    return [*way, {"url": "", "label": last}] if last else way


@require_POST
@seen_by_who_may(ACT)
def choose(request: HttpRequest) -> HttpResponse:
    """Show what may be done to those who are chosen; once that is said, show what would happen."""
    actor, chosen = actor_of(request), Chosen(request, actor_of(request))
    asked = request.POST.get("act", "")
    forms = _forms(actor, request, asked)
    if asked in forms and forms[asked].is_valid():
        try:
            form = forms[asked]
            return redirect(
                "people:act", bulk.prepare_act(form.act, form.cleaned_data, chosen.everybody, actor=actor).pk
            )
        except Impossible as reason:
            forms[asked].add_error(None, str(reason))
    return _choice(request, chosen, forms, asked)


def _choice(request: HttpRequest, chosen: Chosen, forms: dict[str, ActForm], asked: str) -> HttpResponse:
    """Render the choice of acts, or lead back to the list when nobody is meant."""
    try:
        number = capped_count(chosen.everybody)
    except Impossible as reason:
        messages.warning(request, str(reason))
        return redirect(f"{reverse('people:list')}?{chosen.query}")
    title = gettext("Act on several people")
    context = {"chosen": chosen, "people_count": number, "forms": forms.values(), "asked": asked, "header_title": title}
    said = {
        **context,
        "is_more": number > MOST_COUNTED,
        "most": MOST_COUNTED,
        "reach": reach_of(chosen.query, is_quick=number <= MOST_COUNTED) if chosen.is_all else [],
        "header_icon": "group",
        "breadcrumbs_items": trail(title),
    }
    return render(request, "people/choose_act.html", said, status=400 if asked else 200)


def _forms(actor: Actor, request: HttpRequest, asked: str) -> dict[str, ActForm]:
    """Return a form an act, of those that the actor may do now."""
    forms = {
        key: ActForm(act, acting(actor, act.command), request.POST if key == asked else None)
        for key, act in BulkAct.every().items()
        if may(actor, act.command)
    }
    return {key: form for key, form in forms.items() if form.fields}


@seen_by_who_may(ACT)
def acts(request: HttpRequest) -> HttpResponse:
    """List the acts: one's own, or all for who answers for them."""
    actor, known = actor_of(request), BulkAct.every()
    page = Paginator(BulkRun.objects.visible_to(actor), PAGE_LENGTH).get_page(request.GET.get("p"))
    rows = [(run, _sentence(run, known.get(run.act), actor)) for run in page]
    context = {"rows": rows, "page": page, "header_title": gettext("Acts on many people"), "header_icon": "group"}
    return render(request, "people/acts.html", {**context, "breadcrumbs_items": trail()})


@seen_by_who_may(ACT)
@never_cache
def act(request: HttpRequest, run_pk: int) -> HttpResponse:
    """Show one act: what it would do, how far it is, what it did; htmx asks for its moving part alone."""
    actor, run = actor_of(request), _run_or_404(request, run_pk)
    known = BulkAct.every().get(run.act)
    counts, sample = _outlook(run, known, actor)
    title = _sentence(run, known, actor)
    context = {
        "run": run,
        "sentence": title,
        "left_out": _worded(counts, known),
        "sample": sample,
        "reach": reach_of(run=run, is_quick=run.chosen <= MOST_COUNTED) if run.state == RunState.DRAFT else [],
        "affected": run.chosen - sum(counts.values()) if run.state == RunState.DRAFT else run.touched,
        "is_mine": run.was_asked_by(actor),
        "may_undo": bool(known and run.is_undoable and may(actor, known.command)),
        "header_title": title,
        "header_icon": "group",
        "breadcrumbs_items": trail(title),
    }
    template = "people/_act.html" if "HX-Request" in request.headers else "people/act.html"
    return render(request, template, context)


def _outlook(run: BulkRun, known: BulkAct | None, actor: Actor) -> tuple[dict[str, int], list[object]]:
    """Return who is left out, and some of those who are not: foreseen for a draft, counted for what was done."""
    if run.state != RunState.DRAFT or known is None:
        return run.left_out, []
    reach, reasons = acting(actor, known.command), known.left_out(run.said)
    return selectors.left_out(run, reasons, reach), list(selectors.sample(run, reasons, reach))


def _worded(counts: dict[str, int], known: BulkAct | None) -> list[tuple[int, str]]:
    words = {**COMMON, **(known.reasons if known else {})}
    return [(number, str(words.get(reason, reason))) for reason, number in counts.items() if number]


def _sentence(run: BulkRun, known: BulkAct | None, actor: Actor) -> str:
    """Return what an act does in words; what it was told is forgotten after a while."""
    if known is None:
        return run.act
    return known.sentence(run.said, actor) if run.said else str(known.label)


def _run_or_404(request: HttpRequest, pk: int) -> BulkRun:
    return get_object_or_404(BulkRun.objects.visible_to(actor_of(request)), pk=pk)


def _then(request: HttpRequest, pk: int, do: Callable[[BulkRun], object], done: str = "") -> HttpResponse:
    """Do a step of an act, say so, and show the act again."""
    try:
        do(_run_or_404(request, pk))
    except OutOfSight:
        raise Http404 from None
    except (Impossible, NotAllowed) as reason:
        messages.error(request, str(reason))
    else:
        if done:
            messages.success(request, done)
    return redirect("people:act", pk)


@require_POST
@seen_by_who_may("people.start_act")
def start(request: HttpRequest, run_pk: int) -> HttpResponse:
    """Have the act done."""
    return _then(request, run_pk, lambda run: bulk.start_act(run, actor=actor_of(request)))


@require_POST
@seen_by_who_may("people.cancel_act")
def cancel(request: HttpRequest, run_pk: int) -> HttpResponse:
    """Give an act up before it starts, or stop it on the way."""
    run = _run_or_404(request, run_pk)
    kept = bulk.cancel_act(run, actor=actor_of(request))
    if kept.state == RunState.DRAFT:
        messages.success(request, gettext("Nothing was done."))
        return redirect("people:list")
    return redirect("people:act", run_pk)


@require_POST
@seen_by_who_may("people.undo_act")
def undo(request: HttpRequest, run_pk: int) -> HttpResponse:
    """Have the act undone."""
    act = BulkAct.every().get(_run_or_404(request, run_pk).act)
    if act is None:
        raise Http404
    return _then(request, run_pk, lambda run: bulk.undo_act(run, act, actor=actor_of(request)))
