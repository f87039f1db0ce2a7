"""The page of every letter: the campaign's colours, who writes, nothing from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from pytest_django import Settings
from wagtail import hooks

from portevoix.conf.instance import Legal
from portevoix.delivery import letters
from portevoix.delivery.exceptions import UnreadablePage
from portevoix.delivery.rules.colours import mix


@pytest.fixture
def templates(settings: Settings, tmp_path: Any) -> Any:
    """A folder of templates of this test only."""
    engine = {**settings.TEMPLATES[0], "APP_DIRS": True, "DIRS": [tmp_path]}
    settings.TEMPLATES = [engine]
    return tmp_path


def service(templates: Any, body: str = "<mj-text><p>Bonjour {{ name }}.</p></mj-text>", **context: Any) -> Any:
    extends = '{% extends "delivery/letter.mjml" %}'
    (templates / "hello.mjml").write_text(extends + "{% block body %}" + body + "{% endblock %}")
    (templates / "hello.txt").write_text(
        '{% extends "delivery/letter.txt" %}{% block body %}Bonjour {{ name }}.{% endblock %}'
    )
    return letters.service("hello", subject="Bonjour", **({"name": "Camille"} | context))


@pytest.mark.parametrize(
    ("one", "other", "share", "mixed"),
    [
        ("#000000", "#ffffff", 0.5, "#808080"),
        ("#ff0000", "#0000ff", 1.0, "#ff0000"),
        ("#ff0000", "#0000ff", 0.0, "#0000ff"),
        ("#4326e0", "#ffffff", 0.07, "#f2f0fd"),
    ],
)
def test_colours_are_mixed_by_shares(one: str, other: str, share: float, mixed: str) -> None:
    assert mix(one, other, share) == mixed


@pytest.mark.django_db
def test_a_service_letter_has_both_parts_and_says_who_writes(templates: Any, settings: Settings) -> None:
    legal = Legal(publisher="Association des Ondes", publisher_address="12 rue des Ondes", publisher_phone="01 99")
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": legal})
    letter = service(templates)
    for part in (letter.text, BeautifulSoup(letter.html, "html.parser").get_text(" ")):
        assert "Bonjour Camille." in part
        assert "Association des Ondes" in part
        assert "12 rue des Ondes" in part
        assert "01 99" in part


@pytest.mark.django_db
def test_words_of_a_service_letter_are_escaped_in_its_page_and_not_in_its_text(templates: Any) -> None:
    letter = service(templates, name="<b>Zoé & Léa</b>")
    assert "<b>Zoé" not in letter.html
    assert "Bonjour <b>Zoé & Léa</b>." in letter.text


@pytest.mark.django_db
def test_a_page_that_is_not_mjml_is_told_to_its_author(templates: Any) -> None:
    with pytest.raises(UnreadablePage):
        service(templates, body="<mj-text><p></mj-text>")


@pytest.mark.django_db
def test_a_room_above_gives_letters_their_colours() -> None:
    described = {"name": "Ricochet", "accent": "#ffcb2e", "logo": ""}
    with hooks.register_temporarily(letters.BRAND_HOOK, lambda: described, order=1):
        brand = letters.brand()
    assert (brand.name, brand.accent) == ("Ricochet", "#ffcb2e")


@pytest.mark.django_db
def test_no_font_is_asked_of_its_maker(templates: Any) -> None:
    letter = service(templates, body='<mj-text font-family="Roboto, Ubuntu">x</mj-text>')
    assert "fonts.googleapis" not in letter.html
    assert "<link" not in letter.html


@pytest.mark.django_db
def test_the_text_part_has_no_double_blank_lines(templates: Any) -> None:
    assert "\n\n\n" not in service(templates).text
