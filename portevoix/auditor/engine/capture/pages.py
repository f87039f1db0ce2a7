"""Which pages of a site are worth a visit: those that the law asks for, those that ask for data, then others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urldefrag, urlsplit

from portevoix.auditor.engine.types import Link
from portevoix.auditor.engine.words.patterns import KINDS, LEAVES, NOT_PAGES


def kind_of(link: Link) -> str:
    """Return what a link leads to, from its words and its address."""
    told = f"{link.text} {urlsplit(link.url).path}"
    return next((kind for kind, pattern in KINDS.items() if pattern.search(told)), "other")


def choose(links: Iterable[Link], home: str, limit: int, is_own: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Return the addresses to visit with their kind, best first, the home page left out."""
    seen = {_bare(home)}
    sorted_links: dict[str, list[str]] = {"legal": [], "privacy": [], "form": [], "other": []}
    for link in links:
        url = urldefrag(link.url)[0]
        parts = urlsplit(url)
        if _bare(url) in seen or not is_own(parts.hostname or "") or NOT_PAGES.search(parts.path) or LEAVES.search(url):
            continue
        seen.add(_bare(url))
        sorted_links[kind_of(link)].append(url)
    best = [(kind, url) for kind in ("legal", "privacy") for url in sorted_links[kind][:1]]
    best += [("form", url) for url in sorted_links["form"][:2]]
    rest = [("other", url) for url in sorted_links["other"]] + [("form", url) for url in sorted_links["form"][2:]]
    return [(url, kind) for kind, url in [*best, *rest][:limit]]


def _bare(url: str) -> str:
    parts = urlsplit(urldefrag(url)[0])
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"
