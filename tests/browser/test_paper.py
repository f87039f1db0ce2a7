"""Pages on paper: words, whose they are, and nothing that only a screen can do."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.conftest import OpenPage

PAGES = ["/programme/", "/questions/", "/equipe/", "/rejoindre/", "/"]
#: A menu, a way to click, a banner: of no use on paper.
OF_SCREENS = ", ".join(
    [
        *(".menu", ".menu-button", ".skip-link", ".languages", ".site-footer nav", ".buttons", ".button"),
        *(".neighbours", ".contents", "form", "video"),
    ]
)
SEEN = """(list) => list
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height > 1)
    .map((one) => one.className)"""


@pytest.mark.parametrize("path", PAGES)
def test_menus_and_buttons_are_not_printed(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    assert page.locator(OF_SCREENS).evaluate_all(SEEN), "the page has none on the screen either"
    page.emulate_media(media="print")
    assert page.locator(OF_SCREENS).evaluate_all(SEEN) == []
    assert page.locator("h1").is_visible()
    assert page.locator(".brand").is_visible()


def test_an_article_on_paper_is_black_on_white_with_the_addresses_of_its_links(open_page: OpenPage) -> None:
    page = open_page("/actualites/")
    page.locator(".card__title a").first.click()
    page.locator("article h1, .page-header h1").first.wait_for()
    page.wait_for_load_state()
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate("[document.body, document.querySelector('h1')].map((one) => getComputedStyle(one).color)")
    assert colours == ["rgb(0, 0, 0)", "rgb(0, 0, 0)"]
    title = str(page.locator("h1").text_content()).split()[0]
    assert title in words(page)


def test_the_whole_programme_is_on_paper(open_page: OpenPage) -> None:
    page = open_page("/programme/")
    titles = page.locator(".measure-card__title a").evaluate_all(
        "(all) => all.map((one) => one.lastChild.textContent.trim())"
    )
    assert len(titles) >= 8
    printed = words(page)
    assert [title for title in titles if "".join(title.split()) not in printed] == []


def words(page: Page) -> str:
    """Return what is written on the sheets, without spaces: paper breaks lines where it likes."""
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    return "".join("".join(sheet.extract_text().split()) for sheet in sheets)
