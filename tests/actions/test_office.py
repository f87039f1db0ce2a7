"""The desk of actions, what a record shows of them, and what citizens do with their own."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from portevoix.accounts.services import mandates
from portevoix.accounts.types import Invitation, Role, System
from portevoix.actions import selectors
from portevoix.actions.models import Participation, PetitionPage
from portevoix.journal.models import Entry
from portevoix.rights import links
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import signed_in as member
from tests.actions.factories import key, participation, petition, sign_up_page, survey

pytestmark = pytest.mark.django_db


def editor() -> Client:
    """Return the browser of a director whom another invited: the rights on pages come with the mandate."""
    invitation = Invitation(email="d@campaign.example", first_name="A", last_name="B", role=Role.DIRECTOR)
    client = Client()
    client.force_login(mandates.invite(invitation, actor=System("tests")))
    return client


def words(response: object) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())  # type: ignore[attr-defined]


def test_the_desk_lists_every_action_with_its_figures_and_nobodys_name() -> None:
    page, quiet = petition(), sign_up_page()
    participation(page, email="un@mail.example", last_name="Introuvable")
    participation(page, email="deux@mail.example", confirmed=False)
    lines = {line.page.pk: line for line in selectors.overview()}
    assert (lines[page.pk].confirmed, lines[page.pk].waiting, lines[page.pk].lately) == (1, 1, 1)
    assert (lines[quiet.pk].confirmed, lines[quiet.pk].waiting) == (0, 0)
    shown = words(member(Role.COMMUNICATIONS).get("/gestion/actions/"))
    assert "Sauvons la ligne 7" in shown
    assert "Introuvable" not in shown


def test_the_list_asks_as_much_of_the_database_for_ten_pages_as_for_one(django_assert_num_queries: object) -> None:
    for number in range(10):
        petition(slug=f"petition-{number}", title=f"Pétition {number}")
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(selectors.overview()) == 10


def test_a_page_that_is_no_action_does_not_exist_here() -> None:
    client = member(Role.DIRECTOR)
    page = petition()
    assert client.get(f"/gestion/actions/{page.pk}/").status_code == 200
    assert client.get(f"/gestion/actions/{page.get_parent().pk}/").status_code == 404


def test_a_record_shows_what_the_person_took_part_in() -> None:
    taken = participation(petition())
    shown = words(member(Role.DIRECTOR).get(reverse("people:person", args=[taken.person_id])))
    assert "Sauvons la ligne 7" in shown


def test_citizens_read_what_they_answered_and_take_it_back() -> None:
    page = survey({"label": "Prenez-vous le bus ?", "kind": "yes_no"})
    taken = participation(page, answers={key(1): "yes"})
    address = reverse("actions:mine", args=[links.preferences_token(taken.person.ref)])
    client = Client()
    assert "Prenez-vous le bus ? oui" in words(client.get(address))
    assert client.post(address, {"part": taken.pk}).status_code == 302
    assert not Participation.objects.exists()
    assert "Rien" in words(client.get(address))
    assert Entry.objects.filter(command="actions.retract").count() == 1


def test_nobody_takes_back_somebody_elses_part() -> None:
    page = petition()
    mine = participation(page, email="un@mail.example")
    theirs = participation(page, email="deux@mail.example")
    address = reverse("actions:mine", args=[links.preferences_token(mine.person.ref)])
    for part in (theirs.pk, 0, "x", "9" * 30):
        assert Client().post(address, {"part": part}).status_code == 404
    assert Participation.objects.count() == 2


def test_the_page_of_preferences_leads_to_what_one_took_part_in() -> None:
    taken = participation(petition())
    assert "Ce à quoi j’ai participé" in words(Client().get(links.preferences_url(taken.person.ref)))


def test_refusing_everything_takes_every_part_back() -> None:
    taken = participation(petition())
    rights.choose(taken.person, set(), source="preferences", actor=System("tests"))
    assert not selectors.taken_by(taken.person_id).exists()
    assert not taken.person.grounds.live().filter(purpose=Purpose.PARTICIPATION).exists()


def test_a_page_that_people_signed_is_not_deleted_nor_one_above_it() -> None:
    page = petition()
    participation(page)
    client = editor()
    for one in (page, page.get_parent()):
        client.post(reverse("wagtailadmin_pages:delete", args=[one.pk]))
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    answer = client.post(f"{bulk}?id={page.pk}", follow=True)
    assert "dépubliez" in words(answer)
    assert PetitionPage.objects.filter(pk=page.pk).exists()


def test_a_page_that_nobody_signed_goes() -> None:
    page = petition()
    editor().post(reverse("wagtailadmin_pages:delete", args=[page.pk]))
    assert not PetitionPage.objects.exists()
