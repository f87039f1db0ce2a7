"""Possible duplicates: the pairs that wait, two records side by side, and the merges that may still be undone."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight, Restricted
from portevoix.people.models import Candidate, DuplicateSearch, Person
from portevoix.people.selectors import over, search
from portevoix.people.services.duplicates import search_duplicates, tell_apart
from portevoix.people.types import Why
from portevoix.rights.exceptions import AlreadyMerged, MailUnderWay, NotUndoable
from portevoix.rights.forms import MergeForm, ThresholdForm
from portevoix.rights.models import Merge, MergingRule
from portevoix.rights.selectors import merging as selectors
from portevoix.rights.services import merging

PAGE_LENGTH = 30
RECENT = 20
#: Records that are offered to merge with one at hand.
MOST_OFFERED = 15


def trail(last: str = "") -> list[dict[str, str]]:
    way = [{"url": reverse("duplicates:pairs"), "label": gettext("Duplicates")}]
    return [*way, {"url": "", "label": last}] if last else way


@seen_by_who_may("rights.merge")
def pairs(request: HttpRequest) -> HttpResponse:
    """List the pairs that wait; htmx asks for the search's progress alone."""
    search = DuplicateSearch.objects.first()
    if "HX-Request" in request.headers and search and not search.ended_at:
        return render(request, "rights/_search.html", {"search": search})
    context = _listed(request, ThresholdForm(instance=MergingRule.objects.first()))
    return _refreshed(render(request, "rights/duplicates.html", {**context, "search": search}), request)


@require_POST
@seen_by_who_may("people.search_duplicates")
def look(request: HttpRequest) -> HttpResponse:
    """Have everybody compared again, in the background."""
    search_duplicates(actor=actor_of(request))
    return redirect("duplicates:pairs")


@require_POST
@seen_by_who_may("rights.set_merging_threshold")
def threshold(request: HttpRequest) -> HttpResponse:
    """Set from when pairs merge without anybody looking."""
    form = ThresholdForm(request.POST)
    if not form.is_valid():
        context = _listed(request, form) | {"search": DuplicateSearch.objects.first()}
        return render(request, "rights/duplicates.html", context, status=400)
    merging.set_merging_threshold(form.cleaned_data["threshold"], actor=actor_of(request))
    messages.success(request, gettext("The rule on merging is saved."))
    return redirect("duplicates:pairs")


@seen_by_who_may("rights.merge")
def review(request: HttpRequest, kept_pk: int, absorbed_pk: int) -> HttpResponse:
    """Show two records side by side; what is sent merges them."""
    kept, absorbed = _both_or_404(request, kept_pk, absorbed_pk)
    form = MergeForm(selectors.choices(kept, absorbed), request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _merge(request, kept, absorbed, form)
    for person in (kept, absorbed):
        interactions.consulted(person, Why.RECORD, actor=actor_of(request))
    context = {
        "form": form,
        "records": _records(request, kept, absorbed),
        "ending": selectors.ending(kept, absorbed),
        "pair": Candidate.objects.between(kept.pk, absorbed.pk).first(),
        "next": _following(request, kept.pk, absorbed.pk),
        "header_title": gettext("One person or two?"),
        "header_icon": "group",
        "breadcrumbs_items": trail(gettext("One person or two?")),
    }
    return render(request, "rights/review.html", context)


def _records(request: HttpRequest, *persons: Person) -> list[selectors.Brought]:
    actor = actor_of(request)
    return [
        selectors.brought(person, with_opinion=may(over(actor, person), "rights.record_opinion")) for person in persons
    ]


@seen_by_who_may("rights.merge")
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for the record that is the same person as one at hand, to see the two side by side."""
    people = Person.objects.visible_to(actor_of(request))
    person = get_object_or_404(people, pk=pk)
    interactions.consulted(person, Why.RECORD, actor=actor_of(request))
    words = request.GET.get("q", "").strip()
    others = people.exclude(pk=pk).with_contact_points()
    context = {
        "person": person,
        "words": words,
        "others": search.found(others, words or str(person))[:MOST_OFFERED],
        "header_title": gettext("Who is the same person as %(person)s?") % {"person": person},
        "header_icon": "copy",
        "breadcrumbs_items": trail(str(person)),
    }
    return render(request, "rights/partner.html", context)


@require_POST
@seen_by_who_may("people.tell_apart")
def apart(request: HttpRequest, kept_pk: int, absorbed_pk: int) -> HttpResponse:
    """Remember that they are two people, and go on to the next pair."""
    kept, absorbed = _both_or_404(request, kept_pk, absorbed_pk)
    try:
        tell_apart(kept, absorbed, actor=actor_of(request))
    except OutOfSight:
        raise Http404 from None
    messages.success(request, gettext("They are two people: you will not be asked again."))
    return _onward(request, kept_pk, absorbed_pk)


@require_POST
@seen_by_who_may("rights.undo_merge")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Part two records again."""
    done = get_object_or_404(_merges(request), pk=pk)
    try:
        restored = merging.undo_merge(done.pk, actor=actor_of(request))
    except (NotUndoable, OutOfSight):
        messages.error(
            request, gettext("This merge cannot be undone: it is too old, was undone, or a later one comes first.")
        )
    except MailUnderWay:
        messages.error(request, _under_way())
    except Restricted as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, gettext("%(person)s is a record of its own again.") % {"person": restored})
    return redirect("duplicates:pairs")


