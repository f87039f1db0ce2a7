"""The letter that leaves: both parts say the same, nothing hostile gets in, nothing the law asks for is left out."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import translation
from pytest_django import Settings

from portevoix.conf.instance import Legal
from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import MalformedMergeField, UnknownMergeField
from portevoix.delivery.types import Letter
from portevoix.mailings import letters
from portevoix.mailings.exceptions import (
    DeadLink,
    EmptyLetter,
    HostileLink,
    MissingPicture,
    NoSenderIdentity,
    TooHeavy,
)
from tests.mailings.factories import Block, MailingFactory, body
from tests.website.factories import HomePageFactory, PictureFactory, StandardPageFactory

pytestmark = pytest.mark.django_db

QUOTE = {"words": "Un train par jour est un souvenir.", "speaker": "Un chef de gare", "role": "à Ussel"}


def letter(*blocks: Block, **words: Any) -> Letter:
    return letters.compose(MailingFactory(blocks=blocks or [("text", "<p>Bonjour.</p>")], **words))


def seen(*blocks: Block, **words: Any) -> BeautifulSoup:
    """Return the page as an invented reader gets it."""
    return BeautifulSoup(outbox.sample(letter(*blocks, **words)).html, "html.parser")


def link(target: str) -> Block:
    return ("text", f'<p>Lisez <a href="{target}">ceci</a>.</p>')


def button(**value: Any) -> Block:
    return ("button", {"label": "J’y vais", "page": None, "address": "", **value})


def picture(**value: Any) -> Block:
    image = value.pop("image", None) or PictureFactory(description="Un train passe")
    alt = value.pop("alt", "Un train passe")
    chosen = {"image": image.pk, "decorative": not alt, "alt_text": alt}
    return ("picture", {"image": chosen, "caption": "", **value})


def test_every_word_of_the_author_is_in_both_parts_in_the_same_order() -> None:
    made = letter(
        ("heading", "Les petits trains"),
        ("text", "<p>Bonjour <b>à vous</b>.</p><ol><li>Comptez</li><li>Demandez</li></ol>"),
        picture(caption="La ligne d’Ussel"),
        button(address="https://ondes.example/plan/"),
        ("quote", QUOTE),
        ("divider", None),
        ("text", "<p>À bientôt.</p>"),
    )
    words = [
        *("Les petits trains", "Bonjour", "à vous", "Comptez", "Demandez", "La ligne d’Ussel", "J’y vais"),
        *("Un train par jour est un souvenir.", "Un chef de gare", "à Ussel", "À bientôt."),
    ]
    read = BeautifulSoup(made.html, "html.parser").body.get_text(" ")
    for part in (made.text, read):
        places = [part.index(word) for word in words]
        assert places == sorted(places)


def test_the_rules_of_the_theme_are_written_at_each_element() -> None:
    """Gmail and others drop style sheets in places."""
    page = seen(("heading", "Les petits trains"), link("https://a.example/plan"), ("quote", QUOTE))
    assert "font-weight" in page.select_one("h1")["style"]
    assert "font-size" in page.select_one("p.saying")["style"]
    assert page.select_one('a[href="https://a.example/plan"]')["style"].startswith("color")


def test_the_plain_text_says_where_each_link_leads() -> None:
    made = letter(link("https://a.example/plan"), button(address="https://a.example/b"))
    assert "Lisez ceci (https://a.example/plan)." in made.text
    assert "J’y vais\xa0: https://a.example/b" in made.text


def test_links_lead_to_the_same_places_in_both_parts() -> None:
    made = letter(link("https://a.example/Ussel_(gare)"), button(address="https://a.example/b?c=1&d=2"))
    from_page = set(re.findall(r'href="(https?://[^"]+)"', unescape(made.html))) - {"https://ondes.example/"}
    from_text = set(re.findall(r"https?://[^\s)]+", made.text))
    assert from_page == from_text == {"https://a.example/Ussel_%28gare%29", "https://a.example/b?c=1&d=2"}


@pytest.mark.parametrize("part", ["text", "html"])
def test_who_writes_why_and_how_to_leave_are_in_each_part(part: str) -> None:
    written = unescape(getattr(letter(), part))
    assert "Association des Ondes, 12 rue des Ondes, 00000 Villedeau" in written
    assert "bonjour@ondes.example" in written
    assert "parce que {{ origin }}" in written
    assert "{{ unsubscribe_url }}" in written
    assert "{{ preferences_url }}" in written


def test_the_footer_is_not_the_authors_to_take_away() -> None:
    """Nothing an author writes closes the page early or hides what comes after."""
    hostile = "</td></tr></table></div></body><div style='display:none'><!-- {% endblock %}"
    page = seen(("heading", hostile), ("text", f"<p>{hostile}</p>"), ("quote", {**QUOTE, "words": hostile}))
    footer = page.find(class_="colophon")
    assert footer is not None
    assert "Association des Ondes" in footer.get_text()
    assert not any("display:none" in (tag.get("style") or "") for tag in footer.parents)


def test_without_its_publisher_nothing_leaves(settings: Settings) -> None:
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": Legal(publisher="Association des Ondes")})
    with pytest.raises(NoSenderIdentity):
        letter()


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;\"'"


@pytest.mark.parametrize(
    "parts",
    [
        {"subject": HOSTILE},
        {"preheader": HOSTILE},
        {"blocks": [("heading", HOSTILE)]},
        {"blocks": [("quote", {"words": HOSTILE, "speaker": HOSTILE, "role": HOSTILE})]},
        {"blocks": [("button", {"label": HOSTILE, "page": None, "address": "https://a.example/"})]},
        {"blocks": [("text", f"<p>{HOSTILE}</p>")]},
        {"subject": "{{ first_name|<script>alert(1)</script> }}"},
    ],
)
def test_what_an_author_types_stays_words(parts: dict[str, Any]) -> None:
    page = seen(*parts.pop("blocks", []), **parts)
    assert page.find("script") is None
    assert all("onerror" not in tag.attrs for tag in page.find_all())


def test_a_readers_own_name_stays_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from portevoix.delivery.types import MERGE_FIELDS, MergeField

    evil = MergeField("x", "<script>alert(1)</script>", lambda to: [""] * len(to))
    monkeypatch.setitem(MERGE_FIELDS._items, "first_name", evil)
    page = seen(
        ("heading", "Bonjour {{ first_name }}"), ("text", "<p>{{ first_name }}</p>"), subject="{{ first_name }}"
    )
    assert page.find("script") is None
    assert "<script>alert(1)</script>" in page.get_text()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//espion.example/"])
def test_a_hostile_button_is_refused_even_when_it_is_already_stored(address: str) -> None:
    with pytest.raises(HostileLink):
        letter(button(address=address))


def test_a_hostile_link_in_text_never_leaves() -> None:
    """Wagtail takes the address away, or the letter refuses it."""
    with pytest.raises((HostileLink, DeadLink)):
        letter(link("javascript:alert(1)"))


def test_a_link_to_a_page_of_the_site_is_whole() -> None:
    HomePageFactory()
    page = StandardPageFactory(slug="programme")
    made = letter(("text", f'<p><a linktype="page" id="{page.pk}">Le programme</a></p>'), button(page=page.pk))
    assert "Le programme (https://ondes.example/programme/)" in made.text
    assert made.html.count('href="https://ondes.example/programme/"') == 2


def test_a_link_to_a_page_that_is_gone_is_named() -> None:
    with pytest.raises(DeadLink) as caught:
        letter(("text", '<p><a linktype="page" id="987654">Le programme</a></p>'))
    assert caught.value.words == "Le programme"


def test_a_button_to_an_unpublished_page_is_named() -> None:
    HomePageFactory()
    page = StandardPageFactory(draft=True)
    with pytest.raises(DeadLink):
        letter(button(page=page.pk))


@pytest.mark.parametrize("where", ["subject", "preheader", "heading", "text"])
def test_an_unknown_field_is_named_before_anything_is_sent(where: str) -> None:
    words = {"subject": "Bonjour", where: "<p>{{ prenom }}</p>" if where == "text" else "{{ prenom }}"}
    blocks = [(where, words.pop(where))] if where in {"heading", "text"} else []
    with pytest.raises(UnknownMergeField) as caught:
        outbox.sample(letter(*blocks, **words))
    assert caught.value.name == "prenom"


def test_a_field_cut_in_two_by_a_style_is_pointed_at() -> None:
    with pytest.raises(MalformedMergeField):
        outbox.sample(letter(("text", "<p>{{ first_<b>name</b> }}</p>")))


def test_merge_fields_with_typographic_spaces_are_read() -> None:
    page = seen(("text", "<p>Bonjour {{\N{NO-BREAK SPACE}first_name|à vous\N{NO-BREAK SPACE}}}.</p>"))
    assert "Bonjour Camille." in page.get_text()


@pytest.mark.parametrize("blocks", [[("divider", None)], [("text", "<p> </p>")], [("heading", " ")]])
def test_a_letter_without_a_word_is_refused(blocks: list[Block]) -> None:
    with pytest.raises(EmptyLetter):
        letter(*blocks)


def test_a_letter_without_subject_is_refused() -> None:
    with pytest.raises(EmptyLetter):
        letter(subject="  ")


def test_a_page_that_mail_programs_would_cut_is_refused() -> None:
    with pytest.raises(TooHeavy):
        letter(("text", "<p>" + "mot " * 30_000 + "</p>"))


def test_a_usual_letter_is_light() -> None:
    blocks = [("heading", "Titre"), ("text", "<p>" + "mot " * 200 + "</p>"), ("quote", QUOTE)] * 5
    assert len(letter(*blocks).html.encode()) < 60_000


def test_pictures_are_served_by_our_own_site_with_their_words() -> None:
    page = seen(picture(alt="Un train passe"), ("text", "<p>x</p>"))
    image = page.find("img")
    assert image is not None
    assert str(image["src"]).startswith("https://ondes.example/media/")
    assert image["alt"] == "Un train passe"
    assert "[Image\xa0: Un train passe]" in letter(picture(), ("text", "<p>x</p>")).text


def test_a_decorative_picture_has_an_empty_description() -> None:
    image = seen(picture(alt=""), ("text", "<p>x</p>")).find("img")
    assert image is not None
    assert image["alt"] == ""


def test_a_picture_that_is_gone_stops_the_letter() -> None:
    image = PictureFactory()
    mailing = MailingFactory(blocks=[picture(image=image), ("text", "<p>x</p>")])
    image.delete()
    mailing.refresh_from_db()
    with pytest.raises(MissingPicture):
        letters.compose(mailing)


def test_a_drawing_that_mail_programs_do_not_show_stops_the_letter() -> None:
    from django.core.files.base import ContentFile

    drawing = ContentFile(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', name="dessin.svg")
    with pytest.raises(MissingPicture):
        letter(picture(image=PictureFactory(file=drawing)), ("text", "<p>x</p>"))


def test_the_page_asks_no_other_host_and_holds_no_pixel() -> None:
    page = seen(picture(), ("text", "<p>x</p>"), ("quote", QUOTE))
    asked = [tag["src"] for tag in page.find_all(src=True)] + [tag["href"] for tag in page.find_all("link")]
    assert len(asked) == 1
    assert all(address.startswith("https://ondes.example/") for address in asked)
    assert "url(" not in str(page)
    assert "@import" not in str(page)
    assert all(int(image["width"]) > 1 for image in page.find_all("img"))


def test_the_page_can_be_read_aloud() -> None:
    page = seen(("heading", "Titre"), ("text", "<p>x</p>"), ("heading", "Suite"), subject="L’objet")
    assert page.find("html")["lang"] == "fr"
    assert page.find(attrs={"role": "article"})["aria-label"] == "L’objet"
    assert all(table.get("role") == "presentation" for table in page.find_all("table"))
    assert [title.get_text() for title in page.find_all("h1")] == ["Titre"]
    assert [title.get_text() for title in page.find_all("h2")] == ["Suite"]


def test_the_page_knows_the_dark() -> None:
    page = str(seen())
    assert "prefers-color-scheme: dark" in page
    assert 'name="color-scheme"' in page


def test_the_preview_line_is_hidden_in_the_page_and_absent_from_the_text() -> None:
    made = letter(preheader="Une phrase d’aperçu")
    assert "Une phrase d’aperçu" in made.html
    assert "Une phrase d’aperçu" not in made.text


def test_the_letter_is_in_the_campaigns_language_whoever_sends_it() -> None:
    with translation.override("en"):
        made = letter()
    assert "Me désinscrire en un clic" in made.html
    assert "Unsubscribe" not in made.html


def test_the_sender_has_the_campaigns_name_unless_another_is_given(settings: Settings) -> None:
    assert letter(sender_name="Noémie").sender_name == "Noémie"
    assert letter().sender_name
    assert letter(reply_to="a@b.example").reply_to == "a@b.example"


def test_the_same_letter_to_the_same_segment_has_the_same_digest() -> None:
    mailing = MailingFactory()
    first = letters.digest(letters.compose(mailing), mailing)
    assert letters.digest(letters.compose(mailing), mailing) == first
    mailing.body = body(("text", "<p>Autre chose.</p>"))
    assert letters.digest(letters.compose(mailing), mailing) != first


def test_another_segment_is_another_digest() -> None:
    mailing, other = MailingFactory(), MailingFactory()
    made = letters.compose(mailing)
    first = letters.digest(made, mailing)
    mailing.segment = other.segment
    assert letters.digest(made, mailing) != first
