"""Scripts that run beside the page: each is given the probes before it runs, or is told as one that was not watched.

The page's own probes see to those made of a blob; those that have an address are caught here, when their text arrives.
A service worker's text passes by neither: what it asks for is seen on the wire, and its text is read where it runs.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine.capture.limits import within

#: How the browser calls a worker's text, and little else: pictures, styles and scripts of the page do not wait here.
KIND = "Other"
SCRIPT = re.compile(r"javascript|ecmascript", re.IGNORECASE)
STRICT = re.compile(rb"""\s*(?:/\*.*?\*/\s*|//[^\n]*\n\s*)*['"]use strict['"]""", re.DOTALL)
#: What the browser says anew of a text that is longer than the one it was sent.
OF_THE_LENGTH = {"content-length", "content-encoding", "transfer-encoding"}
LARGEST, SECONDS = 20 * 2**20, 10.0
UNWATCHED = "a worker could not be watched"
#: What a service worker needs to take the machine's fingerprint, or to write its text only when it runs.
READS = re.compile(
    r"OffscreenCanvas|webgl|getContext|OfflineAudioContext|navigator\.gpu|\beval\b|\bFunction\s*\(", re.IGNORECASE
)
#: How many tenths of a second a text may still be on its way at the end.
LATE = 20
READING = "a service worker may read the machine"


class Workers:
    """The texts of one page's workers, each begun with the probes."""

    def __init__(self, session: CDPSession, probes: str, gaps: set[str]) -> None:
        self.session = session
        self.probes = probes.encode()
        self.gaps = gaps
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Catch them from now on."""
        self.session.on("Fetch.requestPaused", self._caught)
        pattern = {"urlPattern": "*", "resourceType": KIND, "requestStage": "Response"}
        await self.session.send("Fetch.enable", {"patterns": [pattern]})

    def _caught(self, event: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._answered(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answered(self, event: dict[str, Any]) -> None:
        """Let a text go on, with the probes before it if it is a worker's."""
        number = {"requestId": event["requestId"]}
        try:
            if _is_script(event):
                try:
                    await within(self._begun(event, number), SECONDS)
                    return
                except (BrowserError, TimeoutError):
                    self.gaps.add(UNWATCHED)
            await self.session.send("Fetch.continueRequest", number)
        except BrowserError:
            pass  # the page went away with it

    async def _begun(self, event: dict[str, Any], number: dict[str, str]) -> None:
        if int(_header(event, "content-length") or 0) > LARGEST:
            raise TimeoutError
        told = await self.session.send("Fetch.getResponseBody", number)
        text = base64.b64decode(told["body"]) if told["base64Encoded"] else told["body"].encode()
        strict = b'"use strict";' if STRICT.match(text) else b""
        headers = [one for one in event["responseHeaders"] if one["name"].lower() not in OF_THE_LENGTH]
        await self.session.send(
            "Fetch.fulfillRequest",
            {
                **number,
                "responseCode": event["responseStatusCode"],
                "responseHeaders": headers,
                "body": base64.b64encode(strict + self.probes + b"\n" + text).decode(),
            },
        )


class ServiceWorkers:
    """The service workers of one page: no probe comes before their first line, so their text is asked for."""

    def __init__(self, session: CDPSession, gaps: set[str]) -> None:
        self.session = session
        self.gaps = gaps
        #: The address of each one that runs, and those of which some text was read.
        self._urls: dict[str, str] = {}
        self.read: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Meet them from now on."""
        self.session.on("Target.attachedToTarget", self._met)
        self.session.on("Target.receivedMessageFromTarget", self._told)
        only = [{"type": "service_worker"}, {"exclude": True}]
        how = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False, "filter": only}
        await self.session.send("Target.setAutoAttach", how)

    async def unread(self, urls: set[str]) -> set[str]:
        """Return which service workers nobody has read, of those that were met or that are registered."""
        for _number in range(LATE):
            if not (urls | set(self._urls.values())) - self.read:
                break
            await asyncio.sleep(0.1)
        return (urls | set(self._urls.values())) - self.read

    def _met(self, event: dict[str, Any]) -> None:
        self._urls[event["sessionId"]] = event["targetInfo"]["url"]
        # Nothing that it says of stopping stops it.
        self._ask(event["sessionId"], 1, "Debugger.setSkipAllPauses", {"skip": True})
        self._ask(event["sessionId"], 2, "Debugger.enable")

    def _ask(self, worker: str, number: int, method: str, given: dict[str, Any] | None = None) -> None:
        task = asyncio.ensure_future(self._asked(worker, {"id": number, "method": method, "params": given or {}}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _asked(self, worker: str, message: dict[str, Any]) -> None:
        try:
            told = {"sessionId": worker, "message": json.dumps(message)}
            await within(self.session.send("Target.sendMessageToTarget", told), SECONDS)
        except (BrowserError, TimeoutError):
            pass  # it ended, or the page did: what was not read is told at the end

    def _told(self, event: dict[str, Any]) -> None:
        worker, message = event["sessionId"], json.loads(event["message"])
        if message.get("method") == "Debugger.scriptParsed":
            given = {"scriptId": message["params"]["scriptId"]}
            self._ask(worker, 10 + int(given["scriptId"]), "Debugger.getScriptSource", given)
        elif message.get("id", 0) >= 10:
            text = message.get("result", {}).get("scriptSource")
            if text:
                self.read.add(self._urls.get(worker, ""))
            if text is None or READS.search(text):
                self.gaps.add(READING)


def _is_script(event: dict[str, Any]) -> bool:
    return event.get("responseStatusCode") == 200 and bool(SCRIPT.search(_header(event, "content-type")))


def _header(event: dict[str, Any], name: str) -> str:
    return next((one["value"] for one in event.get("responseHeaders", ()) if one["name"].lower() == name), "")
