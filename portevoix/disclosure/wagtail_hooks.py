"""The way out in the back office: its addresses, its buttons on the list of persons and on a person's page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext
from wagtail import hooks
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of
from portevoix.people.models import Person


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("export/", include("portevoix.disclosure.urls"))]


@hooks.register("construct_people_buttons")
def export_button(request: HttpRequest, buttons: list[HeaderButton]) -> None:
    if may(actor_of(request), "disclosure.export_people"):
        address = f"{reverse('disclosure:export')}?{request.GET.urlencode()}"
        buttons.append(HeaderButton(gettext("Export"), address, icon_name="download", priority=50))


@hooks.register("construct_person_buttons")
def what_we_hold(request: HttpRequest, person: Person, buttons: list[HeaderButton]) -> None:
    if may(actor_of(request), "disclosure.answer_access_request"):
        address = reverse("disclosure:access", args=[person.pk])
        buttons.append(HeaderButton(gettext("What we hold"), address, icon_name="download", priority=50))
