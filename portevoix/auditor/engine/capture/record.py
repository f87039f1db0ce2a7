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

from playwright.async_api import BrowserContext, CDPSession, Page, Request, WebSocket
from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine import types

REQUESTS, PROBES, SENT, BODY = 4000, 2000, 200, 20_000
WORKER_HOST = "(worker)"


class Record:
    """Fills itself from the events of one context. Bounded: a page that floods is cut, and that is noted."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.last_activity = self.began
        self.requests: dict[Request, types.Request] = {}
        self.probes: list[types.Probe] = []
        self.sent: list[types.Sent] = []
        self.set_by: dict[tuple[str, str], str] = {}
        self.initiators: dict[str, str] = {}
        self.navigations = 0
        self.dialogs = 0
        self.downloads = 0
        self.is_flooded = False
        self.has_crashed = False
        self._open: set[Request] = set()
        self._urls: dict[str, str] = {}
        self._early: list[dict[str, Any]] = []

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
        if len(self.requests) >= REQUESTS:
            self.is_flooded = True
            return
        self._open.add(request)
        page, frame = _place(request)
        before = request.redirected_from
        self.requests[request] = types.Request(
            url=request.url[:4000],
            kind=request.resource_type,
            method=request.method,
            page=page,
            frame=frame,
            at=self.now,
            hop_of=before.url[:4000] if before else "",
            body=_body(request),
            by_worker=page == WORKER_HOST,
        )

    def _ended(self, request: Request) -> None:
        self.last_activity = time.monotonic()
        self._open.discard(request)
        if request in self.requests and request.failure:
            self.requests[request] = replace(self.requests[request], failure=request.failure[:200])

    def _socket(self, socket: WebSocket, page: Page) -> None:
        def framed(payload: str | bytes) -> None:
            if len(self.sent) < SENT:
                text = payload if isinstance(payload, str) else _text(payload)
                self.sent.append(types.Sent(socket.url, text[:BODY], page.url))

        self.sent.append(types.Sent(socket.url, "", page.url))
        socket.on("framesent", framed)

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

    def binding(self, page_url: Callable[[Any], str]) -> Callable[..., None]:
        """Return what the probes call."""

        def told(source: Any, words: str) -> None:
            frame = source["frame"]
            for one in json.loads(words)[:400]:
                if len(self.probes) >= PROBES:
                    self.is_flooded = True
                    return
                self.probes.append(
                    types.Probe(
                        kind=str(one.get("kind", "")),
                        origin=_origin(frame.url),
                        script=str(one.get("script", ""))[:500],
                        detail=str(one.get("detail", "")),
                        page=page_url(source),
                    )
                )

        return told

    def all_requests(self) -> tuple[types.Request, ...]:
        """Return the requests, each with who asked for it."""
        return tuple(replace(one, initiator=self.initiators.get(one.url, "")) for one in self.requests.values())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


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
    return _text(sent)[:BODY] if sent else ""


def _text(sent: bytes) -> str:
    """Read what was sent, unpacked where recorders pack it."""
    try:
        if sent[:2] == b"\x1f\x8b":
            sent = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(sent, BODY * 4)
        elif sent[:1] == b"\x78":
            sent = zlib.decompressobj().decompress(sent, BODY * 4)
    except (zlib.error, gzip.BadGzipFile, EOFError):
        pass  # it only looked packed
    return sent[: BODY * 4].decode("utf-8", "replace")
