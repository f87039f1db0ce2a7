"""Commands about who processes data for the campaign."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import READERS, Actor
from portevoix.kernel import clock
from portevoix.registers.exceptions import Stale
from portevoix.registers.models import Processor


@command("registers.describe_processor", label=_("Describe a processor"), roles=READERS, nationwide=True)
def describe_processor(processor: Processor | None, *, seen: str = "", actor: Actor, **said: Any) -> Processor:
    """Write who works for the campaign, where, and under which contract (RGPD art. 28).

    ``seen`` is the mark of what the screen showed. Raises Stale when somebody else corrected it meanwhile.
    """
    known = Processor(since=clock.today())
    if processor is not None:
        known = Processor.objects.select_for_update().get(pk=processor.pk)
        if seen and seen != known.mark:
            raise Stale
    changed = sorted(name for name, value in said.items() if getattr(known, name) != value)
    for name, value in said.items():
        setattr(known, name, value)
    known.save()
    note(about=known, fields=changed)
    return known


@command("registers.end_processor", label=_("End a processor"), roles=READERS, nationwide=True)
def end_processor(processor: Processor, *, actor: Actor) -> Processor:
    """Say that somebody no longer works for the campaign; the row stays, as the former versions of the record do."""
    if processor.ended_on is None:
        processor.ended_on = max(clock.today(), processor.since)
        processor.save(update_fields=["ended_on"])
    note(about=processor)
    return processor
