"""Decisions about keys, without a database: how one is made and known again, how long it lives, how often it asks."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

#: What every key begins with, so that whoever finds one in a file, or a tool that looks for secrets, knows what it is.
PREFIX = "portevoix_"
#: The terms that are offered, in days.
TERMS = (7, 30, 90, 180, 365)
USUAL_TERM = 90
LONGEST = timedelta(days=365)
#: How often a key may ask in a minute: twelve thousand records, or a form every half second.
USES_A_MINUTE = 120
#: Bytes of what may be sent: a record with every field of its own.
LARGEST_BODY = 64 * 1024
#: Records of a page.
MOST_RECORDS, USUAL_RECORDS = 100, 50
#: Ways to reach one person that are written at once, of a kind: as many as the screen takes.
MOST_POINTS = 50
#: The end of a key, by which its holder recognises it.
HINT = 4


def new_token() -> str:
    """Return a new key: 256 bits of chance behind a word that says what it is."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what is kept of a key. So much chance needs no slow digest: nobody tries 2²⁵⁶ of them."""
    return hashlib.sha256(token.encode()).hexdigest()


def minute(moment: datetime) -> datetime:
    """Return the beginning of the minute of a moment."""
    return moment.replace(second=0, microsecond=0)
