"""How many forms each connection sent lately: in memory, under names that mean nothing to anybody, and not for long.

An address is personal data; what is kept is its digest under a key that this process drew and tells nobody. Each
process of the server counts for itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from portevoix.kernel import clock
from portevoix.kernel.security import connection_of

#: How far back forms are counted.
WINDOW = timedelta(minutes=10)
#: Forms that one connection may send in that time without more ado: a family, an office, a small meeting.
FREE = 20
#: Beyond, whoever does no work waits so long between two.
PAUSE = timedelta(seconds=30)
#: Connections that are remembered at most, those heard of longest ago forgotten first.
MOST = 20_000


class Senders:
    """The connections that sent forms within the window."""

    def __init__(self, most: int = MOST, *, free: int = FREE) -> None:
        self._free = free
        self._key = secrets.token_bytes(32)
        self._sent: OrderedDict[bytes, deque[datetime]] = OrderedDict()
        self._used: OrderedDict[bytes, datetime] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def is_busy(self, address: str) -> bool:
        """Tell whether so many forms came from there that the next one has to be earned."""
        with self._lock:
            return len(self._recent(self._name(connection_of(address)))) >= self._free

    def has_waited(self, address: str) -> bool:
        """Tell whether the last form from there is long enough ago."""
        with self._lock:
            recent = self._recent(self._name(connection_of(address)))
            return not recent or clock.now() - recent[-1] >= PAUSE

    def spend(self, work: str) -> bool:
        """Take a piece of work in; tell whether nobody showed it before."""
        with self._lock:
            name, now = self._name(work), clock.now()
            while self._used and now - next(iter(self._used.values())) > WINDOW:
                self._used.popitem(last=False)
            if name in self._used:
                return False
            self._used[name] = now
            self._trim(self._used)
            return True

    def note(self, address: str) -> None:
        """Count one form."""
        with self._lock:
            name = self._name(connection_of(address))
            recent = self._recent(name)
            recent.append(clock.now())
            while len(recent) > self._free:
                recent.popleft()
            self._sent[name] = recent
            self._sent.move_to_end(name)
            self._trim(self._sent)

    def forget(self) -> None:
        """Know of nobody."""
        with self._lock:
            self._sent.clear()
            self._used.clear()

    def _recent(self, name: bytes) -> deque[datetime]:
        recent, since = self._sent.get(name, deque()), clock.now() - WINDOW
        while recent and recent[0] <= since:
            recent.popleft()
        return recent

    def _trim(self, kept: OrderedDict[bytes, Any]) -> None:
        while len(kept) > self._most:
            kept.popitem(last=False)

    def _name(self, said: str) -> bytes:
        return hmac.new(self._key, said.encode(), hashlib.sha256).digest()


#: Those of this process.
senders = Senders()
