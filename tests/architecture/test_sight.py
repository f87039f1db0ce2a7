"""Who may not see a person finds nothing at any address: 404, or no right to the screen at all, never the person."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver

from portevoix.accounts.types import Role
from tests.accounts.factories import UserFactory
from tests.architecture.test_urls import addresses
from tests.architecture.world import OF_PERSONS, OF_THINGS, everything_about, said_by
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def office(role: Role, departement: str = "") -> Client:
    user = UserFactory(role=role, departement=departement)
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
    stranger = everything_about(7002, "Introuvable", in_brest=True)
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
