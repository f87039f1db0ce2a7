"""The calendar of elections: who writes it, what follows from it, and what cannot be undone unnoticed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.kernel.clock import PARIS
from portevoix.territory.exceptions import SilenceIsRunning
from portevoix.territory.forms.elections import ElectionForm
from portevoix.territory.models import Election, SilentHours
from portevoix.territory.selectors import elections as selectors
from portevoix.territory.services.elections import keep_election, remove_election
from portevoix.territory.types import ElectionDraft
from tests.accounts.factories import signed_in, staff
from tests.territory.factories import DepartementFactory, election

pytestmark = pytest.mark.django_db
SUNDAY = date(2028, 4, 23)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type,misc]


def places(moment: datetime) -> set[str]:
    return set(selectors.silent_until(moment))


def test_it_writes_the_silence_of_each_round_and_place() -> None:
    DepartementFactory()
    kept = election(SUNDAY, second_round_on=SUNDAY + timedelta(days=14))
    rounds = set(SilentHours.objects.filter(election=kept, departement="35").values_list("round", flat=True))
    assert rounds == {1, 2}
    assert places(at(2028, 4, 21, 23, 59)) & {"35"} == set()
    assert "35" in places(at(2028, 4, 22, 0, 0))
    assert "35" in places(at(2028, 4, 23, 19, 59))
    assert "35" not in places(at(2028, 4, 23, 20, 0))
    assert "35" in places(at(2028, 5, 6, 0, 0))


def test_an_election_of_one_departement_silences_its_people_and_those_whose_place_is_not_known() -> None:
    DepartementFactory(code="29", name="Finistère")
    DepartementFactory()
    election(SUNDAY, departements=("35",))
    assert places(at(2028, 4, 22, 12)) == {"35", ""}


def test_two_elections_at_once_last_until_the_later_end() -> None:
    DepartementFactory()
    election(SUNDAY, departements=("35",))
    election(SUNDAY + timedelta(days=1), departements=("35",))
    assert selectors.silent_until(at(2028, 4, 23, 12))["35"] == at(2028, 4, 24, 20)


def test_a_changed_day_moves_the_silence() -> None:
    DepartementFactory()
    kept = election(SUNDAY)
    draft = ElectionDraft(kind="municipal", name="Municipales", first_round_on=SUNDAY + timedelta(days=7))
    keep_election(draft, election=kept, actor=System("tests"))
    assert "35" not in places(at(2028, 4, 22, 12))
    assert "35" in places(at(2028, 4, 29, 12))


def test_a_silence_that_has_begun_ends_only_with_a_reason_that_the_journal_keeps() -> None:
    DepartementFactory()
    kept = election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 22, 10)):
        later = ElectionDraft(kind="municipal", name="Municipales", first_round_on=SUNDAY + timedelta(days=7))
        with pytest.raises(SilenceIsRunning):
            keep_election(later, election=kept, actor=System("tests"))
        with pytest.raises(SilenceIsRunning), transaction.atomic():
            remove_election(kept, actor=System("tests"))
        assert "35" in places(at(2028, 4, 22, 10))
        remove_election(kept, reason="Le décret a été annulé", actor=System("tests"))
    assert places(at(2028, 4, 22, 10)) == set()
    assert Entry.objects.get(command="territory.remove_election").detail["reason"] == "Le décret a été annulé"


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.DATA_OFFICER, Role.ORGANISER, Role.READER])
def test_only_the_direction_writes_in_the_calendar(role: Role) -> None:
    draft = ElectionDraft(kind="municipal", name="x", first_round_on=SUNDAY)
    with pytest.raises(NotAllowed):
        keep_election(draft, actor=staff(role))
    with pytest.raises(NotAllowed):
        remove_election(election(SUNDAY), actor=staff(role))


def test_the_database_refuses_rounds_in_the_wrong_order_and_silences_that_end_before_they_begin() -> None:
    kept = election(SUNDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Election.objects.filter(pk=kept.pk).update(second_round_on=SUNDAY)
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE territory_silenthours SET ends_at = begins_at")


def posted(**changes: Any) -> dict[str, Any]:
    usual = {"kind": "presidential", "name": "Présidentielle", "first_round_on": "2028-04-23", "second_round_on": ""}
    return usual | changes


def test_the_form_refuses_a_second_round_before_the_first_and_early_voters_where_nobody_votes() -> None:
    DepartementFactory()
    DepartementFactory(code="971", name="Guadeloupe")
    wrong = ElectionForm(posted(second_round_on="2028-04-16", departements=["35"], early=["971"]))
    assert not wrong.is_valid()
    assert set(wrong.errors) == {"second_round_on", "early"}
    assert ElectionForm(posted(early=["971"])).is_valid()


@pytest.fixture
def director() -> Client:
    return signed_in(Role.DIRECTOR)


def test_a_director_writes_an_election_and_reads_its_hours(director: Client) -> None:
    DepartementFactory()
    DepartementFactory(code="971", name="Guadeloupe")
    answer = director.post(reverse("elections:add"), posted(early=["971"]), follow=True)
    page = BeautifulSoup(answer.content, "html.parser").get_text(" ")
    assert "Présidentielle" in page
    assert "Guadeloupe" in page
    assert [str(one.early.get()) for one in Election.objects.all()] == ["Guadeloupe (971)"]


def test_the_screen_asks_for_the_reason_and_then_removes(director: Client) -> None:
    DepartementFactory()
    today = clock.today()
    kept = election(today)
    refused = director.post(reverse("elections:remove", args=[kept.pk]))
    assert refused.status_code == 200
    assert Election.objects.exists()
    director.post(reverse("elections:remove", args=[kept.pk]), {"reason": "Essai"})
    assert not Election.objects.exists()


def test_the_first_page_tells_everybody_of_a_silence_that_comes() -> None:
    DepartementFactory()
    election(clock.today() + timedelta(days=4))
    page = signed_in(Role.READER).get("/gestion/").content.decode()
    assert reverse("elections:calendar") in page
