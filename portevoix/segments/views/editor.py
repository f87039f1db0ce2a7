"""The editor: one form, which works by its submit buttons; htmx sends the same form and takes a part of the answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.segments import rules, selectors, services
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.forms import Draft, NameForm, Row, choices, without_empty_groups
from portevoix.segments.models import Segment
from portevoix.segments.types import Group, Match, Names
from portevoix.segments.views.segments import trail


@seen_by_who_may("segments.save")
def create(request: HttpRequest) -> HttpResponse:
    """Write a new segment."""
    return _edit(request, None)


@seen_by_who_may("segments.save")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a segment."""
    return _edit(request, get_object_or_404(Segment, pk=pk))


def _edit(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    if request.method != "POST":
        return _opened(request, segment)
    try:
        draft = Draft.posted(request.POST)
    except InvalidTree as fault:
        return HttpResponse(str(fault), status=400, content_type="text/plain; charset=utf-8")
    order = request.POST.get("act", "")
    if order == "save":
        return _saved(request, segment, draft)
    is_partial = request.headers.get("HX-Request") == "true"
    if not order and is_partial:
        return render(request, "segments/_summary.html", _summary(request, draft))
    draft.act(order)
    context = {"draft": draft, "choices": choices(), "matches": Match.choices, **_summary(request, draft)}
    if is_partial:
        return render(request, "segments/_rules.html", {**context, "is_partial": True})
    return _page(request, segment, NameForm(request.POST), {**context, "hides_errors": True})


def _opened(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    try:
        question = segment.question if segment else Group()
    except InvalidTree as fault:
        messages.error(request, str(fault))
        question = Group()
    draft = Draft.of(question)
    if not question.parts:
        draft.root.parts.append(Row(f"{draft.root.place}.0"))
    name = NameForm(initial={"name": segment.name if segment else ""})
    context = {"draft": draft, "choices": choices(), "matches": Match.choices, **_found(request, question, 0)}
    return _page(request, segment, name, context)


def _saved(request: HttpRequest, segment: Segment | None, draft: Draft) -> HttpResponse:
    """Save and show the segment, or show what is wrong with it."""
    name = NameForm(request.POST)
    tree, unfinished = draft.tree()
    fault = ""
    if unfinished:
        fault = ngettext(
            "%(number)d condition is not finished.", "%(number)d conditions are not finished.", unfinished
        ) % {"number": unfinished}
    elif name.is_valid() and _is_taken(name.cleaned_data["name"], segment):
        name.add_error("name", gettext("Another segment has this name."))
    if not fault and name.is_valid():
        try:
            saved = services.save(segment=segment, name=name.cleaned_data["name"], tree=tree, actor=actor_of(request))
        except InvalidTree as error:
            fault = " ".join(error.faults.values())
        else:
            messages.success(request, gettext("The segment “%(name)s” is saved.") % {"name": saved.name})
            return redirect("segments:segment", saved.pk)
    context = {"draft": draft, "choices": choices(), "matches": Match.choices, "fault": fault, "shows_errors": True}
    return _page(request, segment, name, {**context, **_summary(request, draft)})


def _is_taken(name: str, segment: Segment | None) -> bool:
    others = Segment.objects.exclude(pk=segment.pk) if segment else Segment.objects.all()
    return others.filter(name=name).exists()


def _summary(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    tree, unfinished = draft.tree()
    try:
        question = rules.read(without_empty_groups(tree))
    except InvalidTree as fault:
        return {"summary_fault": " ".join(fault.faults.values())}
    return _found(request, question, unfinished)


def _found(request: HttpRequest, question: Group, unfinished: int) -> dict[str, Any]:
    names = Names()
    names.read(question.criteria())
    reach = selectors.reach_in_time(question, actor_of(request))
    return {
        "reach": reach,
        "is_late": reach is None,
        "sentence": rules.sentence(question, names),
        "unfinished": unfinished,
    }


def _page(request: HttpRequest, segment: Segment | None, name: NameForm, context: dict[str, Any]) -> HttpResponse:
    title = gettext("Edit %(name)s") % {"name": segment.name} if segment else gettext("New segment")
    steps = [(reverse("segments:segment", args=[segment.pk]), segment.name)] if segment else []
    furniture = {
        "segment": segment,
        "name_form": name,
        "header_title": title,
        "header_icon": "sliders",
        "breadcrumbs_items": trail(*steps, ("", title)),
    }
    return render(request, "segments/editor.html", {**furniture, **context})
