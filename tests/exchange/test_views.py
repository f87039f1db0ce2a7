from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portevoix.accounts.commands import COMMANDS
from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from portevoix.exchange import tasks
from portevoix.exchange.models import ImportRun
from portevoix.journal.models import Entry
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from tests.accounts.factories import UserFactory, signed_in
from tests.exchange import files

pytestmark = pytest.mark.django_db


def office(role: Role = Role.DIRECTOR) -> Client:
    user: User = UserFactory(role=role)
    user.user_permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, content: bytes, name: str = "people.csv") -> ImportRun:
    response = client.post(reverse("exchange:imports"), {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, response.content.decode()
    return ImportRun.objects.get()


def page(client: Client, run: ImportRun) -> BeautifulSoup:
    return BeautifulSoup(client.get(reverse("exchange:import", args=[run.pk])).content, "html.parser")


def test_a_file_is_read_shown_decided_on_and_reported() -> None:
    client = office()
    run = send(client, files.text(files.person(email_opt_in="true", religion="x"), files.person(2, email="n/a")))
    assert page(client, run).find("progress") is not None
    tasks.advance(run.pk)
    shown = page(client, run).get_text(" ")
    assert "Rien n’est encore écrit" in shown
    assert "Importer 2 personnes" in shown
    assert "religion" in shown
    assert not Person.objects.exists()
    client.post(reverse("exchange:start", args=[run.pk]), {"consents": "declared"})
    tasks.advance(run.pk)
    assert "nouvelles personnes" in page(client, run).get_text(" ")
    assert (Person.objects.count(), Ground.objects.live().count()) == (2, 1)


def test_asking_again_is_the_default_and_makes_no_ground() -> None:
    client = office()
    run = send(client, files.text(files.person(email_opt_in="true")))
    tasks.advance(run.pk)
    form = page(client, run).select_one('input[name="consents"][checked]')
    assert form is not None
    client.post(reverse("exchange:start", args=[run.pk]), {"consents": form["value"]})
    tasks.advance(run.pk)
    assert Person.objects.count() == 1
    assert not Ground.objects.exists()


def test_a_file_given_up_leaves_nothing() -> None:
    client = office()
    run = send(client, files.text(files.person()))
    tasks.advance(run.pk)
    assert run.path.exists()
    response = client.post(reverse("exchange:give_up", args=[run.pk]), follow=True)
    assert "abandonné" in response.content.decode()
    assert not run.path.exists()
    assert not Person.objects.exists()


def test_the_rows_left_aside_are_given_back_with_their_reasons_and_without_formulas() -> None:
    client = office()
    run = send(client, files.text(files.person(email="=cmd()")))
    tasks.advance(run.pk)
    response = client.post(reverse("exchange:left_aside", args=[run.pk]))
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "n’est pas une adresse e-mail" in content
    assert "'=cmd()" in content
    assert Entry.objects.filter(command="disclosure.export_rows", outcome="done", count=1).exists()


def test_a_file_that_cannot_be_read_is_refused_in_french() -> None:
    client = office()
    run = send(client, b"PK\x03\x04nonsense", "people.zip")
    tasks.advance(run.pk)
    assert "Le zip est abîmé" in page(client, run).get_text(" ")


def test_htmx_gets_the_moving_part_alone() -> None:
    client = office()
    run = send(client, files.text(files.person()))
    fragment = client.get(reverse("exchange:import", args=[run.pk]), headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith('<div id="import"')


@pytest.mark.parametrize("role", [Role.READER, Role.COMMUNICATIONS, Role.ORGANISER])
def test_who_may_not_import_sees_no_screen_and_no_menu(role: Role) -> None:
    client = office(role)
    assert client.get(reverse("exchange:imports")).status_code in {302, 403}
    assert 'href="/gestion/imports/"' not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_a_territory_gets_no_row_of_a_file_that_knows_none() -> None:
    run = send(office(), files.text(files.person(email="n/a")))
    local = signed_in(Role.DATA_OFFICER, "35")
    assert local.post(reverse("exchange:left_aside", args=[run.pk])).status_code in {302, 403}
    assert local.post(reverse("exchange:imports")).status_code in {302, 403}


def test_the_list_shows_the_imports() -> None:
    client = office()
    send(client, files.text(files.person()), "export-mars.csv")
    assert "export-mars.csv" in client.get(reverse("exchange:imports")).content.decode()


def test_rows_left_aside_go_to_who_may_import_and_to_nobody_else() -> None:
    """They leave as a plain table: so the way is no wider than that by which they came (docs/explanation/leaks.md)."""
    assert COMMANDS["disclosure.export_rows"].roles == COMMANDS["exchange.receive_file"].roles
    assert COMMANDS["disclosure.export_rows"].nationwide == COMMANDS["exchange.receive_file"].nationwide is True
