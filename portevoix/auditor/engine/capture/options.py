"""How far an audit goes: times, sizes, numbers of pages. Every one is a limit, so that none waits for ever."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from portevoix.auditor.engine.capture.names import Resolver, SystemResolver
from portevoix.auditor.engine.types import Phase

#: The shell first: it draws no window, and costs a fifth of the processor.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "brave-browser",
    "microsoft-edge",
)
#: Where « playwright install chromium » puts a browser of its own.
PLAYWRIGHT_BROWSERS = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")


@dataclass(frozen=True, slots=True)
class Step:
    """Where a pass stands: the page it now visits, by its kind, and which of how many that is. « done » is its end."""

    phase: Phase
    kind: str
    number: int
    total: int


def place_of(url: str) -> tuple[str, int]:
    """Return the name and the port that an address leads to."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or (80 if parts.scheme == "http" else 443)


@dataclass(frozen=True)
class Options:
    """What may be chosen. Seconds, unless said otherwise."""

    pages: int = 6
    page_limit: float = 30.0
    site_limit: float = 240.0
    #: How long a visitor stays on the first page, from its coming or from the choice, and scrolls: some trackers wait.
    stay: float = 10.0
    #: How long on every other page.
    stay_inside: float = 5.0
    #: The page is taken as settled once nothing was asked for so long …
    quiet: float = 0.8
    #: … and not later than this.
    patience: float = 10.0
    #: Banners that come late are waited for so long after the page has settled.
    banner_patience: float = 8.0
    bytes_limit: int = 150 * 2**20
    allow_private: bool = False
    #: Names and ports that may be private all the same: the site itself, where it stands on this very machine.
    private_for: frozenset[tuple[str, int]] = frozenset()
    browser: str = ""
    #: Said after the browser's own name, so that a site can leave its own audits out of its figures.
    agent: str = ""
    resolver: Resolver = field(default_factory=SystemResolver)
    #: Keys of certificates to be trusted beside the browser's own (SPKI, SHA-256, base64): for rehearsals.
    trusted_keys: tuple[str, ...] = ()
    autoconsent: Path | None = None
    language: str = "fr-FR"
    pictures: bool = True
    #: Told at each step of each pass.
    tell: Callable[[Step], None] = lambda step: None
    #: A picture of every page seen without a choice, instead of the home page alone.
    pictures_of_pages: bool = False

    @property
    def executable(self) -> str | None:
        """The browser to drive: the one named, Debian's, another that is installed, else Playwright's own."""
        if self.browser:
            return self.browser
        found = (shutil.which(name) for name in BROWSERS)
        return next((path for path in found if path), None)

    @property
    def has_browser(self) -> bool:
        """Tell, without starting anything, whether there is a browser to drive."""
        if (path := self.executable) is not None:
            return shutil.which(path) is not None
        return any(PLAYWRIGHT_BROWSERS.glob("chromium*/*/*"))
