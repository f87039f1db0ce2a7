"""One pass over a site with a fresh profile: open, settle, choose, look again, take stock."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Locator, Response
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page as BrowserPage

from portevoix.auditor.engine.capture import banners
from portevoix.auditor.engine.capture.limits import within
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.record import Record
from portevoix.auditor.engine.capture.trial import Trial
from portevoix.auditor.engine.capture.trouble import looks_blocked, of_error
from portevoix.auditor.engine.capture.wire import Wire
from portevoix.auditor.engine.capture.workers import UNWATCHED, ServiceWorkers, Workers
from portevoix.auditor.engine.capture.world import World
from portevoix.auditor.engine.types import Banner, Cookie, Form, FormField, Link, Page, Phase, Stored, Visit
from portevoix.auditor.engine.words.canary import CANARY, CANARY_MAIL, CANARY_SEARCH

PROBES = (Path(__file__).parent / "probes.js").read_text("utf-8")
NAVIGATIONS = 15
#: How long autoconsent is given to know a banner, to see it open, and to act on it, in seconds.
KNOWING, OPENING, ACTING = 2.0, 4.0, 20.0
#: How long a visitor's hand may take: a loaded machine types slowly, and must not be taken for an honest site.
USING = 25.0
#: How often the wheel is turned, and how long that may take.
SCROLLS, SCROLLING = 12, 10.0
#: Drawn with the mouse: whoever sends these on was watching.
CANARY_PATH = ((417, 293), (523, 311), (611, 347), (389, 402))
SEARCHES = re.compile(r"search|recherche|query|suche|buscar|cerca|^q$|^s$", re.IGNORECASE)
COOKIES, COOKIE = 2000, 4096
MAIL = (
    ":is(input[type=email], :is(input[type=text], input:not([type]))"
    ":is([name*=mail i], [id*=mail i], [placeholder*=mail i], [autocomplete=email]))"
)
FIELDS = (
    ":is(input[type=text], input[type=email], input[type=search], input[type=tel], input:not([type]), textarea)"
    f":not({MAIL})"
)
#: How many fields are typed into, and among how many they are looked for.
TYPED, LOOKED = 3, 30


class Passage:
    """One phase of one site."""

    def __init__(self, phase: Phase, options: Options, wire: Wire, context: BrowserContext) -> None:
        self.phase = phase
        self.options = options
        self.wire = wire
        self.context = context
        self.record = Record()
        self.pages: list[Page] = []
        self.forms: list[Form] = []
        self.stored: dict[tuple[str, str, str], Stored] = {}
        self.pictures: dict[str, str] = {}
        self.banner = Banner()
        self.clicked = self.clicked_by = self.picture = self.trouble = ""
        self.clicked_at = 0.0
        self.rules: banners.Rules | None = None
        self.gaps: set[str] = set()
        self.service_workers: ServiceWorkers | None = None
        self._page: BrowserPage | None = None
        self._world: World | None = None
        self._trial: Trial | None = None
        self._current = ""
        self._arrived = time.monotonic()

    async def start(self) -> None:
        """Open the page of this profile, with everything that watches it in place."""
        name = f"_{secrets.token_hex(6)}"
        self.record.over(self.context)
        self.record.hear(name, lambda: self._current)
        probes = PROBES.replace("BINDING", name)
        await self.context.add_init_script(probes)
        self._page = await self.context.new_page()
        self.context.on("page", self._popup)
        session = await self.context.new_cdp_session(self._page)
        self.record.listen(session)
        self._world = World(session, self.gaps)
        self._trial = Trial(self.context, self.wire, self.record, self._world)
        await session.send("Network.enable")
        await session.send("Runtime.enable")
        await session.send("Runtime.addBinding", {"name": name})
        await Workers(session, probes, self.gaps).start()
        self.service_workers = ServiceWorkers(session, self.gaps)
        await self.service_workers.start()
        if self.phase is not Phase.NONE and self.options.autoconsent:
            self.rules = banners.Rules(self.options.autoconsent, self.phase, self._picture_choice)
            await self.rules.start(self._page)

    def _popup(self, page: BrowserPage) -> None:
        task = asyncio.ensure_future(page.close())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    @property
    def page(self) -> BrowserPage:
        if self._page is None:
            raise RuntimeError("not started")
        return self._page

    @property
    def world(self) -> World:
        if self._world is None:
            raise RuntimeError("not started")
        return self._world

    @property
    def trial(self) -> Trial:
        if self._trial is None:
            raise RuntimeError("not started")
        return self._trial

    # ---- a page

    async def open(self, url: str, kind: str) -> Page:
        """Visit an address; what stops the visit is told in ``trouble``."""
        self._current = url
        self.record.navigations = 0
        response, trouble = None, ""
        try:
            response = await within(
                self.page.goto(url, wait_until="domcontentloaded", timeout=self.options.page_limit * 1000),
                self.options.page_limit + 2,
            )
            await self._loaded()
        except (BrowserError, TimeoutError) as error:
            trouble = of_error(error, url, self.wire, self.record)
        self._arrived = time.monotonic()
        if not trouble:
            trouble = await self.settle()
        seen = await self._described(url, kind, response, trouble)
        self.pages.append(seen)
        return seen

    async def _loaded(self) -> None:
        """Wait for pictures and frames, not for ever: a picture that never comes is no trouble of the page."""
        with contextlib.suppress(BrowserError, TimeoutError):
            limit = self.options.patience
            await within(self.page.wait_for_load_state("load", timeout=limit * 1000), limit + 1)

    async def settle(self, patience: float | None = None) -> str:
        """Wait until the page asks for nothing more; return what is wrong if it never stops."""
        ends = time.monotonic() + (self.options.patience if patience is None else patience)
        while time.monotonic() < ends:
            if broken := self._broken():
                return broken
            rest = self.options.quiet - (time.monotonic() - self.record.last_activity)
            if rest <= 0 and not self.record.is_busy:
                return ""
            await asyncio.sleep(min(max(rest, 0.04), 0.2))
        return ""

    def _broken(self) -> str:
        if self.record.navigations > NAVIGATIONS:
            return "navigates without end"
        if self.record.has_crashed:
            return "the page crashed"
        return "too much data" if self.wire.is_cut else ""

    async def stay(self, seconds: float) -> None:
        """Scroll to the foot and stay: what waits for a reader, or for a clock, comes in that time."""
        try:
            await within(self._scrolled(), SCROLLING)
        except (BrowserError, TimeoutError):
            self.gaps.add("the page could not be scrolled")
        while (left := self._arrived + seconds - time.monotonic()) > 0 and not self._broken():
            await asyncio.sleep(min(left, 0.5))
        if (trouble := await self.settle(patience=3.0)) and self.pages and not self.pages[-1].trouble:
            self.pages[-1] = replace(self.pages[-1], trouble=trouble)

    async def _scrolled(self) -> None:
        for _number in range(SCROLLS):
            await self.page.mouse.wheel(0, 900)
            await asyncio.sleep(0.03)

    async def _described(self, asked: str, kind: str, response: Response | None, trouble: str) -> Page:
        told: dict[str, str] | None = {}
        links: tuple[Link, ...] = ()
        headers, tls = dict[str, str](), dict[str, str]()
        if not trouble:
            told = await self.world.main("text")
            trouble = "the page does not answer" if told is None else ""
            links = tuple(Link(**one) for one in await self.world.main("links") or ())
        told = told or {}
        status = 0
        if response is not None:
            with contextlib.suppress(BrowserError, TimeoutError):
                headers = await within(response.all_headers(), 3)
                tls = {str(k): str(v) for k, v in (await within(response.security_details(), 3) or {}).items()}
            status = response.status
        url = self.page.url if self.page.url.startswith("http") else asked
        text = told.get("text", "")
        trouble = trouble or looks_blocked(status, told.get("title", ""), text, headers.get("content-type", ""))
        return Page(
            url=url[:2000],
            asked=asked,
            status=status,
            title=told.get("title", ""),
            text=text,
            language=told.get("language", ""),
            kind=kind,
            links=links,
            headers={name: value[:2000] for name, value in list(headers.items())[:60]},
            tls=tls,
            picture=await self.photograph(f"{self.phase}-{len(self.pages)}") if self._is_pictured(kind) else "",
            trouble=trouble,
        )

    def _is_pictured(self, kind: str) -> bool:
        return self.phase is Phase.NONE and (kind == "home" or self.options.pictures_of_pages)

    async def photograph(self, name: str) -> str:
        """Keep a picture of what a visitor sees; no picture is no trouble."""
        if not self.options.pictures:
            return ""
        try:
            shot = await within(self.page.screenshot(type="jpeg", quality=45, timeout=4000), 5)
        except (BrowserError, TimeoutError):
            return ""
        self.pictures[name] = base64.b64encode(shot).decode("ascii")
        return name

    # ---- the banner

    async def look(self) -> None:
        """Find the banner's first layer, waiting for one that comes late, or whose buttons do."""
        self.banner = await self._until(
            lambda: banners.look(self.world), lambda found: bool(found.accept or found.refuse)
        )

    async def _until(self, act: Callable[[], Any], is_enough: Callable[[Any], bool]) -> Any:
        ends = time.monotonic() + self.options.banner_patience
        while True:
            found = await act()
            if is_enough(found) or time.monotonic() >= ends:
                return found
            await asyncio.sleep(0.25)

    async def choose(self) -> None:
        """Refuse or accept: rules first, words after; a picture of what is about to be pressed."""
        await self.look()
        marked = await banners.click(self.world, self.phase, only_show=True) if self.banner.is_there else ""
        if marked:
            await self._picture_choice()
        self.clicked_at = self.record.now
        if self.rules is not None and await self._by_rules(self.rules):
            self.clicked, self.clicked_by = marked or self.rules.cmp("popupFound"), "autoconsent"
        elif marked:
            self.clicked_at = self.record.now
            self.clicked = await banners.click(self.world, self.phase)
            self.clicked_by = "words" if self.clicked else ""
        if self.rules is not None and not self.banner.is_there and (known := self.rules.known):
            # Only the rules know this banner: that it could not be driven must not be lost with it.
            self.banner = Banner(is_there=True, by="autoconsent", text=known)
        if self.clicked:
            self._arrived = self.record.last_activity = time.monotonic()
            await self.settle()

    async def _picture_choice(self) -> None:
        self.picture = self.picture or await self.photograph(f"{self.phase}-choice")

    async def _by_rules(self, rules: banners.Rules) -> bool:
        """Let autoconsent act if it knows this banner; tell whether it says that it has."""
        began = time.monotonic()
        while not rules.is_over:
            given = ACTING if rules.is_found else OPENING if rules.cmp("cmpDetected") else KNOWING
            if time.monotonic() - began > given:
                break
            await rules.inject(self.page)
            await asyncio.sleep(0.05)
        return rules.has_worked

    # ---- a visitor's hand

    async def use(self) -> None:
        """Move and type like a visitor who sends nothing: words that are sent all the same are a recording's."""
        try:
            await within(self._used(), USING)
        except (BrowserError, TimeoutError):
            self.trouble = "the page could not be used"  # so what it does with typed words is not known
        self.record.last_activity = time.monotonic()
        await self.settle(patience=3.0)

    async def _used(self) -> None:
        for x, y in CANARY_PATH:
            await self.page.mouse.move(x, y)
        left = TYPED
        for selector in (MAIL, FIELDS):
            fields = self.page.locator(selector).filter(visible=True)
            for number in range(min(await fields.count(), LOOKED) if left else 0):
                field = fields.nth(number)
                if left and await field.is_editable():
                    await field.press_sequentially(await _typed_into(field), delay=0, timeout=USING * 1000)
                    left -= 1
        await self.page.keyboard.press("Tab")

    # ---- taking stock

    async def read(self) -> None:
        """Note what the page now holds: storage of every frame, and its forms; without a choice, where they send."""
        found: list[tuple[str, int, Form]] = []
        for frame in await self.world.frames():
            for one in await self.world.ask(frame, "stored") or ():
                self.stored[(one["kind"], one["origin"], one["key"])] = Stored(**one)
            for number, one in enumerate(await self.world.ask(frame, "forms") or ()):
                fields = tuple(FormField(**field) for field in one.pop("fields"))
                form = Form(page=self._current, fields=fields, **{**one, "links": tuple(one["links"])})
                found.append((frame, number, form))
        told = (
            await self.trial.of(self.page, found)
            if self.phase is Phase.NONE
            else [form for _frame, _number, form in found]
        )
        self.forms += [form for form in dict.fromkeys(told) if form not in self.forms]

    async def taken(self, trouble: str = "") -> Visit:
        """Return the whole pass."""
        cookies = await self._cookies()
        registered = {one.value for one in self.stored.values() if one.kind == "worker"}
        if self.service_workers is not None and await self.service_workers.unread(registered):
            self.gaps.add(UNWATCHED)
        return Visit(
            phase=self.phase,
            pages=tuple(self.pages),
            requests=self.record.all_requests(),
            cookies=cookies,
            stored=tuple(self._credited(self.stored.values())),
            probes=tuple(self.record.probes),
            sent=tuple(self.record.sent),
            forms=tuple(self.forms),
            banner=self.banner,
            clicked=self.clicked,
            clicked_by=self.clicked_by,
            clicked_at=self.clicked_at,
            picture=self.picture,
            trouble=trouble or self.trouble,
            seconds=self.record.now,
            gaps=tuple(sorted(self.gaps | self.record.gaps)),
            dialled={host: round(at - self.record.began, 3) for host, at in self.wire.dialled.items()},
        )

    async def _cookies(self) -> tuple[Cookie, ...]:
        try:
            held = await within(self.context.cookies(), 5)
        except (BrowserError, TimeoutError):
            self.gaps.add("the cookies could not be read")
            return ()
        if len(held) > COOKIES or any(len(one["value"]) > COOKIE for one in held):
            self.gaps.add("more cookies than are noted")
        now = time.time()
        scripts = {one.detail: one.script for one in self.record.probes if one.kind == "cookie"}
        return tuple(
            Cookie(
                name=one["name"][:200],
                value=one["value"][:COOKIE],
                domain=one["domain"],
                path=one["path"],
                days=None if one["expires"] <= 0 else round((one["expires"] - now) / 86400, 2),
                http_only=one["httpOnly"],
                secure=one["secure"],
                same_site=str(one.get("sameSite", "")),
                set_by=self._setter(one["name"], one["domain"].lstrip(".")) or scripts.get(one["name"], ""),
            )
            for one in held[:COOKIES]
        )

    def _setter(self, name: str, domain: str) -> str:
        return next(
            (
                url
                for (key, host), url in self.record.set_by.items()
                if key == name and (host == domain or host.endswith(f".{domain}"))
            ),
            "",
        )

    def _credited(self, stored: Any) -> Sequence[Stored]:
        scripts = {(one.kind, one.detail): one.script for one in self.record.probes}
        return [
            Stored(one.kind, one.origin, one.key, one.value, scripts.get((one.kind, _base(one)), "")) for one in stored
        ]


def _base(one: Stored) -> str:
    """Return what a script named when it wrote: of IndexedDB only the database."""
    return one.key.split("/", 1)[0] if one.kind == "indexeddb" else one.key


async def _typed_into(field: Locator) -> str:
    kind = await field.get_attribute("type") or ""
    told = [kind, *[await field.get_attribute(name) or "" for name in ("name", "role", "id")]]
    if any(SEARCHES.search(one) for one in told):
        return CANARY_SEARCH
    return CANARY_MAIL if kind == "email" else CANARY
