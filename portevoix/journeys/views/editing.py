"""Screens that write an automation: what starts it, its steps, its letters. All work without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.journeys import letters, selectors
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.forms import ActionForm, LetterForm, StartForm, TextForm, WaitForm
from portevoix.journeys.models import Journey, Letter, Step, Version
from portevoix.journeys.services import designing
from portevoix.journeys.services.designing import Place
from portevoix.journeys.types import (
    ACTIONS,
    CONDITION,
    LEAVE,
    MAIL,
    TEXT,
    VIEWERS,
    WAIT,
    Trigger,
    offered,
)
from portevoix.journeys.views.journeys import within
from portevoix.mailings import selectors as mailings
from portevoix.mailings.views.letter import letter_response
from portevoix.mailings.views.texts import counted_words, fields_for_texts, in_plain_letters

INSERTS = {"data-controller": "merge-fields"}


def written(pk: int) -> Version:
    """Return the version of an automation that is being written, or 404."""
    return get_object_or_404(Version.objects.select_related("journey"), journey=pk, published_at=None)


def back_to(version: Version) -> str:
    """Return the address of the diagram of a version."""
    return f"{reverse('journeys:show', args=[version.journey_id])}?version={version.number}"


def furniture(version: Version, title: str, icon: str) -> dict[str, Any]:
    """Return what Wagtail's page around the screen shows."""
    return {
        "journey": version.journey,
        "version": version,
        "back": back_to(version),
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": within(version.journey, title),
    }


@seen_by_who_may("journeys.set")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what starts an automation, how often one enters, and when it is quiet."""
    version = written(pk)
    asked = request.GET.get("declencheur", version.trigger)
    trigger = Trigger(asked if asked in Trigger.values else version.trigger)
    form = StartForm(trigger, version, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            designing.set_up(version, form.settings, actor=actor_of(request))
        except NotPossible as reason:
            form.add_error(None, str(reason))
        else:
            return redirect(back_to(version))
    triggers = [(one.value, one.label, one == trigger) for one in Trigger]
    context = {"form": form, "triggers": triggers, "compares": selectors.compares(trigger)}
    context |= {**furniture(version, gettext("What starts it"), "bolt"), "header_icon": "history"}
    return render(request, "journeys/start.html", context)


def place_of(request: HttpRequest) -> Place:
    """Return where a new step goes, as the address says."""

    def number(name: str) -> int | None:
        words = request.GET.get(name, "")
        return int(words) if words.isdecimal() and len(words) < 10 else None

    branch = request.GET.get("branche", "")
    return Place(after=number("apres"), parent=number("dans"), branch=branch if branch in {"yes", "no"} else "")


@seen_by_who_may("journeys.add_step")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what kind of step comes at a place, then say what it does."""
    version = written(pk)
    kind = request.GET.get("sorte", "")
    if kind in {MAIL, CONDITION, LEAVE} and request.method == "POST":
        return _added(request, version, kind, {})
    if kind in {WAIT, *ACTIONS} - {MAIL}:
        return _told(request, version, kind, None)
    kinds = [(WAIT, gettext("Wait"), "time"), (CONDITION, gettext("Ask a condition: yes or no"), "help")]
    kinds += [(one.key, str(one.label), one.icon) for one in offered()]
    kinds.append((LEAVE, gettext("Leave the automation here"), "cross"))
    where = request.GET.copy()
    where.pop("sorte", None)
    choices = [(key, label, icon, key in {MAIL, CONDITION, LEAVE}) for key, label, icon in kinds]
    context = {"kinds": choices, "where": where.urlencode(), **furniture(version, gettext("New step"), "plus")}
    return render(request, "journeys/add.html", context)


def _added(request: HttpRequest, version: Version, kind: str, said: Mapping[str, Any]) -> HttpResponse:
    try:
        step = designing.add_step(version, kind, said, place_of(request), actor=actor_of(request))
    except NotPossible as reason:
        messages.error(request, str(reason))
        return redirect(back_to(version))
    if kind in {MAIL, CONDITION}:
        return redirect("journeys:step", version.journey_id, step.key)
    return redirect(back_to(version))


def _told(request: HttpRequest, version: Version, kind: str, step: Step | None) -> HttpResponse:
    """Ask what a wait or an action must be told, and keep it; a text may be counted before it is."""
    form = _form(request, kind, step)
    if request.method == "POST" and not {"count", "plain"} & request.POST.keys() and form.is_valid():
        said = form.said if isinstance(form, WaitForm) else ACTIONS[kind].settle(form.cleaned_data)
        if step is None:
            return _added(request, version, kind, said)
        return _changed(request, step, said)
    title = gettext("Wait") if kind == WAIT else str(ACTIONS[kind].label)
    icon = "time" if kind == WAIT else ACTIONS[kind].icon
    context = {"form": form, "step": step, "is_wait": kind == WAIT, **furniture(version, title, icon)}
    if kind == TEXT:
        words = str(form["words"].value() or "")
        label = selectors.label_of(step) if step else None
        context["counted"] = counted_words(words, label, is_being_written=True)
        context["advertising"] = selectors.advertising_of(step) if step else None
        context["merge_fields"] = fields_for_texts()
        return render(request, "journeys/text.html", context)
    return render(request, "journeys/step.html", context)


