"""People in the back office: addresses and menu."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import ScreenItem, actor_of
from portevoix.people.services.acts import BulkAct
from portevoix.people.services.acts_on_records import ACTS


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("personnes/", include("portevoix.people.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    return ScreenItem(_("People"), reverse("people:list"), name="people", icon_name="group", order=10)


@hooks.register("construct_people_buttons")
def fields_button(request: HttpRequest, buttons: list[HeaderButton]) -> None:
    if may(actor_of(request), "people.make_field"):
        address = reverse("people:fields")
        buttons.append(HeaderButton(gettext("Your own fields"), address, icon_name="list-ul", priority=80))


@hooks.register("construct_people_buttons")
def acts_button(request: HttpRequest, buttons: list[HeaderButton]) -> None:
    if may(actor_of(request), "people.prepare_act"):
        address = reverse("people:acts")
        buttons.append(HeaderButton(gettext("Acts on many people"), address, icon_name="history", priority=70))


@hooks.register("construct_bulk_acts", order=-1)
def own_acts(acts: dict[str, BulkAct]) -> None:
    acts.update({act.key: act() for act in ACTS})
