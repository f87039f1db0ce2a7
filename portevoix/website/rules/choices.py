"""What a visitor accepts and refuses of foreign content, as their own browser keeps it: no identifier, but the answers.

    <version>~<mark><host>~<mark><host>

A site is asked about while a page shows it and no answer is kept for it: what was answered of others stays. New words
for the same thing ask nobody again; a new purpose or recipient does, by another ``VERSION``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping

#: The cookie that keeps an answer about other sites, once a visitor has given it.
COOKIE = "portevoix_choix"
#: Six months, the term that the CNIL recommends for a choice.
LIFETIME = 182 * 24 * 3600
#: To change where what sites are asked for, or who answers for one, is no longer what visitors were told.
VERSION = "2"
REFUSED, BY_NAME, WITH_ALL = "-", "+", "*"
#: More would not fit into a cookie.
MOST = 60
_ANSWER = re.compile(r"([-+*])([a-z0-9.-]{1,120})")


def version_of(hosts: Iterable[str], words: object = None) -> str:
    """Return what tells one proof from another: whom was asked about, and every word of it in every language."""
    asked = json.dumps([sorted(set(hosts)), words], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:10]


def read(cookie: str) -> dict[str, str]:
    """Return the mark of each host that was answered about."""
    version, *answers = cookie.split("~")
    found = [_ANSWER.fullmatch(one) for one in answers] if version == VERSION else []
    return {one[2]: one[1] for one in found if one}


def written(marks: Mapping[str, str]) -> str:
    """Write a choice as the cookie keeps it; of too many answers, the latest."""
    return "~".join([VERSION, *sorted(f"{mark}{host}" for host, mark in list(marks.items())[-MOST:])])


def after(
    marks: Mapping[str, str], *, answered: Collection[str], accepted: Collection[str], by_name: bool
) -> dict[str, str]:
    """Return the marks once these hosts are answered about; ``by_name``: not by « accept all » at the door."""
    kept = {host: mark for host, mark in marks.items() if host not in answered}
    for host in answered:
        agreed = BY_NAME if by_name or marks.get(host) == BY_NAME else WITH_ALL
        kept[host] = agreed if host in accepted else REFUSED
    return kept


def allowed(marks: Mapping[str, str], *, refuses_everywhere: bool) -> set[str]:
    """Return the hosts that may load; Global Privacy Control refuses what was not accepted by its name."""
    agreed = {BY_NAME} if refuses_everywhere else {BY_NAME, WITH_ALL}
    return {host for host, mark in marks.items() if mark in agreed}
