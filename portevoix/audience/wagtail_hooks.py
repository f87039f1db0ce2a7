"""Audience in the back office: its screen, its panel on the first page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from portevoix.accounts.office import ScreenItem, actor_of
from portevoix.audience import selectors

DAYS = 30


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("audience/", include("portevoix.audience.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    return ScreenItem(_("Audience"), reverse("audience:audience"), name="audience", icon_name="chart", order=500)


class VisitsPanel(Component):
    """Visits of the last days."""

    name = "visits"
    template_name = "audience/visits_panel.html"
    order = 40

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        days = selectors.per_day(DAYS)
        return {"days": days, "total": sum(bar.value for bar in days)}


@hooks.register("construct_homepage_panels")
def visits(request: HttpRequest, panels: list[Component]) -> None:
    if actor_of(request).roles:
        panels.append(VisitsPanel())
