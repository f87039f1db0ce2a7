"""Criterion 1: nothing written on, read from or followed through the terminal before a choice (art. 82, loi I&L)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from portevoix.auditor.engine.domains import registrable
from portevoix.auditor.engine.knowledge.base import OPEN_COOKIES
from portevoix.auditor.engine.rules.reading import AUDIENCE_DAYS, Reading, evidence_of
from portevoix.auditor.engine.types import Criterion, Evidence, Finding, Phase, Weight

#: A choice kept longer than this is not asked again often enough (CNIL: six months), in days, with some room.
CHOICE_DAYS = 190
SURFACES = {"canvas": "canvas", "webgl": "webgl", "audio": "audio", "fonts": "fonts"}


class Held(NamedTuple):
    """A cookie or an entry of storage, looked at in the same way."""

    where: str
    name: str
    value: str
    host: str
    set_by: str
    days: float | None


def find(reading: Reading) -> Iterator[Finding]:
    """Return all that speaks for or against prior consent."""
    if reading.says_nothing:
        return
    known: set[tuple[str, str]] = set()
    for phase in (Phase.NONE, Phase.REFUSE):
        if phase is Phase.REFUSE and not reading.was_driven(Phase.REFUSE):
            continue
        when = "before-choice" if phase is Phase.NONE else "after-refusal"
        for finding in _kept(reading, phase, when):
            if _is_new(finding, known):
                yield finding
        for finding in (*_requested(reading, phase, when), *_fingerprinted(reading, phase, when)):
            if _is_new(finding, known):
                yield finding
    yield from _banner(reading)
    yield from _choice_kept(reading)


def _is_new(finding: Finding, known: set[tuple[str, str]]) -> bool:
    """A thing seen before the choice is not told a second time after the refusal."""
    kind = finding.rule.removesuffix("-before-choice").removesuffix("-after-refusal")
    key = (kind, finding.subject)
    return key not in known and not known.add(key)  # type: ignore[func-returns-value]


def _finding(rule: str, weight: Weight, subject: str, *evidence: Evidence, reason: str = "") -> Finding:
    return Finding(rule, Criterion.CONSENT, weight, subject, evidence[:8], reason)


# ---- kept on the terminal


def _held(reading: Reading, phase: Phase) -> Iterator[Held]:
    for cookie in reading.cookies(phase):
        days = 0.0 if cookie.days is None else cookie.days
        yield Held("cookie", cookie.name, cookie.value, cookie.domain.lstrip("."), cookie.set_by, days)
    for one in reading.stored(phase):
        lasts = 0.0 if one.kind == "session" else None
        yield Held(one.kind, one.key, one.value, urlsplit(one.origin).hostname or "", one.set_by, lasts)


def _kept(reading: Reading, phase: Phase, when: str) -> Iterator[Finding]:
    for held in _held(reading, phase):
        if held.where in {"cache", "worker"}:
            continue
        seen = Evidence(
            what=f"{held.where} « {held.name} »",
            phase=str(phase),
            page=reading.capture.url,
            source=held.set_by,
            detail=f"{held.host}, {_lifetime(held.days)}",
        )
        if found := _judged(reading, held, when, seen):
            yield found


def _lifetime(days: float | None) -> str:
    return "no end" if days is None else "session" if not days else f"{days:.0f} d"


def _judged(reading: Reading, held: Held, when: str, seen: Evidence) -> Finding | None:
    """Sort one entry: necessary, audience, tracker, or an identifier that nobody classes."""
    is_third = not reading.is_own(held.host)
    setter = urlsplit(held.set_by).hostname or ""
    # An entry of IndexedDB is classed by its database: its own key may be anything.
    name = held.name.split("/", 1)[0] if held.where == "indexeddb" else held.name
    kind, family = reading.known.law.cookie_class(name, is_own=not is_third)
    if kind == "necessary" and not is_third:
        return None
    if kind == "audience" and not is_third and not _is_foreign_tracker(reading, setter):
        return _audience(held, seen)
    place = "cookie" if held.where == "cookie" else "storage"
    if kind == "tracker" or (is_third and _host_tracks(reading, held.host)):
        return _finding(f"{place}-{when}", Weight.FAIL, held.name, seen, reason=family or held.host)
    if kind == "necessary" and family == "balance":
        return None  # the load balancer of somebody else's machine: that machine is told of elsewhere
    if not is_third and _is_foreign_tracker(reading, setter):
        return _finding(f"{place}-{when}", Weight.FAIL, held.name, seen, reason=setter)
    if held.where == "cookie" and (found := _said_to_follow(reading, held, when, seen)):
        return found
    if is_third or _is_identifier(reading, held):
        return _finding("unclassified-identifier", Weight.UNKNOWN, held.name, seen, reason=held.host)
    return None


def _said_to_follow(reading: Reading, held: Held, when: str, seen: Evidence) -> Finding | None:
    """What the open database says: believed of its owner's own domain; of a name alone, a doubt.

    Without it nobody has said that this cookie does not follow.
    """
    if what := reading.known.missing.get(OPEN_COOKIES):
        return _finding("list-missing", Weight.UNKNOWN, OPEN_COOKIES, seen, reason=what)
    is_own = reading.is_own(held.host)
    whose = reading.known.open_cookies.follower(held.name, held.host, is_own=is_own)
    if not whose:
        return None
    if is_own:
        return _finding("cookie-said-to-follow", Weight.UNKNOWN, held.name, seen, reason=whose)
    return _finding(f"cookie-{when}", Weight.FAIL, held.name, seen, reason=whose)


def _audience(held: Held, seen: Evidence) -> Finding | None:
    if held.days is not None and held.days > AUDIENCE_DAYS:
        return _finding("audience-too-long", Weight.FAIL, held.name, seen, reason=_lifetime(held.days))
    return _finding("audience-claimed", Weight.NOTE, held.name, seen)


def _is_foreign_tracker(reading: Reading, host: str) -> bool:
    return bool(host) and not reading.is_own(host) and _host_tracks(reading, host)


def _host_tracks(reading: Reading, host: str) -> bool:
    """Tell whether a host follows people: by a request of it that a list matched, or by its trade."""
    main = registrable(host)
    asked = any(
        read.tracks and read.is_third and registrable(read.host) == main
        for phase in Phase
        for read in reading.requests(phase)
    )
    return asked or reading.known.kind(f"https://{host}/") in {"ad", "analytics", "social", "recorder"}


def _is_identifier(reading: Reading, held: Held) -> bool:
    """A value that differs in each fresh profile and outlives the session, long enough to tell people apart."""
    return held.days != 0 and len(held.value) >= 8 and (held.where, held.name) in reading.changing


# ---- asked for


def _requested(reading: Reading, phase: Phase, when: str) -> Iterator[Finding]:
    """Requests that follow people, once a host: pixels, scripts, beacons, sockets, workers, aliases."""
    since = _chosen_at(reading, phase)
    for read in reading.requests(phase):
        if not read.tracks or read.request.at < since or _is_own_audience(reading, read.host, read.is_third):
            continue
        rule = "cname-tracker" if read.alias and not read.is_third else "tracker"
        yield _finding(f"{rule}-{when}", Weight.FAIL, read.host, evidence_of(read), reason=read.alias or read.host)


def _is_own_audience(reading: Reading, host: str, is_third: bool) -> bool:
    """The site's own counting, on its own machine, is judged by its cookies."""
    return not is_third and not (reading.hosts.get(host) and reading.hosts[host].aliases)


