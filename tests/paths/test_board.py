"""The board: everything within the reader's territory, counts too, in as many queries for many as for few."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Role
from portevoix.kernel import clock
from portevoix.paths import selectors
from portevoix.paths.models import Place
from portevoix.paths.selectors.columns import CARDS, NOBODY, Wanted
from portevoix.paths.services import walking
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.paths.factories import SYSTEM, PathFactory, placed
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def names(column: selectors.Column) -> list[str]:
    return [card.person.last_name for card in column.cards]


def test_a_column_shows_what_is_due_first_and_what_is_due_on_no_day_last() -> None:
    path = PathFactory()
    for name, days in (("Later", 9), ("Sooner", 2), ("Never", None)):
        place = placed(path, last_name=name)
        due_on = clock.today() + timedelta(days=days) if days else None
        Place.objects.filter(pk=place.pk).update(due_on=due_on)
    found = selectors.board(path, Wanted(), staff())
    assert names(found.columns[0]) == ["Sooner", "Later", "Never"]
    assert [column.count for column in found.columns] == [3, 0, 0]


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.LOCAL_LEAD])
def test_a_column_is_paged_from_a_card_whatever_is_due_on_no_day(role: Role) -> None:
    path, actor = PathFactory(), staff(role, "35" if role == Role.LOCAL_LEAD else "")
    places = [placed(path, in_rennes=True) for _one in range(2 * CARDS + 3)]
    placed(path, 2, in_rennes=True)
    Place.objects.filter(pk__in=[place.pk for place in places[::2]]).update(due_on=None)
    first = selectors.board(path, Wanted(), actor).columns[0]
    seen, after = [card.pk for card in first.cards], first.after
    while after:
        column = selectors.column(first.step, Wanted(), after, actor)
        assert len(column.cards) <= CARDS
        seen += [card.pk for card in column.cards]
        after = column.after
    in_order = Place.objects.filter(step=first.step).soonest_first()
    assert seen == list(in_order.values_list("pk", flat=True))
    assert len(seen) == len(places)
    assert len(seen) == len(set(seen))


def test_a_local_lead_sees_and_counts_their_own_departement_only() -> None:
    path = PathFactory()
    placed(path, in_rennes=True, last_name="Trouvable")
    stranger = placed(path, in_brest=True, last_name="Introuvable")
    walking.arrive(placed(path, in_brest=True), actor=SYSTEM)
    found = selectors.board(path, Wanted(), staff(Role.LOCAL_LEAD, "35"))
    assert (found.columns[0].count, names(found.columns[0]), found.reached) == (1, ["Trouvable"], 0)
    assert selectors.overview([path], staff(Role.LOCAL_LEAD, "35"))[0].under_way == 1
    assert selectors.column(stranger.step, Wanted(), 0, staff(Role.LOCAL_LEAD, "35")).cards[0].person_id != (
        stranger.person_id
    )
    browser = signed_in(Role.LOCAL_LEAD, "35")
    for address in (f"/gestion/parcours/{path.pk}/", f"/gestion/parcours/{path.pk}/termines/arrives/"):
        assert "Introuvable" not in browser.get(address).content.decode()


def test_the_board_is_narrowed_by_point_person_by_lateness_and_by_departement() -> None:
    path, user = PathFactory(), UserFactory()
    mine, late = placed(path, in_rennes=True, last_name="Mine"), placed(path, in_brest=True, last_name="Late")
    walking.follow(mine, point_person=user, due_on=None, actor=SYSTEM)
    Place.objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=3))
    for wanted, expected in (
        (Wanted(point_person=str(user.pk)), ["Mine"]),
        (Wanted(point_person=NOBODY), ["Late"]),
        (Wanted(is_late=True), ["Late"]),
        (Wanted(departement="35"), ["Mine"]),
    ):
        column = selectors.board(path, wanted, SYSTEM).columns[0]
        assert (names(column), column.count) == (expected, 1)


def test_words_that_are_no_choice_narrow_nothing_and_break_nothing() -> None:
    path, browser = PathFactory(), signed_in()
    placed(path, last_name="Visible")
    for asked in (
        "?suivi=' OR 1=1 --",
        "?territoire=99999",
        "?etape=abc",
        "?etape=99999999999999999999",
        "?retard=<b>",
    ):
        answer = browser.get(f"/gestion/parcours/{path.pk}/{asked}")
        assert answer.status_code == 200
    first = path.steps.first()
    address = f"/gestion/parcours/{path.pk}/etapes/{first.pk}/suite/"
    assert b"Visible" in browser.get(address + "?apres=x").content
    assert browser.get(f"/gestion/parcours/{path.pk}/termines/ailleurs/").status_code == 404


def test_a_board_of_many_costs_as_many_queries_as_one_of_few() -> None:
    browser = signed_in()
    few, many = PathFactory(), PathFactory()
    placed(few)
    user = UserFactory()
    for number in range(60):
        place = placed(many, number % 3 + 1, in_rennes=bool(number % 2))
        walking.follow(place, point_person=user, due_on=None, actor=SYSTEM)
    browser.get(f"/gestion/parcours/{few.pk}/")
    counts = []
    for path in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(f"/gestion/parcours/{path.pk}/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as asked:
        selectors.board(many, Wanted(), SYSTEM)
    assert len(asked) == 5


def test_names_that_are_code_are_shown_as_text() -> None:
    path = PathFactory(name="<script>alert(1)</script>", steps=("<img src=x>", "{{ 7|add:7 }}"))
    person = PersonFactory(first_name="<b onclick=x>", last_name="'; DROP TABLE paths_place; --")
    place = placed(path, person=person)
    browser = signed_in()
    for address in (
        f"/gestion/parcours/{path.pk}/",
        f"/gestion/parcours/places/{place.pk}/",
        "/gestion/parcours/",
        f"/gestion/personnes/{person.pk}/",
        f"/gestion/parcours/{path.pk}/modifier/",
    ):
        page = browser.get(address).content.decode()
        for code in ("<script>alert(1)", "<img src=x>", "<b onclick"):
            assert code not in page, address
    browser.post(f"/gestion/parcours/places/{place.pk}/deplacer/", {"to": path.steps.last().pk, "seen": 0})
    page = browser.get(f"/gestion/parcours/{path.pk}/").content.decode()
    assert "<b onclick" not in page
    assert Place.objects.get().step == path.steps.last()


def test_a_card_says_that_it_is_late_in_words_on_the_day_of_paris() -> None:
    path = PathFactory()
    Place.objects.filter(pk=placed(path).pk).update(due_on=date(2028, 3, 25))
    for moment, is_late in (
        (datetime(2028, 3, 25, 23, 59, tzinfo=clock.PARIS), False),
        (datetime(2028, 3, 26, 3, 1, tzinfo=clock.PARIS), True),  # the night without a third hour
    ):
        with clock.stopped_at(moment):
            page = signed_in().get(f"/gestion/parcours/{path.pk}/").content.decode()
            assert ("jour de retard" in page or "day late" in page) is is_late
