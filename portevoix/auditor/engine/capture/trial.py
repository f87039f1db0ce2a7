"""Where a form really sends: its button is pressed while the wire is held, so that nothing leaves, and all is noted.

A form's address says little where a script takes the sending over. It is filled with words of nobody's, pressed once,
and what it asks for is answered here, as if it had been well received: what comes after an answer comes as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import replace

from playwright.async_api import BrowserContext, Page, Route
from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine.capture.limits import within
from portevoix.auditor.engine.capture.record import Record
from portevoix.auditor.engine.capture.wire import Wire
from portevoix.auditor.engine.capture.world import World
from portevoix.auditor.engine.types import Form, Request
from portevoix.auditor.engine.words.canary import CANARY, CANARY_MAIL, typed
from portevoix.auditor.engine.words.forms import asks_for_persons

#: How many forms are tried on one page; those left over are unknown.
TRIED = 4
#: How long what comes after the pressing is waited for, and how long it must be silent, in seconds.
PATIENCE, QUIET = 1.5, 0.15
#: How long the page is given to be gone, in seconds, and what is said of one that stays.
LEAVING, STUCK = 5.0, "the page does not answer"
#: How long what watches the typing is given to send it on.
TYPING = 0.05
#: How much of a message is kept.
BODY, MESSAGES = 4000, 20
Key = tuple[str, tuple[str, ...]]


class Trial:
    """The forms of one pass, each tried once."""

    def __init__(self, context: BrowserContext, wire: Wire, record: Record, world: World) -> None:
        self.context = context
        self.wire = wire
        self.record = record
        self.world = world
        self._known: dict[Key, tuple[Request, ...]] = {}

    async def of(self, page: Page, found: list[tuple[str, int, Form]]) -> list[Form]:
        """Return the forms of a page, those that ask for something personal with what they send; leave the page."""
        places: dict[Key, tuple[str, int]] = {}
        for frame, number, form in found:
            if asks_for_persons(form) and (key := _key(form)) not in self._known:
                places.setdefault(key, (frame, number))
        if places:
            await self._held(page, places)
        return [replace(form, sent=self._known.get(_key(form))) for _frame, _number, form in found]

    async def _held(self, page: Page, places: dict[Key, tuple[str, int]]) -> None:
        """Try forms with the wire held, and let it go only once the page is gone, and what it meant to do later."""
        self.wire.hold()
        await self.context.route("**/*", _received)
        for number, (key, place) in enumerate(places.items()):
            self._known[key] = await self._tried(*place) if number < TRIED else ()
        try:
            await within(page.goto("about:blank"), LEAVING)
        except (BrowserError, TimeoutError):
            self.record.gaps.add(STUCK)
            return  # the wire stays held: what this page still does leads nowhere, nor does any other
        self.record.aside = None
        await self.context.unroute("**/*", _received)
        self.wire.release()

    async def _tried(self, frame: str, number: int) -> tuple[Request, ...]:
        """Fill a form and press it; not where a worker stands between page and wire: it might send later."""
        aside = self.record.aside = []
        mark = json.dumps({"number": number, "text": CANARY, "mail": CANARY_MAIL})
        told = await self.world.ask(frame, "fill", mark)
        if told is not None and not told["is_tried"]:
            return ()
        await asyncio.sleep(TYPING)
        # What leaves before the button is pressed is no sending of the form: somebody watches what is typed.
        self.record.shared += aside
        aside.clear()
        await self.world.ask(frame, "send", mark)
        await self._quiet()
        return self._sorted(aside)

    async def _quiet(self) -> None:
        began = self.record.last_activity = time.monotonic()
        while (now := time.monotonic()) - began < PATIENCE:
            if now - self.record.last_activity > QUIET and not self.record.is_busy:
                return
            await asyncio.sleep(0.03)

    def _sorted(self, aside: list[Request]) -> tuple[Request, ...]:
        """Keep what carries the form; whatever else was asked for meanwhile is the page's, as at any other time."""
        bare = [one for one in aside if not typed(f"{one.url}\n{one.body}")]
        sent = [one for one in aside if one not in bare or one.method != "GET" or one.kind == "document"]
        self.record.shared += [one for one in bare if one.kind != "document"]
        if len(sent) > MESSAGES:
            self.record.gaps.add("more messages than are noted")
        return tuple(replace(one, body=one.body[:BODY]) for one in sent[:MESSAGES])


def _key(form: Form) -> Key:
    return form.action.split("?")[0], tuple(field.name or field.label for field in form.fields)


async def _received(route: Route) -> None:
    """Answer in everybody's stead; a page is never left for another."""
    with contextlib.suppress(BrowserError):
        if route.request.is_navigation_request():
            await route.fulfill(status=204)
            return
        headers = {
            "access-control-allow-origin": route.request.headers.get("origin", "*"),
            "access-control-allow-credentials": "true",
        }
        await route.fulfill(status=200, content_type="application/json", body="{}", headers=headers)
