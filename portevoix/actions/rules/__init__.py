"""Decisions on forms, without a database: which questions are asked, and what a form said."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from portevoix.actions.types import Question, ShareLink
from portevoix.audience.rules import CODE
from portevoix.audience.rules import origin_word as origin_word  # forms and visits are counted by the same words


def is_asked(question: Question, answers: Mapping[str, Any]) -> bool:
    """Tell whether a question is asked of whoever gave these answers to the earlier ones."""
    if question.only_if is None:
        return True
    key, wanted = question.only_if
    given = answers.get(key)
    return wanted in given if isinstance(given, list) else spoken(given) == wanted


def spoken(answer: Any) -> str:
    """Return an answer as the editor writes it in a condition."""
    return {True: "yes", False: "no", None: ""}.get(answer, str(answer)) if not isinstance(answer, list) else ""


def kept(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of the answers: those of questions that were asked, and that say something.

    A question left out by an answer leaves out those that hang on it.
    """
    found: dict[str, Any] = {}
    for question in questions:
        answer = answers.get(question.key)
        if is_asked(question, found) and answer not in (None, "", []):
            found[question.key] = answer
    return found


def digest(content: Mapping[str, Any]) -> str:
    """Return what names a version of a form: the same words give the same digest."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def as_json(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return questions as a version of a form keeps them."""
    return [question.as_json() for question in questions]


#: As browsers write the name of a site, and as long as one may be.
_HOST = re.compile(r"[a-z0-9.-]{1,253}")


def host_of(address: str) -> str:
    """Return the site of an address, without what leads to one page of it: that could name the reader."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


_CODE = re.compile(CODE)


def is_share_code(said: str) -> bool:
    """Tell whether a word of a link can be the code of somebody's own."""
    return bool(_CODE.fullmatch(said))


def share_of(count: int, goal: int | None) -> int:
    """Return how much of a goal is reached, in hundredths: never whole before it is."""
    return min(100, 100 * count // goal) if goal else 0


def with_origin(address: str, source: str, *, medium: str, code: str = "") -> str:
    """Return an address that says where its reader found it, and by whose link."""
    said = {"utm_source": source, "utm_medium": medium, **({"par": code} if code else {})}
    return f"{address}?{urlencode(said)}"


#: Network → its own page of sharing. ``text`` takes the words and the address together where no field is for either.
NETWORKS: dict[str, tuple[str, str]] = {
    "whatsapp": ("WhatsApp", "https://wa.me/?text={both}"),
    "telegram": ("Telegram", "https://t.me/share/url?url={url}&text={text}"),
    "facebook": ("Facebook", "https://www.facebook.com/sharer/sharer.php?u={url}"),
    "mastodon": ("Mastodon", "https://share.joinmastodon.org/#text={both}"),
    "bluesky": ("Bluesky", "https://bsky.app/intent/compose?text={both}"),
    "x": ("X", "https://x.com/intent/post?text={text}&url={url}"),
    "linkedin": ("LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url={url}"),
}


def share_links(address: str, text: str, *, subject: str, labels: Mapping[str, str], code: str = "") -> list[ShareLink]:
    """Return ways to pass an address on: the reader's own mail and messages first, then networks.

    ``labels`` are the words for mail and messages, in the reader's language.
    """

    def at(source: str) -> str:
        return with_origin(address, source, medium="partage", code=code)

    def both(source: str) -> str:
        return quote(f"{text} {at(source)}", safe="")

    letter = f"mailto:?subject={quote(subject, safe='')}&body={quote(text, safe='')}%0A%0A{quote(at('email'), safe='')}"
    own = [
        ShareLink("email", labels["email"], letter, at("email"), is_elsewhere=False),
        ShareLink("sms", labels["sms"], f"sms:?&body={both('sms')}", at("sms"), is_elsewhere=False),
    ]
    return own + [
        ShareLink(
            key, name, model.format(url=quote(at(key), safe=""), text=quote(text, safe=""), both=both(key)), at(key)
        )
        for key, (name, model) in NETWORKS.items()
    ]


#: Below, nobody consents alone (loi n° 78-17, art. 45; checked on 2026-11-30).
CONSENTS_ALONE_FROM = 15


def age_on(born: date, day: date) -> int:
    """Return how old somebody born on a day is on another."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


#: Zeros, in bits, with which the digest of a piece of work begins: 65,536 tries on average, about a second of a
#: telephone's time (Hashcash, A. Back, 2002).
BITS = 16


def is_work(challenge: str, answer: str) -> bool:
    """Tell whether an answer was worked for: SHA-256 of the challenge and it begins with enough zeros."""
    if not challenge or not answer or len(answer) > 20:
        return False
    found = hashlib.sha256(f"{challenge}:{answer}".encode()).digest()
    return int.from_bytes(found[:4], "big") >> (32 - BITS) == 0
