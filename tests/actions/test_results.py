"""Figures of answers: who sees them, from when on, and that nobody is found in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.actions.models import Participation, SurveyPage
from portevoix.actions.rules import results as rules
from portevoix.actions.selectors import results as reads
from portevoix.actions.services import answers as services
from portevoix.actions.types import AnswerKind, Question, Serves
from portevoix.disclosure import selectors as disclosure
from portevoix.disclosure.exceptions import UnknownField
from portevoix.disclosure.models import Export
from portevoix.disclosure.services.exporting import order_export
from portevoix.people.models import Consultation, Person
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import key, participation, survey
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
BUS = {"label": "Prenez-vous le bus ?", "kind": "yes_no"}
WHY = {"label": "Pourquoi ?", "kind": "text"}


def question(kind: AnswerKind, *choices: str) -> Question:
    return Question("q", "?", Serves.ACTION, kind=kind, choices=choices)


def answered(page: SurveyPage, yes: int, no: int, **said: Any) -> list[Participation]:
    answers = ["yes"] * yes + ["no"] * no
    return [
        participation(page, email=f"p{number}@mail.example", answers={key(1): answer}, **said)
        for number, answer in enumerate(answers)
    ]


def words(client: Client, address: str) -> str:
    return " ".join(BeautifulSoup(client.get(address).content, "html.parser").get_text(" ").split())


@pytest.mark.parametrize(
    ("counts", "adds_up", "expected"),
    [
        ([12, 8], True, [False, False]),
        ([12, 0], True, [False, False]),
        ([12, 3], True, [True, True]),  # alone, it is found by subtraction
        ([12, 3, 7], True, [False, True, True]),  # the smallest of the others hides with it
        ([12, 3, 2], True, [False, True, True]),
        ([12, 3, 0], True, [True, True, False]),
        ([10, 1, 1], True, [True, True, True]),  # two that sum to two are found too
        ([12, 9, 2, 1], True, [False, True, True, True]),
        ([12, 3], False, [False, True]),
    ],
)
def test_no_number_below_five_is_said_or_found(counts: list[int], adds_up: bool, expected: list[bool]) -> None:
    assert rules.hidden(counts, adds_up=adds_up) == expected


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (9, 0), (10, 10), (14, 10), (15, 15), (1004, 1000)])
def test_the_sites_figures_move_by_five(count: int, shown: int) -> None:
    assert rules.shown_number(count) == shown


def test_a_question_that_few_answered_has_no_figures() -> None:
    tally = rules.tallies([question(AnswerKind.SCALE)], [{"q": "3"}] * 9)[0]
    assert tally.lines == ()


def test_several_choices_are_counted_each() -> None:
    said = [{"q": ["a", "b"]}] * 10 + [{"q": ["b"]}] * 10 + [{}] * 4
    tally = rules.tallies([question(AnswerKind.CHOICES, "a", "b", "c")], said)[0]
    assert tally.answered == 20
    assert [(line.answer, line.count, line.share) for line in tally.lines] == [
        ("a", 10, 50),
        ("b", 20, 100),
        ("c", 0, 0),
    ]


def test_an_answer_that_is_offered_no_more_still_counts() -> None:
    tally = rules.tallies([question(AnswerKind.CHOICE, "a", "b")], [{"q": "a"}] * 10 + [{"q": "former"}] * 6)[0]
    assert [line.answer for line in tally.lines] == ["a", "b", "former"]


def test_small_cells_hide_in_each_place() -> None:
    crossed = rules.crossed(question(AnswerKind.YES_NO), [("Ain", "yes")] * 6 + [("Ain", "no")] * 2)
    assert crossed.rows == (("Ain", (6, None)),)


def test_the_site_shows_results_from_ten_answers_on_and_only_where_wished() -> None:
    page = survey(BUS, shows_results=True)
    answered(page, 6, 3)
    assert "à partir de dix réponses" in words(Client(), page.url)
    participation(page, email="dix@mail.example", answers={key(1): "no"})
    page.shows_results = False
    page.save()
    assert "Résultats" not in words(Client(), page.url)


def test_one_more_answer_does_not_show_what_it_was() -> None:
    page = survey(BUS, shows_results=True)
    answered(page, 6, 6)
    before = reads.public_results(page)
    participation(page, email="dernier@mail.example", answers={key(1): "no"})
    assert before.answered == 10
    assert reads.public_results(page) == before


def test_what_was_taken_back_is_in_no_figure() -> None:
    page = survey(BUS)
    taken = answered(page, 6, 5)
    rights.withdraw(taken[0].person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=System("tests"))
    assert reads.office_results(page, staff()).answered == 10


def test_the_sites_chart_is_a_table_and_names_no_one() -> None:
    page = survey(BUS, shows_results=True)
    answered(page, 8, 12, last_name="Introuvable")
    table = BeautifulSoup(Client().get(page.url).content, "html.parser").select_one("table.tally")
    assert table is not None
    assert [cell.get_text(" ", strip=True) for cell in table.select("td.tally__number")] == [
        "8",
        "40 %",
        "12",
        "60 %",
        "20",
    ]
    assert "Introuvable" not in words(Client(), page.url)


def test_the_office_reads_by_departement_and_words_without_names() -> None:
    page = survey(BUS, WHY)
    commune = CommuneFactory(code="23096", name="Guéret", departement__code="23", departement__name="Creuse")
    for number in range(10):
        participation(
            page,
            email=f"p{number}@mail.example",
            last_name="Introuvable",
            commune=commune.pk,
            answers={key(1): "yes", key(2): f"parce que {number}"},
        )
    client = signed_in(Role.COMMUNICATIONS)
    shown = words(client, f"/gestion/actions/{page.pk}/reponses/?croiser={key(1)}")
    assert "Creuse" in shown
    texts = words(client, f"/gestion/actions/{page.pk}/reponses/{key(2)}/")
    assert "parce que 7" in texts
    assert "Creuse" in texts
    assert "Introuvable" not in shown + texts
    assert not Consultation.objects.exists()


def test_reading_what_one_person_answered_is_written_down() -> None:
    page = survey(BUS)
    taken = participation(page, answers={key(1): "yes"}, last_name="Le Bihan")
    address = reverse("actions_people:person", args=[page.pk, taken.pk])
    assert "Le Bihan" in words(signed_in(Role.ORGANISER), address)
    assert Consultation.objects.get().person == taken.person


def test_a_local_lead_reads_the_answers_of_their_departement_only() -> None:
    page = survey(BUS)
    here, there = CommuneFactory(), CommuneFactory(brest=True)
    near = participation(page, email="ici@mail.example", commune=here.pk, answers={key(1): "yes"})
    far = participation(page, email="loin@mail.example", commune=there.pk, answers={key(1): "no"})
    client, lead = signed_in(Role.LOCAL_LEAD, "35"), staff(Role.LOCAL_LEAD, "35")
    assert list(reads.seen_by(page, lead)) == [near]
    assert client.get(reverse("actions_people:person", args=[page.pk, far.pk])).status_code == 404
    with pytest.raises(Participation.DoesNotExist):
        services.read_answers(far, actor=lead)


def test_answers_leave_by_the_door_of_every_export() -> None:
    page = survey(BUS, {"label": "Quoi ?", "kind": "choices", "choices": "le train\nle vélo"})
    participation(page, answers={key(1): "yes", key(2): ["le train", "le vélo"]})
    participation(page, email="autre@mail.example", confirmed=False, answers={key(1): "no"})
    fields = ["email", *(name for name, _label in reads.export_fields(page))]
    export = services.export_answers(page, fields=fields, purpose="Étude", actor=staff())
    assert export.people == 1
    row = next(disclosure.rows(Person.objects.filter(emails__address="maelle@mail.example"), export.fields))
    assert row == ["maelle@mail.example", "yes", "le train, le vélo"]
    assert disclosure.heading_of(export.fields[1]) == "Prenez-vous le bus ?"


def test_an_export_of_a_question_that_nobody_asked_is_refused() -> None:
    page = survey(BUS)
    participation(page, answers={key(1): "yes"})
    actor = staff()
    shown = gate.reveal(Person.objects.all(), actor=actor, purpose="x", fields=[f"answer_{page.pk}_q_none"])
    with pytest.raises(UnknownField):
        order_export(shown, by_worker=False, actor=actor)


def test_communications_read_figures_and_order_no_file() -> None:
    page = survey(BUS)
    with pytest.raises(NotAllowed):
        services.export_answers(page, fields=["email"], purpose="x", actor=staff(Role.COMMUNICATIONS))
    assert "Exporter" not in words(signed_in(Role.COMMUNICATIONS), f"/gestion/actions/{page.pk}/reponses/")


def test_the_export_form_asks_why_and_orders() -> None:
    page = survey(BUS)
    participation(page, answers={key(1): "yes"})
    client, address = signed_in(Role.DIRECTOR), f"/gestion/actions/{page.pk}/reponses/export/"
    assert client.post(address, {"answers_wanted": [f"answer_{page.pk}_{key(1)}"]}).status_code == 400
    given = {"purpose": "Étude", "answers_wanted": [f"answer_{page.pk}_{key(1)}"], "fields_wanted": ["primary_zip"]}
    assert client.post(address, given).status_code == 302
    assert Export.objects.get().fields == ["primary_zip", f"answer_{page.pk}_{key(1)}"]


def test_a_question_that_was_taken_off_the_page_keeps_its_figures() -> None:
    page = survey(BUS)
    answered(page, 12, 8)
    page.questions = json.dumps([])
    page.save()
    page.refresh_from_db()
    assert [tally.question.label for tally in reads.office_results(page, staff()).tallies] == ["Prenez-vous le bus ?"]
