"""Automations in the back office: addresses, menu, what a record shows, what waits, how long it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.journeys import selectors
from portevoix.journeys.models import Journey, Trip, Version
from portevoix.journeys.types import VIEWERS, Standing
from portevoix.people.models import Person
from portevoix.people.selectors import over
from portevoix.rights.types import Kept
from portevoix.segments.models import Segment
from portevoix.segments.types import ASKERS_HOOK, UsedIn


@hooks.register("register_admin_urls")
def urls() -> list[URLResolver]:
    return [path("automatisations/", include("portevoix.journeys.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    address = reverse("journeys:list")
    return ScreenItem(_("Automations"), address, roles=VIEWERS, name="journeys", icon_name="history", order=155)


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long it is kept who was on an automation, and what an address outside was told."""
    term = _("with the record of the person")
    tables = ("journeys.Trip", "journeys.Mark", "journeys.Seen")
    lines.append(Kept(tables, term, "RGPD art. 5(1)(e)", "rights.retain_nightly"))
    lines.append(Kept(("journeys.Call",), _("a month after it ended"), "RGPD art. 5(1)(e)", "journeys.forget_calls"))


class TripsPanel(Component):
    """On which automations a person is, and what comes next when."""

    template_name = "journeys/_person_panel.html"
    order = 6

    def __init__(self, request: HttpRequest, person: Person) -> None:
        self.request, self.person = request, person

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        actor = over(actor_of(self.request), self.person)
        trips = [(trip, selectors.phrase(trip.step)) for trip in selectors.trips_of(self.person)[:20]]
        return {
            "request": self.request,
            "trips": trips,
            "may_see": bool(actor_of(self.request).roles & VIEWERS),
            "may_take_out": may(actor, "journeys.take_out"),
        }


@hooks.register("construct_person_panels")
def trips(request: HttpRequest, person: Person, panels: list[Component]) -> None:
    if Trip.objects.filter(person=person).exists():
        panels.append(TripsPanel(request, person))


@hooks.register("construct_segment_uses")
def automations_of_segment(request: HttpRequest, segment: Segment, uses: list[UsedIn]) -> None:
    """Say which automations start from a segment, in the version that runs or is written."""
    starts = Version.objects.filter(trigger__startswith="segment", said__segment=segment.pk)
    in_force = Q(published_at=None) | Q(pk__in=Journey.objects.filter(live__isnull=False).values("live"))
    for name, pk in starts.filter(in_force).values_list("journey__name", "journey").distinct():
        uses.append(UsedIn(gettext("Automation"), name, reverse("journeys:show", args=[pk])))


@hooks.register(ASKERS_HOOK)
def automations_that_ask(segments: set[int], snapshots: set[int]) -> list[str]:
    """Keep a segment, or a snapshot, as long as an automation that counts asks about it."""
    return selectors.asking_about(segments, snapshots)


@hooks.register("construct_home_tasks")
def approvals(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of automations that wait for a second reader."""
    if not may(actor_of(request), "journeys.approve"):
        return
    for one in selectors.awaiting(actor_of(request))[:3]:
        journey, number = one.version.journey, one.version.number
        label = gettext("“%(title)s” waits for your approval") % {"title": journey}
        tasks.append(HomeTask(label, f"{reverse('journeys:show', args=[journey.pk])}?version={number}"))


@hooks.register("construct_home_tasks")
def what_stopped(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Say where people were stopped by a fault, and what meets one at each pass."""
    if not may(actor_of(request), "journeys.try_again"):
        return
    for one in Journey.objects.live().exclude(fault="").order_by("faulty_since")[:3]:
        label = gettext("The automation “%(name)s” meets a fault") % {"name": one}
        tasks.append(HomeTask(label, reverse("journeys:show", args=[one.pk])))
    failed = Trip.objects.filter(state=Standing.FAILED)
    if number := failed.count():
        words = ngettext(
            "%(number)d person stopped by a fault in an automation",
            "%(number)d people stopped by a fault in an automation",
            number,
        )
        tasks.append(HomeTask(words % {"number": number}, _where(failed), number))


def _where(failed: QuerySet[Trip]) -> str:
    """Return the automation that stopped them, or the list where it was more than one."""
    journeys = list(failed.order_by().values_list("journey", flat=True).distinct()[:2])
    return reverse("journeys:show", args=journeys) if len(journeys) == 1 else reverse("journeys:list")
