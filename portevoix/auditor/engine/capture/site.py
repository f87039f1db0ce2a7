"""The whole capture of a site: three passes at once, each with a fresh profile, within one limit of time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine.capture import pages
from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.passage import Passage
from portevoix.auditor.engine.capture.wire import Wire
from portevoix.auditor.engine.domains import registrable
from portevoix.auditor.engine.types import Capture, Page, Phase, Visit, Zone

PHASES = (Phase.NONE, Phase.REFUSE, Phase.ACCEPT)


async def capture(url: str, chromium: Chromium, options: Options) -> Capture:
    """Visit a site in the three phases and return all that was seen."""
    began, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    wire = Wire(
        options.resolver,
        allow_private=options.allow_private,
        private_for=options.private_for,
        budget=options.bytes_limit,
    )
    async with wire:
        sample: asyncio.Future[list[tuple[str, str]]] = asyncio.get_running_loop().create_future()
        passes = [_within_limit(phase, url, chromium, options, (wire, sample)) for phase in PHASES]
        taken, zone = await asyncio.gather(asyncio.gather(*passes), _zone(url, options))
    visits = [visit for visit, _pictures in taken]
    return Capture(
        url=url,
        began_at=at,
        visits=tuple(visits),
        hosts=tuple(wire.hosts.values()),
        zone=zone,
        browser=chromium.name,
        seconds=round(time.monotonic() - began, 2),
        trouble=visits[0].pages[0].trouble if visits[0].pages else visits[0].trouble or "could not be loaded",
        pictures={name: picture for _visit, pictures in taken for name, picture in pictures.items()},
    )


Shared = tuple[Wire, "asyncio.Future[list[tuple[str, str]]]"]


async def _within_limit(
    phase: Phase, url: str, chromium: Chromium, options: Options, shared: Shared
) -> tuple[Visit, dict[str, str]]:
    wire, sample = shared
    try:
        context = await chromium.context(wire.address)
    except (BrowserError, TimeoutError) as error:
        _settle(sample)
        return Visit(phase, trouble=f"no browser: {str(error).splitlines()[0][:200]}"), {}
    passage = Passage(phase, options, wire, context)
    trouble = ""
    try:
        await asyncio.wait_for(_run(passage, url, sample), options.site_limit)
    except TimeoutError:
        trouble = "timeout"
    except BrowserError as error:
        trouble = f"the browser gave up: {str(error).splitlines()[0][:200]}"
    try:
        visit = await passage.taken(trouble)
    finally:
        if phase is Phase.NONE:
            _settle(sample)
        await chromium.close(context)
    return visit, passage.pictures


def _settle(sample: asyncio.Future[list[tuple[str, str]]], found: list[tuple[str, str]] | None = None) -> None:
    if not sample.done():
        sample.set_result(found or [])


async def _run(passage: Passage, url: str, sample: asyncio.Future[list[tuple[str, str]]]) -> None:
    options = passage.options
    await passage.start()
    home = await passage.open(url, "home")
    if home.trouble:
        if passage.phase is Phase.NONE:
            _settle(sample)
        return
    if passage.phase is Phase.NONE:
        await passage.look()
        _settle(sample, _sample(home, options.pages - 1))
    else:
        await passage.choose()
    await passage.use()
    await passage.read()
    rest = await sample
    for address, kind in rest if passage.phase is Phase.NONE else rest[: options.pages_after_choice]:
        if (await passage.open(address, kind)).trouble:
            continue
        if passage.phase is Phase.NONE and kind == "form":
            await passage.use()
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
    """Return whom the domain's SPF record lets write in its name."""
    spf = next((text for text in texts if text.lower().startswith("v=spf1")), "")
    return [word.split(":", 1)[1] for word in spf.split() if word.startswith(("include:", "a:", "mx:"))] + [
        word.split("=", 1)[1] for word in spf.split() if word.startswith("redirect=")
    ]
