"""Criterion 4: on whom does the site stand? Each layer, its company, the parent, and whose law reaches it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from portevoix.auditor.engine.knowledge.law import Owner
from portevoix.auditor.engine.rules.reading import Reading
from portevoix.auditor.engine.types import Criterion, Evidence, Finding, Layer, Status, Weight

#: What a receiver's kind is as a layer of the site; the others are told of by the other criteria.
AS_LAYER = {
    "analytics": "analytics",
    "payment": "payment",
    "video": "video",
    "fonts": "fonts",
    "cdn": "cdn",
    "captcha": "captcha",
    "map": "map",
    "recorder": "analytics",
    "tag-manager": "analytics",
    "consent": "consent",
    "consent-provider": "consent",
    "social": "social",
    "ad": "advertising",
}
#: Without these, nobody can say that the site is sovereign.
ESSENTIAL = ("hosting", "names")


def layers(reading: Reading) -> tuple[Layer, ...]:
    """Return every layer of the site that could be told."""
    if reading.blocks:
        return ()
    found: dict[tuple[str, str], Layer] = {}
    for layer in (*_hosting(reading), *_zone(reading), *_certificate(reading), *_services(reading)):
        found.setdefault((layer.layer, layer.company or layer.what), layer)
    return tuple(found.values())


def find(reading: Reading) -> Iterator[Finding]:
    """Return one finding a layer that a foreign law reaches, or of which nothing is known."""
    told = layers(reading)
    for layer in told:
        if layer.status is Status.PASS:
            continue
        weight = Weight.FAIL if layer.status is Status.FAIL else Weight.UNKNOWN
        rule = f"{_verb(layer)}-{layer.layer}"
        seen = Evidence(layer.what, detail=f"{layer.company or '?'} → {layer.parent or '?'} ({layer.country or '?'})")
        yield Finding(
            rule, Criterion.SOVEREIGNTY, weight, layer.company or layer.what, (seen,), layer.reach or layer.reason
        )
    for name in ESSENTIAL:
        if told and not any(layer.layer == name for layer in told):
            yield Finding(f"unknown-{name}", Criterion.SOVEREIGNTY, Weight.UNKNOWN, name, (), "not asked")


def _verb(layer: Layer) -> str:
    if layer.status is Status.UNKNOWN:
        return "unknown"
    return "reached" if layer.reach else "outside"


def _layer(reading: Reading, name: str, what: str, owner: Owner | None, place: str = "") -> Layer:
    law = reading.known.law
    if owner is None:
        return Layer(name, what, place=place, reason="owner unknown")
    reach = law.reach_of(owner.country)
    is_safe = not reach and law.is_european(owner.country)
    status = Status.PASS if is_safe else Status.FAIL
    return Layer(
        layer=name,
        what=what,
        company=owner.name,
        parent=owner.parent,
        country=owner.country,
        place=place,
        reach=reach,
        status=status,
        reason="" if is_safe else owner.country,
        owner_source=owner.known_from,
        certification=owner.certification,
    )


def _hosting(reading: Reading) -> Iterator[Layer]:
    """The machines that answer for each of the site's own names; one that is an alias tells a delivery network."""
    home = urlsplit(reading.home.url if reading.home else reading.capture.url).hostname or ""
    own = (host for name, host in reading.hosts.items() if reading.is_own(name) and host.addresses and not host.refused)
    for host in sorted(own, key=lambda one: one.name != home):
        foreign = [one for one in host.aliases if not reading.is_own(one)]
        by_name = reading.known.law.owner_of_host(foreign[-1]) if foreign else None
        for address in host.addresses:
            _asn, network = reading.known.network(address)
            owner, country = _network_owner(reading, address), reading.known.country(address)
            if by_name is None or host.name == home:
                yield _layer(reading, "hosting", f"{host.name} {address} {network}".strip(), owner, country)
        held = {_network_owner(reading, address) for address in host.addresses}
        if by_name is not None and (host.name != home or held != {by_name}):
            country = reading.known.country(host.addresses[0])
            yield _layer(reading, "cdn", f"{host.name} → {foreign[-1]}", by_name, country)


def _zone(reading: Reading) -> Iterator[Layer]:
    zone = reading.capture.zone
    if zone is None:
        return
    own = reading.own_domains
    for layer, rows in (("names", zone.name_servers), ("mail", zone.mail_servers), ("mail", zone.senders)):
        if rows is None:
            yield Layer(layer, zone.domain, reason="the name servers did not answer")
        for row in rows or ():
            if row.strip(".") == "":
                continue  # « no mail here », RFC 7505
            is_own = any(row == domain or row.endswith(f".{domain}") for domain in own)
            for owner in reading.owners_of_own(row) if is_own else (_owner_of(reading, row),):
                yield _layer(reading, layer, row, owner)


def _owner_of(reading: Reading, row: str) -> Owner | None:
    """Return who holds a name, or a bare address or network of an SPF record."""
    try:
        place = ipaddress.ip_network(row, strict=False)
    except ValueError:
        return reading.known.law.owner_of_host(row)
    return _network_owner(reading, str(place.network_address))


def _network_owner(reading: Reading, address: str) -> Owner | None:
    asn, _name = reading.known.network(address)
    return reading.known.law.owner_of_network(asn) if asn else None


def _certificate(reading: Reading) -> Iterator[Layer]:
    """Who signed the certificate: it reads nothing, and may cut the site off."""
    issuer = reading.home.tls.get("issuer", "") if reading.home else ""
    if issuer:
        yield _layer(reading, "certificate", issuer, reading.known.law.issuer(issuer))


def _services(reading: Reading) -> Iterator[Layer]:
    for receiver in reading.receivers:
        if receiver.is_own or not receiver.phases:
            continue
        layer = AS_LAYER.get(receiver.category, "other")
        for machine in reading.machines(receiver.host):
            yield _layer(reading, layer, receiver.host, machine.owner, machine.country)
    for host in dict.fromkeys(urlsplit(link.url).hostname or "" for page in reading.pages for link in page.links):
        # Gifts are paid elsewhere, one click away: who takes them in is a provider all the same.
        if host and not reading.is_own(host) and reading.known.law.host_kind(host) == "payment":
            yield _layer(reading, "payment", host, reading.known.owner(host))
