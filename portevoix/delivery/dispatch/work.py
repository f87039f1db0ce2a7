"""One run: claim, write, hand to the senders, look who withdrew, write down the answers, until told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Protocol, Self

from portevoix.delivery.dispatch import outbox
from portevoix.delivery.dispatch.meter import Meter
from portevoix.delivery.dispatch.outbox import Claimed
from portevoix.delivery.dispatch.senders import Counter, Report, Senders, Untried, Withheld
from portevoix.delivery.dispatch.spool import Spool, boot
from portevoix.delivery.dispatch.writing import Writer
from portevoix.delivery.models import Run
from portevoix.delivery.rules import retries
from portevoix.delivery.transports import Transport
from portevoix.delivery.types import Envelope, Result
from portevoix.kernel import clock, jobs
from portevoix.rights.purposes import Channel

#: Seconds between two looks at who withdrew.
LOOK = 0.5
#: Seconds that answers wait, so as to be written together.
GATHER = 0.2
#: Seconds that the dispatcher leaves its senders alone.
TICK = 0.02
#: So many messages are kept at hand as leave in `AHEAD` seconds, within limits: a machine that stops dead leaves
#: no more of them in doubt.
AHEAD, LEAST, MOST = 1.0, 20, 2000
#: So many are claimed at once.
CLAIM = 500


@dataclass
class Summary:
    """What a run did."""

    #: Dead runs settled first.
    settled: int = 0
    claimed: int = 0
    answered: int = 0
    #: Why no server took anything, if none did.
    fault: str = ""
    #: Whether messages may still be due.
    has_more: bool = False
    #: Whether as many dispatchers were at work already as may be.
    is_turned_away: bool = False


class Writing(Protocol):
    """Turns what was claimed into envelopes."""

    def write(self, claimed: Sequence[Claimed]) -> Iterator[Envelope | Result]: ...


class Work:
    """A run while it lives. Leaving the context writes down all that is known."""

    channel = Channel.EMAIL

    def __init__(self, folder: Path, transport: Callable[[], Transport], connections: int) -> None:
        self.summary = Summary()
        self._run = Run.objects.create(started_at=clock.now(), boot=boot(), channel=self.channel)
        self._spool = Spool(folder, self._run.pk)
        self._counter = Counter(self._spool)
        self._senders = Senders(self._counter, transport, connections)
        self._writer = self.writer()
        self._meter = Meter()
        #: Messages that are ours, with the attempts made before.
        self._ours: dict[int, int] = {}
        #: The address or number that each was written to, whatever its reader's main one is by the time of the answer.
        self._written_to: dict[int, str] = {}
        self._answers: list[Result] = []
        self._withheld: list[int] = []
        self._untried: list[int] = []
        self._least = LEAST * connections
        self._began = self._wrote = self._looked = time.monotonic()
        self._is_exhausted = False

    def writer(self) -> Writing:
        """Return who writes the envelopes."""
        return Writer()

    def claim(self, limit: int) -> tuple[list[Claimed], int]:
        """Take what is due from the outbox."""
        return outbox.claim(self._run.pk, limit, self._meter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        complete = False
        try:
            self._senders.close()
            try:
                # Given back before a slow server is waited for: another worker may send it meanwhile.
                self._collect()
                self._write_down()
            finally:
                self._senders.wait()
            self._collect()
            self._write_down()
            self._end()
            complete = True
        finally:
            # An incomplete diary stays for the next run's recovery.
            self._spool.close(complete=complete)

    def go_on(self, *, until: float) -> None:
        """Send what is due until a moment of `time.monotonic`, the last answer, or the last sender's end.

        Whoever has no answer then is waited for in any case: as long as that lasts, the other lines go on, unless this
        process was told to stop.
        """
        held: set[int] | None = None
        while not self._senders.all_gave_up:
            if time.monotonic() >= until:
                unanswered = self._counter.unanswered()
                held = unanswered if held is None else held & unanswered
                if not held or self._senders.all_hang or jobs.is_stopping():
                    return
                # It may last for minutes: what came meanwhile is due too.
                self._is_exhausted = False
            if not self._is_exhausted:
                self._claim()
            if self._is_exhausted and not self._ours:
                return
            self._wait_for_reports()
            self._look_who_withdrew()
            if self._known == len(self._ours) or time.monotonic() - self._wrote > GATHER:
                self._write_down()

    @property
    def _known(self) -> int:
        """How many of our messages have ended their way, but not yet in the database."""
        return len(self._answers) + len(self._withheld) + len(self._untried)

    def _claim(self) -> None:
        pace = self.summary.answered / (time.monotonic() - self._began + TICK)
        at_hand = min(max(int(pace * AHEAD), self._least), MOST)
        missing = at_hand - (len(self._ours) - self._known)
        if missing < min(at_hand, CLAIM) // 2:
            return
        wanted = min(missing, CLAIM)
        claimed, taken = self.claim(wanted)
        self._is_exhausted = taken < wanted
        self.summary.claimed += len(claimed)
        self._ours.update((one.recipient.message_id, one.attempts) for one in claimed)
        self._written_to.update((one.recipient.message_id, one.recipient.address) for one in claimed)
        for written in self._writer.write(claimed):
            if isinstance(written, Envelope):
                self._counter.waiting.put(written)
            else:
                self._counter.reports.put(written)

    def _wait_for_reports(self) -> None:
        if not self._ours:
            return
        try:
            self._take(self._counter.reports.get(timeout=LOOK))
        except Empty:
            return
        time.sleep(TICK)
        self._collect()

    def _collect(self) -> None:
        while not self._counter.reports.empty():
            self._take(self._counter.reports.get())

    def _take(self, report: Report) -> None:
        match report:
            case Result():
                self._answers.append(report)
                self.summary.answered += 1
            case Withheld(ref):
                self._withheld.append(ref)
            case Untried(ref):
                self._untried.append(ref)

    def _look_who_withdrew(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        self._counter.has_looked(frozenset(self._ours.keys() - outbox.still_admitted(self._ours)), at=now)

    def _write_down(self) -> None:
        self._wrote = time.monotonic()
        if self._answers:
            outbox.write(self._run.pk, self._answers, self._ours, self._written_to)
        if self._withheld:
            outbox.withhold(self._run.pk, self._withheld)
            self._is_exhausted = False
        if self._untried:
            pause = retries.UNAVAILABLE if self._senders.fault else retries.AT_ONCE
            outbox.give_back(self._run.pk, self._untried, not_before=clock.now() + pause)
            self._is_exhausted = False
        for ref in (*(answer.ref for answer in self._answers), *self._withheld, *self._untried):
            self._ours.pop(ref, None)
            self._written_to.pop(ref, None)
        self._answers, self._withheld, self._untried = [], [], []

    def _end(self) -> None:
        self.summary.fault = self._senders.fault[:300]
        self.summary.has_more = not self._is_exhausted and not self.summary.fault
        self._run.ended_at, self._run.fault = clock.now(), self.summary.fault
        self._run.save(update_fields=["ended_at", "fault"])
