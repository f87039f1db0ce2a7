"""People in the back office: addresses and menu."""

from __future__ import annotations

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.office import ScreenItem


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("personnes/", include("portevoix.people.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    return ScreenItem(_("People"), reverse("people:list"), name="people", icon_name="group", order=10)
