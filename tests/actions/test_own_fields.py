"""The campaign's own fields in a form: what is answered fills the record, and decides what else is asked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.accounts.types import Visitor
from portevoix.actions import services
from portevoix.actions.models import Participation, SignUpPage
from portevoix.intake.links import confirmation_token
from portevoix.kernel import clock
from portevoix.people.models import CustomField, Person
from portevoix.people.types import CustomKind
from tests.actions.factories import block, fill, key, sign_up_page

pytestmark = pytest.mark.django_db
SIZES = ["S", "M"]


def own_field(kind: CustomKind) -> CustomField:
    choices = SIZES if kind in {CustomKind.CHOICE, CustomKind.CHOICES} else []
    return CustomField.objects.create(key="mien", label="Le mien", kind=kind, choices=choices, source="tests")


def asking(**question: Any) -> SignUpPage:
    """Return a page that asks the own field, then, if told, a question of its own."""
    asked = [block("own_field", 1, field="mien", serves="help")]
    return sign_up_page(questions=json.dumps(asked + ([block("question", 2, **question)] if question else [])))


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        (CustomKind.TEXT, "Un mot", "Un mot"),
        (CustomKind.LONG_TEXT, "Un mot,\nou deux", "Un mot,\nou deux"),
        (CustomKind.NUMBER, "42", 42),
        (CustomKind.NUMBER, "1", 1),
        (CustomKind.DAY, "2026-03-15", "2026-03-15"),
        (CustomKind.YES_NO, "yes", True),
        (CustomKind.YES_NO, "no", False),
        (CustomKind.CHOICE, "M", "M"),
        (CustomKind.CHOICES, ["S", "M"], ["S", "M"]),
    ],
)
def test_an_own_field_of_each_kind_fills_the_record(kind: CustomKind, sent: Any, kept: Any) -> None:
    own_field(kind)
    assert fill(Client(), asking(), own_mien=sent, newsletter="on").status_code == 302
    services.confirm(confirmation_token(Participation.objects.get().submission), actor=Visitor())
    found = Person.objects.get().custom["mien"]
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize("kind", CustomKind)
def test_an_own_field_left_empty_says_nothing(kind: CustomKind) -> None:
    own_field(kind)
    fill(Client(), asking(), newsletter="on")
    services.confirm(confirmation_token(Participation.objects.get().submission), actor=Visitor())
    assert Person.objects.get().custom == {}


@pytest.mark.parametrize(
    ("kind", "said", "value", "other"),
    [
        (CustomKind.YES_NO, "oui", "yes", "no"),
        (CustomKind.YES_NO, "non", "no", "yes"),
        (CustomKind.CHOICE, "M", "M", "S"),
        (CustomKind.CHOICES, "M", "M", "S"),
    ],
)
def test_what_hangs_on_an_own_field_is_asked_by_the_answer_that_the_page_offers(
    kind: CustomKind, said: str, value: str, other: str
) -> None:
    own_field(kind)
    page, client = asking(label="Lequel ?", is_required=True, after=1, after_answer=said), Client()
    shown = BeautifulSoup(client.get(page.url).content, "html.parser")
    asked_if = shown.select_one("[data-asked-after=own_mien]")["data-asked-if"]  # type: ignore[index]
    assert asked_if == value
    assert shown.select(f"input[name=own_mien][value={value}], select[name=own_mien] option[value={value}]")
    agreed = {"newsletter": "on"}
    assert fill(client, page, own_mien=asked_if, **agreed).status_code == 422, "it must be answered"
    assert fill(client, page, own_mien=asked_if, **{key(2): "Le bleu"}, **agreed).status_code == 302
    assert Participation.objects.latest("pk").answers == {key(2): "Le bleu"}
    assert fill(client, page, own_mien=other, **{key(2): "Le bleu"}, **agreed).status_code == 302
    assert Participation.objects.latest("pk").answers == {}


def test_an_answer_that_reads_yes_and_stands_in_a_list_is_said_as_it_is_written() -> None:
    CustomField.objects.filter(pk=own_field(CustomKind.CHOICE).pk).update(choices=["yes", "bof"])
    page = asking(label="Lequel ?", after=1, after_answer="yes")
    assert "« yes »" in " ".join(Client().get(page.url).content.decode().split()).replace("\xa0", " ")


def test_what_hangs_on_a_field_no_longer_in_use_is_asked_of_nobody_and_owed_by_nobody() -> None:
    own = own_field(CustomKind.YES_NO)
    after_it = {
        "label": "Avez-vous un vélo ?",
        "kind": "yes_no",
        "is_required": True,
        "after": 1,
        "after_answer": "oui",
    }
    after_that = {"label": "De quelle couleur ?", "is_required": True, "after": 2, "after_answer": "oui"}
    asked = [block("own_field", 1, field="mien"), block("question", 2, **after_it), block("question", 3, **after_that)]
    page = sign_up_page(questions=json.dumps([*asked, block("question", 4, label="Un mot ?")]))
    assert [question.label for question in page.asked][1:] == ["Avez-vous un vélo ?", "De quelle couleur ?", "Un mot ?"]
    CustomField.objects.filter(pk=own.pk).update(retired_at=clock.now())
    page = SignUpPage.objects.get()
    assert [question.label for question in page.asked] == ["Un mot ?"]
    assert fill(Client(), page, newsletter="on", **{key(2): "yes", key(3): "Vert"}).status_code == 302
    assert Participation.objects.get().answers == {}


def test_the_purpose_is_said_under_each_field_and_once_for_those_of_the_action() -> None:
    own_field(CustomKind.CHOICE)
    asked = [
        block("person", 1, field="postcode"),
        block("person", 2, field="phone"),
        block("person", 3, field="born_on", serves="statutes"),
        block("own_field", 4, field="mien", serves="help"),
        block("question", 5, label="Un mot ?", serves="action", help="Deux lignes au plus."),
    ]
    page = sign_up_page(questions=json.dumps(asked))
    shown = BeautifulSoup(Client().get(page.url).content, "html.parser")
    said = {
        "postcode": "Pour savoir où vous habitez ou votez, et vous dire ce qui s’y passe.",
        "phone": "Pour vous joindre, seulement pour ce que vous cochez plus bas.",
        "born_on": "Parce que les statuts le demandent à qui adhère.",
        "own_mien": "Pour trouver comment vous pouvez aider.",
        key(5): "Deux lignes au plus.",
    }
    for name, words in said.items():
        field = shown.select_one(f"[name={name}]")
        note = shown.select_one(f"#{field['aria-describedby']}")  # type: ignore[index]
        assert note.get_text(" ", strip=True) == words, name  # type: ignore[union-attr]
    assert len(shown.select(".form__purpose")) == 1
