"""Who may not see a person finds nothing at any address: 404, or no right to the screen at all, never the person."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver

from portevoix.accounts.types import Role
from tests.accounts.factories import MandateFactory, UserFactory
from tests.architecture.test_urls import addresses
from tests.architecture.world import OF_PERSONS, OF_THINGS, everything_about, said_by
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def office(role: Role, departement: str = "", *more: tuple[Role, str]) -> Client:
    user = UserFactory(role=role, departement=departement)
    for another, where in more:
        MandateFactory(user=user, role=another, departement_code=where)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    return client


def addresses_of_persons(pk: int) -> list[tuple[str, str]]:
    found = []
    for path, item in addresses(get_resolver()):
        room = item.callback.__module__.split(".")[1]
        if item.callback.__module__.startswith("portevoix.") and room in OF_PERSONS and path.startswith("/gestion/"):
            parts = [str(pk) if part == "1" else part for part in path.split("/")]
            if str(pk) in parts:
                found.append((path.removeprefix("/gestion/"), "/".join(parts)))
    return found


@pytest.mark.parametrize("role", [Role.LOCAL_LEAD, Role.ORGANISER, Role.DATA_OFFICER])
def test_a_person_of_another_departement_does_not_exist(role: Role) -> None:
    stranger = everything_about(7_000_002, "Introuvable", in_brest=True)
    client = office(role, "35")
    paths = addresses_of_persons(stranger.pk)
    assert len(paths) >= 40
    wrong = []
    for name, path in paths:
        for response in (client.get(path), client.post(path)):
            is_refused = response.status_code in {403, 404, 405}
            # Wagtail's answer to who has no right.
            is_led_away = response.status_code == 302 and response["Location"] == "/gestion/"
            is_there = not (is_refused or is_led_away or name in OF_THINGS)
            if is_there or b"Introuvable" in said_by(response):
                wrong.append(f"{path} {response.status_code}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("role", [Role.LOCAL_LEAD, Role.ORGANISER, Role.DATA_OFFICER])
def test_who_also_reads_all_of_france_finds_no_more_of_a_stranger_than_any_reader(role: Role) -> None:
    stranger = everything_about(7_000_002, "Introuvable", in_brest=True)
    reader, both = office(Role.READER), office(role, "35", (Role.READER, ""))
    wrong = []
    for name, path in addresses_of_persons(stranger.pk):
        if name not in OF_THINGS and both.get(path).status_code == 200 != reader.get(path).status_code:
            wrong.append(path)
    assert wrong == []
    record = f"/gestion/personnes/{stranger.pk}/"
    assert both.get(record).status_code == 200


def test_a_person_of_ones_own_departement_is_there() -> None:
    neighbour = PersonFactory(in_rennes=True, last_name="Trouvable")
    response = office(Role.LOCAL_LEAD, "35").get(f"/gestion/personnes/{neighbour.pk}/")
    assert response.status_code == 200
    assert "Trouvable" in response.content.decode()


def test_a_list_shows_a_local_lead_their_departement_only() -> None:
    PersonFactory(in_rennes=True, last_name="Trouvable")
    PersonFactory(in_brest=True, last_name="Introuvable")
    page = office(Role.LOCAL_LEAD, "35").get("/gestion/personnes/").content.decode()
    assert "Trouvable" in page
    assert "Introuvable" not in page


def test_a_member_of_staff_without_mandate_sees_nobody() -> None:
    PersonFactory(last_name="Introuvable")
    user = UserFactory(mandate=None)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    assert "Introuvable" not in client.get("/gestion/personnes/").content.decode()
