"""Criterion 5: does the site say who it is (LCEN art. 1-1, RGPD art. 13), and is the way to it safe?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from portevoix.auditor.engine.rules.reading import Reading, evidence_of, of_plain_http
from portevoix.auditor.engine.types import Criterion, Evidence, Finding, Page, Phase, Weight
from portevoix.auditor.engine.words.patterns import ADDRESS, KINDS, NOTICE, PHONE, POLICY

HEADERS = ("strict-transport-security", "content-security-policy", "x-content-type-options", "referrer-policy")
YEAR = 31_536_000 // 2
#: What keeps the browser from coming in, and speaks against the way there.
REFUSED = {"invalid TLS": "tls-invalid", "old TLS": "tls-old"}
#: How far the host's own address and number may stand from its name; how near two signs of one address stand.
PASSAGE, NEAR = 300, 60
OTHERS = re.compile(r"[ée]dit(?:eur|rice|é)|publi|siège de l", re.IGNORECASE)


def find(reading: Reading) -> Iterator[Finding]:
    """Return what is missing or unsafe."""
    if refused := REFUSED.get(reading.capture.trouble):
        seen = Evidence(reading.capture.url, "none", reading.capture.url)
        yield _finding(refused, Weight.FAIL, reading.capture.url, seen)
        return
    if reading.blocks or reading.home is None:
        return
    yield from _pages(reading)
    yield from _transport(reading)
    yield from _headers(reading, reading.home)
    yield from _fonts(reading)


def _finding(rule: str, weight: Weight, subject: str, *evidence: Evidence, reason: str = "") -> Finding:
    return Finding(rule, Criterion.TRANSPARENCY, weight, subject, evidence[:8], reason)


# ---- what the site says of itself


def _pages(reading: Reading) -> Iterator[Finding]:
    notice, policy = _page(reading, "legal"), _page(reading, "privacy")
    if notice is None:
        yield from _absent(reading, "legal", "notice-missing")
    else:
        yield from _items(notice, NOTICE, "notice-without")
        yield from _borrowed(notice)
        yield from _host_said(reading, notice)
    policy = policy or (notice if notice and POLICY["rights"].search(notice.text) else None)
    if policy is None:
        yield from _absent(reading, "privacy", "policy-missing")
    else:
        yield from _items(policy, POLICY, "policy-without")


def _page(reading: Reading, kind: str) -> Page | None:
    """Return the page of a kind: visited as such, or one whose address or title says it."""
    named = (page for page in reading.pages if page.kind == kind)
    said = (
        page
        for page in reading.pages
        if page.kind != "home" and KINDS[kind].search(f"{page.title} {urlsplit(page.url).path}")
    )
    return next(named, None) or next(said, None)


def _absent(reading: Reading, kind: str, rule: str) -> Iterator[Finding]:
    """A page that was found and could not be read is unknown; one to which nothing leads is missing."""
    tried = next((page for page in reading.none.pages if page.kind == kind and page.trouble), None)
    home = Evidence("home page", "none", reading.capture.url)
    if tried is not None:
        weight = Weight.FAIL if tried.status in {404, 410} else Weight.UNKNOWN
        yield _finding(rule, weight, kind, Evidence(tried.asked, "none", tried.asked), reason=tried.trouble)
    else:
        yield _finding(rule, Weight.FAIL, kind, home)


def _items(page: Page, items: dict[str, re.Pattern[str]], rule: str) -> Iterator[Finding]:
    seen = Evidence(page.title or page.url, "none", page.url)
    if len(page.text) < 120:
        yield _finding(f"{rule}-text", Weight.UNKNOWN, page.url, seen, reason="hardly any text: a picture or a file?")
        return
    for item, pattern in items.items():
        if not pattern.search(page.text):
            yield _finding(f"{rule}-{item}", Weight.FAIL, item, seen)


def _borrowed(notice: Page) -> Iterator[Finding]:
    """The host's address and number are not the publisher's: with nobody else's beside, the publisher's are missing."""
    said = NOTICE["host"].search(notice.text)
    if said is None or NOTICE["publisher"].search(notice.text[max(0, said.start() - 40) : said.start()]):
        return  # nobody hosts, or the publisher does
    next_one = OTHERS.search(notice.text, said.end())
    ends = min(said.start() + PASSAGE, next_one.start() if next_one else len(notice.text))
    seen = Evidence(notice.title or notice.url, "none", notice.url)
    for item in ("address", "phone"):
        places = _apart([one.start() for one in NOTICE[item].finditer(notice.text)])
        if len(places) == 1 and said.start() <= places[0] <= ends:
            yield _finding(f"notice-without-{item}", Weight.FAIL, item, seen, reason="only the host’s")


def _apart(places: list[int]) -> list[int]:
    """Return the first sign of each address: its street and its town are two signs of one."""
    return [at for before, at in zip([-NEAR - 1, *places], places, strict=False) if at - before > NEAR]


def _host_said(reading: Reading, notice: Page) -> Iterator[Finding]:
    """The host named must be the host found, and must have an address and a telephone number of its own."""
    said = NOTICE["host"].search(notice.text)
    if said is None:
        return
    after = notice.text[said.start() : said.start() + 500]
    seen = Evidence(after[:200], "none", notice.url)
    if not ADDRESS.search(after):
        yield _finding("notice-without-host-address", Weight.FAIL, "host", seen)
    if not PHONE.search(after):
        yield _finding("notice-without-host-phone", Weight.FAIL, "host", seen)
    home = reading.hosts.get(urlsplit(reading.home.url if reading.home else "").hostname or "")
    asn, network = reading.known.network(home.addresses[0] if home and home.addresses else "")
    owner = reading.known.law.owner_of_network(asn) if asn else None
    if owner and not any(name in notice.text.lower() for name in (owner.name.lower(), *owner.names)):
        yield _finding("notice-other-host", Weight.WARNING, owner.name, seen, reason=network)


# ---- the way there


def _transport(reading: Reading) -> Iterator[Finding]:
    for page in reading.pages:
        if page.url.startswith("http://"):
            weight, reason = of_plain_http(urlsplit(page.url).hostname or "")
            seen = Evidence(page.url, "none", page.url)
            yield _finding("page-not-encrypted", weight, page.url, seen, reason=reason)
    told: set[str] = set()
    for read in reading.requests(Phase.NONE):
        is_mixed = read.request.page.startswith("https") and read.request.url.startswith(("http://", "ws://"))
        if is_mixed and read.host not in told:
            told.add(read.host)
            yield _finding("mixed-content", Weight.FAIL, read.host, evidence_of(read))
    for cookie in reading.none.cookies:
        is_session = reading.known.law.cookie_class(cookie.name) == ("necessary", "session")
        if is_session and reading.is_own(cookie.domain.lstrip(".")) and not cookie.secure:
            seen = Evidence(f"cookie « {cookie.name} »", "none", reading.capture.url, cookie.set_by)
            yield _finding("cookie-not-secure", Weight.WARNING, cookie.name, seen)


def _headers(reading: Reading, home: Page) -> Iterator[Finding]:
    if not home.url.startswith("https"):
        return
    seen = Evidence(home.url, "none", home.url)
    hsts = home.headers.get("strict-transport-security", "")
    age = re.search(r"max-age\s*=\s*\"?(\d+)", hsts)
    if age is None or int(age[1]) < YEAR:
        yield _finding("no-hsts", Weight.WARNING, home.url, seen, reason=hsts)
    for name in HEADERS[1:]:
        if name not in home.headers:
            yield _finding(f"no-{name}", Weight.WARNING, home.url, seen)
    version = home.tls.get("protocol", "")
    if version in {"TLS 1", "TLS 1.0", "TLS 1.1", "SSL 3"}:
        yield _finding("tls-old", Weight.FAIL, version, seen)


def _fonts(reading: Reading) -> Iterator[Finding]:
    for read in reading.requests(Phase.NONE):
        if read.is_third and read.kind == "fonts":
            yield _finding("fonts-from-third-party", Weight.WARNING, read.host, evidence_of(read))
            return
