"""What the demo's home page weighs, and whether anything jumps while it comes: nginx, Chromium, a slow line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, Request
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import DESKTOP, PHONE
from tests.operations.fronting import configuration, running
from tests.operations.living import free_port

#: Bytes, heads of answers included.
WHOLE, SCRIPTS = 150_000, 20_000
#: What a telephone has in the country: 1.6 Mbit/s, 150 ms.
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
JUMPS = """() => new Promise((resolve) => {
    const jumps = [];
    const watch = new PerformanceObserver((list) => jumps.push(...list.getEntries()));
    watch.observe({ type: "layout-shift", buffered: true });
    const said = (jump) => [jump.value, jump.sources.map((one) => one.node?.outerHTML?.slice(0, 90))];
    setTimeout(() => resolve(jumps.map(said)), 100);
})"""


@pytest.fixture
def served(live_instance: LiveServer, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The demo's site as a host serves it: static files compressed and named by what is in them, nginx in front."""
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path / "static"
    settings.DATA_DIR = tmp_path
    (tmp_path / "media").symlink_to(settings.MEDIA_ROOT)
    call_command("collectstatic", interactive=False, verbosity=0)
    port = free_port()
    with running(configuration(tmp_path, port=port, behind=int(live_instance.url.rpartition(":")[2])), port):
        yield f"http://localhost:{port}"


class Scales:
    """Weighs every answer by its kind, and notes every host that is asked."""

    def __init__(self, page: Page) -> None:
        self.bytes: Counter[str] = Counter()
        self.hosts: set[str] = set()
        page.on("requestfinished", self.add)

    def add(self, request: Request) -> None:
        sizes = request.sizes()
        self.hosts.add(request.url.split("/")[2])
        self.bytes[request.resource_type] += sizes["responseBodySize"] + sizes["responseHeadersSize"]

    @property
    def without_media(self) -> int:
        return self.bytes.total() - sum(self.bytes[kind] for kind in ("image", "media"))


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_home_page_is_light_asks_nobody_else_and_nothing_jumps(
    chromium: Browser, served: str, size: dict[str, int]
) -> None:
    context = chromium.new_context(base_url=served, locale="fr-FR", viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    scales = Scales(page)
    page.goto("/", wait_until="networkidle")
    for _screen in range(12):
        page.mouse.wheel(0, size["height"] / 2)
        page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    page.wait_for_load_state("networkidle")
    jumps = page.evaluate(JUMPS)
    context.close()
    assert {"document", "stylesheet", "font", "image"} <= set(scales.bytes), "the scales saw nothing"
    assert scales.hosts == {served.removeprefix("http://")}
    assert scales.without_media <= WHOLE, scales.bytes
    assert scales.bytes["script"] <= SCRIPTS, scales.bytes
    assert jumps == []
