"""Automations, their versions and steps, the people who are on them, and what is told to addresses outside."""

from portevoix.journeys.models.calls import Address, Call
from portevoix.journeys.models.plan import Journey, JourneyQuerySet, Letter, Step, Version
from portevoix.journeys.models.readings import StepAdvert, VersionApproval, VersionApprovalQuerySet
from portevoix.journeys.models.trips import Horizon, Mark, Seen, Trip, TripQuerySet

__all__ = [
    "Address",
    "Call",
    "Horizon",
    "Journey",
    "JourneyQuerySet",
    "Letter",
    "Mark",
    "Seen",
    "Step",
    "StepAdvert",
    "Trip",
    "TripQuerySet",
    "Version",
    "VersionApproval",
    "VersionApprovalQuerySet",
]
