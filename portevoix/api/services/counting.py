"""What programs read that is about nobody in particular: figures of segments."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import EVERYONE, command, note
from portevoix.accounts.types import Actor
from portevoix.segments import selectors
from portevoix.segments.models import Segment
from portevoix.segments.selectors.reaching import ReachRow


@dataclass(frozen=True)
class Figures:
    """How many people a segment finds, and how many by each way; no number where there are too few to be told."""

    people: int | None
    is_few: bool
    is_late: bool
    ways: list[ReachRow]


@command("api.count_segment", label=_("Count a segment for a program"), roles=EVERYONE)
def count_segment(segment: Segment, *, actor: Actor) -> Figures:
    """Count a segment as far as ``actor`` sees, in the seconds that a screen waits. Raises InvalidTree."""
    question = selectors.resolved(segment.question)
    census = selectors.reach_in_time(question, actor)
    is_few = census is not None and selectors.is_few(question, census.people)
    note(about=segment, count=1)
    if census is None or is_few:
        return Figures(None, is_few=is_few, is_late=census is None, ways=[])
    return Figures(census.people, is_few=False, is_late=False, ways=selectors.reach_rows(census))
