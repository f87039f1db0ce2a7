"""One browser process: started when needed, replaced when it hangs or dies, gone at the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import uuid
from pathlib import Path
from types import TracebackType

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine.capture.limits import within
from portevoix.auditor.engine.capture.options import Options

#: No word to the browser's makers, no path around the wire, all frames in sight of one session.
ARGUMENTS = (
    *("--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-domain-reliability",
    ),
    *("--disable-site-isolation-trials", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"),
    *("--disable-blink-features=AutomationControlled", "--mute-audio", "--enable-unsafe-swiftshader"),
)
#: A browser like any other: pages that behave before machines are seen as visitors see them.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
MARK = "PORTEVOIX_AUDIT"
#: The mark of all that an audit started for an instance has started in turn.
LEASH = "PORTEVOIX_AUDIT_LEASH"
#: What a browser needs of our environment, and nothing more: the rest may hold secrets.
NEEDED = ("PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DISPLAY", "WAYLAND_DISPLAY")
NEEDED_BEGINNINGS = ("LC_", "XDG_", "FONTCONFIG_", "PLAYWRIGHT_", "DBUS_")
LAUNCH_SECONDS = 30.0
CLOSE_SECONDS = 5.0


class Chromium:
    """A browser for many audits; each takes contexts (fresh profiles) from it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._token = uuid.uuid4().hex
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Chromium:
        self._playwright = await async_playwright().start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()
        if self._playwright is not None:
            with contextlib.suppress(BrowserError, TimeoutError):
                await within(self._playwright.stop(), LAUNCH_SECONDS)
        self._kill()

    @property
    def name(self) -> str:
        return f"Chromium {self._browser.version}" if self._browser else ""

    async def context(self, proxy: str) -> BrowserContext:
        """Return a fresh profile whose every connection goes by ``proxy``."""
        async with self._lock:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._started()
            browser = self._browser
        version = browser.version.split(".")[0]
        return await browser.new_context(
            proxy={"server": proxy, "bypass": "<-loopback>"},
            locale=self.options.language,
            timezone_id="Europe/Paris",
            viewport={"width": 1280, "height": 900},
            accept_downloads=False,
            user_agent=f"{AGENT.format(version)} {self.options.agent}".rstrip(),
        )

    async def close(self, context: BrowserContext) -> None:
        """Close a profile; a browser that cannot is killed, and the next audit has another."""
        try:
            await within(context.close(), CLOSE_SECONDS)
        except TimeoutError:
            async with self._lock:
                await self._stop()
        except BrowserError:
            pass  # it died with its browser

    async def _started(self) -> Browser:
        if self._playwright is None:
            raise RuntimeError("use « async with »")
        keys = self.options.trusted_keys
        return await self._playwright.chromium.launch(
            executable_path=self.options.executable,
            args=[*ARGUMENTS, *([f"--ignore-certificate-errors-spki-list={','.join(keys)}"] if keys else [])],
            chromium_sandbox=os.geteuid() != 0,
            env={**_environment(), MARK: self._token},
            timeout=LAUNCH_SECONDS * 1000,
            handle_sigint=False,
        )

    async def _stop(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            with contextlib.suppress(BrowserError, TimeoutError):
                await within(browser.close(), CLOSE_SECONDS)
        self._kill()

    def _kill(self) -> None:
        """End what is left of our own browser: processes that carry this audit's mark."""
        end_marked(self._token)


def _environment() -> dict[str, str | float | bool]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in NEEDED or name == LEASH or name.startswith(NEEDED_BEGINNINGS)
    }


def end_marked(token: str, mark: str = MARK) -> int:
    """End every process that carries a mark, but this one; return how many there were."""
    pids = [pid for pid in marked(token, mark) if pid != os.getpid()]
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return len(pids)


def marked(token: str, mark: str = MARK) -> list[int]:
    """Return the processes of one audit's browser, by the mark in their environment (Linux)."""
    wanted, found = f"{mark}={token}".encode(), []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if wanted in place.read_bytes():
                found.append(int(place.parent.name))
    return found