def _listed(request: HttpRequest, form: ThresholdForm) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "page": Paginator(selectors.candidates(actor), PAGE_LENGTH).get_page(request.GET.get("p")),
        "merges": _merges(request)[:RECENT],
        "form": form if may(actor, "rights.set_merging_threshold") else None,
        "header_title": gettext("Duplicates"),
        "header_icon": "group",
        "breadcrumbs_items": trail(),
    }


def _merges(request: HttpRequest) -> Any:
    seen = Person.objects.visible_to(actor_of(request)).order_by().values("pk")
    return Merge.objects.undoable().filter(kept__in=seen).select_related("kept")


def _both_or_404(request: HttpRequest, kept_pk: int, absorbed_pk: int) -> tuple[Person, Person]:
    people = Person.objects.visible_to(actor_of(request)).with_contact_points().prefetch_related("addresses")
    if kept_pk == absorbed_pk:
        raise Http404
    return get_object_or_404(people, pk=kept_pk), get_object_or_404(people, pk=absorbed_pk)


def _merge(request: HttpRequest, kept: Person, absorbed: Person, form: MergeForm) -> HttpResponse:
    try:
        merging.merge(kept.pk, absorbed.pk, chosen=form.chosen, actor=actor_of(request))
    except (AlreadyMerged, OutOfSight):
        messages.error(request, gettext("One of the two records is gone: somebody merged or erased it first."))
    except (MailUnderWay, Restricted) as reason:
        messages.error(request, str(reason) or _under_way())
        return redirect("duplicates:review", kept.pk, absorbed.pk)
    else:
        messages.success(request, gettext("The two records are one. You may undo this for thirty days."))
    return _onward(request, kept.pk, absorbed.pk)


def _under_way() -> str:
    return gettext("A message to this person is leaving this very second: try again in a minute.")


def _onward(request: HttpRequest, *decided: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(_following(request, *decided) or reverse("duplicates:pairs"))


def _following(request: HttpRequest, *decided: int) -> str:
    """Return the address of the next pair to judge, or nothing after the last."""
    pair = selectors.after(selectors.candidates(actor_of(request)), decided)
    if pair is None:
        return ""
    kept, absorbed = selectors.in_order(pair.first, pair.second)
    return reverse("duplicates:review", args=[kept.pk, absorbed.pk])


def _refreshed(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Have the whole page come again once the search that was watched has ended."""
    if "HX-Request" in request.headers:
        response["HX-Refresh"] = "true"
    return response
