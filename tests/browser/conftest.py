"""A real Chromium on a live server: any request to another host, and any complaint of the console, fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portevoix.accounts.models import User
from portevoix.kernel import clock
from portevoix.operations.demo.actions import build_action_pages
from portevoix.operations.demo.site import build_site
from portevoix.operations.embedded import Cluster
from portevoix.territory.models import Departement, Region
from portevoix.website import freshness
from tests import database
from tests.territory.factories import election

# Playwright keeps an event loop in the tests' thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card, for the map
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
#: Said on the console and no fault of the page: a 404 asked on purpose, a request that a newer one replaced (one that
#: fails says ``htmx:sendError`` as well).
EXPECTED = ("Failed to load resource", "htmx:afterRequest, ", "htmx:sendAbort, ")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, so that ``-m "not browser"`` leaves it out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def live_instance(live_server: LiveServer, settings: Settings, cluster: Cluster, transactional_db: None) -> LiveServer:
    """The demo's site on a live server, at the address that its own links name. Built once, then put back."""
    settings.BASE_URL = settings.WAGTAILADMIN_BASE_URL = live_server.url
    if not database.put_back(cluster, "site"):
        database.put_back(cluster, "migrated")  # an earlier test may have emptied the tables
        address = urlsplit(live_server.url)
        assert address.hostname
        assert address.port
        creuse = Region.objects.get_or_create(code="75", defaults={"name": "Nouvelle-Aquitaine"})[0]
        Departement.objects.get_or_create(code="23", defaults={"name": "Creuse", "region": creuse})
        build_site(hostname=address.hostname, port=address.port)
        election(clock.today() + timedelta(days=90), second_round_on=clock.today() + timedelta(days=104))
        build_action_pages()
        database.keep(cluster, "site")
    freshness.advance()  # pages that another test left in the server's cache
    return live_server


class Watch:
    """What a page did that none of ours may do."""

    def __init__(self, home: str) -> None:
        self.home = urlsplit(home).netloc
        self.faults: list[str] = []

    def over(self, context: BrowserContext) -> None:
        context.on("request", self.request)
        context.on("console", self.console)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))

    def request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.netloc != self.home:
            self.faults.append(f"asked another host: {request.url}")

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.faults.append(f"console: {message.text}")


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, live_instance: LiveServer) -> Iterator[OpenPage]:
    """Open pages as one visitor: ``open_page("/rejoindre/", phone=True)``."""
    watch = Watch(live_instance.url)
    contexts: list[BrowserContext] = []

    def open_(path: str = "/", *, phone: bool = False, user: User | None = None, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_instance.url,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            java_script_enabled=scripts,
        )
        contexts.append(context)
        watch.over(context)
        if user is not None:
            sign_in(context, user, live_instance.url)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert watch.faults == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """The home page, as a visitor sees it first."""
    return open_page()


def sign_in(context: BrowserContext, user: User, address: str) -> None:
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
