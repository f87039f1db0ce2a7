"""Whether a program comes in: its key is known, lives, and does not ask too often. Mirrors the gate of the accounts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from portevoix.accounts.commands import acting, may
from portevoix.accounts.types import Actor, Staff
from portevoix.api import rules
from portevoix.api.exceptions import KeyEnded, KeyExpired, KeyRefused, ScopeMissing, TooOften
from portevoix.api.models import Key
from portevoix.journal import services as journal
from portevoix.journal.types import Outcome
from portevoix.kernel import clock

# One statement counts and answers, so that two programs with one key cannot both be the last of a minute.
COUNT = """
UPDATE api_key SET used_on = %s, minute_at = %s, minute_uses = CASE WHEN minute_at = %s THEN minute_uses + 1 ELSE 1 END
WHERE id = %s AND ended_at IS NULL RETURNING minute_uses
"""


@dataclass(frozen=True)
class Held:
    """A key that is good, and who acts by it."""

    key: Key
    actor: Actor

    @property
    def source(self) -> str:
        """What a record says of where something comes from that this key brings in."""
        return f"API: {self.key.name}"


def admitted(token: str) -> Held:
    """Return what a key opens, with the rights that whoever made it has now.

    Raises KeyRefused, KeyExpired or KeyEnded, and TooOften, whose texts say what to do.
    """
    found = Key.objects.select_related("user").prefetch_related("user__mandates")
    key = found.filter(digest=rules.digest(token)).first() if token.startswith(rules.PREFIX) else None
    if key is None:
        raise KeyRefused
    now = clock.now()
    if key.ended_at is not None:
        raise KeyEnded
    if key.has_expired(now):
        raise KeyExpired
    actor = Staff(key.user).by_key(key.name, key.scopes)
    if not actor.roles:
        raise KeyEnded
    _count(key)
    return Held(key, actor)


def let_through(held: Held, scope: str) -> Actor:
    """Return who acts as far as they reach in an act. Raises ScopeMissing, after writing the refusal down."""
    if not may(held.actor, scope):
        journal.write(scope, actor=held.actor.signature, outcome=Outcome.REFUSED)
        raise ScopeMissing(scope)
    return acting(held.actor, scope)


def _count(key: Key) -> None:
    now = clock.now()
    minute = rules.minute(now)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [clock.today(), minute, minute, key.pk])
        row = cursor.fetchone()
    if row is None:
        raise KeyEnded
    if row[0] > rules.USES_A_MINUTE:
        raise TooOften(60 - now.second)
