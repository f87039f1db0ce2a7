"""The demo's public site in a real browser: no script needed, nothing left behind, any screen, keyboard only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage

ADDRESSES = ["/", "/programme/", "/equipe/", "/actualites/", "/questions/", "/rejoindre/", "/vos-donnees/", "/nowhere/"]
#: The narrowest is a page magnified four times (WCAG 2.2, 1.4.10).
SCREENS = {"narrow": 320, "phone": 390, "tablet": 820, "desk": 1440}


def visit(page: Page, address: str) -> None:
    page.goto(address, wait_until="networkidle")


def test_the_site_breaks_no_policy_and_leaves_nothing_on_the_terminal(open_page: OpenPage) -> None:
    """That no other host is asked and no policy broken is watched by ``open_page`` itself."""
    page = open_page("/")
    for address in ADDRESSES:
        visit(page, address)
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.context.cookies() == []


@pytest.mark.parametrize("width", SCREENS.values(), ids=SCREENS.keys())
def test_no_page_is_wider_than_the_screen(open_page: OpenPage, width: int) -> None:
    page = open_page("/")
    page.set_viewport_size({"width": width, "height": 800})
    wide = {}
    for address in ADDRESSES:
        page.goto(address)
        wide[address] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert {address: excess for address, excess in wide.items() if excess > 0} == {}


def test_the_menu_of_a_phone_opens_without_script_and_closes_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/", phone=True, scripts=False)
    link = page.locator("#menu a", has_text="L’équipe")
    assert not link.is_visible()
    page.get_by_role("button", name="Menu").click()
    assert link.is_visible()
    page.keyboard.press("Escape")
    assert not link.is_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_an_entry_opens_its_links_by_keyboard_and_by_touch(open_page: OpenPage, phone: bool, scripts: bool) -> None:
    page = open_page("/", phone=phone, scripts=scripts)
    if phone:
        page.get_by_role("button", name="Menu").click()
    entry, link = page.locator("#menu summary"), page.locator("#menu a", has_text="Se loger")
    assert not link.is_visible()
    entry.focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Se déplacer, se soigner"
    entry.click()
    assert not link.is_visible()
    entry.click()
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 24
    assert box["x"] + box["width"] <= page.viewport_size["width"]  # type: ignore[index]
    link.click()
    page.wait_for_url("**/programme/se-loger-se-chauffer/")
    assert page.locator("summary.submenu__current").count() == 1


def test_the_first_key_leads_past_the_menu(open_page: OpenPage) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    box = page.locator(".skip-link").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_campaigns_fonts_and_colours_are_applied(open_page: OpenPage) -> None:
    page = open_page("/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.fonts.check('800 20px \"Bricolage Grotesque\"')")
    colour = page.evaluate("getComputedStyle(document.querySelector('.hero')).backgroundColor")
    assert colour == "rgb(67, 38, 224)"


def test_a_page_in_the_dark_is_dark(open_page: OpenPage) -> None:
    page = open_page("/questions/")
    page.emulate_media(color_scheme="dark")
    light_of_text, light_of_page = page.evaluate(
        """() => {
            const style = getComputedStyle(document.body);
            return [style.color, style.backgroundColor].map((colour) => {
                const canvas = document.createElement("canvas").getContext("2d");
                canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1);
                return Math.max(...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3));
            });
        }"""
    )
    assert light_of_page < 60
    assert light_of_text > 200
