"""The screens of one journey: what they do, whom they do not show, where they lead back to."""

from __future__ import annotations

from datetime import date

import pytest

from portevoix.accounts.types import Role
from portevoix.paths.models import Place
from portevoix.paths.services import walking
from portevoix.paths.types import State
from portevoix.people.models import Consultation
from tests.accounts.factories import UserFactory, signed_in
from tests.paths.factories import SYSTEM, PathFactory, placed
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def address(place: Place, act: str = "") -> str:
    return f"/gestion/parcours/places/{place.pk}/{act}"


def test_a_card_moved_leads_back_to_the_card_and_one_that_was_not_to_the_reason() -> None:
    browser, place = signed_in(Role.ORGANISER), placed(PathFactory())
    _first, second, third = place.path.steps.all()
    board = f"/gestion/parcours/{place.path_id}/?retard=on"
    said = {"to": second.pk, "seen": 0, "retour": f"{board}#place-{place.pk}"}
    assert browser.post(address(place, "deplacer/"), said)["Location"] == f"{board}#place-{place.pk}"
    answer = browser.post(address(place, "deplacer/"), {**said, "to": third.pk})
    assert answer["Location"] == board
    page = browser.get(board).content.decode()
    assert "plus rapide" in page
    assert "Bénévole" in page
    place.refresh_from_db()
    assert place.step == second


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_the_way_back_leads_to_no_other_host(elsewhere: str) -> None:
    browser, place = signed_in(), placed(PathFactory())
    said = {"to": place.path.steps.last().pk, "seen": 0, "retour": elsewhere}
    answer = browser.post(address(place, "deplacer/"), said)
    assert answer["Location"] == f"/gestion/parcours/{place.path_id}/"


@pytest.mark.parametrize("to", ["999999", "x", "1; DROP TABLE", "²", "99999999999999999999"])
def test_a_step_that_is_none_moves_nobody(to: str) -> None:
    browser, place = signed_in(), placed(PathFactory())
    assert browser.post(address(place, "deplacer/"), {"to": to, "seen": 0}).status_code in {302, 404}
    assert Place.objects.get().version == 0


def test_the_menu_ends_a_journey_or_asks_why_somebody_leaves() -> None:
    browser, place = signed_in(), placed(PathFactory())
    answer = browser.post(address(place, "deplacer/"), {"to": "sortie", "seen": 0})
    assert answer["Location"] == f"{address(place)}#quitter"
    browser.post(address(place, "quitter/"), {"reason": "", "seen": 0})
    assert Place.objects.get().state == State.UNDER_WAY
    browser.post(address(place, "quitter/"), {"reason": "A déménagé", "seen": 0})
    assert "A déménagé" in browser.get(address(place)).content.decode()
    browser.post(address(place, "deplacer/"), {"to": place.path.steps.first().pk, "seen": 1})
    browser.post(address(place, "deplacer/"), {"to": "arrivee", "seen": 2})
    assert Place.objects.get().state == State.REACHED


def test_a_journey_tells_who_follows_and_reading_it_is_written_down() -> None:
    browser, place, user = signed_in(Role.ORGANISER), placed(PathFactory()), UserFactory(first_name="Oriane")
    browser.post(address(place), {"point_person": user.pk, "due_on": "2028-02-01", "seen": 0})
    place.refresh_from_db()
    assert (place.point_person, place.due_on) == (user, date(2028, 2, 1))
    page = browser.get(address(place)).content.decode()
    assert "Oriane" in page
    assert Consultation.objects.filter(person=place.person).count() == 1


def test_who_only_reads_sees_a_journey_and_changes_nothing() -> None:
    browser, place = signed_in(Role.READER), placed(PathFactory())
    page = browser.get(address(place)).content.decode()
    assert "deplacer/" not in page
    browser.post(address(place), {"point_person": "", "due_on": "2028-02-01", "seen": 0})
    browser.post(address(place, "deplacer/"), {"to": place.path.steps.last().pk, "seen": 0})
    assert Place.objects.get().version == 0
    assert "draggable" not in browser.get(f"/gestion/parcours/{place.path_id}/").content.decode()


def test_a_person_of_another_departement_has_no_journey_here() -> None:
    browser, place = signed_in(Role.LOCAL_LEAD, "35"), placed(PathFactory(), in_brest=True, last_name="Introuvable")
    stranger = f"/gestion/parcours/personnes/{place.person_id}/"
    assert browser.get(stranger).status_code == 404
    assert browser.get(f"/gestion/taches/personnes/{place.person_id}/").status_code == 404
    assert browser.get(address(place)).status_code == 404
    for act in ("", "deplacer/", "quitter/"):
        said = {"to": place.path.steps.last().pk, "seen": 0, "reason": "x"}
        assert browser.post(address(place, act), said).status_code == 404
    assert Place.objects.get().version == 0


def test_somebody_is_put_on_a_path_from_their_record_once() -> None:
    browser, person, path = signed_in(Role.LOCAL_LEAD, "35"), PersonFactory(in_rennes=True), PathFactory()
    said = {"step": path.steps.first().pk, "due_on": "2028-03-01"}
    where = f"/gestion/parcours/personnes/{person.pk}/"
    assert browser.post(where, said)["Location"] == f"/gestion/personnes/{person.pk}/"
    assert Place.objects.get().due_on == date(2028, 3, 1)
    assert browser.post(where, said).status_code == 200  # no step of this path is offered any more
    assert Place.objects.count() == 1
    assert path.name in browser.get(f"/gestion/personnes/{person.pk}/").content.decode()


def test_the_page_of_a_segment_leads_to_the_paths_and_the_paths_to_the_count() -> None:
    browser, path, segment = signed_in(Role.ORGANISER), PathFactory(), SegmentFactory()
    assert (
        f"/gestion/parcours/?segment={segment.pk}" in browser.get(f"/gestion/segments/{segment.pk}/").content.decode()
    )
    page = browser.get(f"/gestion/parcours/?segment={segment.pk}").content.decode()
    assert f"/gestion/parcours/{path.pk}/segment/?segment={segment.pk}" in page
    assert browser.get("/gestion/parcours/?segment=x'").status_code == 200


def test_those_who_arrived_are_listed_with_the_last_first() -> None:
    path, browser = PathFactory(), signed_in()
    for name in ("Premiere", "Derniere"):
        walking.arrive(placed(path, last_name=name), actor=SYSTEM)
    page = browser.get(f"/gestion/parcours/{path.pk}/termines/arrives/").content.decode()
    assert page.index("Derniere") < page.index("Premiere")
