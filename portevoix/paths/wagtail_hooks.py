"""Paths in the back office: addresses, menu, what a record shows, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.models import User
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.paths import selectors
from portevoix.people.models import Person
from portevoix.people.selectors import over
from portevoix.rights.types import Kept
from portevoix.segments.models import Segment


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("", include("portevoix.paths.urls"))]


@hooks.register("register_admin_menu_item")
def paths_item() -> ScreenItem:
    return ScreenItem(_("Paths"), reverse("paths:list"), name="paths", icon_name="list-ol", order=16)


@hooks.register("register_admin_menu_item")
def tasks_item() -> ScreenItem:
    return ScreenItem(_("My tasks"), reverse("paths:tasks"), name="tasks", icon_name="tasks", order=17)


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long it is kept who was where on a path, and what was to be done about whom."""
    tables = ("paths.Place", "paths.Passage", "paths.Task")
    lines.append(Kept(tables, _("with the record of the person"), "RGPD art. 5(1)(e)", "rights.retain_nightly"))


class JourneysPanel(Component):
    """On which paths a person is, how far, with whom; and what is to be done about them."""

    template_name = "paths/_person_panel.html"
    order = 5

    def __init__(self, request: HttpRequest, person: Person) -> None:
        self.request, self.person = request, person

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        actor = over(actor_of(self.request), self.person)
        return {
            "request": self.request,
            "person": self.person,
            "journeys": selectors.journeys(self.person),
            "tasks": selectors.tasks_about(self.person),
            "may_join": may(actor, "paths.join"),
            "may_write": may(actor, "paths.write_task"),
        }


@hooks.register("construct_person_panels")
def journeys(request: HttpRequest, person: Person, panels: list[Component]) -> None:
    panels.append(JourneysPanel(request, person))


@hooks.register("construct_person_buttons")
def person_button(request: HttpRequest, person: Person, buttons: list[HeaderButton]) -> None:
    """Lead to the paths, in one word: the head of a record has room for few; tasks are given from the panel."""
    if may(over(actor_of(request), person), "paths.join"):
        address = reverse("paths:join", args=[person.pk])
        buttons.append(HeaderButton(gettext("Path"), address, icon_name="list-ol", priority=20))


@hooks.register("construct_segment_buttons")
def segment_button(request: HttpRequest, segment: Segment, buttons: list[HeaderButton]) -> None:
    if may(actor_of(request), "paths.enrol"):
        address = f"{reverse('paths:list')}?segment={segment.pk}"
        buttons.append(HeaderButton(gettext("Put on a path"), address, icon_name="list-ol", priority=30))


@hooks.register("construct_home_tasks")
def what_is_due(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of one's own tasks and of the people one follows, by numbers."""
    actor = actor_of(request)
    if not actor.roles:
        return
    waiting = selectors.waiting_of(cast("User", request.user).pk, actor)
    address = reverse("paths:tasks")
    if number := waiting.tasks:
        label = ngettext("%(number)d task for today or late", "%(number)d tasks for today or late", number)
        tasks.append(HomeTask(label % {"number": number}, address, number))
    if number := waiting.steps:
        label = ngettext(
            "%(number)d person whom you follow is due on a path",
            "%(number)d people whom you follow are due on a path",
            number,
        )
        tasks.append(HomeTask(label % {"number": number}, address, number))
