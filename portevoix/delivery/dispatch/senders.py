"""One thread a connection: takes envelopes, hands them to its transport, reports what became of them.

Threads never touch the database: the dispatcher alone does, and tells them who withdrew meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event

from portevoix.delivery.dispatch.spool import Spool
from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.transports import Transport
from portevoix.delivery.types import Envelope, Result

#: Nothing leaves more than this many seconds after its ground was last seen to be live.
FRESH = 1.0
#: A line that has waited so many seconds for an answer hangs.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Untried:
    """A message that did not leave: it may, later."""

    ref: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """A message that did not leave: its reader withdrew while it waited, or electoral silence began."""

    ref: int


Report = Result | Untried | Withheld


class Counter:
    """What the dispatcher and its senders share."""

    def __init__(self, spool: Spool) -> None:
        self.waiting: SimpleQueue[Envelope | None] = SimpleQueue()
        self.reports: SimpleQueue[Report] = SimpleQueue()
        #: Messages whose reader withdrew.
        self.withdrawn: frozenset[int] = frozenset()
        #: Messages whose content left, or was about to, and that have no answer yet: since when.
        self._unanswered: dict[int, float] = {}
        self._spool = spool
        self._looked_at = time.monotonic()
        self._looked = Event()
        self._closed = Event()

    def has_looked(self, withdrawn: frozenset[int], *, at: float) -> None:
        """Tell the senders who withdrew, as seen at a moment of `time.monotonic`."""
        self.withdrawn = withdrawn
        self._looked_at = at
        self._looked.set()

    def close(self) -> None:
        """Let nothing more leave; what is on its way is waited for."""
        self._closed.set()
        self._looked.set()

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    def unanswered(self, seconds: float = 0) -> set[int]:
        """Return the messages whose server has yet to answer, after so many seconds."""
        before = time.monotonic() - seconds
        return {ref for ref, since in self._unanswered.copy().items() if since <= before}

    def may_leave(self, ref: int) -> bool:
        """Decide at the last moment, and write it down first."""
        while time.monotonic() - self._looked_at > FRESH and not self.is_closed:
            self._looked.clear()
            self._looked.wait(FRESH)
        if ref in self.withdrawn:
            self.reports.put(Withheld(ref))
            return False
        if self.is_closed:
            self.reports.put(Untried(ref))
            return False
        self._spool.begin(ref)
        self._unanswered[ref] = time.monotonic()
        return True

    def is_over(self, refs: Iterable[int]) -> None:
        """Say that no answer is waited for any more."""
        for ref in refs:
            self._unanswered.pop(ref, None)

    def has_result(self, result: Result) -> None:
        self.is_over([result.ref])
        try:
            self._spool.finish(result)
        finally:
            # The database may still take what the disk has no room for.
            self.reports.put(result)


class Senders:
    """The threads of a run."""

    def __init__(self, counter: Counter, transport: Callable[[], Transport], connections: int) -> None:
        self._counter = counter
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix="sender")
        self._work: list[Future[str]] = [
            self._pool.submit(_Sender(counter, transport()).work) for _connection in range(connections)
        ]

    @property
    def all_gave_up(self) -> bool:
        return all(work.done() for work in self._work)

    @property
    def fault(self) -> str:
        """Why no server takes anything, when all gave up; raises what no sender should have met."""
        faults = [work.result() if work.done() else "" for work in self._work]
        return faults[-1] if all(faults) else ""

    @property
    def all_hang(self) -> bool:
        """Whether each of them has waited long for its server's answer: none can send anything else."""
        return len(self._counter.unanswered(PATIENCE)) >= sum(not work.done() for work in self._work)

    def close(self) -> None:
        """Close the counter and report what never left; what is on its way is not waited for."""
        self._counter.close()
        self._report_the_rest()
        for _work in self._work:
            self._counter.waiting.put(None)

    def wait(self) -> None:
        """Wait for what is on its way, once the counter is closed."""
        self._pool.shutdown(wait=True)
        self._report_the_rest()

    def _report_the_rest(self) -> None:
        for envelope in _rest_of(self._counter.waiting):
            self._counter.reports.put(Untried(envelope.ref))


class _Sender:
    """One connection's work."""

    def __init__(self, counter: Counter, transport: Transport) -> None:
        self._counter = counter
        self._transport = transport
        #: Taken and without a report.
        self._open: set[int] = set()

    def work(self) -> str:
        """Send until told to stop; return why no more could be sent, or nothing."""
        try:
            while (first := self._counter.waiting.get()) is not None:
                for result in self._transport.deliver(self._from(first), committing=self._may_leave):
                    self._open.discard(result.ref)
                    self._counter.has_result(result)
        except ServerUnavailable as error:
            for ref in self._open:
                self._counter.reports.put(Untried(ref))
            return str(error) or type(error).__name__
        finally:
            self._counter.is_over(self._open)
            self._transport.close()
        return ""

    def _may_leave(self, ref: int) -> bool:
        leaves = self._counter.may_leave(ref)
        if not leaves:
            self._open.discard(ref)
        return leaves

    def _from(self, first: Envelope) -> Iterator[Envelope]:
        """Yield what waits at each instant; never wait for more while a message is half-way."""
        envelope: Envelope | None = first
        while envelope is not None:
            if envelope.ref in self._counter.withdrawn:
                self._counter.reports.put(Withheld(envelope.ref))
            else:
                self._open.add(envelope.ref)
                yield envelope
            envelope = self._next()

    def _next(self) -> Envelope | None:
        if self._counter.is_closed:
            return None
        try:
            envelope = self._counter.waiting.get_nowait()
        except Empty:
            return None
        if envelope is None:
            # The sign to stop is for the loop that waits.
            self._counter.waiting.put(None)
        return envelope


def _rest_of(waiting: SimpleQueue[Envelope | None]) -> Iterator[Envelope]:
    while not waiting.empty():
        envelope = waiting.get()
        if envelope is not None:
            yield envelope
