"""A capture read with knowledge: what is whose, which request follows, who receives. Still no verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from portevoix.auditor.engine.domains import is_this_machine, registrable
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.knowledge.law import GRAVITY, Owner
from portevoix.auditor.engine.types import (
    Banner,
    Capture,
    Cookie,
    Evidence,
    Form,
    Host,
    Page,
    Phase,
    Receiver,
    Request,
    Stored,
    Visit,
    Weight,
)
from portevoix.auditor.engine.words.forms import asks_for_persons, host_of

#: Stored so long at most by an audience cookie that claims the exemption (CNIL, 4 July 2025), in days.
AUDIENCE_DAYS = 13 * 30.5
UNENDED = {"timeout", "too much data", "the page does not answer", "navigates without end"}
#: A name that nobody can have (RFC 6761).
NOBODY = "nobody.invalid"
#: When those receive to whom a form sends.
FORM = "form"
LOCAL = {"data", "blob", "about", "chrome-error", "chrome-extension", "file", "javascript"}


@dataclass(frozen=True, slots=True)
class Read:
    """A request with what is known of it. ``tracks`` says by which list, or why; empty when nothing says so."""

    request: Request
    phase: Phase
    host: str
    is_third: bool
    tracks: str = ""
    alias: str = ""
    kind: str = ""


class Machine(NamedTuple):
    """One address behind a name, whose it is, and whether the law lets data go there; why."""

    address: str
    country: str
    network: str
    owner: Owner | None
    adequacy: str
    why: str

    def __str__(self) -> str:
        whose = f", {self.owner.name} ({self.owner.country})" if self.owner else ""
        return f"{self.address or '?'} → {self.country or '?'}, {self.network or '?'}{whose}"


class Reading:
    """A capture and knowledge, worked out once for all rules."""

    def __init__(self, capture: Capture, knowledge: Knowledge, *, is_strict: bool = False) -> None:
        self.capture = capture
        self.known = knowledge
        self.is_strict = is_strict
        self.hosts: dict[str, Host] = {host.name: host for host in capture.hosts}

    # ---- the site

    @cached_property
    def none(self) -> Visit:
        return self.capture.visit(Phase.NONE) or Visit(Phase.NONE, trouble="not visited")

    @cached_property
    def home(self) -> Page | None:
        return next((page for page in self.none.pages if page.kind == "home"), None)

    @cached_property
    def own_domains(self) -> frozenset[str]:
        """Return the site's own domains: the one asked for and the one it leads to."""
        urls = [self.capture.url, *([self.home.url] if self.home else [])]
        return frozenset(registrable(urlsplit(url).hostname or "") for url in urls)

    def is_own(self, host: str) -> bool:
        return registrable(host) in self.own_domains

    def owners_of_own(self, name: str) -> tuple[Owner | None, ...]:
        """Return who holds each machine behind a name of the site's own: they may stand anywhere."""
        host = self.hosts.get(name.strip(".").lower())
        asns = [self.known.network(one)[0] for one in (host.addresses if host is not None else ())] or [0]
        return tuple(dict.fromkeys(self.known.law.owner_of_network(asn) if asn else None for asn in asns))

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Return the pages read without trouble before any choice."""
        return tuple(page for page in self.none.pages if not page.trouble)

    @cached_property
    def blocks(self) -> str:
        """Return why the site as a whole could not be seen, empty when it was."""
        if self.capture.visit(Phase.NONE) is None:
            return self.capture.trouble or "not visited"
        return self.capture.trouble or (self.none.trouble if not self.pages else "")

    @cached_property
    def says_nothing(self) -> bool:
        """Tell whether what was seen is not the site's own doing: a refusal, a riddle, an error.

        A page that only did not end (too slow, too much) has done what it did: that counts against it, never for it.
        """
        return bool(self.blocks) and self.blocks not in UNENDED

    # ---- requests

    def requests(self, phase: Phase) -> tuple[Read, ...]:
        return self._requests.get(phase, ())

    @cached_property
    def _requests(self) -> dict[Phase, tuple[Read, ...]]:
        return {visit.phase: tuple(self._read(visit)) for visit in self.capture.visits}

    def _read(self, visit: Visit) -> Iterator[Read]:
        named: set[str] = set()
        sockets = tuple(Request(one.url, "websocket", page=one.page, at=one.at) for one in visit.sent if not one.body)
        for request in visit.requests + sockets:
            parts = urlsplit(request.url)
            if parts.scheme in LOCAL or not parts.hostname:
                continue
            named.add(parts.hostname)
            yield self._one(request, visit.phase, parts.hostname)
        if visit.dialled is not None:
            yield from self._dialled(visit, named)
        elif visit.phase is Phase.NONE:
            yield from self._unseen(named)

    def _dialled(self, visit: Visit, named: set[str]) -> Iterator[Read]:
        """Hosts that this pass's wire dialled and no page asked for: a service worker's, or a mere connection."""
        for host, at in sorted((visit.dialled or {}).items()):
            if host not in named:
                yield self._one(Request(f"https://{host}/", "wire", at=at, by_worker=True), visit.phase, host)

    def _unseen(self, named: set[str]) -> Iterator[Read]:
        """Of a capture whose passes shared one wire: what no page asked for is the first pass's."""
        urls = [one.url for visit in self.capture.visits for one in visit.requests]
        urls += [one.url for visit in self.capture.visits for one in visit.sent]
        everywhere = named | {urlsplit(url).hostname or "" for url in urls}
        for host in sorted(set(self.hosts) - everywhere):
            if self.hosts[host].addresses and not self.hosts[host].refused:
                yield self._one(Request(f"https://{host}/", "wire", by_worker=True), Phase.NONE, host)

    def _one(self, request: Request, phase: Phase, host: str) -> Read:
        is_third = not self.is_own(host)
        page = request.page if request.page.startswith("http") else self.capture.url
        tracks, alias = self._tracks(request.url, page, request.kind, host) if is_third else "", ""
        if not tracks:
            tracks, alias = self._behind(request, page, host)
        return Read(request, phase, host, is_third, tracks, alias, self.known.kind(request.url))

    def _behind(self, request: Request, page: str, host: str) -> tuple[str, str]:
        """Return what follows people behind a name, the site's own or another's: any alias on the way may tell."""
        for alias in self._aliases(host):
            if tracks := self._tracks_as(request, page, alias):
                return tracks, alias
        return "", ""

    def _tracks_as(self, request: Request, page: str, alias: str) -> str:
        """Match a request as its alias; a filter that matches at any host speaks of the path, not of the alias."""
        parts = urlsplit(request.url)
        if self.known.filter_for(parts._replace(netloc=NOBODY).geturl(), page, request.kind):
            return self._tracks(f"https://{alias}/", page, request.kind, alias)
        return self._tracks(parts._replace(netloc=alias).geturl(), page, request.kind, alias)

    def _tracks(self, url: str, page: str, kind: str, host: str) -> str:
        if found := self.known.filter_for(url, page, kind):
            return found
        if kind in {"websocket", "wire"} and (
            found := self.known.filter_for(url.replace("ws", "http", 1), page, "script")
        ):
            return found
        if self.known.kind(url) == "recorder":
            return "recorder"
        return "third-party-web" if self.known.follows(host) else ""

    def _alias(self, host: str) -> str:
        """Return the third-party name behind one of the site's own, if the name servers say so."""
        return next(iter(self._aliases(host)), "")

    def _aliases(self, host: str) -> list[str]:
        """Return the names behind a host that are neither the site's nor of the host's own domain, the last first."""
        known, main = self.hosts.get(host), registrable(host)
        return [
            one for one in reversed(known.aliases if known else ()) if not self.is_own(one) and registrable(one) != main
        ]

    # ---- the banner

    @cached_property
    def banner(self) -> Banner:
        """Return the banner as first seen; one that only another pass saw is there all the same."""
        seen = (self.capture.visit(phase) for phase in (Phase.NONE, Phase.REFUSE, Phase.ACCEPT))
        return next((one.banner for one in seen if one and one.banner.is_there), self.none.banner)

    def was_driven(self, phase: Phase) -> bool:
        visit = self.capture.visit(phase)
        return bool(visit and visit.clicked)

    @cached_property
    def machine_sought(self) -> str | None:
        """Return who asked whether a machine is looking: before one, a page may behave otherwise than before people."""
        asked = (probe for visit in self.capture.visits for probe in visit.probes if probe.kind == "automation")
        found = next(asked, None)
        return None if found is None else urlsplit(found.script).hostname or "page"

    # ---- what is kept on the terminal

    def cookies(self, phase: Phase) -> tuple[Cookie, ...]:
        visit = self.capture.visit(phase)
        return visit.cookies if visit else ()

    def stored(self, phase: Phase) -> tuple[Stored, ...]:
        visit = self.capture.visit(phase)
        return visit.stored if visit else ()

    @cached_property
    def changing(self) -> frozenset[tuple[str, str]]:
        """Return the names whose value differs from one fresh profile to the next: identifiers."""
        values: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for visit in self.capture.visits:
            for cookie in visit.cookies:
                values[("cookie", cookie.name)].append(cookie.value)
            for one in visit.stored:
                values[(one.kind, one.key)].append(one.value)
        return frozenset(key for key, told in values.items() if len(told) > 1 and len(set(told)) == len(told))

    # ---- receivers

    @cached_property
    def receivers(self) -> tuple[Receiver, ...]:
        """Return everybody who received something, in any phase, the site's own machines first."""
        phases: defaultdict[str, set[str]] = defaultdict(set)
        urls: dict[str, str] = {}
        for phase, reads in self._requests.items():
            for read in reads:
                phases[read.host].add(str(phase))
                urls.setdefault(read.host, read.request.url)
        for host, url in self._filled_in:
            if host not in phases or not self.is_own(host):
                phases[host].add(FORM)
                urls.setdefault(host, url)
        for host in self.hosts:
            if self._is_dialled(host):
                phases.setdefault(host, set())
        found = [self._receiver(host, urls.get(host, f"https://{host}/"), phases[host]) for host in phases]
        return tuple(sorted(found, key=lambda one: (not one.is_own, one.host)))

    @cached_property
    def _filled_in(self) -> tuple[tuple[str, str], ...]:
        """Return the hosts to which a form would send something personal: nothing was sent, and yet they receive."""
        asked = [form for visit in self.capture.visits for form in visit.forms if asks_for_persons(form)]
        urls = [url for form in asked for url in (form.action, *(one.url for one in form.sent or ()))]
        return tuple({host: url for url in urls if (host := host_of(url))}.items())

    def sent_by(self, form: Form) -> tuple[Read, ...]:
        """Return what left when a form was pressed, each with what is known of whoever would have received it."""
        told = ((request, host_of(request.url)) for request in form.sent or ())
        return tuple(self._one(request, Phase.NONE, host) for request, host in told if host)

    def _is_dialled(self, host: str) -> bool:
        """Tell whether a host was asked for on the wire, not of the name servers alone."""
        visits = self.capture.visits
        return any(one.dialled is None or host in one.dialled for one in visits) or bool(self.hosts[host].refused)

    def _receiver(self, host: str, url: str, phases: set[str]) -> Receiver:
        known = self.hosts.get(host, Host(host))
        machines = self.machines(host)
        address, country, network, owner, adequacy, _why = machines[0]
        is_own = self.is_own(host)
        entity = self.known.entity(host)
        return Receiver(
            host=host,
            aliases=known.aliases,
            address=address,
            country=country,
            network=network,
            company=owner.name if owner else entity.name if entity else "",
            parent=owner.parent if owner else "",
            company_country=owner.country if owner else "",
            category="own" if is_own else self.known.kind(url),
            is_own=is_own,
            adequacy=adequacy,
            reach=self.known.law.reach_of(owner.country) if owner else "",
            phases=tuple(sorted(phases)),
            owner_source=owner.known_from if owner else "",
            certification=owner.certification if owner else "",
            claim=owner.claim if owner else "",
            machines=tuple(str(one) for one in machines) if len(machines) > 1 else (),
        )

    def machines(self, host: str) -> tuple[Machine, ...]:
        """Return every machine behind a name, the worst first: a visitor is sent to any of them."""
        known = self.hosts.get(host, Host(host))
        name = (self._alias(host) if self.is_own(host) else "") or host
        found = [self._machine(name, address) for address in known.addresses or ("",)]
        return tuple(sorted(found, key=lambda one: GRAVITY.index(one.adequacy)))

    def _machine(self, name: str, address: str) -> Machine:
        asn, network = self.known.network(address)
        country, owner = self.known.country(address), self.known.owner(name, address=address)
        adequacy, why = self.known.law.of_receiver(country, owner)
        return Machine(address, country, f"AS{asn} {network}".strip() if asn else "", owner, adequacy, why)


def of_plain_http(host: str) -> tuple[Weight, str]:
    """Return what an address without encryption weighs: on this very machine nothing says how it will be published."""
    if is_this_machine(host):
        return Weight.UNKNOWN, "on this machine: how it is encrypted once published is not known"
    return Weight.FAIL, ""


def evidence_of(read: Read, detail: str = "") -> Evidence:
    """Return where a request was seen, and who asked for it."""
    request = read.request
    how = detail or (f"{read.tracks} (alias {read.alias})" if read.alias else read.tracks)
    return Evidence(
        what=request.url[:500],
        phase=str(read.phase),
        page=request.page[:500],
        source=request.initiator[:500] or (request.hop_of and f"redirect from {request.hop_of[:300]}"),
        detail=how[:300],
    )