def _chosen_at(reading: Reading, phase: Phase) -> float:
    visit = reading.capture.visit(phase)
    return visit.clicked_at if visit and visit.clicked and phase is not Phase.NONE else 0.0


def _fingerprinted(reading: Reading, phase: Phase, when: str) -> Iterator[Finding]:
    visit = reading.capture.visit(phase)
    for probe in visit.probes if visit else ():
        if probe.kind in SURFACES:
            seen = Evidence(probe.kind, str(phase), probe.page, probe.script, probe.detail)
            host = urlsplit(probe.script or probe.origin).hostname or ""
            yield _finding(f"fingerprint-{when}", Weight.FAIL, f"{SURFACES[probe.kind]} {host}", seen)


# ---- the banner


def _banner(reading: Reading) -> Iterator[Finding]:
    refused, banner = reading.capture.visit(Phase.REFUSE), reading.banner
    if not banner.is_there:
        return
    seen = Evidence("banner", "none", reading.capture.url, detail=banner.text[:300])
    if not banner.refuse and (banner.others or not banner.accept):
        # A refusal may stand there in words that are not known, or only the rules know where it is.
        if banner.accept or reading.was_driven(Phase.REFUSE):
            yield _finding("refusal-not-read", Weight.UNKNOWN, "banner", seen, reason=banner.others)
    elif banner.accept and not banner.refuse:
        weight = Weight.FAIL if _asks_for_something(reading) else Weight.WARNING
        yield _finding("no-refusal-first-layer", weight, "banner", seen, reason=banner.accept)
    elif banner.refuse and not banner.refuse_is_reachable:
        yield _finding("refusal-not-by-keyboard", Weight.FAIL, "banner", seen, reason=banner.refuse)
    if not (refused and refused.clicked):
        reason = (refused.trouble if refused else "") or "no button was recognised"
        yield _finding("refusal-not-driven", Weight.UNKNOWN, "banner", seen, reason=reason)
    if not reading.was_driven(Phase.ACCEPT):
        yield _finding("acceptance-not-driven", Weight.NOTE, "banner", seen)


def _asks_for_something(reading: Reading) -> bool:
    """Tell whether accepting brings what refusing should have kept away."""
    own = {cookie.name for cookie in reading.cookies(Phase.NONE)}
    tracked = any(read.tracks for read in reading.requests(Phase.ACCEPT))
    return tracked or any(
        reading.known.law.cookie_class(one.name)[0] in {"tracker", ""} and one.name not in own
        for one in reading.cookies(Phase.ACCEPT)
    )


def _choice_kept(reading: Reading) -> Iterator[Finding]:
    """The choice itself: kept, and not for ever."""
    for cookie in reading.cookies(Phase.REFUSE):
        kind, family = reading.known.law.cookie_class(cookie.name)
        if kind == "necessary" and family == "choice" and (cookie.days or 0) > CHOICE_DAYS:
            seen = Evidence(
                f"cookie « {cookie.name} »", "refuse", reading.capture.url, cookie.set_by, _lifetime(cookie.days)
            )
            yield _finding("choice-kept-too-long", Weight.WARNING, cookie.name, seen)
