"""What is counted, decided from one request, without keeping any of it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: Programmes that say what they are; the others are counted as readers, which the screen says.
_ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|monitor|curl|wget|python|scan|preview|feed|lighthouse", re.IGNORECASE
)
_SEARCH = ("google.", "bing.", "qwant.", "duckduckgo.", "ecosia.", "yahoo.", "startpage.", "brave.")
_SOCIAL = (
    "facebook.",
    "instagram.",
    "t.co",
    "x.com",
    "twitter.",
    "linkedin.",
    "mastodon",
    "youtube.",
    "tiktok.",
    "bsky.",
)


def is_counted(*, method: str, status: int, content_type: str, agent: str, opted_out: bool) -> bool:
    """Tell whether an answer is a page that a reader saw; opting out (Sec-GPC, DNT) is obeyed."""
    return (
        method == "GET"
        and status == 200
        and content_type.startswith("text/html")
        and not opted_out
        and bool(agent)
        and not _ROBOT.search(agent)
    )


def origin_of(referrer: str, own_host: str) -> str | None:
    """Return where a visit came from — a search engine, a network, a site's name, "" for directly.

    None means that it came from the site itself: no visit begins. Only the host is read, never the address.
    """
    host = (urlsplit(referrer).hostname or "").lower()
    if not host:
        return ""
    if host == own_host:
        return None
    if any(mark in host for mark in _SEARCH):
        return "search"
    if any(host == mark or mark in host for mark in _SOCIAL):
        return "social"
    return host[:120]
