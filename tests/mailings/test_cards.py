"""Cards, columns, passages and links to share: the same in both parts, and nothing asked of anybody else."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.utils import translation
from wagtail import hooks

from portevoix.delivery import selectors as outbox
from portevoix.delivery.types import Letter
from portevoix.mailings import letters
from portevoix.mailings.exceptions import DeadLink, HostileLink
from portevoix.mailings.letters import cards
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import PageFacts
from tests.mailings.factories import Block, MailingFactory
from tests.website.factories import ArticlePageFactory, HomePageFactory, PictureFactory, StandardPageFactory

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
HELLO: Block = ("text", "<p>Bonjour.</p>")


def event(**value: Any) -> Block:
    usual = {"title": "Les petites tables", "place": "Salle des Forges, Vierzon", "label": "J’y vais"}
    return ("event", {**usual, "address": "https://ondes.example/tables/", **value})


def gift(**value: Any) -> Block:
    usual = {"title": "Payer la salle", "words": "Trois cents chaises.", "label": "Un autre montant"}
    return ("donation", {**usual, "address": "https://dons.example/?c=7", "amounts": [20, 50], **value})


def share(**value: Any) -> Block:
    usual = {"title": "", "words": "Tu viens ?", "by": ["mail", "whatsapp", "telegram", "sms", "copy"]}
    return ("share", {**usual, "address": "https://ondes.example/tables/", **value})


def letter(*blocks: Block) -> Letter:
    return letters.compose(MailingFactory(blocks=[HELLO, *blocks]))


def page(*blocks: Block, is_known: bool = True) -> BeautifulSoup:
    return BeautifulSoup(outbox.sample(letter(*blocks), is_known=is_known).html, "html.parser")


def card(*blocks: Block) -> Any:
    found = page(*blocks).find(class_="card")
    assert found is not None
    return found


def test_an_event_says_when_where_and_how_to_come() -> None:
    made = event(starts_at="2027-06-12T18:30:00+02:00", ends_at="2027-06-12T21:00:00+02:00")
    text = letter(made).text
    said = [
        "Les petites tables",
        "Quand\xa0: Samedi 12 juin 2027, 18\xa0h\xa030 – 21\xa0h\xa000",
        "Où\xa0: Salle des Forges",
    ]
    assert all(words in text for words in said), text
    assert "J’y vais\xa0: https://ondes.example/tables/" in text
    seen = card(made)
    assert "Samedi 12 juin 2027" in seen.get_text()
    assert seen.find("a")["href"] == "https://ondes.example/tables/"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (datetime(2027, 6, 12, 18, 30, tzinfo=PARIS), None, "18\xa0h\xa030"),
        (datetime(2027, 6, 12, 23, tzinfo=PARIS), datetime(2027, 6, 13, 1, tzinfo=PARIS), "dimanche 13 juin 2027"),
        (datetime(2027, 12, 1, 18, tzinfo=ZoneInfo("UTC")), None, "19\xa0h\xa000"),
    ],
)
def test_moments_are_told_by_the_clock_of_paris(start: datetime, end: datetime | None, words: str) -> None:
    from django.utils import translation

    with translation.override("fr"):
        assert words in cards.when_of(start, end)


def test_a_card_takes_what_its_page_says_of_itself() -> None:
    HomePageFactory()
    chosen = StandardPageFactory(slug="tables", headline="Douze tables", lead="Une soirée.", picture=PictureFactory())
    made = ("petition", {"page": chosen.pk, "label": "Je signe"})
    text = letter(made).text
    assert "Douze tables\nUne soirée.\nJe signe\xa0: https://ondes.example/tables/" in text
    seen = card(made)
    assert seen.find("img")["src"].startswith("https://ondes.example/media/")
    assert seen.find("img")["alt"] == ""


def test_words_of_the_author_come_before_those_of_the_page() -> None:
    HomePageFactory()
    chosen = StandardPageFactory(slug="tables", title="Douze tables", lead="Une soirée.")
    text = letter(("petition", {"page": chosen.pk, "title": "Signez", "words": "Pour le train.", "label": "Oui"})).text
    assert "Signez\nPour le train.\nOui" in text
    assert "Une soirée." not in text


def test_a_room_above_teaches_letters_its_pages() -> None:
    HomePageFactory()
    chosen = StandardPageFactory(slug="tables")
    begins = datetime(2027, 6, 12, 18, 30, tzinfo=PARIS)
    told = PageFacts(title="Appris", starts_at=begins, place="Vierzon")
    with hooks.register_temporarily(letters.PAGE_HOOK, lambda found: told if found.pk == chosen.pk else None, order=-1):
        text = letter(("event", {"page": chosen.pk, "label": "J’y vais"})).text
    assert "Appris\nQuand\xa0: Samedi 12 juin 2027, 18\xa0h\xa030\nOù\xa0: Vierzon" in text


def test_an_unpublished_page_stops_the_letter() -> None:
    HomePageFactory()
    chosen = StandardPageFactory(draft=True)
    with pytest.raises(DeadLink):
        letter(("petition", {"page": chosen.pk, "title": "Signez", "label": "Oui"}))


def test_an_article_is_a_page_like_another() -> None:
    chosen = ArticlePageFactory(title="Le récit", lead="Quarante lignes.")
    assert "Le récit\nQuarante lignes." in letter(("petition", {"page": chosen.pk, "label": "Lire"})).text


def test_each_amount_of_a_gift_is_a_link_and_the_law_is_said() -> None:
    made = letter(gift(parameter="montant"))
    assert "20\xa0€\xa0: https://dons.example/?c=7&montant=20" in made.text
    assert "50\xa0€\xa0: https://dons.example/?c=7&montant=50" in made.text
    assert "art.\xa0L.\xa052-8" in made.text
    links = {found["href"] for found in card(gift(parameter="montant")).find_all("a")}
    assert links == {f"https://dons.example/?c=7{more}" for more in ("", "&montant=20", "&montant=50")}


def test_an_amount_takes_the_place_of_one_that_the_address_has() -> None:
    assert (
        cards.with_parameter("https://d.example/?montant=5&a=1", "montant", "20") == "https://d.example/?a=1&montant=20"
    )
    assert cards.with_parameter("mailto:a@b.example", "montant", "20") == "mailto:a@b.example"


def test_the_block_that_shares_is_not_named_as_a_part_of_a_hundred() -> None:
    blocks = Mailing._meta.get_field("body").stream_block.child_blocks
    with translation.override("fr"):
        assert str(blocks["share"].label) == "Partage"


def test_a_page_is_shared_by_links_alone() -> None:
    seen = page(share())
    links = [found["href"] for found in seen.find_all("a", class_="pill")]
    assert [link.partition(":")[0] for link in links] == ["mailto", "https", "https", "sms"]
    assert parse_qs(urlsplit(links[0]).query)["body"] == ["Tu viens ? https://ondes.example/tables/"]
    assert parse_qs(urlsplit(links[1]).query)["text"] == ["Tu viens ? https://ondes.example/tables/"]
    assert parse_qs(urlsplit(links[2]).query) == {"url": ["https://ondes.example/tables/"], "text": ["Tu viens ?"]}
    assert seen.find(class_="copied").get_text() == "https://ondes.example/tables/"
    assert seen.find("script") is None
    assert not [image for image in seen.find_all("img") if "ondes.example" not in image["src"]]


def test_only_the_chosen_ways_of_sharing_are_there() -> None:
    made = letter(share(by=["telegram"]))
    assert "t.me/share" in made.html
    assert "wa.me" not in made.html
    assert "L’adresse à copier" not in made.html


def test_in_plain_text_a_page_is_shared_by_its_address() -> None:
    text = letter(share(by=["telegram"])).text
    assert "Faites passer\nTu viens ?\nL’adresse à copier\xa0: https://ondes.example/tables/" in text
    assert "t.me" not in text


@pytest.mark.parametrize("block", [event, gift, share])
def test_a_hostile_address_never_leaves(block: Any) -> None:
    with pytest.raises(HostileLink):
        letter(block(address="javascript:alert(1)"))


HOSTILE = "</td></table><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.mark.parametrize(
    "block",
    [
        event(title=HOSTILE, place=HOSTILE, words=HOSTILE, label=HOSTILE),
        gift(title=HOSTILE, words=HOSTILE, label=HOSTILE),
        share(title=HOSTILE, words=HOSTILE),
    ],
)
def test_what_an_author_types_in_a_card_stays_words(block: Block) -> None:
    seen = page(block)
    assert seen.find("script") is None
    assert all("onerror" not in tag.attrs for tag in seen.find_all())
    assert seen.find(class_="colophon") is not None


def columns() -> Block:
    left = [{"type": "heading", "value": "À gauche"}, {"type": "text", "value": "<p>Un.</p>"}]
    right = [
        {"type": "text", "value": "<p>Deux.</p>"},
        {"type": "button", "value": {"label": "Voir", "address": "https://a.example/"}},
    ]
    return ("columns", {"left": left, "right": right})


def test_two_columns_are_read_one_after_the_other_and_stack_on_a_telephone() -> None:
    made = letter(columns())
    assert "À gauche\n\nUn.\n\nDeux.\n\nVoir\xa0: https://a.example/" in made.text
    seen = page(columns())
    halves = seen.find_all(class_="mj-column-per-50")
    assert len(halves) == 2
    # Without media queries each is as wide as the paper: one below the other.
    assert all("width:100%" in half["style"].replace(" ", "") for half in halves)
    assert halves[0].find("h2").get_text() == "À gauche"


def passage(test: str = "is", values: str = "Rennes", **sides: Any) -> Block:
    then = sides.get("then") or [{"type": "text", "value": "<p>Chez vous.</p>"}]
    otherwise = sides.get("otherwise", [{"type": "text", "value": "<p>Ailleurs.</p>"}])
    return ("passage", {"field": "commune", "test": test, "values": values, "then": then, "otherwise": otherwise})


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_passage_is_for_those_of_whom_it_is_true(part: str) -> None:
    made = letter(passage(), ("text", "<p>Fin.</p>"))
    known, unknown = (getattr(outbox.sample(made, is_known=is_known), part) for is_known in (True, False))
    assert "Chez vous." in known
    assert "Ailleurs." not in known
    assert "Ailleurs." in unknown
    assert "Chez vous." not in unknown
    assert "{{" not in known + unknown


def test_a_passage_holds_whole_cards_and_leaves_a_whole_page_to_the_others() -> None:
    cards_of = [{"type": kind, "value": value} for kind, value in (event(), columns(), gift())]
    made = letter(passage(then=cards_of, otherwise=[]), ("text", "<p>Fin.</p>"))
    for is_known in (True, False):
        seen = outbox.sample(made, is_known=is_known).html
        for tag in ("table", "tr", "td", "div"):
            opened = len(re.findall(rf"<{tag}[\s>]", seen))
            assert opened == seen.count(f"</{tag}>"), tag
        assert ("Les petites tables" in seen) is is_known
        assert seen.count("<!--[if") == seen.count("<![endif]-->")


def test_a_passage_without_other_words_leaves_no_gap() -> None:
    made = letter(passage(otherwise=[]), ("text", "<p>Fin.</p>"))
    assert outbox.sample(made, is_known=False).text.startswith("Bonjour.\n\nFin.\n\n———")


def test_every_card_stays_within_what_gmail_shows() -> None:
    blocks = [event(), gift(), share(), columns(), passage()] * 3
    assert len(letter(*blocks).html.encode()) < 100_000
