"""The only writer of the journal."""

from __future__ import annotations

from typing import Any

from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome
from portevoix.kernel import clock


def write(
    command: str,
    *,
    actor: tuple[str, str, str],
    outcome: Outcome,
    about: tuple[str, str] = ("", ""),
    count: int | None = None,
    detail: dict[str, Any] | None = None,
) -> Entry:
    """Append one line; ``actor`` is (kind, id, label), ``about`` (kind, id), ``detail`` holds no personal value."""
    return Entry.objects.create(
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
