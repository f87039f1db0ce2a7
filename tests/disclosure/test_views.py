from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portevoix.accounts.types import Role
from portevoix.disclosure.forms import LABELS
from portevoix.disclosure.selectors import ALL_FIELDS
from portevoix.journal.models import Entry
from portevoix.people.models import Tag, Tagging
from tests.accounts.factories import UserFactory
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db
WANTED = {"purpose": "porte-à-porte", "fields_wanted": ["last_name", "email"]}


def office(role: Role = Role.DIRECTOR, departement: str = "") -> Client:
    user = UserFactory(role=role, departement=departement)
    user.user_permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
    client = Client()
    client.force_login(user)
    return client


def download(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.post(reverse("disclosure:export") + query, WANTED)
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def test_the_list_of_persons_leads_to_a_file_of_those_it_shows() -> None:
    client = office()
    tag = Tag.objects.create(name="tracts")
    Tagging.objects.create(person=reachable("a@mail.example", last_name="Riou"), tag=tag, source="tests")
    PersonFactory(last_name="Autre")
    shown = client.get(reverse("people:list") + f"?tag={tag.pk}").content.decode()
    address = f"{reverse('disclosure:export')}?tag={tag.pk}"
    assert address in shown
    assert "1 personne" in client.get(address).content.decode()
    assert download(client, f"?tag={tag.pk}") == [{"last_name": "Riou", "email": "a@mail.example"}]


def test_a_search_narrows_the_file_too() -> None:
    PersonFactory(last_name="Riou")
    PersonFactory(last_name="Kervella")
    assert [row["last_name"] for row in download(office(), "?q=kervel")] == ["Kervella"]


def test_no_file_without_its_reason() -> None:
    response = office().post(reverse("disclosure:export"), {"fields_wanted": ["email"]})
    assert response.status_code == 400
    assert not Entry.objects.filter(command="disclosure.export_people").exists()


def test_a_territory_is_all_one_exports() -> None:
    PersonFactory(in_rennes=True, last_name="Ici")
    PersonFactory(in_brest=True, last_name="Ailleurs")
    assert [row["last_name"] for row in download(office(Role.ORGANISER, "35"))] == ["Ici"]


def test_who_may_not_export_has_no_button_and_no_screen() -> None:
    client = office(Role.READER)
    assert client.get(reverse("disclosure:export")).status_code in {302, 403}
    assert reverse("disclosure:export") not in client.get(reverse("people:list")).content.decode()


def test_the_console_exports_for_a_reason(tmp_path: Path) -> None:
    reachable("a@mail.example")
    call_command(
        "export_people", str(tmp_path / "p.csv"), "--reason", "access", "--fields", "email", stdout=io.StringIO()
    )
    assert (tmp_path / "p.csv").read_text("utf-8-sig").splitlines() == ["email", "a@mail.example"]
    assert Entry.objects.get(command="disclosure.export_people").detail["purpose"] == "access"
    for words in (["--fields", "password"], ["--segment", "nobody"]):
        with pytest.raises(CommandError):
            call_command("export_people", str(tmp_path / "q.csv"), "--reason", "x", *words)


def test_every_field_has_a_label() -> None:
    assert set(LABELS) == set(ALL_FIELDS)
