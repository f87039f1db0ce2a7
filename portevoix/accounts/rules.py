"""Decisions about access, without a database: pauses after failures, names of devices, ends of sessions."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from datetime import datetime, timedelta

from portevoix.accounts.types import OVER_FRANCE, OVER_ONE_DEPARTEMENT, Actor, Fact, Role

#: The code of a département, or nothing for all of France.
DEPARTEMENT_PATTERN = r"^(|\d\d|2[AB]|97\d|98[4678])$"

#: Failures that an account, and an address, may have before it is closed for a while: a team may share an address.
FREE_FAILURES = {"account": 5, "address": 20}
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
#: After so long without failing, all is forgotten.
FORGOTTEN_AFTER = timedelta(days=1)
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
#: What each role has no need to know of a person (RGPD art. 5(1)(c) and 25). Who has two roles needs what either needs.
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
    """Return what ``actor`` may not know of anybody: nothing for the platform itself, everything without a role."""
    return frozenset() if actor.kind == "system" else hidden_from_all(actor.roles)


def hidden_from_all(roles: Collection[str]) -> frozenset[Fact]:
    """Return what none of ``roles`` may know of anybody: everything without a role."""
    return EVERYTHING.intersection(*(MASKS[Role(role)] for role in roles)) if roles else EVERYTHING


def pause(kind: str, failures: int) -> timedelta:
    """Return how long an account or an address is closed after so many failures: nothing, then twice as long each."""
    over = failures - FREE_FAILURES[kind]
    return min(FIRST_PAUSE * 2 ** min(over, 20), LONGEST_PAUSE) if over >= 0 else timedelta(0)


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
