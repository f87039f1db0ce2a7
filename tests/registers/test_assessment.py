"""The impact assessment: generated from the facts, weighed by people, version by version."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portevoix.accounts.types import System
from portevoix.people.models import CustomField
from portevoix.registers.exceptions import LacksWords, Stale
from portevoix.registers.models import Assessment
from portevoix.registers.selectors.assessment import assessment, is_out_of_date
from portevoix.registers.selectors.record import activities
from portevoix.registers.services.assessments import assess
from portevoix.registers.types import Decision
from portevoix.rights.purposes import TERMS, WORDINGS
from tests.accounts.factories import signed_in
from tests.registers.factories import ProcessorFactory
from tests.registers.test_record import text

pytestmark = pytest.mark.django_db
KEEPER = System("tests")


def test_it_describes_every_treatment_and_quotes_every_question() -> None:
    told = text(assessment())
    for activity in activities():
        assert activity.basis in told
    for purpose in TERMS:
        assert WORDINGS[purpose]["fr"] in told


def test_it_says_that_it_is_a_draft_until_somebody_decides() -> None:
    assert assessment().subtitle == "Brouillon"
    assert "brouillon" in text(assessment())
    decided = assessment({"decision": Decision.GO, "decision_reasons": "Mesures suffisantes."})
    assert decided.subtitle == "le traitement peut continuer"
    assert "Ceci est un brouillon" not in text(decided)


def test_the_three_feared_events_lean_on_measures_of_this_instance(settings: object) -> None:
    settings.IS_SECURE = False  # type: ignore[attr-defined]
    told = text(assessment(), "accès illégitime")
    assert "(TLS) (non fait)" in told
    assert "Sauvegardes" in text(assessment(), "disparition")


def test_each_keeping_makes_a_version_and_former_ones_stay() -> None:
    first = assess(after=0, actor=KEEPER, necessity="Nécessaire.")
    second = assess(after=first.pk, actor=KEEPER, necessity="Vraiment nécessaire.")
    assert "Nécessaire." in text(first.document)
    assert "Vraiment nécessaire." in text(second.document)
    assert Assessment.objects.count() == 2


def test_two_people_do_not_write_over_each_other() -> None:
    first = assess(after=0, actor=KEEPER)
    with pytest.raises(Stale):
        assess(after=0, actor=KEEPER, necessity="moi aussi")
    assert Assessment.objects.get() == first


def test_a_decision_is_explained_by_rule_and_in_the_database() -> None:
    with pytest.raises(LacksWords):
        assess(after=0, actor=KEEPER, decision=Decision.GO, decision_reasons=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.create(at="2026-01-01T00:00Z", by="sql", content={}, decision=Decision.STOP)


@pytest.mark.parametrize("attack", ["UPDATE registers_assessment SET by = 'x'", "DELETE FROM registers_assessment"])
def test_a_version_is_never_changed(attack: str) -> None:
    assess(after=0, actor=KEEPER)
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_facts_that_change_ask_for_another_look() -> None:
    kept = assess(after=0, actor=KEEPER)
    assert not is_out_of_date(kept)
    CustomField.objects.create(key="x", label="Sans effet sur l’analyse", kind="text")
    ProcessorFactory(name="Nouveau venu")
    assert is_out_of_date(kept)
    assert "35(11)" in signed_in().get("/gestion/registres/analyse/").content.decode().replace("\xa0", " ")


def test_opinions_are_written_by_the_screen() -> None:
    browser, page = signed_in(), "/gestion/registres/analyse/avis/"
    said = {"after": 0, "decision": "improve", "decision_reasons": "", "officer_opinion": "<i>Avis</i>"}
    assert browser.post(page, said).status_code == 400
    assert browser.post(page, {**said, "decision_reasons": "Chiffrer les disques."}).status_code == 302
    kept = Assessment.objects.get()
    shown = browser.get("/gestion/registres/analyse/").content.decode()
    assert "&lt;i&gt;Avis&lt;/i&gt;" in shown
    assert browser.post(page, {**said, "decision_reasons": "x"}).status_code == 400
    assert browser.get(page).context["form"].initial["after"] == kept.pk
