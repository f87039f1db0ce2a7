"""Decisions about access, without a database: pauses after failures, names of devices, ends of sessions."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portevoix.accounts.types import KEEPERS, OVER_FRANCE, OVER_ONE_DEPARTEMENT, Actor, Fact, Role

#: The code of a département, or nothing for all of France.
DEPARTEMENT_PATTERN = r"^(|\d\d|2[AB]|97\d|98[4678])$"

#: Failures that an account, and an address, may have before it is closed for a while: a team may share an address.
FREE_FAILURES = {"account": 5, "address": 20, "guesser": 10}
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
#: After so long without failing, all is forgotten.
FORGOTTEN_AFTER = timedelta(days=1)
#: A password of a page is known to many, who mistype it behind one connection: they wait less, and not for long.
GUESSES_FORGOTTEN_AFTER = timedelta(minutes=10)
#: A session ends so long after it began, and so long after it was last used.
LONGEST_SESSION = timedelta(hours=12)
LONGEST_SILENCE = timedelta(hours=2)

#: Where a browser keeps the mark by which a device is known again: it secures the account and serves nothing else.
DEVICE_COOKIE = "portevoix_device"
DEVICE_AGE = 365 * 24 * 3600

BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox")),
    *(("Chromium", "Chromium"), ("Chrome/", "Chrome"), ("CriOS", "Chrome"), ("Safari/", "Safari")),
)
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)

EVERYTHING = frozenset(Fact)
#: What each role has no need to know of a person (RGPD art. 5(1)(c) and 25). Who has two roles
#: over one place needs what either needs.
MASKS: dict[Role, frozenset[Fact]] = {
    Role.DIRECTOR: frozenset(),
    Role.DATA_OFFICER: frozenset(),  # answers whoever asks what is held on them
    Role.ORGANISER: frozenset(),  # keeps the records, and tells two persons of one name apart
    Role.LOCAL_LEAD: frozenset({Fact.BIRTH}),
    Role.TREASURER: frozenset({Fact.BIRTH, Fact.PHONE}),  # receipts bear an address and leave by mail
    Role.COMMUNICATIONS: frozenset({Fact.BIRTH, Fact.PHONE, Fact.ADDRESS}),  # writes by mail
    Role.READER: EVERYTHING,
}


def hidden_from(actor: Actor) -> frozenset[Fact]:
    """Return what ``actor`` may not know of somebody at least whom they see, so of nobody in what shows many at once.

    Mandates do not lend each other what they know: a lead of one département who reads all of France reads there as
    any reader does. Nothing is hidden from the platform itself, everything from who has no role.
    """
    if actor.kind == "system":
        return frozenset()
    return Sight((actor.places,)).hidden


def hidden_everywhere(actor: Actor) -> frozenset[Fact]:
    """Return what ``actor`` may know of nobody."""
    return frozenset() if actor.kind == "system" else hidden_from_all(actor.roles)


def hidden_from_all(roles: Collection[str]) -> frozenset[Fact]:
    """Return what none of ``roles`` may know of anybody: everything without a role."""
    return EVERYTHING.intersection(*(MASKS[Role(role)] for role in roles)) if roles else EVERYTHING


@dataclass(frozen=True)
class Sight:
    """What may be known of people, by where they live: of whom several ask for in turn, what each of them may know.

    Each who asks is the roles that hold in each place (`Actor.places`); the blank place is wherever no other is.
    """

    asking: tuple[Mapping[str, frozenset[Role]], ...] = ()

    @property
    def places(self) -> list[str]:
        """The places that are told apart, of those that everybody who asks sees."""
        named = {place for one in self.asking for place in one}
        return sorted(place for place in named if all(place in one or "" in one for one in self.asking))

    def hidden_in(self, place: str) -> frozenset[Fact]:
        """Return what may not be known of whoever lives there."""
        return frozenset[Fact]().union(*(hidden_from_all(roles) for roles in self._roles_in(place)))

    def read_by_in(self, place: str) -> frozenset[Role] | None:
        """Return the roles by which fields of one's own are read of whoever lives there; None reads every one."""
        bound = [roles for roles in self._roles_in(place) if not roles & KEEPERS]
        return bound[0].intersection(*bound) if bound else None

    @property
    def hidden(self) -> frozenset[Fact]:
        """What may not be known of somebody at least."""
        if not self.asking:
            return frozenset()
        places = self.places
        return frozenset[Fact]().union(*map(self.hidden_in, places)) if places else EVERYTHING

    @property
    def read_by(self) -> frozenset[Role] | None:
        """The roles by which fields of one's own may be read of everybody."""
        bound = [roles for place in self.places if (roles := self.read_by_in(place)) is not None]
        if self.asking and not self.places:
            return frozenset()
        return bound[0].intersection(*bound) if bound else None

    @property
    def is_even(self) -> bool:
        """Whether the same is known of everybody."""
        return len({(self.hidden_in(place), self.read_by_in(place)) for place in self.places}) <= 1

    def knowing(self, fact: Fact) -> list[str]:
        """Return where something that is hidden of others is known."""
        return [place for place in self.places if fact not in self.hidden_in(place)]

    def _roles_in(self, place: str) -> list[frozenset[Role]]:
        return [one.get(place, one.get("", frozenset())) for one in self.asking]


def pause(kind: str, failures: int) -> timedelta:
    """Return how long an account or an address is closed after so many failures: nothing, then twice as long each."""
    over = failures - FREE_FAILURES[kind]
    if kind == "guesser":
        return FIRST_PAUSE if over >= 0 else timedelta(0)
    return min(FIRST_PAUSE * 2 ** min(over, 20), LONGEST_PAUSE) if over >= 0 else timedelta(0)


def forgotten_after(kind: str) -> timedelta:
    """Return for how long without another one failures are counted."""
    return GUESSES_FORGOTTEN_AFTER if kind == "guesser" else FORGOTTEN_AFTER


def is_over(started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Tell whether a session is too old, or was left alone too long."""
    return now - started_at > LONGEST_SESSION or now - seen_at > LONGEST_SILENCE


def device_name(user_agent: str) -> str:
    """Return what somebody calls their device: “Firefox, Linux”; empty when the browser says nothing we know."""
    found = [next((name for sign, name in known if sign in user_agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in found if name)


def network(address: str) -> str:
    """Return an address without its end (/24, /48 for IPv6): enough to recognise a place, too little to find a home."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    size = 24 if known.version == 4 else 48
    return str(ipaddress.ip_network((address, size), strict=False))


def holds_over(role: Role, departement_code: str) -> bool:
    """Tell whether a role may hold there: all of France is written without a code."""
    return role not in (OVER_FRANCE if departement_code else OVER_ONE_DEPARTEMENT)
