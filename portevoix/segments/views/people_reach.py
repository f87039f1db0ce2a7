"""How many may lawfully be reached, of those whom the screens of people count: the list's, and an act's preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from wagtail.admin.ui.components import Component

from portevoix.accounts.commands import acting
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.people.exceptions import Impossible
from portevoix.people.filters import meant
from portevoix.people.models import BulkRun, Person
from portevoix.people.selectors import bulk
from portevoix.people.services.acts import BulkAct
from portevoix.people.types import RunState
from portevoix.segments import selectors
from portevoix.segments.views.segments import answered


class PeopleReach(Component):
    """A link to the figures, which take its place by themselves where they are quickly counted."""

    template_name = "segments/people_reach.html"

    def __init__(self, address: str, *, is_quick: bool) -> None:
        self.address, self.is_quick = address, is_quick

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {"address": self.address, "is_quick": self.is_quick}


@require_GET
@seen_by()
@never_cache
def of_list(request: HttpRequest) -> HttpResponse:
    """Say it of everybody whom the list finds for the same question."""
    actor, query = actor_of(request), request.GET.urlencode()
    way = (f"{reverse('people:list')}?{query or 'vue='}", gettext("People"))
    return _answered(request, lambda: meant(request, request.GET, actor), way)


@require_GET
@seen_by_who_may("people.prepare_act")
@never_cache
def of_act(request: HttpRequest, run_pk: int) -> HttpResponse:
    """Say it of those whom an act would change."""
    actor = actor_of(request)
    run = get_object_or_404(BulkRun.objects.visible_to(actor), pk=run_pk, state=RunState.DRAFT)
    known = BulkAct.every().get(run.act)
    if known is None:
        raise Http404
    way = (reverse("people:act", args=[run_pk]), str(known.label))
    return _answered(request, lambda: bulk.touched(run, known.left_out(run.said), acting(actor, known.command)), way)


def _answered(request: HttpRequest, find: Callable[[], QuerySet[Person]], way: tuple[str, str]) -> HttpResponse:
    context: dict[str, object]
    try:
        census = selectors.census_in_time(find)
        context = {"reach": census, "rows": selectors.reach_rows(census), "is_late": census is None}
    except Impossible as fault:
        context = {"fault": str(fault)}
    title = gettext("Who can lawfully be reached, and how")
    return answered(request, context, title, [{"url": way[0], "label": way[1]}, {"url": "", "label": title}], "group")
