"""Every type of page, in both languages: no fault found by axe-core on a phone or a desk, by day or by night, and
no error of HTML found by the Nu checker. Each page is loaded once, then looked at in each size and each light."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Locale, get_page_models
from wagtail.models import Page as WagtailPage

from portevoix.accounts.types import System
from portevoix.actions.models import PledgePage, SponsorshipPage
from portevoix.operations.embedded import Cluster
from portevoix.website import freshness, rules
from portevoix.website.models import Identity
from portevoix.website.rules import choices
from portevoix.website.services import dress
from tests import database
from tests.browser.conftest import DESKTOP, PHONE, OpenPage

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
NU = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"
RUN = """() => axe.run(document, {resultTypes: ["violations"], runOnly: [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
]}).then(({violations, passes}) => ({
    passed: passes.length,
    faults: violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" ")}`),
}))"""

#: How a page is looked at: its size, and the light of the reader's device.
SEEN = [(size, scheme) for size in (DESKTOP, PHONE) for scheme in ("light", "dark")]
FRENCH = [
    "/",
    "/programme/",
    "/programme/se-deplacer-se-soigner/",
    "/programme/se-deplacer-se-soigner/rouvrir-les-petites-lignes/",
    "/noemie-orsenval/",
    "/equipe/",
    "/actualites/",
    "/actualites/les-petits-trains-d-abord/",
    "/pres-de-chez-vous/",
    "/pres-de-chez-vous/23-creuse/",
    "/questions/",
    "/presse/",
    "/lexique/",
    "/premier-caillou/",
    "/en-images/",
    "/rejoindre/",
    "/petite-ligne/",
    "/petite-ligne/?sent=1",
    "/lettre-pour-la-maternite/",
    "/faites-passer/",
    "/votre-avis/",
    "/aider/",
    "/adherer/",
    "/nous-ecrire/",
    "/reunion-gueret/",
    "/procurations/",
    "/ecrire/",
    "/mentions-legales/",
    "/vos-donnees/",
    "/cookies/",
    "/accessibilite/",
    "/recherche/?q=train",
    "/mes-choix/",
    "/nowhere/",
]
ENGLISH = [f"/en{address}" for address in FRENCH]
#: Types that the demo does not show, looked at in ``test_more_page_types``.
ELSEWHERE = {PledgePage, SponsorshipPage}


@pytest.fixture
def everything(live_instance: LiveServer, cluster: Cluster) -> LiveServer:
    """The demo's site, its draft published so that visitors are asked about other sites, and all of it in English."""
    if not database.put_back(cluster, "both"):
        WagtailPage.objects.get(slug="en-images").specific.get_latest_revision().publish()
        english = Locale.objects.get(language_code="en")
        for page in WagtailPage.objects.live().filter(locale__language_code="fr", depth__gt=1).order_by("path"):
            if not page.has_translation(english):
                copy = page.specific.copy_for_translation(english)  # a page of its own, as a translator leaves it
                copy.title = f"{copy.title}, in English"
                copy.save_revision().publish()
        database.keep(cluster, "both")
    freshness.advance()
    return live_instance


def judged(page: Page, address: str, seen: Iterable[tuple[Any, Any]] = SEEN) -> list[str]:
    """Return the faults of one page, in each size and each light."""
    answer = page.goto(address)
    assert answer
    assert (answer.status == 404) == address.endswith("/nowhere/"), address
    return faults_of(page, seen)


def faults_of(page: Page, seen: Iterable[tuple[Any, Any]] = SEEN) -> list[str]:
    """Return the faults of the page that is open, and which are wider than the screen."""
    page.evaluate(AXE.read_text("utf-8"))
    found = []
    for size, scheme in seen:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        result: dict[str, Any] = page.evaluate(RUN)
        assert result["passed"] > 10, page.url
        found += [f"{page.url} {size['width']} {scheme}: {fault}" for fault in result["faults"]]
    return found


def test_every_type_of_page_is_among_those_that_are_looked_at(everything: LiveServer) -> None:
    live = WagtailPage.objects.live().specific()
    looked_at = {type(page) for page in live if urlsplit(page.get_url() or "").path in (*FRENCH, *ENGLISH)}
    assert len(looked_at) > 20
    assert {model for model in get_page_models() if model is not WagtailPage} - looked_at == ELSEWHERE
    for address in ENGLISH:
        assert b'<html lang="en"' in Client(SERVER_NAME="localhost").get(address).content, address


@pytest.mark.parametrize("addresses", [FRENCH, ENGLISH], ids=["french", "english"])
def test_axe_finds_no_fault_on_any_type_of_page(
    everything: LiveServer, open_page: OpenPage, addresses: list[str]
) -> None:
    page = open_page("/")
    assert [fault for address in addresses for fault in judged(page, address)] == []


def test_axe_sees_a_fault_that_only_a_phone_in_the_dark_has(everything: LiveServer, open_page: OpenPage) -> None:
    page = open_page("/mentions-legales/")
    rule = "@media (prefers-color-scheme: dark) and (max-width: 500px) { main p { color: #222 !important } }"
    page.evaluate(
        "rule => { const s = new CSSStyleSheet(); s.replaceSync(rule); document.adoptedStyleSheets = [s]; }", rule
    )
    found = faults_of(page)
    assert found
    assert all(" 390 dark: color-contrast" in fault for fault in found)


@pytest.mark.parametrize(("name", "turn"), [("gazette", 0), ("affiche", 3)])
def test_axe_finds_no_fault_on_any_type_of_page_in_the_other_looks(
    everything: LiveServer, open_page: OpenPage, name: str, turn: int
) -> None:
    dress(rules.LOOKS[name], actor=System("tests"))
    assert asdict(Identity.load().look) == asdict(rules.LOOKS[name])
    page, found = open_page("/"), []
    for place, address in enumerate(FRENCH):
        # Each page in one size and one light; the next look takes the opposite of both.
        found += judged(page, address, [SEEN[place % len(SEEN) ^ turn]])
    assert found == []


def test_the_nu_checker_finds_no_error_on_any_type_of_page(everything: LiveServer, tmp_path: Path) -> None:
    client, files = Client(SERVER_NAME="localhost"), []
    for number, address in enumerate([*FRENCH, *ENGLISH]):
        file = tmp_path / f"{number:02}.html"
        response = client.get(address)
        assert (response.status_code == 404) == address.endswith("/nowhere/"), address
        file.write_bytes(response.content)
        files.append(file)
    answer = subprocess.run(
        ["java", "-jar", NU, "--errors-only", "--exit-zero-always", "--format", "json", *files],
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(answer.stderr)["messages"]
    names = {file.as_uri(): address for file, address in zip(files, [*FRENCH, *ENGLISH], strict=True)}
    assert [f"{names.get(one['url'], one['url'])}: {one['message']}" for one in said] == []


def test_the_nu_checker_sees_an_error(tmp_path: Path) -> None:
    file = tmp_path / "wrong.html"
    file.write_text("<!doctype html><title>x</title><p><div></div></p>", "utf-8")
    answer = subprocess.run(
        ["java", "-jar", NU, "--errors-only", "--exit-zero-always", "--format", "json", file],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stderr)["messages"]


class TestOtherSites:
    """What a visitor's browser asks of other sites: nothing, until they accept that very site."""

    @pytest.fixture
    def asked(self) -> list[str]:
        return []

    @pytest.fixture
    def visitor(self, chromium: Browser, everything: LiveServer, asked: list[str], request: Any) -> Any:
        def answer(route: Route) -> None:
            if route.request.url.startswith(everything.url):
                route.continue_()
            else:
                asked.append(route.request.url)
                route.fulfill(body="<title>theirs</title>", content_type="text/html")

        context = chromium.new_context(base_url=everything.url, locale="fr-FR", viewport=DESKTOP)  # type: ignore[arg-type]
        context.route("**/*", answer)
        if getattr(request, "param", "") == "refuses everywhere":
            context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})")
        yield context.new_page()
        context.close()

    def test_two_clicks_and_no_less(self, visitor: Page, asked: list[str]) -> None:
        visitor.goto("/en-images/", wait_until="networkidle")
        assert asked == []
        film = visitor.locator("[data-foreign='tube.ricochet.example']")
        film.get_by_role("button", name="Le montrer ici").click()
        assert asked == []
        film.get_by_role("button", name="J’accepte, montrez-le").click()
        theirs = film.frame_locator("iframe").locator("title")
        theirs.wait_for(state="attached")
        assert theirs.inner_text() == "theirs"
        assert {address.split("/")[2] for address in asked} == {"tube.ricochet.example"}
        visitor.reload()  # the choice is kept
        theirs.wait_for(state="attached")
        assert visitor.locator("[data-foreign='www.openstreetmap.org'] iframe").count() == 0
        assert {address.split("/")[2] for address in asked} == {"tube.ricochet.example"}

    def test_two_keys_and_no_less_and_the_keyboard_is_never_lost(self, visitor: Page, asked: list[str]) -> None:
        visitor.goto("/en-images/", wait_until="networkidle")
        visitor.locator("#choix").get_by_role("button", name="Tout refuser").press("Enter")
        film = visitor.locator("[data-foreign='tube.ricochet.example']")
        self.reach(visitor, film.get_by_role("button", name="Le montrer ici"))
        visitor.keyboard.press("Enter")
        expect(film.locator("[data-foreign-question]")).to_be_focused()
        self.reach(visitor, film.get_by_role("button", name="Je refuse"), most=3)
        visitor.keyboard.press("Enter")
        expect(film.get_by_role("button", name="Le montrer ici")).to_be_focused()
        visitor.keyboard.press("Enter")
        self.reach(visitor, film.get_by_role("button", name="J’accepte, montrez-le"), most=2)
        assert asked == []
        visitor.keyboard.press("Enter")
        film.frame_locator("iframe").locator("title").wait_for(state="attached")
        expect(film.locator("iframe")).to_be_focused()

    @staticmethod
    def reach(visitor: Page, wanted: Locator, most: int = 60) -> None:
        """Press Tab until ``wanted`` has the focus."""
        for _step in range(most):
            visitor.keyboard.press("Tab")
            if wanted.evaluate("one => one === document.activeElement"):
                return
        raise AssertionError(f"the keyboard does not come to {wanted}")

    def test_a_refusal_is_one_click_and_is_kept(self, visitor: Page, asked: list[str]) -> None:
        visitor.goto("/", wait_until="networkidle")
        banner = visitor.locator("#choix")
        assert banner.is_visible()
        assert visitor.context.cookies() == []
        banner.get_by_role("button", name="Tout refuser").click()
        banner.wait_for(state="hidden")
        assert [cookie["name"] for cookie in visitor.context.cookies()] == ["portevoix_choix"]
        visitor.goto("/en-images/", wait_until="networkidle")
        assert not banner.is_visible()
        assert asked == []

    def test_what_was_accepted_is_taken_back_anywhere(self, visitor: Page, asked: list[str]) -> None:
        visitor.goto("/", wait_until="networkidle")
        visitor.get_by_role("button", name="Tout accepter").click()
        visitor.locator("#choix").wait_for(state="hidden")
        visitor.locator("footer").get_by_role("link", name="Mes choix").click()
        assert visitor.locator("[type=checkbox]:checked").count() == 2
        visitor.locator("main").get_by_role("button", name="Tout refuser").click()
        assert visitor.locator("[type=checkbox]:checked").count() == 0
        asked.clear()
        visitor.goto("/en-images/", wait_until="networkidle")
        assert asked == []

    @pytest.mark.parametrize("visitor", ["refuses everywhere"], indirect=True)
    def test_what_was_accepted_with_all_others_is_refused_once_a_browser_refuses_everywhere(
        self, visitor: Page, asked: list[str], everything: Any
    ) -> None:
        tube = "tube.ricochet.example"
        kept = {"name": choices.COOKIE, "value": f"{choices.VERSION}~*{tube}~*www.openstreetmap.org"}
        visitor.context.add_cookies([{**kept, "url": everything.url}])
        visitor.goto("/en-images/", wait_until="networkidle")
        assert asked == []
        film = visitor.locator(f"[data-foreign='{tube}']")
        film.get_by_role("button", name="Le montrer ici").click()
        film.get_by_role("button", name="J’accepte, montrez-le").click()
        film.frame_locator("iframe").locator("title").wait_for(state="attached")
        visitor.reload()  # what was accepted by its name is kept
        film.frame_locator("iframe").locator("title").wait_for(state="attached")
        assert {address.split("/")[2] for address in asked} == {tube}

    @pytest.mark.parametrize("visitor", ["refuses everywhere"], indirect=True)
    def test_a_browser_that_refuses_everywhere_is_not_asked(self, visitor: Page, asked: list[str]) -> None:
        visitor.goto("/en-images/", wait_until="networkidle")
        assert not visitor.locator("#choix").is_visible()
        assert asked == []
