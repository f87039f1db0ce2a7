"""The guard itself: a home page passes it, a foreign request and a forbidden script do not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import OpenPage, Watch


def test_the_home_page_asks_nothing_of_others_and_sets_no_cookie(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1
    assert page.context.cookies() == []


def test_the_home_page_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page("/", phone=True)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth")


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ('<img src="http://127.0.0.1:9/pixel.gif">', "asked another host"),
        ("<script>throw new Error('broken')</script>", "error: broken"),
        (
            '<meta http-equiv="Content-Security-Policy" content="script-src \'none\'"><script>1</script>',
            "Content Security Policy",
        ),
    ],
)
def test_what_no_page_may_do_is_seen(chromium: Browser, markup: str, fault: str) -> None:
    watch = Watch("http://localhost:1")
    with chromium.new_context() as context:
        watch.over(context)
        page = context.new_page()
        page.set_content(markup)
        page.wait_for_load_state("networkidle")
    assert len(watch.faults) == 1
    assert fault in watch.faults[0]
