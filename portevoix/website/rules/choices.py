"""What a visitor accepts of foreign content, as their own browser keeps it: no identifier, nothing but the answer.

    <version>~<host>~<host>

The version is that of what was asked: another source, or other words, and the question is asked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

#: The one cookie that the public site ever sets, and only once a visitor has answered.
COOKIE = "portevoix_choix"
#: Six months, the term that the CNIL recommends for a choice.
LIFETIME = 182 * 24 * 3600


def version_of(hosts: Iterable[str], words: Iterable[str] = ()) -> str:
    """Return what tells one question from another."""
    asked = "\n".join([*sorted(set(hosts)), "", *words])
    return hashlib.sha256(asked.encode()).hexdigest()[:10]


def written(version: str, accepted: Iterable[str]) -> str:
    """Write a choice as the cookie keeps it."""
    return "~".join([version, *sorted(set(accepted))])


def read(cookie: str, version: str) -> set[str] | None:
    """Return the hosts accepted; None where this very question has not been answered."""
    first, *accepted = cookie.split("~")
    return set(accepted) if first == version else None
