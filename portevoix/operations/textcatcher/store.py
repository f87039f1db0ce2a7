"""What the operator holds: messages out and in, credit and who is barred; one line a fact in one file."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FIRST_ID = 26_929_925


@dataclass
class Sms:
    """A message, to a telephone or from it."""

    ident: int
    #: The telephone's number, whichever way the message goes.
    phone: str
    sender: str
    words: str
    at: str
    is_answer: bool = False
    parts: int = 1
    tag: str = ""
    #: As in OVHcloud's receipts: 0 waiting, 1 arrived, 2 failed.
    description: str = "0"
    ptt: str = "0"


@dataclass
class Store:
    """Safe for several threads."""

    path: Path | None = None
    credits: float = 10_000
    messages: dict[int, Sms] = field(default_factory=dict)
    #: Since when.
    barred: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for line in self.path.read_text("utf-8").splitlines() if self.path.exists() else ():
                self._apply(json.loads(line))

    def add(self, phone: str, *, sender: str, words: str, at: str, **more: Any) -> Sms:
        """Keep a message and give it its number."""
        with self.lock:
            sms = Sms(FIRST_ID + len(self.messages), phone, sender, words, at, **more)
            self._note({"sms": asdict(sms)})
            return sms

    def settle(self, ident: int, *, description: str, ptt: str) -> None:
        """Write what became of a message."""
        with self.lock:
            self._note({"sms": {**asdict(self.messages[ident]), "description": description, "ptt": ptt}})

    def bar(self, phone: str, *, at: str) -> None:
        """Send nothing more to a telephone that asked for no more."""
        with self.lock:
            self._note({"barred": phone, "at": at})

    def spend(self, parts: float) -> None:
        """Take what a message costs off the credit."""
        with self.lock:
            self._note({"credits": self.credits - parts})

    def telephones(self) -> list[tuple[str, list[Sms]]]:
        """Return each telephone with its messages, the one with the latest first."""
        with self.lock:
            found: dict[str, list[Sms]] = defaultdict(list)
            for sms in self.messages.values():
                found[sms.phone].append(sms)
        return sorted(found.items(), key=lambda one: one[1][-1].ident, reverse=True)

    def outgoing(self) -> Iterable[Sms]:
        return [sms for sms in list(self.messages.values()) if not sms.is_answer]

    def incoming(self) -> Iterable[Sms]:
        return [sms for sms in list(self.messages.values()) if sms.is_answer]

    def _note(self, fact: dict[str, Any]) -> None:
        self._apply(fact)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(fact, ensure_ascii=False) + "\n")

    def _apply(self, fact: dict[str, Any]) -> None:
        if "sms" in fact:
            sms = Sms(**fact["sms"])
            self.messages[sms.ident] = sms
        if "barred" in fact:
            self.barred[fact["barred"]] = fact.get("at", "")
        if "credits" in fact:
            self.credits = float(fact["credits"])
