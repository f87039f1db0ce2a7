"""Standard letters in the back office: addresses and menu."""

from __future__ import annotations

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.office import ScreenItem


@hooks.register("register_admin_urls")
def urls() -> list[URLResolver]:
    return [path("lettres/", include("portevoix.correspondence.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    address = reverse("correspondence:list")
    return ScreenItem(
        _("Standard letters"), address, act="correspondence.edit", name="letters", icon_name="draft", order=156
    )
