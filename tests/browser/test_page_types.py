"""Every type of page, in both languages: no fault found by axe-core on a phone or a desk, by day or by night, and
no error of HTML found by the Nu checker."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Route
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Page as WagtailPage

from portevoix.accounts.types import System
from portevoix.website import rules
from portevoix.website.models import Identity
from portevoix.website.services import dress
from tests.browser.conftest import DESKTOP, OpenPage

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
NU = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"
RUN = """() => axe.run(document, {runOnly: [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
]}).then(({violations, passes}) => ({
    passed: passes.length,
    faults: violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" ")}`),
}))"""

ADDRESSES = [
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
    "/en/",
    "/en/questions/",
    "/en/recherche/?q=campaign",
    "/en/mes-choix/",
]


@pytest.fixture
def everything(live_instance: LiveServer) -> LiveServer:
    """The demo's site with its draft published, so that visitors are asked about other sites."""
    draft = WagtailPage.objects.get(slug="en-images").specific
    draft.get_latest_revision().publish()
    return live_instance


def judged(page: Page, address: str) -> dict[str, Any]:
    answer = page.goto(address)
    assert answer
    assert (answer.status == 404) == (address == "/nowhere/"), address
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate(RUN)
    assert found["passed"] > 10, address
    return found


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_axe_finds_no_fault_on_any_type_of_page(everything: LiveServer, open_page: OpenPage, phone: bool) -> None:
    page = open_page("/", phone=phone)
    faults = {address: judged(page, address)["faults"] for address in ADDRESSES}
    assert {address: found for address, found in faults.items() if found} == {}


def test_axe_finds_no_fault_in_the_dark(everything: LiveServer, open_page: OpenPage) -> None:
    page = open_page("/")
    page.emulate_media(color_scheme="dark")
    faults = {address: judged(page, address)["faults"] for address in ADDRESSES}
    assert {address: found for address, found in faults.items() if found} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["gazette", "affiche"])
def test_axe_finds_no_fault_in_the_other_looks(
    everything: LiveServer, open_page: OpenPage, name: str, scheme: Any
) -> None:
    dress(rules.LOOKS[name], actor=System("tests"))
    assert asdict(Identity.load().look) == asdict(rules.LOOKS[name])
    page = open_page("/")
    page.emulate_media(color_scheme=scheme)
    faults = {
        address: judged(page, address)["faults"] for address in [*ADDRESSES[:6], "/premier-caillou/", "/cookies/"]
    }
    assert {address: found for address, found in faults.items() if found} == {}


def test_the_nu_checker_finds_no_error_on_any_type_of_page(everything: LiveServer, tmp_path: Path) -> None:
    client, files = Client(SERVER_NAME="localhost"), []
    for number, address in enumerate(ADDRESSES):
        file = tmp_path / f"{number:02}.html"
        response = client.get(address)
        assert (response.status_code == 404) == (address == "/nowhere/"), address
        file.write_bytes(response.content)
        files.append(file)
    answer = subprocess.run(
        ["java", "-jar", NU, "--errors-only", "--exit-zero-always", "--format", "json", *files],
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(answer.stderr)["messages"]
    names = {file.as_uri(): address for file, address in zip(files, ADDRESSES, strict=True)}
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
    def test_a_browser_that_refuses_everywhere_is_not_asked(self, visitor: Page, asked: list[str]) -> None:
        visitor.goto("/en-images/", wait_until="networkidle")
        assert not visitor.locator("#choix").is_visible()
        assert asked == []
