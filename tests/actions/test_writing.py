"""Writing to one's representative: found by a postcode that nobody keeps, written by one's own mail program."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.actions.models import Participation, WritePage
from portevoix.actions.rules import letters
from portevoix.delivery.models import Batch
from portevoix.intake.models import Submission
from tests.actions.factories import block, fill, published
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
OFFICIALS = (
    {"name": "Anne Deputee", "office": "députée de la Creuse", "places": "23", "email": "anne@assemblee.example"},
    {"name": "Marc Maire", "office": "maire de Lyon", "places": "69001, 69002", "email": "marc@lyon.example"},
    {"name": "Lise Ministre", "office": "ministre", "places": "", "email": "lise@gouv.example"},
)


@pytest.fixture
def page() -> WritePage:
    found = WritePage(title="Écrire", slug="ecrire", subject="Le train & nous", letter="Madame,\nÀ vous ?")
    found.representatives = json.dumps([block("representative", n, **one) for n, one in enumerate(OFFICIALS)])
    return published(found)


@pytest.mark.parametrize(
    ("places", "postcode", "communes", "expected"),
    [
        ("", "35000", [], True),
        ("23", "23000", [], True),
        ("23", "35000", [], False),
        ("974", "97400", [], True),
        ("97", "97400", [], False),
        ("69001, 69002", "69002", [], True),
        ("2A", "20000", ["2A004"], True),
        ("2B", "20000", ["2A004"], False),
        ("2a ; 35", "35000", [], True),
    ],
)
def test_who_represents_whom(places: str, postcode: str, communes: list[str], expected: bool) -> None:
    assert letters.represents(places, postcode, communes) is expected


def test_the_link_holds_the_letter_as_mail_programs_read_it() -> None:
    link = letters.mail_link("a@b.example", "Le train & nous", "Madame,\nÀ vous ?")
    assert link.startswith("mailto:a@b.example?subject=Le%20train%20%26%20nous&body=Madame%2C%0D%0A")
    assert "À vous ?" in unquote(link)


def test_an_address_adds_nobody_to_the_letter() -> None:
    assert "?bcc" not in letters.mail_link("a@b.example?bcc=spy@x.example", "x", "y")


def test_a_letter_that_would_be_cut_is_left_to_be_copied() -> None:
    assert "body" not in letters.mail_link("a@b.example", "x", "é" * 1000)


def test_a_postcode_finds_representatives_and_nothing_is_kept_or_sent(page: WritePage) -> None:
    CommuneFactory(code="23096", name="Guéret", postcodes=["23000"])
    answer = Client().post(page.url, {"seek": "23 000"})
    shown = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 200
    assert [name.get_text() for name in shown.select(".representatives h3")] == ["Anne Deputee", "Lise Ministre"]
    assert "mailto:anne@assemblee.example" in shown.select(".representatives a")[0]["href"]
    assert not Submission.objects.exists()
    assert not Batch.objects.exists()


def test_what_is_no_postcode_is_said(page: WritePage) -> None:
    assert "cinq chiffres" in Client().post(page.url, {"seek": "Guéret"}).content.decode()


def test_saying_that_one_wrote_is_agreed_to_like_the_rest(page: WritePage) -> None:
    assert fill(Client(), page, agreement="").status_code == 422
    assert fill(Client(), page, first_name="Maëlle").status_code == 302
    assert Participation.objects.get().answers == {}
