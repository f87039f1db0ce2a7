"""The only writer of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome
from portevoix.kernel import clock


def line(
    command: str,
    *,
    actor: tuple[str, str, str],
    outcome: Outcome,
    about: tuple[str, str] = ("", ""),
    count: int | None = None,
    detail: dict[str, Any] | None = None,
) -> Entry:
    """Return a line of this moment; ``actor`` is (kind, id, label), ``about`` (kind, id), ``detail`` names nobody."""
    return Entry(
        at=clock.now(),
        actor_kind=actor[0],
        actor_id=actor[1],
        actor_label=actor[2],
        command=command,
        outcome=outcome,
        about_kind=about[0],
        about_id=about[1],
        count=count,
        detail=detail or {},
    )


def write(command: str, **said: Any) -> Entry:
    """Append one line at once; what is said of it, as for `line`."""
    entry = line(command, **said)
    entry.save(force_insert=True)
    return entry


def write_all(lines: Iterable[Entry]) -> None:
    """Append lines in their order, in one statement."""
    Entry.objects.bulk_create(lines)
