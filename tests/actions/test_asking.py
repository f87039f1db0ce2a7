"""What segments and automations know of actions."""

from __future__ import annotations

import pytest
from django.utils import translation

from portevoix.accounts.types import System
from portevoix.actions.models import ActionPage, Participation
from portevoix.actions.types import Origin
from portevoix.journeys.models import Trip
from portevoix.journeys.selectors.checking import start_faults, start_in_words
from portevoix.journeys.types import Trigger
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person, Tag
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from portevoix.segments import rules, selectors
from portevoix.segments.types import CRITERIA, Names
from tests.actions.factories import code_of, participation, petition, survey
from tests.journeys.factories import drawn, published, run, step, wait
from tests.segments.factories import rule, tree

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


def found(part: dict[str, object], match: str = "all") -> set[Person]:
    return set(selectors.people_who(rules.read(tree(part, match=match)), CAMPAIGN))


def test_who_took_part_is_found_and_who_only_sent_the_form_is_not() -> None:
    page, other = petition(), survey({"label": "Le bus ?", "kind": "yes_no"})
    taken = participation(page)
    participation(page, email="b@mail.example", confirmed=False)
    participation(other, email="c@mail.example")
    assert found(rule("took_part", action=page.pk)) == {taken.person}
    assert taken.person not in found(rule("took_part", action=page.pk), match="none")


def test_who_took_it_back_is_found_no_more() -> None:
    page = petition()
    taken = participation(page)
    rights.withdraw(taken.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    assert found(rule("took_part", action=page.pk)) == set()


def test_one_may_ask_since_when() -> None:
    page = petition()
    taken = participation(page)
    assert found(rule("took_part", action=page.pk, days=7)) == {taken.person}
    Participation.objects.filter(pk=taken.pk).update(confirmed_at=clock.now().replace(year=2020))
    assert found(rule("took_part", action=page.pk, days=7)) == set()
    assert found(rule("took_part", action=page.pk)) == {taken.person}


def test_who_brought_others_is_found_from_three_on() -> None:
    page = petition()
    recruiter = participation(page)
    for number in range(3):
        assert found(rule("brought_others", action=page.pk)) == set()
        participation(page, email=f"{number}@mail.example", origin=Origin(recruiter=code_of(recruiter)))
    assert found(rule("brought_others", action=page.pk)) == {recruiter.person}


def test_nobody_is_picked_by_whom_they_alone_brought() -> None:
    with pytest.raises(Exception, match="times"):
        rules.read(tree(rule("brought_others", action=1, times=1)))


@pytest.mark.parametrize(("key", "said"), [("took_part", {"days": 7}), ("took_part", {}), ("brought_others", {})])
def test_the_questions_are_said_in_french(key: str, said: dict[str, int]) -> None:
    criterion = CRITERIA[key](action=petition().pk, **said)
    with translation.override("fr"):
        words = criterion.clause(Names()), criterion.negation(Names())
    assert all("Sauvons la ligne 7" in one for one in words)
    assert "took" not in words[0]


def _started_by(page: ActionPage) -> None:
    version = drawn(Trigger.ACTION, {"action": page.pk})
    wait(version)
    step(version, "add_tag", tag=Tag.objects.create(name="Accueilli").pk)
    published(version)


def test_taking_part_in_one_action_starts_an_automation_and_in_another_does_not() -> None:
    page, other = petition(), survey({"label": "Le bus ?", "kind": "yes_no"})
    _started_by(page)
    taken = participation(page)
    participation(other, email="b@mail.example")
    run()
    assert set(Trip.objects.values_list("person", flat=True)) == {taken.person_id}


def test_what_was_taken_back_at_once_starts_nothing() -> None:
    page = petition()
    _started_by(page)
    taken = participation(page)
    rights.withdraw(taken.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    run()
    assert not Trip.objects.exists()


def test_an_automation_names_its_action_and_says_when_it_is_gone() -> None:
    version = drawn(Trigger.ACTION, {"action": petition().pk})
    with translation.override("fr"):
        assert "Sauvons la ligne 7" in start_in_words(version)
    assert start_faults(version, CAMPAIGN) == []
    version.said = {"action": 0}
    assert start_faults(version, CAMPAIGN)


def test_the_timeline_names_the_page() -> None:
    taken = participation(petition())
    told = Interaction.objects.get(kind=Kind.PARTICIPATED)
    assert (told.person, told.source) == (taken.person, "Sauvons la ligne 7")
