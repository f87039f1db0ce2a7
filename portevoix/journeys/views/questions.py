"""Screens that ask a question of people, with the criteria of segments: a condition, whom it is for, its goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Step, Version
from portevoix.journeys.services import designing
from portevoix.journeys.types import CONDITION, Settings
from portevoix.journeys.views.editing import back_to, furniture, step_of, written
from portevoix.segments import rules
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.forms import Draft, Row, without_empty_groups
from portevoix.segments.types import CRITERIA, Group, Match, Names
from portevoix.segments.views.segments import figures


@dataclass(frozen=True)
class Asked:
    """What a screen asks about: a condition, or a question of the whole version."""

    version: Version
    which: str
    title: str
    tree: Mapping[str, Any] | None
    step: Step | None = None


def _asked(pk: int, which: str) -> Asked:
    if which.startswith("etape-") and which[6:].isdecimal() and len(which) < 15:
        step = step_of(pk, int(which[6:]))
        if step.kind != CONDITION:
            raise Http404
        return Asked(step.version, which, gettext("Condition"), step.said.get("tree"), step)
    version = written(pk)
    titles = {"pour-qui": gettext("Only for people who…"), "but": gettext("Leave as soon as the goal is reached")}
    if which not in titles:
        raise Http404
    return Asked(version, which, titles[which], version.only if which == "pour-qui" else version.goal)


@seen_by_who_may("journeys.change_step")
def edit(request: HttpRequest, pk: int, which: str) -> HttpResponse:
    """Write a question; each button sends the whole form, and htmx takes a part of the answer."""
    asked = _asked(pk, which)
    if request.method != "POST":
        return _page(request, asked, _opened(asked))
    try:
        draft = Draft.posted(request.POST)
    except InvalidTree as fault:
        return HttpResponse(str(fault), status=400, content_type="text/plain; charset=utf-8")
    order = request.POST.get("act", "")
    order = draft.enter() if order == "enter" else order
    if order in {"save", "clear"}:
        return _saved(request, asked, draft, is_cleared=order == "clear")
    return _acted(request, asked, draft, order)


def _opened(asked: Asked) -> Draft:
    try:
        question = selectors.question_of(asked.tree)
    except InvalidTree:
        question = Group()
    draft = Draft.of(question)
    if not question.parts:
        draft.root.parts.append(Row(f"{draft.root.place}.0"))
    return draft


def _acted(request: HttpRequest, asked: Asked, draft: Draft, order: str) -> HttpResponse:
    is_partial = request.headers.get("HX-Request") == "true"
    if not order and is_partial:
        return render(request, "segments/_summary.html", _summary(request, draft))
    new = {token.part.place for token in draft.tokens()}
    draft.act(order)
    draft = Draft.posted(draft.shown())
    for token in draft.tokens():
        if isinstance(token.part, Row):
            token.part.is_new = token.part.place not in new or order.startswith(f"choose:{token.part.place}:")
    if is_partial:
        context = {**_shown(request, draft), "is_partial": True, **_summary(request, draft)}
        return render(request, "segments/_rules.html", context)
    return _page(request, asked, draft)


def _saved(request: HttpRequest, asked: Asked, draft: Draft, *, is_cleared: bool) -> HttpResponse:
    tree, unfinished = draft.tree()
    kept = None if is_cleared else tree
    faults = [] if is_cleared else selectors.question_faults(tree, actor_of(request))
    if unfinished and not is_cleared:
        words = ngettext("%(number)d condition is not finished.", "%(number)d conditions are not finished.", unfinished)
        faults = [words % {"number": unfinished}]
    if not faults:
        try:
            _keep(request, asked, kept)
        except NotPossible as reason:
            faults = [str(reason)]
        else:
            return redirect(back_to(asked.version))
    draft.tell_errors()
    return _page(request, asked, draft, fault=" ".join(faults))


def _keep(request: HttpRequest, asked: Asked, tree: Mapping[str, Any] | None) -> None:
    actor = actor_of(request)
    if asked.step is not None:
        designing.change_step(asked.step, {"tree": tree} if tree else {}, actor=actor)
        return
    version = asked.version
    names = ("trigger", "said", "only", "goal", "again_days", "quiet_from", "quiet_until")
    settings = Settings(**{name: getattr(version, name) for name in names})
    changed = {"only": tree} if asked.which == "pour-qui" else {"goal": tree}
    designing.set_up(version, replace(settings, **changed), actor=actor)  # type: ignore[arg-type]


def _shown(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    about_opinions = {key for key, kind in CRITERIA.items() if kind.about_opinions}
    draft.unoffered = segments.unoffered(actor_of(request)) | about_opinions
    return {"draft": draft, "matches": Match.choices}


def _summary(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    tree, unfinished = draft.tree()
    try:
        question = rules.read(without_empty_groups(tree))
        segments.check_draft(question, actor_of(request))
    except InvalidTree as fault:
        return {"summary_fault": " ".join(fault.faults.values())}
    names = Names()
    names.read(question.criteria())
    said = {"sentence": rules.sentence(question, names), "unfinished": unfinished}
    return {**said, **figures(request, question, with_sample=False)}


def _page(request: HttpRequest, asked: Asked, draft: Draft, fault: str = "") -> HttpResponse:
    context = {
        **_shown(request, draft),
        **_summary(request, draft),
        **furniture(asked.version, asked.title, "help"),
        "asked": asked,
        "wrong": fault,
        "shows_errors": bool(fault),
    }
    return render(request, "journeys/question.html", context)
