"""Keys in the back office: addresses, menu, what the registers tell of them, how long they are kept."""

from __future__ import annotations

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.office import ScreenItem
from portevoix.api import selectors
from portevoix.api.views import keys
from portevoix.registers.types import Program
from portevoix.rights.types import Kept


@hooks.register("register_admin_urls")
def urls() -> list[URLResolver]:
    screens = [
        path("", keys.show_all, name="keys"),
        path("nouvelle/", keys.make, name="make_key"),
        path("<int:pk>/fin/", keys.end, name="end_key"),
    ]
    return [path("cles/", include((screens, "api_office")))]


@hooks.register("register_settings_menu_item")
def menu_item() -> ScreenItem:
    return ScreenItem(
        _("Keys of programs"),
        reverse("api_office:keys"),
        act="api.make_key",
        name="api-keys",
        icon_name="key",
        order=900,
    )


@hooks.register("tell_programs")
def programs() -> list[Program]:
    """Tell the registers by which keys data leave (RGPD art. 30(1)(d)): nobody enters it a second time."""
    return selectors.programs()


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long it is kept who made a key."""
    lines.append(Kept(("api.Key",), _("with the account of whoever made it"), "RGPD art. 32"))
