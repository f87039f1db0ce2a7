"""The whole capture of a site: three passes at once, each with a fresh profile, within one limit of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine.capture import pages
from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.limits import given_up_after
from portevoix.auditor.engine.capture.options import Options, Step
from portevoix.auditor.engine.capture.passage import Passage
from portevoix.auditor.engine.capture.wire import Wire
from portevoix.auditor.engine.characters import storable
from portevoix.auditor.engine.domains import registrable
from portevoix.auditor.engine.types import Capture, Host, Page, Phase, Visit, Zone

#: How many places to which forms send are looked up.
DESTINATIONS = 40
PHASES = (Phase.NONE, Phase.REFUSE, Phase.ACCEPT)


async def capture(url: str, chromium: Chromium, options: Options) -> Capture:
    """Visit a site in the three phases and return all that was seen."""
    began, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    sample: Sample = asyncio.get_running_loop().create_future()
    passes = [_guarded(phase, url, chromium, options, sample) for phase in PHASES]
    taken, zone = await asyncio.gather(asyncio.gather(*passes), _zone(url, options))
    visits = [one.visit for one in taken]
    dialled = _hosts(one.hosts for one in taken)
    seen = Capture(
        url=url,
        began_at=at,
        visits=tuple(visits),
        hosts=(*dialled, *await _destinations(visits, zone, {one.name for one in dialled}, options)),
        zone=zone,
        browser=chromium.name,
        seconds=round(time.monotonic() - began, 2),
        trouble=visits[0].pages[0].trouble if visits[0].pages else visits[0].trouble or "could not be loaded",
        pictures={name: picture for one in taken for name, picture in one.pictures.items()},
    )
    return storable(seen)


async def _destinations(visits: Iterable[Visit], zone: Zone, known: set[str], options: Options) -> list[Host]:
    """Ask the name servers where forms would send what is typed: nothing is sent, and yet they receive.

    So does whoever serves mail and names under the site's own name: a name of one's own may stand anywhere.
    """
    forms = [form for visit in visits for form in visit.forms]
    urls = {form.action for form in forms} | {one.url for form in forms for one in form.sent or ()}
    servers = (*(zone.name_servers or ()), *(zone.mail_servers or ()))
    own = {row for one in servers if (row := one.strip(".").lower()).endswith(f".{zone.domain}")}
    hosts = sorted((own | {_host(url) for url in urls}) - known - {""})[:DESTINATIONS]
    return [one for one in await asyncio.gather(*(_found(host, options) for host in hosts)) if one is not None]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""  # no address at all: « http://[ »


async def _found(host: str, options: Options) -> Host | None:
    try:
        answer = await options.resolver.resolve(host)
    except Exception:  # noqa: BLE001 - whatever a name server says, the name alone is known then
        return None
    return Host(host, answer.aliases, answer.addresses)


Sample = asyncio.Future[list[tuple[str, str]]]


@dataclass(frozen=True)
class Taken:
    """One pass, with its pictures and the hosts that its own wire dialled."""

    visit: Visit
    pictures: dict[str, str] = field(default_factory=dict)
    hosts: tuple[Host, ...] = ()


def _hosts(passes: Iterable[tuple[Host, ...]]) -> tuple[Host, ...]:
    """Return every host once; one that was reached in any pass was reached."""
    found: dict[str, Host] = {}
    for host in (one for hosts in passes for one in hosts):
        if host.name not in found or found[host.name].refused:
            found[host.name] = host
    return tuple(found.values())


async def _guarded(phase: Phase, url: str, chromium: Chromium, options: Options, sample: Sample) -> Taken:
    """Make one pass; whatever a page does to break it ends in a reason, never in a verdict nor in a stop."""
    try:
        return await _within_limit(phase, url, chromium, options, sample)
    except Exception as error:  # noqa: BLE001 - a hostile page must cost no more than its own audit
        return Taken(Visit(phase, trouble=f"the auditor failed: {type(error).__name__}"))
    finally:
        if phase is Phase.NONE:
            _settle(sample)


async def _within_limit(phase: Phase, url: str, chromium: Chromium, options: Options, sample: Sample) -> Taken:
    async with Wire(
        options.resolver,
        allow_private=options.allow_private,
        private_for=options.private_for,
        budget=options.bytes_limit,
    ) as wire:
        try:
            context = await chromium.context(wire.address)
        except (BrowserError, TimeoutError) as error:
            return Taken(Visit(phase, trouble=f"no browser: {str(error).splitlines()[0][:200]}"))
        try:
            passage = Passage(phase, options, wire, context)
            visit = await passage.taken(await _driven(passage, url, sample))
        finally:
            options.tell(Step(phase, "done", 0, 0))
            if phase is Phase.NONE:
                _settle(sample)  # the others wait for it
            await chromium.close(context)
    return Taken(visit, passage.pictures, tuple(wire.hosts.values()))


async def _driven(passage: Passage, url: str, sample: Sample) -> str:
    """Drive a pass to its end; return what cut it short."""
    try:
        if await given_up_after(_run(passage, url, sample), passage.options.site_limit):
            return "timeout"
    except BrowserError as error:
        return f"the browser gave up: {str(error).splitlines()[0][:200]}"
    except Exception as error:  # noqa: BLE001 - as above; what was noted until then is kept
        return f"the auditor failed: {type(error).__name__}"
    return ""


def _settle(sample: Sample, found: list[tuple[str, str]] | None = None) -> None:
    if not sample.done():
        sample.set_result(found or [])


async def _run(passage: Passage, url: str, sample: Sample) -> None:
    options, phase = passage.options, passage.phase
    options.tell(Step(phase, "home", 1, options.pages))
    await passage.start()
    home = await passage.open(url, "home")
    if home.trouble:
        if phase is Phase.NONE:
            _settle(sample)
        return
    if phase is Phase.NONE:
        await passage.look()
        _settle(sample, _sample(home, options.pages - 1))
    else:
        await passage.choose()
    await passage.use()
    await passage.stay(options.stay)
    await passage.read()
    chosen = await sample
    for number, (address, kind) in enumerate(chosen, start=2):
        options.tell(Step(phase, kind, number, len(chosen) + 1))
        if (await passage.open(address, kind)).trouble:
            continue
        if kind == "form":
            await passage.use()
        await passage.stay(options.stay_inside)
        await passage.read()


def _sample(home: Page, limit: int) -> list[tuple[str, str]]:
    own = registrable(urlsplit(home.url).hostname or "")
    return pages.choose(home.links, home.url, limit, lambda host: registrable(host) == own)


async def _zone(url: str, options: Options) -> Zone:
    """Ask the name servers who serves the names and the mail of the site's domain."""
    domain = registrable(urlsplit(url).hostname or "")
    names, mail, texts = await asyncio.gather(*(options.resolver.records(domain, kind) for kind in ("NS", "MX", "TXT")))
    return Zone(
        domain=domain,
        name_servers=names,
        mail_servers=None if mail is None else tuple(row.split()[-1].rstrip(".") for row in mail if row.split()),
        senders=None if texts is None else tuple(_senders(texts)),
    )


def _senders(texts: tuple[str, ...]) -> list[str]:
    """Return whom the domain's SPF record lets write in its name: names, and bare addresses (RFC 7208)."""
    spf = next((text for text in texts if text.lower().startswith("v=spf1")), "")
    found = []
    for word in spf.split()[1:]:
        kind, colon, place = word.lstrip("+?~").partition(":")
        if colon and kind.lower() in {"include", "a", "mx"}:
            found.append(place.split("/")[0])
        elif colon and kind.lower() in {"ip4", "ip6"}:
            found.append(place)
        elif word.lower().startswith("redirect="):
            found.append(word.split("=", 1)[1])
    return found
