"""Commands on leaks: name the export that a file found outside comes from; raise the alarm for a canary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.disclosure import selectors
from portevoix.disclosure.models import Canary
from portevoix.disclosure.readers import leaked
from portevoix.disclosure.types import Traces
from portevoix.kernel import clock, normalise


@command(
    "disclosure.identify_leak",
    label=_("Look where a leaked file comes from"),
    roles={Role.DIRECTOR, Role.DATA_OFFICER},
)
def identify_leak(*, file: IO[bytes] | None = None, text: str = "", actor: Actor) -> Traces:
    """Return the exports that a file, or some addresses, can come from; neither is kept. Raises Unreadable."""
    traces = selectors.traces(_clues(file, text))
    note(count=len(traces.findings), exports=[finding.export.pk for finding in traces.findings], seen=traces.seen)
    return traces


def _clues(file: IO[bytes] | None, text: str) -> Iterable[str]:
    if file is not None:
        yield from leaked.clues(file)
    yield from leaked.in_text(text)


@command("disclosure.raise_alarm", label=_("A message reached an invented address of an export"))
def raise_alarm(address: str, *, actor: Actor) -> Canary | None:
    """Note that somebody wrote to a canary; return it, or nothing when the address is none.

    The journal's line names the export: only who holds that file, or a copy, knows the address.
    """
    mailbox = normalise.email(address) or ""
    canary = Canary.objects.select_for_update(of=("self",)).select_related("export").filter(mailbox=mailbox).first()
    note(count=0)
    if canary is None:
        return None
    canary.times_heard += 1
    canary.heard_at = canary.heard_at or clock.now()
    canary.save(update_fields=["times_heard", "heard_at"])
    note(about=canary.export, count=canary.times_heard)
    return canary
