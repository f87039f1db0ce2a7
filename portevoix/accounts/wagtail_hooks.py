"""The frame of the back office: the menu in the order a campaign works, what waits on its first page, the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.components import Component

from portevoix.accounts.office import HomeTask, ScreenItem, member_of, session_of
from portevoix.accounts.types import READERS

#: The order in which a campaign works; what a room adds without being named here comes before the settings.
ORDER = (
    *("people", "duplicates", "paths", "tasks", "segments", "map", "messages", "imports", "exports"),
    *("explorer", "images", "documents", "snippets", "redirects"),
    *("audience", "team", "journal"),
)
#: What Wagtail offers to those who build sites, and nobody in a campaign looks for.
NOISE = {"help", "reports"}
#: Settings that the configuration file or the mandates decide instead, or that a team this size does without.
NOISE_OF_SETTINGS = {"workflows", "workflow-tasks", "users", "groups", "sites", "collections"}
QUIET_PANELS = {"locked_pages", "user_objects_in_workflow_moderation"}


@hooks.register("construct_main_menu", order=1000)
def in_working_order(request: HttpRequest, items: list[MenuItem]) -> None:
    """Sort the menu as a campaign works and take Wagtail's noise away."""
    items[:] = [item for item in items if item.name not in NOISE]
    for item in items:
        if item.name in ORDER:
            item.order = ORDER.index(item.name)


@hooks.register("construct_settings_menu", order=1000)
def few_settings(request: HttpRequest, items: list[MenuItem]) -> None:
    """Leave the settings that a campaign changes."""
    items[:] = [item for item in items if item.name not in NOISE_OF_SETTINGS]


class TodoPanel(Component):
    """What waits for somebody's decision; says nothing when nothing does."""

    name = "todo"
    template_name = "accounts/todo_panel.html"
    order = 10

    def __init__(self, tasks: list[HomeTask]) -> None:
        self.tasks = tasks

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {"tasks": self.tasks}


@hooks.register("construct_homepage_panels", order=1000)
def what_waits(request: HttpRequest, panels: list[Component]) -> None:
    """Put first what waits, and take away Wagtail's panels that a campaign has no use for."""
    panels[:] = [panel for panel in panels if getattr(panel, "name", "") not in QUIET_PANELS]
    tasks: list[HomeTask] = []
    for add in hooks.get_hooks("construct_home_tasks"):
        add(request, tasks)
    if tasks and member_of(request).roles:
        panels.append(TodoPanel(tasks))


@hooks.register("construct_homepage_summary_items", order=1000)
def no_counts_of_pages(request: HttpRequest, items: list[SummaryItem]) -> None:
    """The first page counts people, not files."""
    items.clear()


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("", include("portevoix.accounts.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    return ScreenItem(
        _("Journal"), reverse("accounts:journal"), roles=READERS, name="journal", icon_name="history", order=600
    )


@hooks.register("register_admin_menu_item")
def team_item() -> ScreenItem:
    return ScreenItem(_("Team"), reverse("accounts:team"), roles=READERS, name="team", icon_name="user", order=590)


@hooks.register("register_account_menu_item")
def own_access(request: HttpRequest) -> dict[str, Any]:
    """Lead from one's account to one's second factors and sessions."""
    return {
        "url": reverse("accounts:access"),
        "label": gettext("My access"),
        "help_text": gettext("Second factors, recovery codes, and where you are signed in."),
    }


@hooks.register("construct_home_tasks")
def protect_oneself(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind whoever has no second factor, where none is asked for."""
    if (session := session_of(request)) and not session.is_strong:
        tasks.append(HomeTask(gettext("Protect your access by a second factor"), reverse("accounts:begin")))
