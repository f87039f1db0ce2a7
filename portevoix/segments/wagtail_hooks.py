"""Segments in the back office: addresses, menus, the first page's figures, a filter of the list of persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from portevoix.accounts.office import ScreenItem, actor_of
from portevoix.accounts.types import Actor
from portevoix.people.models import BulkRun, PersonQuerySet
from portevoix.people.office import REACH_HOOK
from portevoix.people.selectors import signups_per_day
from portevoix.rights.types import Kept
from portevoix.segments import rules, selectors
from portevoix.segments.criteria.membership import InSnapshot
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment, Snapshot
from portevoix.segments.types import Group
from portevoix.segments.views.people_reach import PeopleReach

#: Days of the first page's chart.
DAYS = 30


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("segments/", include("portevoix.segments.urls"))]


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long those whom a snapshot froze stay in it."""
    term = _("with the record of the person, or until the snapshot is deleted")
    lines.append(Kept(("segments.SnapshotMember",), term, "RGPD art. 5(1)(e)", "rights.retain_nightly"))


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    return ScreenItem(_("Segments"), reverse("segments:list"), name="segments", icon_name="sliders", order=20)


@hooks.register("register_admin_menu_item")
def map_item() -> ScreenItem:
    return ScreenItem(_("Map"), reverse("segments:map"), name="map", icon_name="map", order=30)


class PeoplePanel(Component):
    """How many the campaign knows and may write to, and how many came lately."""

    name = "people"
    template_name = "segments/people_panel.html"
    order = 20

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        days = signups_per_day(self.actor, DAYS)
        reach = selectors.reach_in_time(Group(), self.actor)
        return {"reach": reach, "is_late": reach is None, "days": days, "total": sum(bar.value for bar in days)}


@hooks.register("construct_homepage_panels")
def people(request: HttpRequest, panels: list[Component]) -> None:
    actor = actor_of(request)
    if actor.roles:
        panels.append(PeoplePanel(actor))


@hooks.register(REACH_HOOK)
def reach(query: str, run: BulkRun | None, is_quick: bool) -> Component:
    """Say beside a count of people how many may lawfully be reached."""
    address = reverse("segments:act_reach", args=[run.pk]) if run else f"{reverse('segments:people_reach')}?{query}"
    return PeopleReach(address, is_quick=is_quick)


def of_segment(people: PersonQuerySet, name: str, segment: Segment | None) -> PersonQuerySet:
    """Keep whom a segment finds: nobody, if it is no question any more, or not one that lists people to this reader."""
    if segment is None:
        return people
    try:
        question = selectors.resolved(segment.question)
    except InvalidTree:
        return people.none()
    if selectors.is_about_opinions(question) or selectors.hidden_fields(question, people.read_by):
        return people.none()
    return people.filter(rules.condition(question))


def of_snapshot(people: PersonQuerySet, name: str, snapshot: Snapshot | None) -> PersonQuerySet:
    """Keep those who were in a snapshot."""
    return people.filter(InSnapshot(snapshot=snapshot.pk).q()) if snapshot else people


@hooks.register("construct_people_filters", order=-1)
def segment_filter(request: HttpRequest, filters: dict[str, django_filters.Filter]) -> None:
    filters["snapshot"] = django_filters.ModelChoiceFilter(
        queryset=Snapshot.objects.all(), method=of_snapshot, label=_("Snapshot"), widget=forms.Select
    )
    filters["segment"] = django_filters.ModelChoiceFilter(
        queryset=Segment.objects.all(), method=of_segment, label=_("Segment"), widget=forms.Select
    )
