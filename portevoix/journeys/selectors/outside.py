"""Reads about the addresses that automations tell."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from wagtail import hooks

from portevoix.journeys.models import Address
from portevoix.journeys.types import CallState

#: By which rooms above say which companies are in the register of processors: functions that return number and name.
PROCESSORS_HOOK = "tell_processors"


def processors() -> dict[int, str]:
    """Return the companies of the register of processors that work for the campaign now."""
    found: dict[int, str] = {}
    for tell in hooks.get_hooks(PROCESSORS_HOOK):
        found |= tell()
    return found


def addresses() -> QuerySet[Address]:
    """Return the addresses with the figures of the last month: told, waiting, given up."""
    figures = {state.value: Count("calls", filter=Q(calls__state=state)) for state in CallState}
    return Address.objects.annotate(**figures).order_by("ended_at", "name")
