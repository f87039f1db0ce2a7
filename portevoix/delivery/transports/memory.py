"""A transport that keeps everything: for tests and trials of the whole path without a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portevoix.delivery.types import Envelope, Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass
class MemoryTransport:
    """Accept each message, unless `answers` says otherwise for its recipient."""

    sent: list[Envelope] = field(default_factory=list)
    answers: dict[str, tuple[Outcome, int, str]] = field(default_factory=dict)

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Keep each message and answer at once."""
        for envelope in envelopes:
            if not committing(envelope.ref):
                continue
            outcome, code, reply = self.answers.get(envelope.recipient, (Outcome.SENT, 250, "kept"))
            if outcome is Outcome.SENT:
                self.sent.append(envelope)
            yield Result(envelope.ref, outcome, code, reply)

    def close(self) -> None:
        """Keep what was sent."""
