"""What is counted, decided from one request, without keeping any of it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

#: Programmes that say what they are; the others are counted as readers, which the screen says.
ROBOTS = r"bot\b|bot/|crawl|spider|slurp|monitor|curl|wget|python|scan|preview|feed|lighthouse"
_ROBOT = re.compile(ROBOTS, re.IGNORECASE)
#: Parts of host names, whole: netflix.com is not x.com.
_SEARCH = {"google", "bing", "qwant", "duckduckgo", "ecosia", "yahoo", "startpage", "brave"}
_SOCIAL = {"facebook", "instagram", "twitter", "linkedin", "mastodon", "youtube", "tiktok", "bsky"}
_SHORT = ("t.co", "x.com")

#: What a link may say of where it stood; a word that could be an address or a number of somebody's is no such thing.
_WORD = re.compile(r"[\w .+-]{1,60}")
_LIKE_A_NUMBER = re.compile(r"\d[\d .-]{7,}")
#: The words by which a link says so, as « utm_source ».
WORDS = ("source", "medium", "campaign")
#: The code of somebody's own link.
CODE = r"[a-z0-9]{6,12}"
_CODE = re.compile(CODE)
#: As much of a question as is read.
_MOST = 2_000


class Link(NamedTuple):
    """What the link that began a visit says: its words, and whether it was somebody's own, never whose."""

    source: str = ""
    is_personal: bool = False
    medium: str = ""
    campaign: str = ""


NO_LINK = Link()


def link_of(query: str) -> Link:
    """Read what a link says in the question of its address."""
    if "utm_" not in query and "par=" not in query:
        return NO_LINK
    said = dict(reversed(parse_qsl(query[:_MOST])))
    source, medium, campaign = (origin_word(said.get(f"utm_{name}", "")) for name in WORDS)
    return Link(source, bool(_CODE.fullmatch(said.get("par", ""))), medium, campaign)


def origin_word(said: str) -> str:
    """Return a word of a link for the figures, or nothing where it could name a person."""
    word = said.strip().lower()
    return word if _WORD.fullmatch(word) and not _LIKE_A_NUMBER.search(word) else ""


def is_counted(*, method: str, status: int, content_type: str, agent: str, opted_out: bool) -> bool:
    """Tell whether an answer is a page that a reader saw; opting out (Sec-GPC, DNT) is obeyed."""
    return (
        method == "GET"
        # A browser that has the page already is told so, without a type.
        and (status == 304 or (status == 200 and content_type.startswith("text/html")))
        and not opted_out
        and bool(agent)
        and not _ROBOT.search(agent)
    )


def origin_of(referrer: str, own_host: str) -> str | None:
    """Return where a visit came from — a search engine, a network, a site's name, "" for directly.

    None means that it came from the site itself: no visit begins. Only the host is read, never the address.
    """
    try:
        host = (urlsplit(referrer).hostname or "").lower()
    except ValueError:  # whoever asks may write anything there
        return ""
    if not host:
        return ""
    if host == own_host:
        return None
    parts = set(host.split(".")[:-1])
    if parts & _SEARCH:
        return "search"
    if parts & _SOCIAL or host.removeprefix("www.").removeprefix("m.") in _SHORT:
        return "social"
    return host[:120]
