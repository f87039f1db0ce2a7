"""Criterion 3: who receives data, and may it go there (RGPD art. 44–46)? By the machine's country and the company's."""

from __future__ import annotations

from collections.abc import Iterator

from portevoix.auditor.engine.knowledge.law import ADEQUATE, INADEQUATE, RESERVED
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
    zone = reading.capture.zone
    for server in zone.mail_servers or () if zone else ():
        owner = reading.known.law.owner_of_host(server)
        if owner and reading.known.law.of_receiver("", owner)[0] == INADEQUATE:
            seen = Evidence(f"MX {server}", detail=f"{owner.parent} ({owner.country})")
            yield Finding("country-not-adequate", Criterion.TRANSFERS, Weight.FAIL, owner.name, (seen,), "mail")


def _of(reading: Reading, receiver: Receiver) -> Finding | None:
    """Judge one receiver; nothing is said of one whose machine and company both stand where data may go."""
    owner = reading.known.owner(
        receiver.aliases[-1] if receiver.is_own and receiver.aliases else receiver.host, address=receiver.address
    )
    adequacy, why = reading.known.law.of_receiver(receiver.country, owner)
    if adequacy == ADEQUATE:
        return None
    if receiver.is_own and owner is None and receiver.country:
        adequacy, why = reading.known.law.adequacy_of(receiver.country), f"server:{receiver.country}"
        if adequacy == ADEQUATE:
            return None
    rule, weight = RULES.get(adequacy, ("receiver-unknown", Weight.UNKNOWN))
    if why == "dpf:not checked":
        rule = "certification-not-checked"
    seen = Evidence(
        what=receiver.host,
        phase=", ".join(receiver.phases),
        source=receiver.network,
        detail=_way(receiver, why),
    )
    return Finding(rule, Criterion.TRANSFERS, weight, receiver.company or receiver.host, (seen,), why)


def _way(receiver: Receiver, why: str) -> str:
    """Return machine → country; company → parent (country); what decides."""
    machine = f"{receiver.address or '?'} → {receiver.country or '?'}"
    return f"{machine}; {receiver.company or '?'} → {receiver.parent or '?'} ({receiver.company_country or '?'}); {why}"
