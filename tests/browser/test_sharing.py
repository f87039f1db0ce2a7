"""Passing a page on, in a real browser: copying its address, and saying which site led to it."""

from __future__ import annotations

from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import OpenPage


def test_the_address_is_copied_and_it_is_said(live_instance: LiveServer, open_page: OpenPage) -> None:
    page = open_page("/petite-ligne/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copier l’adresse").click()
    page.get_by_text("Copiée.").wait_for()
    assert "utm_source=copie" in page.evaluate("navigator.clipboard.readText()")


def test_without_scripts_the_address_stands_in_its_field(live_instance: LiveServer, open_page: OpenPage) -> None:
    page = open_page("/petite-ligne/", scripts=False)
    assert page.get_by_label("L’adresse à copier").input_value().endswith("utm_source=copie&utm_medium=partage")
    assert not page.get_by_role("button", name="Copier l’adresse").is_visible()


def test_the_form_says_which_site_led_to_it_and_not_our_own(live_instance: LiveServer, open_page: OpenPage) -> None:
    page = open_page("/")
    page.goto(f"{live_instance.url}/petite-ligne/", referer="https://forum.example/t/12")
    assert page.locator("[data-origin]").input_value() == "https://forum.example/t/12"
    page.goto(f"{live_instance.url}/petite-ligne/", referer=f"{live_instance.url}/")
    assert page.locator("[data-origin]").input_value() == ""
