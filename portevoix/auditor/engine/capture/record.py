"""What one profile did, noted while it happens: requests, sockets, what scripts touched."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, CDPSession, Page, Request, Response, WebSocket
from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine import types

REQUESTS, PROBES, SENT, BODY, MESSAGE = 4000, 2000, 2000, 40_000, 160_000
WORKER_HOST = "(worker)"


class Record:
    """Fills itself from the events of one context. Bounded: a page that floods is cut, and ``gaps`` say where."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.last_activity = self.began
        self.requests: dict[Request, types.Request] = {}
        self.shared: list[types.Request] = []
        self.probes: list[types.Probe] = []
        self.sent: list[types.Sent] = []
        self.set_by: dict[tuple[str, str], str] = {}
        self.initiators: dict[str, str] = {}
        self.navigations = 0
        self.dialogs = 0
        self.downloads = 0
        self.gaps: set[str] = set()
        #: While a form is tried: what is asked for is the form's, not the page's.
        self.aside: list[types.Request] | None = None
        self.has_crashed = False
        self._open: set[Request] = set()
        self._urls: dict[str, str] = {}
        self._early: list[dict[str, Any]] = []
        self._ear: tuple[str, Callable[[], str]] = ("", str)

    @property
    def now(self) -> float:
        return round(time.monotonic() - self.began, 3)

    @property
    def is_busy(self) -> bool:
        return bool(self._open)

    # ---- wiring

    def over(self, context: BrowserContext) -> None:
        """Listen to all that a context does."""
        context.on("request", self._asked)
        context.on("response", self._replied)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._ended)
        context.on("page", self.follow)

    def follow(self, page: Page) -> None:
        """Listen to what only a page tells."""
        page.on("websocket", lambda socket: self._socket(socket, page))
        page.on("framenavigated", lambda frame: self._navigated(frame == page.main_frame))
        page.on("crash", lambda _page: setattr(self, "has_crashed", True))
        page.on("download", lambda _download: setattr(self, "downloads", self.downloads + 1))
        page.on("dialog", self._dismiss)

    def listen(self, session: CDPSession) -> None:
        """Learn by the browser's own protocol who asked for what, and which answer set which cookie."""
        session.on("Network.requestWillBeSent", self._initiated)
        session.on("Network.responseReceivedExtraInfo", self._answered)
        session.on("Runtime.bindingCalled", self._called)

    async def _dismiss(self, dialog: Any) -> None:
        self.dialogs += 1
        with contextlib.suppress(BrowserError):  # the page went away with it
            await dialog.dismiss()

    def _navigated(self, is_main: bool) -> None:
        if is_main:
            self.navigations += 1

    # ---- requests

    def _asked(self, request: Request) -> None:
        self.last_activity = time.monotonic()
        if len(self.requests) + len(self.aside or ()) >= REQUESTS:
            self.gaps.add("more requests than are noted")
            return
        asked = self._told(request)
        self._open.add(request)
        if self.aside is not None:
            self.aside.append(asked)
            return
        self.requests[request] = asked

    def _told(self, request: Request) -> types.Request:
        page, frame = _place(request)
        before = request.redirected_from
        return types.Request(
            url=request.url[:4000],
            kind=request.resource_type,
            method=request.method,
            page=page,
            frame=frame,
            at=self.now,
            hop_of=before.url[:4000] if before else "",
            body=self._cut(_body(request)),
            by_worker=page == WORKER_HOST,
        )

    def _ended(self, request: Request) -> None:
        self.last_activity = time.monotonic()
        self._open.discard(request)
        if request in self.requests and request.failure:
            self.requests[request] = replace(self.requests[request], failure=request.failure[:200])

    def _replied(self, response: Response) -> None:
        asked = response.request
        if asked in self.requests:
            self.requests[asked] = replace(self.requests[asked], status=response.status)

    def _cut(self, text: str) -> str:
        if len(text) > BODY:
            self.gaps.add("a longer message than is noted")
        return text[:BODY]

    def _socket(self, socket: WebSocket, page: Page) -> None:
        def put(body: str) -> None:
            if len(self.sent) >= SENT:
                self.gaps.add("more messages than are noted")
                return
            if self.aside is not None and body:
                self.aside.append(types.Request(socket.url[:4000], "websocket", "POST", at=self.now, body=body[:BODY]))
                return
            self.sent.append(types.Sent(socket.url[:4000], self._cut(body), page.url[:2000], self.now))

        put("")
        socket.on("framesent", lambda payload: put(payload if isinstance(payload, str) else _text(payload)))

    def _initiated(self, event: dict[str, Any]) -> None:
        url = event.get("request", {}).get("url", "")[:4000]
        self._urls[event["requestId"]] = url
        early = [one for one in self._early if one["requestId"] == event["requestId"]]
        for one in early:
            self._early.remove(one)
            self._answered(one)
        told = event.get("initiator", {})
        frames = told.get("stack", {}).get("callFrames", ())
        by = next((one["url"] for one in frames if one.get("url", "").startswith("http")), told.get("url", ""))
        if by and len(self.initiators) < REQUESTS:
            self.initiators[url] = by[:1000]

    def _answered(self, event: dict[str, Any]) -> None:
        url = self._urls.get(event["requestId"], "")
        if not url and len(self._early) < REQUESTS:
            self._early.append(event)  # answers may be told before their questions
            return
        for name, value in event.get("headers", {}).items():
            if name.lower() == "set-cookie":
                for line in value.split("\n")[:200]:
                    self.set_by.setdefault((line.split("=", 1)[0].strip(), urlsplit(url).hostname or ""), url)

    # ---- what scripts told

    def hear(self, name: str, page_url: Callable[[], str]) -> None:
        """Note what the probes tell under a name that only they know."""
        self._ear = (name, page_url)

    def _called(self, event: dict[str, Any]) -> None:
        """Take the words of a probe; the browser brings them itself, by no function that a page could replace."""
        if event.get("name") != self._ear[0]:
            return
        try:
            told = [dict(one) for one in json.loads(event["payload"])]
        except (ValueError, TypeError):
            self.gaps.add("a probe was disturbed")
            return
        for one in told:
            if one.get("kind") == "asked":
                self._asked_by_worker(one)
                continue
            if one.get("kind") == "unwatched":
                self.gaps.add("a worker could not be watched")
            if len(self.probes) >= PROBES or one.get("kind") == "flooded":
                self.gaps.add("more acts of scripts than are noted")
                return
            self.probes.append(
                types.Probe(
                    kind=str(one.get("kind", "")),
                    origin=str(one.get("origin", ""))[:500],
                    script=str(one.get("script", ""))[:500],
                    detail=str(one.get("detail", ""))[:500],
                    page=self._ear[1](),
                )
            )

    def _asked_by_worker(self, told: dict[str, Any]) -> None:
        """Note what a shared worker asked for: the browser tells it to nobody but its own probes."""
        url, _line, body = str(told.get("detail", "")).partition("\n")
        if len(self.shared) >= REQUESTS:
            self.gaps.add("more requests than are noted")
            return
        self.last_activity = time.monotonic()
        kind, page = str(told.get("script", ""))[:20], WORKER_HOST
        asked = types.Request(url[:4000], kind, page=page, at=self.now, body=self._cut(body), by_worker=True)
        self.shared.append(asked)

    def all_requests(self) -> tuple[types.Request, ...]:
        """Return the requests, each with who asked for it."""
        told = (*self.requests.values(), *self.shared)
        return tuple(replace(one, initiator=self.initiators.get(one.url, "")) for one in told)


def _place(request: Request) -> tuple[str, str]:
    """Return the page and the frame that asked; a service worker has neither."""
    try:
        frame = request.frame
        return frame.page.url[:2000], frame.url[:2000]
    except BrowserError:
        return WORKER_HOST if request.service_worker else "", ""


def _body(request: Request) -> str:
    try:
        sent = request.post_data_buffer
    except BrowserError:
        return ""
    return _text(sent) if sent else ""


def _text(sent: bytes) -> str:
    """Read what was sent, unpacked where recorders pack it."""
    try:
        if sent[:2] == b"\x1f\x8b":
            sent = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(sent, MESSAGE)
        elif sent[:1] == b"\x78":
            sent = zlib.decompressobj().decompress(sent, MESSAGE)
    except (zlib.error, gzip.BadGzipFile, EOFError):
        pass  # it only looked packed
    return sent[:MESSAGE].decode("utf-8", "replace")
