"""What automations ask of segments: those that run, or that people are still on, keep these from being deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext

from portevoix.journeys.models import Journey, Trip, Version
from portevoix.journeys.types import State
from portevoix.segments import rules
from portevoix.segments.criteria.membership import InSnapshot
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.types import Criterion, Named


def asking_about(segments: set[int], snapshots: set[int]) -> list[str]:
    """Return the names of the automations that ask about some segments or snapshots, in a version that counts."""
    on_it = Trip.objects.under_way().filter(version=OuterRef("pk"))
    counts = Q(pk__in=Journey.objects.filter(live__isnull=False).values("live")) | Q(Exists(on_it))
    in_use = Version.objects.exclude(journey__state=State.ARCHIVED)
    versions = in_use.filter(counts).select_related("journey").prefetch_related("steps").order_by("journey")
    names = [
        gettext("the automation “%(name)s”") % {"name": version.journey.name}
        for version in versions
        if version.said.get("segment") in segments or any(_is_of(one, segments, snapshots) for one in _asked(version))
    ]
    return list(dict.fromkeys(names))


def _is_of(one: Criterion, segments: set[int], snapshots: set[int]) -> bool:
    return (isinstance(one, Named) and one.segment in segments) or (
        isinstance(one, InSnapshot) and one.snapshot in snapshots
    )


def _asked(version: Version) -> Iterator[Criterion]:
    trees: list[Mapping[str, Any] | None] = [version.only, version.goal]
    trees += [step.said.get("tree") for step in version.steps.all()]
    for tree in trees:
        try:
            yield from rules.read(tree).criteria() if tree else ()
        except InvalidTree:
            continue  # it asks about what is gone already
