"""One's own tasks, and the form of one."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.models import User
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.paths import selectors
from portevoix.paths.forms import TaskForm
from portevoix.paths.models import Reminding, Task
from portevoix.paths.services import reminding, tasking
from portevoix.paths.views.places import attempted
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight, Restricted
from portevoix.people.models import Person
from portevoix.people.types import Why


def task_or_404(request: HttpRequest, pk: int) -> Task:
    """Return a task that is within the reader's sight."""
    return get_object_or_404(Task.objects.visible_to(actor_of(request)), pk=pk)


@require_safe
@seen_by()
def show_mine(request: HttpRequest) -> HttpResponse:
    """Show what one has to do: late, today, later, and the people one follows."""
    actor = actor_of(request)
    me = cast("User", request.user).pk
    wanted = Reminding.objects.filter(user=me).values_list("is_wanted", flat=True).first()
    buttons = []
    if may(actor, "paths.write_task"):
        buttons = [HeaderButton(gettext("New task"), reverse("paths:task_add"), icon_name="plus")]
    context = {
        "agenda": selectors.agenda(me, actor),
        "is_reminded": wanted is not False,
        "may_tick": may(actor, "paths.tick_task"),
        "here": reverse("paths:tasks"),
        "header_title": gettext("My tasks"),
        "header_icon": "tasks",
        "header_buttons": buttons,
        "breadcrumbs_items": [{"url": reverse("paths:tasks"), "label": gettext("My tasks")}],
    }
    return render(request, "paths/tasks.html", context)


@seen_by_who_may("paths.write_task")
def write(request: HttpRequest, pk: int | None = None, person_pk: int | None = None) -> HttpResponse:
    """Give a task, or change one."""
    task, actor = task_or_404(request, pk) if pk else None, actor_of(request)
    person = _person(request, task.person_id if task else person_pk)
    form = TaskForm(actor, person, task, request.POST or None, user=cast("User", request.user).pk)
    if request.method == "POST" and form.is_valid():
        done, seen = gettext("The task is kept."), form.cleaned_data["seen"]
        if attempted(request, lambda: tasking.write(task, form.draft, seen=seen, actor=actor), done):
            return _back(person)
    if person:
        interactions.consulted(person, Why.EDIT, actor=actor)
    title = gettext("Change the task") if task else gettext("New task")
    context: dict[str, Any] = {"task": task, "person": person, "form": form, "header_title": title}
    context |= {"header_icon": "tasks", "breadcrumbs_items": _trail(person, title)}
    return render(request, "paths/task_form.html", context)


def _person(request: HttpRequest, pk: int | None) -> Person | None:
    if pk is None:
        return None
    return get_object_or_404(Person.objects.visible_to(actor_of(request)).select_related("commune"), pk=pk)


def _trail(person: Person | None, title: str) -> list[dict[str, str]]:
    if person is None:
        way = [{"url": reverse("paths:tasks"), "label": gettext("My tasks")}]
    else:
        way = [
            {"url": reverse("people:list"), "label": gettext("People")},
            {"url": reverse("people:person", args=[person.pk]), "label": str(person)},
        ]
    return [*way, {"url": "", "label": title}]


def _back(person: Person | None) -> HttpResponse:
    return redirect("people:person", person.pk) if person else redirect("paths:tasks")


@require_POST
@seen_by_who_may("paths.tick_task")
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a task is done, or take that back, by one click."""
    task, is_done = task_or_404(request, pk), request.POST.get("done") != "0"
    try:
        tasking.tick(task, is_done=is_done, actor=actor_of(request))
    except OutOfSight:
        raise Http404 from None
    except Restricted as reason:
        messages.error(request, str(reason))
    else:
        told = gettext("Done: “%(title)s”.") if is_done else gettext("To do again: “%(title)s”.")
        # The title goes in as text: whoever wrote it writes no HTML.
        messages.success(request, format_html("{}", told % {"title": task.title}))
    is_from_record = task.person_id and request.POST.get("from") == "record"
    return redirect("people:person", task.person_id) if is_from_record else redirect("paths:tasks")


@require_POST
@seen_by_who_may("paths.remove_task")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a task away."""
    task, actor = task_or_404(request, pk), actor_of(request)
    attempted(request, lambda: tasking.remove(task, actor=actor), gettext("The task is taken away."))
    return redirect("paths:tasks")


@require_POST
@seen_by()
def choose(request: HttpRequest) -> HttpResponse:
    """Have oneself reminded, or not."""
    is_wanted = request.POST.get("wanted") == "1"
    reminding.choose(cast("User", request.user), is_wanted=is_wanted, actor=actor_of(request))
    told = gettext("You will be reminded.") if is_wanted else gettext("You will not be reminded any more.")
    messages.success(request, told)
    return redirect("paths:tasks")
