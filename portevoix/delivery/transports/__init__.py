"""How messages leave. Only `delivery.dispatch` may import from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from portevoix.delivery.types import Envelope, Result


class Transport(Protocol):
    """One line to one server, used by one thread."""

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Send in order and yield a result for each, as it is known.

        `committing(ref)` is asked before the first byte of a message's content leaves: until then nobody can
        have received it, after it only a result tells. When it says no, the message stays and has no result.
        Envelopes are drawn one at a time, at most one ahead. Raises ServerUnavailable when no session can be
        had: what has no result was not tried.
        """

    def close(self) -> None:
        """Say goodbye and let the line go; harmless when it is gone already."""