def _form(request: HttpRequest, kind: str, step: Step | None) -> WaitForm | ActionForm:
    initial = step.said if step else None
    if kind == WAIT:
        return WaitForm(request.POST or None, initial=initial)
    if kind == TEXT:
        return TextForm(ACTIONS[kind].fields(actor_of(request)), in_plain_letters(request), initial=initial)
    return ActionForm(ACTIONS[kind].fields(actor_of(request)), request.POST or None, initial=initial)


def _changed(request: HttpRequest, step: Step, said: Mapping[str, Any]) -> HttpResponse:
    try:
        designing.change_step(step, said, actor=actor_of(request))
    except NotPossible as reason:
        messages.error(request, str(reason))
    return redirect(back_to(step.version))


@seen_by_who_may("journeys.change_step")
def edit(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """Change a step: a letter and a condition have screens of their own."""
    step = step_of(pk, key)
    if step.kind == CONDITION:
        return redirect("journeys:question", pk, f"etape-{key}")
    if step.kind == MAIL:
        return _write(request, step)
    if step.kind == LEAVE or step.kind not in {WAIT, *ACTIONS}:
        return redirect(back_to(step.version))
    return _told(request, step.version, step.kind, step)


def step_of(pk: int, key: int) -> Step:
    """Return a step of the version that is being written, or 404."""
    steps = Step.objects.select_related("version__journey", "letter", "advert__election", "parent")
    return get_object_or_404(steps, version__journey=pk, version__published_at=None, key=key)


@cache
def _panel() -> ObjectList:
    panels = [FieldPanel("subject", attrs=INSERTS), FieldPanel("preheader", attrs=INSERTS), FieldPanel("body")]
    return ObjectList(panels, base_form_class=LetterForm).bind_to_model(Letter)


def _write(request: HttpRequest, step: Step) -> HttpResponse:
    panel, letter = _panel(), Letter.objects.get(step=step)
    form = panel.get_form_class()(request.POST or None, instance=letter, for_user=request.user)
    more = ActionForm(ACTIONS[MAIL].fields(actor_of(request)), request.POST or None, initial=step.said)
    if request.method == "POST" and form.is_valid() and more.is_valid():
        words = {name: form.cleaned_data[name] for name in ("subject", "preheader", "body")}
        designing.write_letter(step, **words, actor=actor_of(request))
        return _changed(request, step, ACTIONS[MAIL].settle(more.cleaned_data))
    bound = panel.get_bound_panel(instance=letter, request=request, form=form)
    fields = [
        {"name": name, "label": str(field.label), "otherwise": gettext("to you") if name == "first_name" else ""}
        for name, field in mailings.fields_for_authors()
    ]
    context = {
        "step": step,
        "panel": bound,
        "more": more,
        "media": form.media + bound.media,
        "merge_fields": fields,
        "fault": letters.fault(step) if request.method != "POST" else "",
        "advertising": selectors.advertising_of(step),
        "may_test": may(actor_of(request), "mailings.send_test"),
        **furniture(step.version, gettext("Letter"), "mail"),
    }
    return render(request, "journeys/letter.html", context)


@require_safe
@seen_by(VIEWERS)
def letter(request: HttpRequest, pk: int, number: int, key: int) -> HttpResponse:
    """Give a letter as its readers see it, for frames and for whoever looks."""
    steps = Step.objects.select_related("letter", "advert__election", "version")
    step = get_object_or_404(steps, version__journey=pk, version__number=number, key=key, letter__isnull=False)
    mailing = letters.as_mailing(step.letter)
    return letter_response(mailing, request.GET.get("mode", "html"), selectors.label_of(step))


@require_POST
@seen_by_who_may("journeys.move_step")
def move(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """Put a step before or after its neighbour."""
    step = step_of(pk, key)
    designing.move_step(step, up=request.POST.get("sens") == "haut", actor=actor_of(request))
    return redirect(back_to(step.version))


@require_POST
@seen_by_who_may("journeys.remove_step")
def remove(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """Take a step away, with what stands in its branches."""
    step = step_of(pk, key)
    designing.remove_step(step, actor=actor_of(request))
    return redirect(back_to(step.version))


def journey_or_404(pk: int) -> Journey:
    """Return an automation, or 404."""
    found = Journey.objects.select_related("live").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
