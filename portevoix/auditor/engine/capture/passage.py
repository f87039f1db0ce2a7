"""One pass over a site with a fresh profile: open, settle, choose, look again, take stock."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Response
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page as BrowserPage

from portevoix.auditor.engine.capture import banners
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.record import Record
from portevoix.auditor.engine.capture.trouble import looks_blocked, of_error
from portevoix.auditor.engine.capture.wire import Wire
from portevoix.auditor.engine.types import Banner, Cookie, Form, FormField, Link, Page, Phase, Stored, Visit

PROBES = (Path(__file__).parent / "probes.js").read_text("utf-8")
NAVIGATIONS = 15
#: How long autoconsent is given to know a banner, to see it open, and to act on it, in seconds.
KNOWING, OPENING, ACTING = 0.7, 3.0, 20.0
#: How long a visitor's hand may take: a loaded machine types slowly, and must not be taken for an honest site.
USING = 25.0
#: Typed into fields and drawn with the mouse: whoever sends these on was watching. No real person's.
CANARY = "pvx7kestrel"
CANARY_MAIL = f"{CANARY}@example.org"
CANARY_PATH = ((417, 293), (523, 311), (611, 347), (389, 402))
FIELDS = "input[type=text], input[type=email], input[type=search], input[type=tel], input:not([type]), textarea"


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
        self._page: BrowserPage | None = None
        self._current = ""

    async def start(self) -> None:
        """Open the page of this profile, with everything that watches it in place."""
        name = f"_{secrets.token_hex(6)}"
        self.record.over(self.context)
        await self.context.expose_binding(name, self.record.binding(lambda _source: self._current))
        await self.context.add_init_script(PROBES.replace("BINDING", name))
        self._page = await self.context.new_page()
        self.context.on("page", self._popup)
        session = await self.context.new_cdp_session(self._page)
        self.record.listen(session)
        await session.send("Network.enable")
        if self.phase is not Phase.NONE and self.options.autoconsent:
            self.rules = banners.Rules(self.options.autoconsent, self.phase)
            await self.rules.start(self._page)

    def _popup(self, page: BrowserPage) -> None:
        task = asyncio.ensure_future(page.close())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    @property
    def page(self) -> BrowserPage:
        if self._page is None:
            raise RuntimeError("not started")
        return self._page

    # ---- a page

    async def open(self, url: str, kind: str) -> Page:
        """Visit an address; what stops the visit is told in ``trouble``."""
        self._current = url
        self.record.navigations = 0
        response, trouble = None, ""
        try:
            response = await asyncio.wait_for(
                self.page.goto(url, wait_until="domcontentloaded", timeout=self.options.page_limit * 1000),
                self.options.page_limit + 2,
            )
            await self._loaded()
        except (BrowserError, TimeoutError) as error:
            trouble = of_error(error, url, self.wire, self.record)
        if not trouble:
            trouble = await self.settle()
        seen = await self._described(url, kind, response, trouble)
        self.pages.append(seen)
        return seen

    async def _loaded(self) -> None:
        """Wait for pictures and frames, not for ever: a picture that never comes is no trouble of the page."""
        with contextlib.suppress(BrowserError, TimeoutError):
            limit = self.options.patience
            await asyncio.wait_for(self.page.wait_for_load_state("load", timeout=limit * 1000), limit + 1)

    async def settle(self, patience: float | None = None) -> str:
        """Wait until the page asks for nothing more; return what is wrong if it never stops."""
        ends = time.monotonic() + (self.options.patience if patience is None else patience)
        while time.monotonic() < ends:
            if self.record.navigations > NAVIGATIONS:
                return "navigates without end"
            if self.record.has_crashed:
                return "the page crashed"
            if self.wire.is_cut:
                return "too much data"
            rest = self.options.quiet - (time.monotonic() - self.record.last_activity)
            if rest <= 0 and not self.record.is_busy:
                return ""
            await asyncio.sleep(min(max(rest, 0.04), 0.2))
        return ""

    async def _described(self, asked: str, kind: str, response: Response | None, trouble: str) -> Page:
        told: dict[str, str] | None = {}
        links: tuple[Link, ...] = ()
        headers, tls = dict[str, str](), dict[str, str]()
        if not trouble:
            told = await banners.ask(self.page.main_frame, "text")
            trouble = "the page does not answer" if told is None else ""
            links = tuple(Link(**one) for one in await banners.ask(self.page.main_frame, "links") or ())
        told = told or {}
        status = 0
        if response is not None:
            with contextlib.suppress(BrowserError, TimeoutError):
                headers = await asyncio.wait_for(response.all_headers(), 3)
                tls = {
                    str(k): str(v) for k, v in (await asyncio.wait_for(response.security_details(), 3) or {}).items()
                }
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
            shot = await asyncio.wait_for(self.page.screenshot(type="jpeg", quality=45, timeout=4000), 5)
        except (BrowserError, TimeoutError):
            return ""
        self.pictures[name] = base64.b64encode(shot).decode("ascii")
        return name

    # ---- the banner

    async def look(self) -> None:
        """Find the banner's first layer, waiting for one that comes late."""
        self.banner = await self._until(lambda: banners.look(self.page), lambda found: found.is_there) or Banner()

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
        marked = await banners.click(self.page, self.phase, only_show=True) if self.banner.is_there else ""
        if marked:
            self.picture = await self.photograph(f"{self.phase}-choice")
        self.clicked_at = self.record.now
        if self.rules is not None and await self._by_rules(self.rules):
            self.clicked, self.clicked_by = marked or self.rules.cmp("popupFound"), "autoconsent"
        elif marked:
            self.clicked_at = self.record.now
            self.clicked = await banners.click(self.page, self.phase)
            self.clicked_by = "words" if self.clicked else ""
        if self.clicked:
            self.record.last_activity = time.monotonic()
            await self.settle()

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
            await asyncio.wait_for(self._used(), USING)
        except (BrowserError, TimeoutError):
            self.trouble = "the page could not be used"  # so what it does with typed words is not known
        self.record.last_activity = time.monotonic()
        await self.settle(patience=3.0)

    async def _used(self) -> None:
        for x, y in CANARY_PATH:
            await self.page.mouse.move(x, y)
        fields = self.page.locator(FIELDS)
        for number in range(min(await fields.count(), 3)):
            field = fields.nth(number)
            if await field.is_visible() and await field.is_editable():
                is_mail = await field.get_attribute("type") == "email"
                await field.press_sequentially(CANARY_MAIL if is_mail else CANARY, delay=0, timeout=USING * 1000)
        await self.page.keyboard.press("Tab")
        await self.page.mouse.wheel(0, 600)

    # ---- taking stock

    async def read(self) -> None:
        """Note what the page now holds: storage of every frame, and its forms."""
        for frame in banners.frames(self.page):
            for one in await banners.ask(frame, "stored") or ():
                self.stored[(one["kind"], one["origin"], one["key"])] = Stored(**one)
            for one in await banners.ask(frame, "forms") or ():
                fields = tuple(FormField(**field) for field in one.pop("fields"))
                form = Form(page=self._current, fields=fields, **{**one, "links": tuple(one["links"])})
                if form not in self.forms:
                    self.forms.append(form)

    async def taken(self, trouble: str = "") -> Visit:
        """Return the whole pass."""
        return Visit(
            phase=self.phase,
            pages=tuple(self.pages),
            requests=self.record.all_requests(),
            cookies=await self._cookies(),
            stored=tuple(self._credited(self.stored.values())),
            probes=tuple(self.record.probes),
            sent=tuple(self.record.sent),
            forms=tuple(self.forms),
            banner=self.banner,
            clicked=self.clicked,
            clicked_by=self.clicked_by,
            clicked_at=self.clicked_at,
            picture=self.picture,
            trouble=trouble or self.trouble or ("more happened than is noted" if self.record.is_flooded else ""),
            seconds=self.record.now,
        )

    async def _cookies(self) -> tuple[Cookie, ...]:
        try:
            held = await asyncio.wait_for(self.context.cookies(), 5)
        except (BrowserError, TimeoutError):
            return ()
        now = time.time()
        scripts = {one.detail: one.script for one in self.record.probes if one.kind == "cookie"}
        return tuple(
            Cookie(
                name=one["name"][:200],
                value=one["value"][:500],
                domain=one["domain"],
                path=one["path"],
                days=None if one["expires"] <= 0 else round((one["expires"] - now) / 86400, 2),
                http_only=one["httpOnly"],
                secure=one["secure"],
                same_site=str(one.get("sameSite", "")),
                set_by=self._setter(one["name"], one["domain"].lstrip(".")) or scripts.get(one["name"], ""),
            )
            for one in held[:1000]
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
            Stored(one.kind, one.origin, one.key, one.value, scripts.get((one.kind, one.key), "")) for one in stored
        ]
