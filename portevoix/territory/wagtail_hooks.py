"""What the territory adds to the back office."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.office import HomeTask, ScreenItem, member_of
from portevoix.kernel import clock
from portevoix.territory.models import Departement
from portevoix.territory.selectors.elections import next_silence
from portevoix.territory.views import elections

#: The team is told so long before.
SOON = timedelta(days=7)


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    calendar = [
        path("", elections.calendar, name="calendar"),
        path("nouvelle/", elections.keep, name="add"),
        path("<int:pk>/", elections.keep, name="edit"),
        path("<int:pk>/retrait/", elections.remove, name="remove"),
    ]
    return [
        path("territoire/", include("portevoix.territory.urls")),
        path("elections/", include((calendar, "elections"))),
    ]


@hooks.register("register_admin_menu_item")
def elections_item() -> ScreenItem:
    return ScreenItem(_("Elections"), reverse("elections:calendar"), name="elections", icon_name="calendar", order=155)


@hooks.register("construct_home_tasks")
def silence(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Tell everybody of the team of a silence that holds, or begins within a week."""
    coming = next_silence()
    if not member_of(request).roles or coming is None or coming.begins_at > clock.now() + SOON:
        return
    day = date_format(localtime(coming.begins_at, clock.PARIS), "DATETIME_FORMAT")
    if coming.begins_at > clock.now():
        label = gettext("Electoral silence from %(day)s") % {"day": day}
    else:
        end = date_format(localtime(coming.ends_at, clock.PARIS), "DATETIME_FORMAT")
        label = gettext("Electoral silence until %(day)s: nothing leaves") % {"day": end}
    tasks.insert(0, HomeTask(label, reverse("elections:calendar")))


@hooks.register("construct_territories")
def departements(found: list[tuple[str, str]]) -> None:
    """Tell the team's screens what a mandate may be over."""
    found += [(one.code, f"{one.code} – {one.name}") for one in Departement.objects.all()]
