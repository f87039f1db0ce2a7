"""Criterion 3: who receives data, and may it go there (RGPD art. 44–46)? By the machine's country and the company's."""

from __future__ import annotations

from collections.abc import Iterator

from portevoix.auditor.engine.knowledge.law import ADEQUATE, GRAVITY, INADEQUATE, RESERVED, UNKNOWN, Owner
from portevoix.auditor.engine.rules.reading import Reading
from portevoix.auditor.engine.types import Criterion, Evidence, Finding, Receiver, Weight

RULES = {
    INADEQUATE: ("country-not-adequate", Weight.FAIL),
    RESERVED: ("adequate-with-reservation", Weight.NOTE),
}


def find(reading: Reading) -> Iterator[Finding]:
    """Return one finding a company (or a host whose company is unknown)."""
    if reading.blocks:
        return
    told: set[tuple[str, str]] = set()
    for receiver in reading.receivers:
        if reading.hosts.get(receiver.host) and reading.hosts[receiver.host].refused:
            continue
        finding = _of(reading, receiver)
        if finding is not None and (finding.rule, finding.subject) not in told:
            told.add((finding.rule, finding.subject))
            yield finding
    if not any(receiver.is_own and receiver.address for receiver in reading.receivers):
        seen = Evidence(reading.capture.url, detail="not dialled")
        yield Finding("receiver-unknown", Criterion.TRANSFERS, Weight.UNKNOWN, reading.capture.url, (seen,), "owner:?")
    yield from _mail(reading)


def _mail(reading: Reading) -> Iterator[Finding]:
    """Whoever takes in the site's mail receives what people write to it."""
    zone, told = reading.capture.zone, set[str]()
    for server in zone.mail_servers or () if zone else ():
        if not server.strip("."):
            continue
        owner, adequacy, why = _worst_taker(reading, server)
        subject = owner.name if owner else server
        if adequacy == ADEQUATE or subject in told:
            continue
        told.add(subject)
        rule, weight = _rule(adequacy, why)
        place = f"{owner.parent} ({owner.country})" if owner else "?"
        yield Finding(rule, Criterion.TRANSFERS, weight, subject, (Evidence(f"MX {server}", detail=place),), why)


def _worst_taker(reading: Reading, server: str) -> tuple[Owner | None, str, str]:
    """Return who takes mail in under a name, of several the worst, and how the law sees them."""
    law = reading.known.law
    owners = reading.owners_of_own(server) if reading.is_own(server) else (law.owner_of_host(server),)
    judged = [(one, *(law.of_owner(one) if one else (UNKNOWN, "owner:?"))) for one in owners]
    return min(judged, key=lambda one: GRAVITY.index(one[1]))


def _rule(adequacy: str, why: str) -> tuple[str, Weight]:
    rule, weight = RULES.get(adequacy, ("receiver-unknown", Weight.UNKNOWN))
    if weight is Weight.UNKNOWN:
        known = {"dpf:": "certification-not-checked", "server:US": "machine-without-certification"}
        rule = next((name for sign, name in known.items() if why.startswith(sign)), rule)
    return rule, weight


def _of(reading: Reading, receiver: Receiver) -> Finding | None:
    """Judge one receiver; nothing is said of one whose machine and company both stand where data may go."""
    machines = reading.machines(receiver.host)
    worst = machines[0]
    if worst.adequacy == ADEQUATE:
        return None
    rule, weight = _rule(worst.adequacy, worst.why)
    others = [Evidence(receiver.host, detail=f"{one}; {one.why}") for one in machines[1:8]]
    seen = Evidence(
        what=receiver.host,
        phase=", ".join(receiver.phases),
        source=receiver.network,
        detail=_way(receiver, worst.why),
    )
    subject = receiver.company or receiver.host
    return Finding(rule, Criterion.TRANSFERS, weight, subject, (seen, *others), worst.why)


def _way(receiver: Receiver, why: str) -> str:
    """Return machine → country; company → parent (country); what decides."""
    machine = f"{receiver.address or '?'} → {receiver.country or '?'}"
    return f"{machine}; {receiver.company or '?'} → {receiver.parent or '?'} ({receiver.company_country or '?'}); {why}"
