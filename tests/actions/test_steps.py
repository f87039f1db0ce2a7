"""Surveys on several pages: forth and back without loss, only what is to be asked, nothing kept before the end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.core.exceptions import ValidationError
from django.test import Client

from portevoix.accounts.types import Visitor
from portevoix.actions.blocks import SurveyQuestionsBlock
from portevoix.actions.counter import senders
from portevoix.actions.models import FormVersion, Participation, SurveyPage
from portevoix.actions.rules.steps import asked_steps
from portevoix.actions.services import confirm
from portevoix.actions.types import AnswerKind, Question, Serves
from portevoix.intake.links import confirmation_token
from tests.actions.factories import block, key, published, survey
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
BUS = {"label": "Prenez-vous le bus ?", "kind": "yes_no", "is_required": True}
LINES = {"label": "Quelles lignes ?", "kind": "choices", "choices": "La 1\nLa 2", "after": 1, "after_answer": "oui"}
WHY = {"label": "Pourquoi la 2 ?", "kind": "text", "after": 2, "after_answer": "La 2", "is_required": True}
NAME = {"label": "Un mot ?", "kind": "line"}


def stepped(**fields: Any) -> SurveyPage:
    """Return a survey on four pages: the bus; which lines and why, of whoever takes it; a word; the address."""
    page = SurveyPage(**{"title": "Votre avis", "slug": "avis", **fields})
    pieces = [
        ("step", {"title": "Le bus", "text": "Deux minutes."}),
        ("question", BUS),
        ("step", {"title": "Les lignes", "text": ""}),
        ("question", LINES),
        ("question", WHY),
        ("step", {"title": "Un mot", "text": ""}),
        ("question", NAME),
        ("person", {"field": "postcode", "is_required": False, "serves": ""}),
        ("step", {"title": "Votre adresse", "text": ""}),
    ]
    # The keys of questions come from their blocks' numbers: 1 to 4 for those of this survey.
    numbers = iter([9, 1, 8, 2, 3, 7, 4, 5, 6])
    page.questions = json.dumps([block(kind, next(numbers), **value) for kind, value in pieces])
    return published(page)


class Browser:
    """Sends what a page holds, hidden fields and what is filled in, as a browser without script does."""

    def __init__(self, page: SurveyPage) -> None:
        self.client, self.address = Client(), page.url
        self._read(self.client.get(page.url))

    def send(self, go: str = "next", **answers: Any) -> Browser:
        fields: dict[str, Any] = {}
        for field in self.form.select("input, textarea"):
            is_box = field.get("type") in {"radio", "checkbox"}
            if is_box and not field.has_attr("checked"):
                continue
            value = field.get_text() if field.name == "textarea" else field.get("value", "on" if is_box else "")
            fields.setdefault(str(field["name"]), []).append(value)
        button = self.form.select_one(f"button[value={go}]") if go else None
        assert button is not None or not go, f"no button to go {go}"
        self._read(self.client.post(self.address, {**fields, **answers, **({"go": go} if go else {})}))
        return self

    def _read(self, answer: Any) -> None:
        self.status = answer.status_code
        self.page = BeautifulSoup(answer.content, "html.parser")
        self.form = self.page.select_one("form#agir") or Tag(name="form")

    @property
    def shown(self) -> list[str]:
        labels = [*self.form.select("legend"), *self.form.select("label[for]")]
        return [label.get_text(" ", strip=True) for label in labels]

    @property
    def where(self) -> str:
        place = self.form.select_one("#etape")
        return place.get_text(strip=True) if place else ""

    def says(self, words: str) -> bool:
        return any(words in label for label in self.shown)


def test_one_page_is_shown_at_a_time_and_says_which() -> None:
    browser = Browser(stepped())
    assert browser.where == "Page 1 sur 4"
    assert browser.page.title is not None
    assert browser.page.title.get_text().startswith("Page 1 sur 4 – Votre avis")
    assert browser.form["aria-labelledby"] == "etape"
    assert browser.says("Prenez-vous le bus")
    assert not browser.says("Un mot")
    assert not browser.form.select("[name=email], [name=agreement]")


def test_what_an_answer_rules_out_is_passed_over_and_the_count_goes_down() -> None:
    browser = Browser(stepped()).send(**{key(1): "no"})
    assert (browser.status, browser.where) == (200, "Page 2 sur 3")
    assert browser.says("Un mot")
    browser.send("back")
    assert browser.says("Prenez-vous le bus")


def test_what_hangs_on_an_earlier_page_is_asked_without_an_if_and_within_a_page_with_one() -> None:
    browser = Browser(stepped()).send(**{key(1): "yes"})
    assert browser.where == "Page 2 sur 4"
    words = browser.form.get_text(" ", strip=True)
    assert "Quelles lignes" in words
    assert "Seulement si vous avez répondu « oui »" not in words.replace("\xa0", " ")
    assert [asked["data-asked-after"] for asked in browser.form.select("[data-asked-after]")] == [key(2)]


def test_one_goes_on_only_once_a_page_is_right_and_back_at_any_time() -> None:
    browser = Browser(stepped()).send()
    assert (browser.status, browser.where) == (422, "Page 1 sur 4")
    assert browser.form.select(".field--error")
    browser.send(**{key(1): "yes"}).send(**{key(2): ["La 2"]})
    assert (browser.status, browser.where) == (422, "Page 2 sur 4")
    browser.send("back")
    assert (browser.status, browser.where) == (200, "Page 1 sur 4")
    assert not browser.form.select(".field--error")


def test_nothing_is_lost_forth_and_back_nor_kept_before_the_end() -> None:
    browser = Browser(stepped())
    browser.send(**{key(1): "yes"}).send(**{key(2): ["La 1", "La 2"], key(3): "Elle passe <là>"})
    browser.send(**{key(4): "Merci « à » tous", "postcode": "99999x"}, go="back")
    assert [box["value"] for box in browser.form.select(f"[name={key(2)}][checked]")] == ["La 1", "La 2"]
    assert browser.form.select_one("textarea").get_text(strip=True) == "Elle passe <là>"  # type: ignore[union-attr]
    browser.send()
    assert browser.form.select_one("[name=postcode]")["value"] == "99999x"  # type: ignore[index]
    browser.send(postcode="")
    assert browser.where == "Page 4 sur 4"
    browser.send("back").send()
    assert not Participation.objects.exists()
    browser.send("", email="maelle@mail.example", agreement="on")
    assert browser.status == 302
    assert Participation.objects.get().answers == {
        key(1): "yes",
        key(2): ["La 1", "La 2"],
        key(3): "Elle passe <là>",
        key(4): "Merci « à » tous",
    }


def test_what_was_answered_and_is_ruled_out_since_is_not_kept() -> None:
    browser = Browser(stepped()).send(**{key(1): "yes"}).send(**{key(2): ["La 1"]})
    browser.send("back").send("back").send(**{key(1): "no"}).send()
    browser.send("", email="maelle@mail.example", agreement="on")
    assert Participation.objects.get().answers == {key(1): "no"}


def test_the_address_and_the_agreement_are_asked_on_the_last_page() -> None:
    browser = Browser(stepped()).send(**{key(1): "no"}).send()
    browser.send("", email="maelle")
    assert (browser.status, browser.where) == (422, "Page 3 sur 3")
    assert len(browser.form.select(".field--error")) == 2
    assert not Participation.objects.exists()


def test_a_page_sent_out_of_turn_leads_to_what_is_missing() -> None:
    page = stepped()
    browser = Browser(page)
    hidden = {field["name"]: field.get("value", "") for field in browser.form.select("[type=hidden]")}
    said = {**hidden, "step": "3", "email": "maelle@mail.example", "agreement": "on"}
    for step in ("3", "99"):
        browser._read(browser.client.post(page.url, {**said, "step": step, "go": "next"}))
        assert (browser.status, browser.where) == (422, "Page 1 sur 4")
    for step in ("-1", "x", "²"):
        browser._read(browser.client.post(page.url, {**said, "step": step}))
        assert browser.where == "Page 1 sur 4"
    assert not Participation.objects.exists()


def test_a_postcode_of_several_communes_asks_which_on_its_own_page() -> None:
    for code, name in (("23008", "Aubusson"), ("23079", "Felletin")):
        CommuneFactory(code=code, name=name, postcodes=["23200"])
    browser = Browser(stepped()).send(**{key(1): "no"}).send(postcode="23200")
    assert (browser.status, browser.where) == (422, "Page 2 sur 3")
    chosen = next(one["value"] for one in browser.form.select("option") if one.get_text() == "Felletin")
    browser.send(commune=chosen).send("", email="maelle@mail.example", agreement="on")
    assert Participation.objects.get().person.commune.name == "Felletin"  # type: ignore[union-attr]


def test_whoever_goes_to_and_fro_is_not_taken_for_a_robot() -> None:
    browser = Browser(stepped()).send(**{key(1): "no"}).send()
    for _time in range(30):
        browser.send("back").send()
    browser.send("", email="maelle@mail.example", agreement="on")
    assert browser.status == 302
    senders.forget()


def test_each_person_answers_once_on_several_pages_too() -> None:
    page = stepped()
    for answer in ("yes", "no"):
        browser = Browser(page).send(**{key(1): answer}).send()
        if answer == "yes":
            browser.send()
        browser.send("", email="maelle@mail.example", agreement="on")
        confirm(confirmation_token(Participation.objects.latest("pk").submission), actor=Visitor())
    assert [one.answers for one in Participation.objects.confirmed()] == [{key(1): "no"}]


def test_versions_keep_the_words_of_the_pages_and_those_of_one_page_are_as_before() -> None:
    assert [step.title for step in stepped().steps] == ["Le bus", "Les lignes", "Un mot", "Votre adresse"]
    one = survey(BUS, slug="un")
    assert one.steps == []
    assert "steps" not in one.content_asked()
    assert all("step" not in said for said in one.content_asked()["questions"])
    Browser(stepped(slug="deux")).send(**{key(1): "no"}).send().send("", email="m@mail.example", agreement="on")
    kept = FormVersion.objects.get()
    assert kept.content["steps"][0] == ["Le bus", "Deux minutes."]
    assert [question.step for question in kept.questions] == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("answers", "at", "steps"),
    [
        ({}, 0, [0, 1, 2, 3]),
        ({"a": "no"}, 0, [0, 1, 2, 3]),  # not left yet: it may still become a yes
        ({"a": "no"}, 1, [0, 3]),
        ({"a": "yes"}, 1, [0, 1, 2, 3]),
        ({"a": "yes", "b": "x"}, 2, [0, 1, 2, 3]),
        ({"a": "yes", "b": "y"}, 2, [0, 1, 3]),
        ({"a": "no", "b": "x"}, 2, [0, 3]),  # what hangs on a question that is not asked is not asked
    ],
)
def test_which_pages_are_asked(answers: dict[str, str], at: int, steps: list[int]) -> None:
    asked = [
        Question("a", "?", Serves.ACTION, kind=AnswerKind.YES_NO),
        Question("b", "?", Serves.ACTION, only_if=("a", "yes"), step=1),
        Question("c", "?", Serves.ACTION, only_if=("b", "x"), step=2),
    ]
    assert asked_steps(asked, answers, at=at, last=3) == steps


@pytest.mark.parametrize(
    ("kinds", "wrong"),
    [(["step", "question", "step"], []), (["question", "step", "step", "question"], [1]), (["step", "step"], [0])],
)
def test_a_page_without_questions_is_refused_but_for_the_last(kinds: list[str], wrong: list[int]) -> None:
    of = {"step": {"title": "Une page", "text": ""}, "question": NAME}
    asked = SurveyQuestionsBlock()
    value = asked.to_python([block(kind, number, **of[kind]) for number, kind in enumerate(kinds)])
    if not wrong:
        assert len(asked.clean(value)) == len(kinds)
        return
    with pytest.raises(ValidationError) as refusal:
        asked.clean(value)
    assert sorted(refusal.value.block_errors) == wrong  # type: ignore[attr-defined]


def test_an_editor_reads_all_pages_one_after_another_each_with_the_if_of_what_it_asks() -> None:
    page = stepped()
    shown = BeautifulSoup(page.make_preview_request().content, "html.parser")
    pages = shown.select("form.form")
    assert [form.select_one(".step__at").get_text(strip=True) for form in pages] == [  # type: ignore[union-attr]
        f"Page {number} sur 4" for number in range(1, 5)
    ]
    labels = ["|".join(one.get_text(" ", strip=True) for one in form.select("legend, label")) for form in pages]
    for number, asked in enumerate(["Prenez-vous le bus", "Pourquoi la 2", "Un mot ?", "Adresse e-mail"]):
        assert [asked in one for one in labels] == [place == number for place in range(4)]
    assert pages[1].get_text().count("Seulement si vous avez répondu") == 2
    assert not shown.select("form.form [type=submit], script[src*=branching]")
    marks = [piece["id"] for piece in shown.select("[id]")]
    assert len(marks) == len(set(marks))


def test_visitors_and_the_thanks_are_shown_as_they_were() -> None:
    page = stepped()
    assert len(BeautifulSoup(Client().get(page.url).content, "html.parser").select("form.form")) == 1
    assert b"step__at" not in page.make_preview_request(preview_mode="sent").content
