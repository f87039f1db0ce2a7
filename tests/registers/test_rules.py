"""Adequacy, hours, orders of size, differences: without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portevoix.kernel import clock
from portevoix.registers import readers, rules
from portevoix.registers.types import (
    Addressee,
    Document,
    Risk,
    Section,
    Spared,
    Verdict,
    named,
    pairs,
    points,
    table,
    words,
)

TODAY = date(2026, 11, 24)


def judge(country: str, today: date = TODAY, *, condition: bool = False, safeguards: bool = False) -> Verdict:
    return rules.verdict(
        country,
        condition_is_recorded=condition,
        has_safeguards=safeguards,
        countries=readers.countries(),
        today=today,
    )


@pytest.mark.parametrize(
    ("country", "verdict"),
    [
        *(("FR", Verdict.EEA), ("NO", Verdict.EEA), ("RE", Verdict.EEA)),
        *(("CH", Verdict.ADEQUATE), ("GB", Verdict.ADEQUATE), ("BR", Verdict.ADEQUATE)),
        *(("US", Verdict.FORBIDDEN), ("CN", Verdict.FORBIDDEN), ("XX", Verdict.FORBIDDEN), ("", Verdict.FORBIDDEN)),
    ],
)
def test_a_country_is_judged_by_the_dated_list(country: str, verdict: Verdict) -> None:
    assert judge(country) is verdict


def test_the_united_states_are_adequate_only_for_who_is_certified() -> None:
    assert judge("US") is Verdict.FORBIDDEN
    assert judge("US", condition=True) is Verdict.ON_CONDITION
    assert judge("US", safeguards=True) is Verdict.SAFEGUARDED


def test_a_decision_holds_between_its_days() -> None:
    assert judge("BR", date(2026, 1, 26)) is Verdict.FORBIDDEN
    assert judge("BR", date(2026, 1, 27)) is Verdict.ADEQUATE
    assert judge("GB", date(2032, 1, 1)) is Verdict.FORBIDDEN


def test_every_country_of_the_law_has_a_name() -> None:
    known = readers.countries()
    assert len(known.names) > 200
    assert (known.eea | set(known.adequate) | set(known.reach)) <= set(known.names)
    with translation.override("fr"):
        assert readers.name_of("de") == "Allemagne"
    with translation.override("en"):
        assert readers.name_of("DE") == "Germany"


def test_a_foreign_law_follows_the_parent_company() -> None:
    found = rules.law_that_reaches(["FR", "US", "US", ""], readers.countries())
    assert [place for place, _law in found] == ["US"]


@pytest.mark.parametrize(
    ("aware", "limit"),
    [
        # In Paris the clock goes back on 25 October 2026 at 3 a.m., and forward on 28 March 2027 at 2 a.m.
        ((2026, 10, 24, 12), (2026, 10, 27, 11)),
        ((2027, 3, 27, 12), (2027, 3, 30, 13)),
        ((2026, 11, 20, 18), (2026, 11, 23, 18)),
    ],
)
def test_seventy_two_hours_are_hours_of_real_time_across_a_change_of_the_clock(
    aware: tuple[int, ...], limit: tuple[int, ...]
) -> None:
    known = datetime(*aware, tzinfo=clock.PARIS).astimezone(UTC)  # type: ignore[misc, arg-type]
    assert rules.deadline(known).astimezone(clock.PARIS).replace(tzinfo=None) == datetime(*limit)  # type: ignore[arg-type]  # noqa: DTZ001
    assert rules.deadline(known) - known == timedelta(hours=72)


@pytest.mark.parametrize(
    ("hours", "step"),
    [(0, None), (23.9, None), (24, 24), (47, 24), (48, 48), (60, 60), (71.9, 60), (72, 72), (900, 72)],
)
def test_the_last_hour_that_has_come_is_told_of(hours: float, step: int | None) -> None:
    known = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert rules.step_due(known, known + timedelta(hours=hours)) == step


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(hours=1), "encore 71 heures"),
        (timedelta(hours=71, minutes=20), "encore 40 minutes"),
        (timedelta(hours=72), "encore 0 minute"),
        (timedelta(hours=73), "en retard de 1 heure"),
        (timedelta(hours=100), "en retard de 28 heures"),
    ],
)
def test_the_countdown_is_said_in_words(passed: timedelta, said: str) -> None:
    known = datetime(2026, 11, 1, 8, tzinfo=UTC)
    with translation.override("fr"):
        assert rules.countdown(known, known + passed).replace("\xa0", " ") == said


@pytest.mark.parametrize(
    ("risk", "spared", "told", "lacking"),
    [
        ("", "", set(), 1),
        (Risk.NONE, "", set(), 0),
        (Risk.SOME, "", set(), 1),
        (Risk.SOME, "", {Addressee.AUTHORITY}, 0),
        (Risk.HIGH, "", {Addressee.AUTHORITY}, 1),
        (Risk.HIGH, "", {Addressee.AUTHORITY, Addressee.PERSONS}, 0),
        (Risk.HIGH, Spared.UNREADABLE, {Addressee.AUTHORITY}, 0),
        (Risk.HIGH, Spared.UNREADABLE, set(), 1),
    ],
)
def test_a_breach_lacks_what_its_risk_asks_for(risk: str, spared: str, told: set[str], lacking: int) -> None:
    found = rules.lacks(risk=risk, risk_reasons="why", measures="done", spared=spared, told=told)
    assert len(found) == lacking


def test_reasons_and_measures_are_asked_for() -> None:
    assert len(rules.lacks(risk=Risk.NONE, risk_reasons=" ", measures="", spared="", told=set())) == 2


@given(st.integers(min_value=0, max_value=10**9))
def test_an_order_of_size_never_tells_a_number(number: int) -> None:
    said = rules.magnitude(number)
    if number > 10 and str(number).strip("0") not in {"1"}:
        assert str(number) not in said.replace("\N{NARROW NO-BREAK SPACE}", "")


def written(*sections: Section) -> Document:
    return Document("Titre", "Sous-titre", "Campagne", "fr", list(sections))


def test_a_passing_fact_makes_no_new_version() -> None:
    former = written(Section("Un", [pairs([("But", "écrire")]), points(["12 personnes"], passing=True)]))
    present = written(Section("Un", [pairs([("But", "écrire")]), points(["13 personnes"], passing=True)]))
    assert rules.digest(former) == rules.digest(present)
    assert rules.differences(former, present) == []


def test_a_difference_names_the_section_and_the_lines() -> None:
    former = written(Section("Un", [pairs([("Durée", "36 mois")])]), Section("Deux", [words("ancien")]))
    present = written(
        Section("Un", [pairs([("Durée", "12 mois")])]), Section("Trois", [table(["A", "B"], [["x", "y"]])])
    )
    assert rules.digest(former) != rules.digest(present)
    told = [(one.title, one.gone, one.come) for one in rules.differences(former, present)]
    assert told == [
        ("Un", [named("Durée", "36 mois")], [named("Durée", "12 mois")]),
        ("Trois", [], ["x · " + named("B", "y")]),
        ("Deux", ["ancien"], []),
    ]


def test_a_document_survives_its_storage() -> None:
    document = written(Section("Un", [table(["A", "B"], [["<b>", ""]]), words("a", tone="alarm")]))
    assert Document.from_json(document.as_json()) == document
