"""Reading a page from beside it: a world of our own in each frame, which shares its elements and none of its scripts.

A page may replace what the language offers, and may name its fields so that they stand in for a form's own properties.
What could not be read is told, for nothing may be concluded from it.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine.capture.limits import within

HERE = Path(__file__).parent
READING = "\n".join(line for line in (HERE / "reading.js").read_text("utf-8").splitlines() if not line.startswith("//"))
FRAME_SECONDS = 8.0
FRAMES = 40
UNREAD = "a frame could not be read"
#: What the browser says of a frame that went away while it was being read: that is no gap.
GONE = ("No frame", "frame with the given", "Cannot find context", "context was destroyed", "navigated")


@cache
def words() -> dict[str, Any]:
    """Read what banners call their buttons."""
    return tomllib.loads((HERE / "banner_words.toml").read_text("utf-8"))


@dataclass
class World:
    """Our world in the frames of one page; ``gaps`` are what could not be read, or was more than is noted."""

    session: CDPSession
    gaps: set[str] = field(default_factory=set)

    async def frames(self) -> list[str]:
        """Return the frames that may hold something, the main one first."""
        try:
            told = await within(self.session.send("Page.getFrameTree"), FRAME_SECONDS)
        except (BrowserError, TimeoutError):
            self.gaps.add(UNREAD)
            return []
        found = [one["id"] for one in _all(told["frameTree"]) if not one["url"].startswith("chrome-error:")]
        if len(found) > FRAMES:
            self.gaps.add("more frames than are read")
        return found[:FRAMES]

    async def main(self, what: str) -> Any:
        """Read the page itself, without its frames."""
        frames = await self.frames()
        return await self.ask(frames[0], what) if frames else None

    async def ask(self, frame: str, what: str, mark: str = "") -> Any:
        """Read one frame; None when it went away, or could not be read, which is noted."""
        try:
            told = await within(self._asked(frame, what, mark), FRAME_SECONDS)
        except TimeoutError:
            self.gaps.add(UNREAD)
            return None
        except BrowserError as error:
            if not any(sign in str(error) for sign in GONE):
                self.gaps.add(UNREAD)
            return None
        if "value" not in told.get("result", {}):
            self.gaps.add(UNREAD)
            return None
        self.gaps.update(told["result"]["value"]["cut"])
        return told["result"]["value"]["value"]

    async def _asked(self, frame: str, what: str, mark: str) -> dict[str, Any]:
        where = await self.session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "portevoix"})
        given = json.dumps({"ask": what, "words": words(), "mark": mark})
        told: dict[str, Any] = await self.session.send(
            "Runtime.evaluate",
            {
                "expression": f"({READING.strip()})({given})",
                "contextId": where["executionContextId"],
                "returnByValue": True,
                "awaitPromise": True,
            },
        )
        return told


def _all(tree: dict[str, Any]) -> list[dict[str, Any]]:
    return [tree["frame"], *(one for child in tree.get("childFrames", ()) for one in _all(child))]
