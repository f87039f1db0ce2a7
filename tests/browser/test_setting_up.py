"""From an empty instance to a published, lawful site, as a director does it: by keyboard and mouse, on a desk and on a
phone, with scripts and without."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from portevoix.accounts.models import User
from portevoix.kernel import clock
from portevoix.operations.embedded import Cluster
from portevoix.website import freshness
from portevoix.website.models import HomePage
from tests import database
from tests.accounts.factories import UserFactory, somebody_with_a_password
from tests.browser.conftest import DESKTOP, PHONE, Watch, sign_in
from tests.browser.test_page_types import AXE, RUN
from tests.rights.test_imprint import WHOLE, configure
from tests.website.factories import png, wagtail_roots

#: What a person needs to type one sign: a hundred and fifty signs a minute is slow.
SECONDS_A_SIGN = 0.4
TEN_MINUTES = 600


@pytest.fixture
def empty(live_server: LiveServer, settings: Settings, cluster: Cluster, transactional_db: None) -> LiveServer:
    """An instance as `prepare` leaves it, with nothing in its file about who publishes."""
    settings.BASE_URL = settings.WAGTAILADMIN_BASE_URL = live_server.url
    configure(settings, "site", name="Ensemble pour Valmer")
    database.put_back(cluster, "migrated")
    wagtail_roots()
    address = urlsplit(live_server.url)
    root = WagtailPage.get_first_root_node()
    welcome = WagtailPage.objects.filter(depth=2).first() or root.add_child(
        instance=WagtailPage(title="W", slug="home")
    )
    site = {"hostname": address.hostname, "port": address.port, "root_page": welcome}
    Site.objects.update_or_create(is_default_site=True, defaults=site)
    freshness.advance()
    return live_server


@pytest.fixture
def director(empty: LiveServer) -> User:
    user: User = UserFactory(is_superuser=True)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return user


class Typist:
    """Counts what a person would have to type, since a program types at once."""

    def __init__(self, page: Page) -> None:
        self.page, self.signs, self.began = page, 0, time.monotonic()

    def write(self, field: str, words: str) -> None:
        self.page.locator(f"#id_{field}").fill(words)
        self.signs += len(words)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began + self.signs * SECONDS_A_SIGN


@pytest.fixture(params=["desk", "phone", "no scripts"])
def context(
    request: pytest.FixtureRequest, chromium: Browser, director: User, empty: LiveServer
) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=empty.url,
        locale="fr-FR",
        viewport=PHONE if request.param == "phone" else DESKTOP,  # type: ignore[arg-type]
        java_script_enabled=request.param != "no scripts",
    )
    watch = Watch(empty.url)
    watch.over(context)
    sign_in(context, director, empty.url)
    yield context
    context.close()
    assert watch.faults == []


def go_on(page: Page, name: str = "Garder et continuer") -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def test_a_director_opens_a_lawful_site_in_less_than_ten_minutes(
    context: BrowserContext, empty: LiveServer, tmp_path: Path
) -> None:
    page = context.new_page()
    answer = page.goto("/")
    assert answer
    assert answer.status == 503
    page.goto("/gestion/")
    page.get_by_role("link", name="Commencer").click()
    typist = Typist(page)

    said = {
        name: value for name, value in asdict(WHOLE).items() if value and name not in {"publisher_form", "host_country"}
    }
    for name, words in said.items():
        typist.write(name, words)
    page.locator("#id_publisher_form").select_option("financing")
    go_on(page)

    assert page.locator("#id_name").input_value() == "Ensemble pour Valmer"
    typist.write("slogan", "Valmer, tout simplement")
    logo = tmp_path / "logo.png"
    logo.write_bytes(png(600, 600).read())
    page.locator("#id_logo").set_input_files(logo)
    go_on(page, "Prendre « Gazette »")
    assert page.locator("#id_slogan").input_value() == "Valmer, tout simplement"
    go_on(page)

    page.get_by_label("Équipe").check()
    go_on(page, "Créer ces pages")

    answer = page.request.get("/")
    assert answer.status == 503, "nothing is public before the review"
    go_on(page, "Ouvrir le site")
    assert page.get_by_role("heading", name="Votre site est ouvert").is_visible()
    assert typist.seconds < TEN_MINUTES

    page.get_by_role("link", name="Le regarder").click()
    assert page.locator("h1").inner_text() == "Valmer, tout simplement"
    page.locator("footer").get_by_role("link", name="Mentions légales").click()
    notice = page.locator("main").inner_text()
    assert all(words in notice for name, words in said.items() if name != "candidate")
    links = page.locator("header a, footer a").evaluate_all("links => links.map(link => link.href)")
    assert {f"{empty.url}/{name}/" for name in ("actualites", "vos-donnees", "cookies", "accessibilite")} <= {*links}
    assert {link: page.request.get(link).status for link in links} == dict.fromkeys(links, 200)
    page.goto("/vos-donnees/")
    privacy = page.locator("main").inner_text()
    assert all(words in privacy for words in (WHOLE.publisher, WHOLE.data_officer_email, WHOLE.host_name, "CNIL"))
    page.goto("/rejoindre/")
    assert page.locator("form [type=email]").is_visible()

    # The tree of pages says which are published and leads to those under each, on a telephone too.
    page.goto(f"/gestion/pages/{HomePage.objects.get().pk}/")
    line = page.get_by_role("row", name="Programme")
    for part in (line.get_by_text("Brouillon"), line.locator("td.children a")):
        box = part.last.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= page.evaluate("innerWidth")


@pytest.mark.parametrize("viewport", [DESKTOP, {"width": 320, "height": 700}], ids=["desk", "small phone"])
def test_the_first_director_comes_from_the_password_to_the_assistant(
    chromium: Browser, empty: LiveServer, viewport: ViewportSize
) -> None:
    user = somebody_with_a_password()
    User.objects.update(is_superuser=True)  # as the console makes one
    context = chromium.new_context(base_url=empty.url, locale="fr-FR", viewport=viewport)
    watch = Watch(empty.url)
    watch.over(context)
    page = context.new_page()
    page.goto("/gestion/")
    assert page.get_by_text("Ensemble pour Valmer").is_visible()
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill("a long enough phrase")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Utiliser une application").click()
    whole = page.locator(".access__picture").bounding_box()
    drawn = page.locator(".access__picture path").last.bounding_box()
    assert whole is not None
    assert drawn is not None
    assert drawn["x"] + drawn["width"] < whole["x"] + whole["width"] <= viewport["width"]
    page.get_by_text("Je ne peux pas la photographier").click()
    secret = page.locator(".access__secret").inner_text().replace(" ", "")
    page.locator("[name=code]").fill(pyotp.TOTP(secret).at(clock.now()))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Je les ai sur papier").click()
    page.get_by_role("link", name="Commencer").click()
    page.get_by_role("heading", name="Étape 1 sur 4").wait_for()
    context.close()
    assert watch.faults == []


def test_it_is_left_and_found_again_and_axe_finds_no_fault_on_any_step(
    chromium: Browser, director: User, empty: LiveServer
) -> None:
    for viewport in (DESKTOP, PHONE):
        context = chromium.new_context(base_url=empty.url, locale="fr-FR", viewport=viewport, bypass_csp=True)  # type: ignore[arg-type]
        sign_in(context, director, empty.url)
        page = context.new_page()
        for step in ("qui", "apparence", "pages", "relecture"):
            page.goto(f"/gestion/mise-en-route/{step}/", wait_until="networkidle")
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate(RUN.replace("document,", "'.setting-up',"))
            assert found["faults"] == [], step
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), step
        context.close()


def test_the_first_step_is_filled_in_by_keyboard_alone(chromium: Browser, director: User, empty: LiveServer) -> None:
    context = chromium.new_context(base_url=empty.url, locale="fr-FR", viewport=DESKTOP)  # type: ignore[arg-type]
    sign_in(context, director, empty.url)
    page = context.new_page()
    page.goto("/gestion/mise-en-route/qui/", wait_until="networkidle")
    page.locator("#id_publisher").focus()
    page.keyboard.type("Ensemble pour Valmer")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == "Garder et continuer":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/apparence/")
    page.goto("/gestion/mise-en-route/qui/")
    assert page.locator("#id_publisher").input_value() == "Ensemble pour Valmer"
    context.close()
