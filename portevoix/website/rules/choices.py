"""What a visitor accepts of foreign content, as their own browser keeps it: no identifier, nothing but the answer.

    <version>~<host>~<host>

The version is that of what was asked: another source, or other words, and the question is asked again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

#: The cookie that keeps an answer about other sites, once a visitor has given it.
COOKIE = "portevoix_choix"
#: Six months, the term that the CNIL recommends for a choice.
LIFETIME = 182 * 24 * 3600


def version_of(hosts: Iterable[str], words: object = None) -> str:
    """Return what tells one question from another: whom it is about, and every word of it in every language."""
    asked = json.dumps([sorted(set(hosts)), words], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:10]


def written(version: str, accepted: Iterable[str]) -> str:
    """Write a choice as the cookie keeps it."""
    return "~".join([version, *sorted(set(accepted))])


def read(cookie: str, version: str) -> set[str] | None:
    """Return the hosts accepted; None where this very question has not been answered."""
    first, *accepted = cookie.split("~")
    return set(accepted) if first == version else None
