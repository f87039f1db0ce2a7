"""The screens on duplicates: what waits, two records side by side, and undoing."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.accounts.types import Role
from portevoix.people import tasks
from portevoix.people.models import Candidate, Consultation, DuplicateSearch, Person
from portevoix.people.types import Reason
from portevoix.rights.models import Merge, MergingRule
from tests.accounts.factories import signed_in
from tests.delivery.factories import withdraw
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
HOME = "/gestion/doublons/"


def pair(one: Person | None = None, other: Person | None = None, score: int = 90) -> tuple[Person, Person]:
    one = one or PersonFactory(first_name="Maëlle", last_name="Le Goff")
    other = other or PersonFactory(first_name="MAELLE", last_name="Le Goff", occupation="médecin")
    Candidate.objects.create(first=one, second=other, score=score, reasons=[Reason.NAME, Reason.MAIL])
    return one, other


def address(one: Person, other: Person) -> str:
    return f"{HOME}{one.pk}/{other.pk}/"


def page(client: Client, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).content, "html.parser")


def sent(shown: BeautifulSoup) -> dict[str, str]:
    """Return what a browser sends when nothing is touched."""
    ticked = {str(one["name"]): str(one["value"]) for one in shown.select("form.review input[checked]")}
    return ticked | {"csrfmiddlewaretoken": "x"}


def test_the_list_shows_the_likeliest_pair_first_with_its_reasons() -> None:
    pair(score=60, one=PersonFactory(last_name="Deuxième"))
    pair(score=95, one=PersonFactory(last_name="Première"))
    told = page(signed_in(), HOME).get_text(" ", strip=True)
    assert told.index("Première") < told.index("Deuxième")
    assert "2 paires" in told
    assert "même boîte" in told


def test_the_review_marks_the_differences_and_ticks_the_fuller_value() -> None:
    one, other = pair()
    shown = page(signed_in(), address(one, other))
    assert {field.get_text(strip=True) for field in shown.select("form.review legend")} == {"Prénom", "Profession"}
    assert sent(shown) == {"first_name": "kept", "occupation": "absorbed", "csrfmiddlewaretoken": "x"}


def test_what_is_ticked_is_what_stays_and_the_next_pair_follows() -> None:
    one, other = pair()
    following = pair(score=70)
    client = signed_in()
    response = client.post(address(one, other), {"first_name": "absorbed", "occupation": "kept"})
    assert response["Location"] == address(*following)
    one.refresh_from_db()
    assert (one.first_name, one.occupation) == ("MAELLE", "")
    assert not Person.objects.filter(pk=other.pk).exists()


def test_a_withdrawal_that_will_win_is_said_before_the_merge() -> None:
    agreeing, refusing = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(refusing)
    pair(agreeing, refusing)
    assert "donc retiré pour la personne" in page(signed_in(), address(agreeing, refusing)).get_text(" ", strip=True)


def test_two_records_that_differ_in_nothing_can_be_merged() -> None:
    one, other = pair(*(PersonFactory(first_name="A", last_name="B") for _each in range(2)))
    client = signed_in()
    assert client.post(address(one, other), {"same": "1"})["Location"] == HOME
    assert Merge.objects.get().kept_id == one.pk


def test_a_choice_that_is_not_one_merges_nothing() -> None:
    one, other = pair()
    assert signed_in().post(address(one, other), {"first_name": "theirs"}).status_code == 200
    assert not Merge.objects.exists()


def test_two_people_told_apart_leave_the_list() -> None:
    one, other = pair()
    client = signed_in()
    assert client.post(address(one, other) + "differents/")["Location"] == HOME
    assert "Aucune paire" in page(client, HOME).get_text()
    assert Person.objects.count() == 2


def test_a_merge_is_undone_from_the_list() -> None:
    one, other = pair()
    client = signed_in()
    client.post(address(one, other), sent(page(client, address(one, other))))
    undo = page(client, HOME).select_one("form[action*=annuler]")
    assert undo
    client.post(str(undo["action"]))
    assert Person.objects.filter(pk=other.pk).exists()
    assert client.post(str(undo["action"])).status_code == 404


def test_whoever_comes_second_finds_the_pair_gone() -> None:
    one, other = pair()
    first, second = signed_in(), signed_in()
    first.post(address(one, other), {"first_name": "kept", "occupation": "kept"})
    assert second.post(address(one, other), {"first_name": "kept", "occupation": "kept"}).status_code == 404


def test_a_search_shows_how_far_it_is_then_the_page_comes_again() -> None:
    client = signed_in()
    assert client.post(HOME + "chercher/")["Location"] == HOME
    DuplicateSearch.objects.update(pairs=100, compared=50)
    assert page(client, HOME).select_one("progress[value='52']")
    fragment = client.get(HOME, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "52 %" in fragment
    tasks.look_for_duplicates(DuplicateSearch.objects.get().pk)
    assert client.get(HOME, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_only_a_director_sets_the_rule_and_only_a_careful_one() -> None:
    client = signed_in()
    assert client.post(HOME + "regle/", {"threshold": "60"}).status_code == 400
    assert client.post(HOME + "regle/", {"threshold": "95"}).status_code == 302
    assert MergingRule.objects.get().threshold == 95
    client.post(HOME + "regle/", {"threshold": ""})
    assert MergingRule.objects.get().threshold is None
    organiser = signed_in(Role.ORGANISER)
    assert "regle/" not in organiser.get(HOME).content.decode()
    assert organiser.post(HOME + "regle/", {"threshold": "95"}).status_code == 302
    assert MergingRule.objects.get().threshold is None


def test_a_local_lead_sees_the_pairs_merges_and_records_of_their_departement_only() -> None:
    near, far = PersonFactory(in_rennes=True, last_name="Proche"), PersonFactory(in_brest=True, last_name="Lointain")
    pair(near, far)
    client = signed_in(Role.LOCAL_LEAD, "35")
    assert "Lointain" not in client.get(HOME).content.decode()
    for method in (client.get, client.post):
        assert method(address(near, far)).status_code == 404
        assert method(address(far, near)).status_code == 404
        assert method(address(near, near)).status_code == 404
    assert client.post(address(near, far) + "differents/").status_code == 404
    other = PersonFactory(in_brest=True)
    signed_in().post(address(far, other), sent(page(signed_in(), address(far, other))))
    done = Merge.objects.get()
    assert client.post(f"{HOME}fusions/{done.pk}/annuler/").status_code == 404


@pytest.mark.parametrize("role", [Role.READER, Role.COMMUNICATIONS])
def test_who_may_not_merge_has_no_screen(role: Role) -> None:
    one, other = pair()
    client = signed_in(role)
    for path in (HOME, address(one, other)):
        assert client.get(path).status_code == 302
    assert client.post(address(one, other), {"first_name": "kept", "occupation": "kept"}).status_code == 302
    assert not Merge.objects.exists()


def test_the_home_page_reminds_of_pairs() -> None:
    pair()
    assert "1 doublon possible" in page(signed_in(), "/gestion/").get_text(" ", strip=True)


def test_looking_at_two_records_is_reading_both() -> None:
    one, other = pair()
    signed_in().get(address(one, other))
    assert set(Consultation.objects.values_list("person", flat=True)) == {one.pk, other.pk}
