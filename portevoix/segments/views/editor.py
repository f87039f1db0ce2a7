"""The editor: one form, which works by its submit buttons; htmx sends the same form and takes a part of the answer.

Each act ends at an address of its own, so that the browser's way back undoes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from wagtail.admin import messages

from portevoix.accounts.commands import acting
from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.accounts.types import Actor
from portevoix.people.models import CustomField
from portevoix.segments import rules, selectors, services
from portevoix.segments.exceptions import ChangedMeanwhile, InvalidTree
from portevoix.segments.forms import Draft, NameForm, Row, without_empty_groups
from portevoix.segments.models import Segment
from portevoix.segments.types import Group, Match, Names
from portevoix.segments.views import steps
from portevoix.segments.views.segments import figures, trail


@seen_by_who_may("segments.save")
def create(request: HttpRequest) -> HttpResponse:
    """Write a new segment, from nothing or from the copy of another."""
    return _edit(request, None)


@seen_by_who_may("segments.save")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a segment."""
    return _edit(request, get_object_or_404(Segment, pk=pk))


def _edit(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    if segment and (refusal := _refused(request, segment)):
        return refusal
    if request.method != "POST":
        shown = steps.recall(request)
        return _opened(request, segment) if shown is None else _drawn(request, segment, Draft.posted(shown), shown)
    try:
        draft = Draft.posted(request.POST)
    except InvalidTree as fault:
        return HttpResponse(str(fault), status=400, content_type="text/plain; charset=utf-8")
    order = request.POST.get("act", "")
    order = draft.enter() if order == "enter" else order
    return _saved(request, segment, draft) if order == "save" else _acted(request, segment, draft, order)


def _refused(request: HttpRequest, segment: Segment) -> HttpResponse | None:
    """Lead back to a segment that asks what its reader may not ask, and say so."""
    try:
        selectors.check_editor(segment, _writer(request))
    except InvalidTree as fault:
        messages.error(request, str(fault))
        return redirect("segments:segment", segment.pk)
    return None


def _writer(request: HttpRequest) -> Actor:
    return acting(actor_of(request), "segments.save")


def _acted(request: HttpRequest, segment: Segment | None, draft: Draft, order: str) -> HttpResponse:
    """Do what a button says and show the form; without a button, tell what the question comes to."""
    is_partial = request.headers.get("HX-Request") == "true"
    if not order and is_partial:
        return render(request, "segments/_summary.html", _summary(request, draft))
    new = {token.part.place for token in draft.tokens()}
    is_changed = draft.act(order)
    shown = {
        "name": request.POST.get("name", "")[:120],
        "seen": request.POST.get("seen", "")[:40],
        **draft.shown(),
    }
    draft = Draft.posted(shown)
    for token in draft.tokens():
        if isinstance(token.part, Row):
            token.part.is_new = token.part.place not in new or order.startswith(f"choose:{token.part.place}:")
    address = steps.keep(request, shown) if is_changed else ""
    if is_partial:
        context = {**_shown(request, draft), "is_partial": True, **_summary(request, draft)}
        response = render(request, "segments/_rules.html", context)
        if address:
            response["HX-Push-Url"] = address
        return response
    return redirect(address) if address else _drawn(request, segment, draft, shown)


def _drawn(request: HttpRequest, segment: Segment | None, draft: Draft, shown: Mapping[str, str]) -> HttpResponse:
    context = {**_shown(request, draft), **_summary(request, draft)}
    return _page(request, segment, NameForm(initial=dict(shown)), context)


def _opened(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    copied = _copied(request) if segment is None else None
    if copied and (refusal := _refused(request, copied)):
        return refusal
    source = segment or copied
    try:
        question = source.question if source else Group()
    except InvalidTree as fault:
        messages.error(request, str(fault))
        question = Group()
    draft = Draft.of(question)
    if not question.parts:
        draft.root.parts.append(Row(f"{draft.root.place}.0"))
    name = gettext("Copy of %(name)s") % {"name": copied.name} if copied else segment.name if segment else ""
    context = {**_shown(request, draft), **_found(request, question, 0)}
    initial = {"name": name[:120], "seen": segment.version if segment else ""}
    return _page(request, segment, NameForm(initial=initial), context)


def _shown(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    draft.unoffered = selectors.unoffered(_writer(request))
    draft.own_fields = CustomField.objects.seen_by_actor(_writer(request))
    return {"draft": draft, "matches": Match.choices}


def _copied(request: HttpRequest) -> Segment | None:
    number = request.GET.get("copie", "")
    return Segment.objects.filter(pk=int(number)).first() if re.fullmatch(r"[0-9]{1,18}", number) else None


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
            saved = services.save(segment=segment, tree=tree, actor=actor_of(request), **name.cleaned_data)
        except InvalidTree as error:
            fault = " ".join(error.faults.values())
        except ChangedMeanwhile:
            name, fault = _warned(name, segment)
        else:
            steps.forget(request)
            messages.success(request, gettext("The segment “%(name)s” is saved.") % {"name": saved.name})
            return redirect("segments:segment", saved.pk)
    draft.tell_errors()
    context = {**_shown(request, draft), "fault": fault, "shows_errors": True}
    return _page(request, segment, name, {**context, **_summary(request, draft)})


def _warned(name: NameForm, segment: Segment | None) -> tuple[NameForm, str]:
    """Say that somebody was quicker; what they saved is replaced only by whoever saves again knowing it."""
    version = Segment.objects.get(pk=segment.pk).version if segment else ""
    fault = gettext(
        "Somebody else changed this segment meanwhile. Nothing was saved: look at theirs in another tab. Saving again "
        "replaces it with yours."
    )
    return NameForm({**name.cleaned_data, "seen": version}), fault


def _is_taken(name: str, segment: Segment | None) -> bool:
    others = Segment.objects.exclude(pk=segment.pk) if segment else Segment.objects.all()
    return others.filter(name=name).exists()


def _summary(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    tree, unfinished = draft.tree()
    try:
        question = rules.read(without_empty_groups(tree))
        selectors.check_draft(question, _writer(request))
    except InvalidTree as fault:
        return {"summary_fault": " ".join(fault.faults.values())}
    return _found(request, question, unfinished)


def _found(request: HttpRequest, question: Group, unfinished: int) -> dict[str, Any]:
    names = Names()
    names.read(question.criteria())
    said = {"sentence": rules.sentence(question, names), "unfinished": unfinished}
    return {**said, **figures(request, question, with_sample=True)}


def _page(request: HttpRequest, segment: Segment | None, name: NameForm, context: dict[str, Any]) -> HttpResponse:
    title = gettext("Edit %(name)s") % {"name": segment.name} if segment else gettext("New segment")
    way = [(reverse("segments:segment", args=[segment.pk]), segment.name)] if segment else []
    furniture = {
        "segment": segment,
        "name_form": name,
        "header_title": title,
        "header_icon": "sliders",
        "breadcrumbs_items": trail(*way, ("", title)),
    }
    return render(request, "segments/editor.html", {**furniture, **context})
