"""Refusing and accepting: by the maintained rules of autoconsent, then by what the buttons say in five languages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Error as BrowserError
from playwright.async_api import Frame
from playwright.async_api import Page as BrowserPage

from portevoix.auditor.engine.capture.limits import within
from portevoix.auditor.engine.capture.world import World
from portevoix.auditor.engine.types import Banner, Phase

FRAME_SECONDS = 6.0
FRAMES = 40
ACTION = {Phase.REFUSE: "optOut", Phase.ACCEPT: "optIn"}
MARK = {Phase.REFUSE: "refuse", Phase.ACCEPT: "accept"}


def frames(page: BrowserPage) -> list[Frame]:
    """Return the frames that autoconsent is given, the main one first."""
    return [one for one in page.frames if one == page.main_frame or one.url.startswith(("http", "about:srcdoc"))][
        :FRAMES
    ]


async def look(world: World) -> Banner:
    """Find the banner's first layer in any frame, without touching it."""
    best = Banner()
    for frame in await world.frames():
        told = await world.ask(frame, "banner")
        if told and told["is_there"]:
            best = max(best, Banner(by="words", **told), key=_how_read)
    return best


def _how_read(banner: Banner) -> int:
    return banner.is_there + sum(map(bool, (banner.accept, banner.refuse, banner.settings)))


async def click(world: World, phase: Phase, *, only_show: bool = False) -> str:
    """Press the banner's button for this choice, or only mark it for a picture; return what it said."""
    for frame in await world.frames():
        told = await world.ask(frame, "press" if only_show else "click", MARK[phase])
        if told and told.get("pressed"):
            return str(told["pressed"])
    return ""


@dataclass
class Rules:
    """autoconsent at work in one page: its script in each frame, our answers to its questions."""

    folder: Path
    phase: Phase
    #: Done when a banner is open, before anything is pressed: a picture of it.
    before: Callable[[], Awaitable[None]]
    heard: list[dict[str, Any]] = field(default_factory=list)
    _asked: set[Frame] = field(default_factory=set)

    async def start(self, page: BrowserPage) -> None:
        """Give every frame the script; frames that come later are given it as well."""
        await page.expose_binding("autoconsentSendMessage", self._answer)
        page.on("framenavigated", lambda frame: self._asked.discard(frame))

    async def inject(self, page: BrowserPage) -> None:
        """Give the script to the frames that have none yet."""
        fresh = [one for one in frames(page) if one not in self._asked]
        self._asked.update(fresh)
        await asyncio.gather(*(_evaluated(frame, _script(self.folder)) for frame in fresh))

    async def _answer(self, source: Any, message: dict[str, Any]) -> None:
        frame = source["frame"]
        self.heard.append(message)
        if message.get("type") == "init":
            await _evaluated(frame, _configuration(self.folder))
        elif message.get("type") == "popupFound":
            await self.before()
            await _evaluated(frame, f"void autoconsentReceiveMessage({json.dumps({'type': ACTION[self.phase]})})")
        elif message.get("type") == "eval":
            result = await _evaluated(frame, message.get("code", "false"))
            told = json.dumps({"id": message.get("id"), "type": "evalResp", "result": result})
            await _evaluated(frame, f"autoconsentReceiveMessage({told})")

    def cmp(self, kind: str) -> str:
        return next((str(one.get("cmp", "?")) for one in self.heard if one.get("type") == kind), "")

    @property
    def known(self) -> str:
        """Return the banner that the rules recognised, shown or not; empty when they know none."""
        return self.cmp("popupFound") or self.cmp("cmpDetected")

    @property
    def is_found(self) -> bool:
        return bool(self.cmp("popupFound"))

    @property
    def is_over(self) -> bool:
        return any(one.get("type") in {"optOutResult", "optInResult", "autoconsentError"} for one in self.heard)

    @property
    def has_worked(self) -> bool:
        return any(one.get("type") in {"optOutResult", "optInResult"} and one.get("result") for one in self.heard)


async def _evaluated(frame: Frame, code: str) -> Any:
    try:
        return await within(frame.evaluate(code), FRAME_SECONDS)
    except (BrowserError, TimeoutError):
        return None


@cache
def _script(folder: Path) -> str:
    return (folder / "dist" / "autoconsent.playwright.js").read_text("utf-8")


@cache
def _configuration(folder: Path) -> str:
    rules = json.loads((folder / "rules" / "rules.json").read_text("utf-8"))
    config: dict[str, Any] = {
        "enabled": True,
        "autoAction": None,  # it waits for our word, so that what it presses can be pictured
        "disabledCmps": [],
        "enablePrehide": False,
        "enableCosmeticRules": False,
        "enableHeuristicDetection": False,
        "detectRetries": 12,
        "isMainWorld": True,
    }
    return f"autoconsentReceiveMessage({json.dumps({'type': 'initResp', 'config': config, 'rules': rules})})"
