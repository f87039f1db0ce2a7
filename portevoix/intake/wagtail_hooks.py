"""What comes in by hand, in the back office: an address, and a button on the list of people."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext
from wagtail import hooks
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("entrees/", include("portevoix.intake.urls"))]


@hooks.register("construct_people_buttons")
def paper_button(request: HttpRequest, buttons: list[HeaderButton]) -> None:
    if may(actor_of(request), "intake.enter"):
        words = gettext("Enter a form on paper")
        buttons.append(HeaderButton(words, reverse("intake:paper"), icon_name="form", priority=40))
