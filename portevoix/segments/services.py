"""Commands on segments."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.segments import rules
from portevoix.segments.models import Segment

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS, Role.ORGANISER}


@command("segments.save", label=_("Save a segment"), roles=WRITERS)
def save(*, name: str, tree: Any, segment: Segment | None = None, actor: Actor) -> Segment:
    """Make a segment, or change one, after reading its tree. Raises InvalidTree."""
    question = rules.read(tree)
    kept = segment or Segment()
    kept.name = name
    kept.tree = rules.as_json(question)
    kept.save()
    note(about=kept, count=len(list(question.criteria())), made=segment is None)
    return kept


@command("segments.delete", label=_("Delete a segment"), roles=WRITERS)
def delete(segment: Segment, *, actor: Actor) -> None:
    """Take a segment away; messages already sent to it keep its name."""
    note(about=segment)
    segment.delete()
