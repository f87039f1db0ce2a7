"""A form of the public, from the top of the page to the thanks, by the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from portevoix.actions.models import Participation
from tests.browser.conftest import OpenPage

WHERE = """() => {
    const {tagName, type, name, id} = document.activeElement;
    const style = getComputedStyle(document.activeElement);
    const seen = parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none";
    return {tag: tagName, type, name, id, seen, inside: Boolean(document.activeElement.closest("#agir"))};
}"""
SAID = {"email": "maelle@mail.example", "first_name": "Maëlle", "last_name": "Le Bihan", "postcode": "23000"}
MOST_STEPS = 90


def by_keyboard(page: Page, said: dict[str, str], ticked: set[str]) -> list[str]:
    """Go from one field to the next, answer, and send; return what was met, in order.

    Of answers that stand side by side, the first is given.
    """
    met: list[str] = []
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        here = page.evaluate(WHERE)
        assert here["seen"], f"nobody sees that {here} has the focus"
        if not here["inside"]:
            continue
        is_new = (here["name"] or here["tag"]) not in met  # a date is met once a part of it
        met.append(here["name"] or here["tag"])
        if here["tag"] == "BUTTON":
            page.keyboard.press("Enter")
            return met
        if here["name"] in said and is_new:
            page.keyboard.type(said[here["name"]])
        if here["name"] in ticked or (here["type"] == "radio" and is_new):
            page.keyboard.press("Space")
    raise AssertionError(f"the button was not reached: {met}")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_petition_is_signed_by_the_keyboard_alone(open_page: OpenPage, phone: bool) -> None:
    page = open_page("/petite-ligne/", phone=phone)
    met = by_keyboard(page, SAID, {"agreement", "is_public"})
    assert met.index("email") < met.index("first_name") < met.index("agreement")
    assert "website" not in met, "the trap of robots is not for people"
    expect(page.get_by_role("status").first).to_contain_text("boîte aux lettres")
    taken = Participation.objects.get()
    assert (taken.submission.email, taken.is_public) == (SAID["email"], True)


@pytest.mark.parametrize(
    ("address", "answered"),
    [
        ("/votre-avis/", 3),  # what depends on an answer appears on the way
        ("/reunion-gueret/", 1),
        ("/adherer/", 2),
    ],
    ids=["survey", "seat", "membership"],
)
def test_a_survey_a_seat_and_a_membership_are_sent_by_the_keyboard_alone(
    open_page: OpenPage, address: str, answered: int
) -> None:
    page = open_page(address)
    # The same day, whichever the browser asks for first.
    by_keyboard(page, {**SAID, "born_on": "02021980", "q_street": "3 rue du Lavoir"}, {"agreement", "q_statement"})
    expect(page.get_by_role("status").first).to_contain_text("boîte aux lettres")
    taken = Participation.objects.get()
    assert taken.page.url == address
    assert len(taken.answers) >= answered


def test_a_fault_is_reached_and_mended_by_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/petite-ligne/")
    by_keyboard(page, {**SAID, "email": "maelle"}, {"agreement"})
    expect(page.locator(".error-summary")).to_be_visible()
    link = page.locator(".error-summary a").first
    for _step in range(MOST_STEPS):
        if link.evaluate("link => link === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=email]")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(SAID["email"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("boîte aux lettres")
