"""The screens of exports and leaks."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from portevoix.accounts.models import User
from portevoix.accounts.types import Role, Staff, System
from portevoix.disclosure import tasks
from portevoix.disclosure.forms import LABELS
from portevoix.disclosure.models import Export
from portevoix.disclosure.selectors import ALL_FIELDS
from portevoix.disclosure.services.leaks import raise_alarm
from portevoix.journal.models import Entry
from portevoix.people.models import Tag, Tagging
from portevoix.rights import services as rights
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.disclosure.factories import ordered, read, with_canaries, written
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db
WANTED = {"purpose": "porte-à-porte", "fields_wanted": ["last_name", "email"]}


def office(user: User) -> Client:
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    return client


def page_of(response: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def password_in(response: HttpResponse) -> str:
    shown = page_of(response).find("output")
    assert shown is not None
    return shown.get_text()


def ordered_by(client: Client, query: str = "") -> list[dict[str, str]]:
    """Order an export on the screen, let the worker write it, take its password and its file."""
    response = client.post(reverse("disclosure:export") + query, WANTED)
    assert response.status_code == 302
    pk = Export.objects.latest("pk").pk
    tasks.write(pk)
    password = password_in(client.post(reverse("disclosure:password", args=[pk])))
    download = client.post(reverse("disclosure:download", args=[pk]))
    return read(b"".join(download.streaming_content), password)  # type: ignore[attr-defined]


def test_the_list_of_persons_leads_to_a_file_of_those_it_shows() -> None:
    client = signed_in()
    tag = Tag.objects.create(name="tracts")
    Tagging.objects.create(person=reachable("a@mail.example", last_name="Riou"), tag=tag, source="tests")
    PersonFactory(last_name="Autre")
    shown = client.get(reverse("people:list") + f"?tag={tag.pk}").content.decode()
    address = f"{reverse('disclosure:export')}?tag={tag.pk}"
    assert address in shown
    assert "1 personne" in client.get(address).content.decode()
    assert ordered_by(client, f"?tag={tag.pk}") == [{"last_name": "Riou", "email": "a@mail.example"}]


def test_a_search_narrows_the_file_too() -> None:
    PersonFactory(last_name="Riou")
    PersonFactory(last_name="Kervella")
    assert [row["last_name"] for row in ordered_by(signed_in(), "?q=kervel")] == ["Kervella"]


def test_no_file_without_its_reason() -> None:
    response = signed_in().post(reverse("disclosure:export"), {"fields_wanted": ["email"]})
    assert response.status_code == 400
    assert not Export.objects.exists()


def test_a_territory_is_all_one_exports() -> None:
    PersonFactory(in_rennes=True, last_name="Ici")
    PersonFactory(in_brest=True, last_name="Ailleurs")
    assert [row["last_name"] for row in ordered_by(signed_in(Role.ORGANISER, "35"))] == ["Ici"]


def test_who_may_not_export_has_no_button_and_no_screen() -> None:
    client = signed_in(Role.READER)
    assert client.get(reverse("disclosure:export")).status_code in {302, 403}
    assert client.get(reverse("disclosure:exports")).status_code in {302, 403}
    assert reverse("disclosure:export") not in client.get(reverse("people:list")).content.decode()


def test_the_list_says_who_why_how_many_and_until_when() -> None:
    user = UserFactory(username="maelle")
    PersonFactory()
    written(Staff(user))
    text = page_of(signed_in(Role.DATA_OFFICER).get(reverse("disclosure:exports"))).get_text(" ", strip=True)
    for fact in ("canvassing", "prêt", "maelle", "Détruit le"):
        assert fact in text, fact


def test_an_organiser_sees_their_own_exports_only() -> None:
    mine, other = UserFactory(role=Role.ORGANISER), written(staff())
    own = written(Staff(mine))
    client = office(mine)
    text = client.get(reverse("disclosure:exports")).content.decode()
    assert reverse("disclosure:file", args=[own.pk]) in text
    assert reverse("disclosure:file", args=[other.pk]) not in text
    for name in ("file", "password", "download", "destroy", "recall"):
        address = reverse(f"disclosure:{name}", args=[other.pk])
        assert (client.get(address) if name == "file" else client.post(address)).status_code == 404, name


def test_who_answers_for_exports_sees_them_all_and_downloads_only_their_own() -> None:
    export = written(staff())
    client = signed_in(Role.DATA_OFFICER)
    page = client.get(reverse("disclosure:file", args=[export.pk])).content.decode()
    assert reverse("disclosure:destroy", args=[export.pk]) in page
    assert reverse("disclosure:download", args=[export.pk]) not in page
    for name in ("password", "download", "recall"):
        assert client.post(reverse(f"disclosure:{name}", args=[export.pk])).status_code == 404, name
    assert client.post(reverse("disclosure:destroy", args=[export.pk])).status_code == 302
    assert Export.objects.get(pk=export.pk).state == "destroyed"


def test_a_password_is_in_one_answer_that_nobody_stores() -> None:
    user = UserFactory()
    PersonFactory()
    export = written(Staff(user))
    client = office(user)
    address = reverse("disclosure:password", args=[export.pk])
    first = client.post(address)
    assert re.fullmatch(r"([a-z2-9]{5}-){4}[a-z2-9]{5}", password_in(first))
    assert "no-store" in first["Cache-Control"]
    again = client.post(address, follow=True)
    assert page_of(again).find("output") is None
    assert "déjà été montré" in again.content.decode()


def test_a_password_is_not_shown_to_who_only_looks() -> None:
    user = UserFactory()
    export = written(Staff(user))
    page = office(user).get(reverse("disclosure:file", args=[export.pk]))
    assert page_of(page).find("output") is None
    assert office(user).get(reverse("disclosure:password", args=[export.pk])).status_code == 405


def test_progress_is_shown_and_asked_for_while_the_file_is_written() -> None:
    user = UserFactory()
    PersonFactory()
    export = ordered(Staff(user))
    Export.objects.filter(pk=export.pk).update(state="writing", people=200, written=50)
    address = reverse("disclosure:file", args=[export.pk])
    part = office(user).get(address, headers={"HX-Request": "true"})
    bar = page_of(part).find("progress")
    assert bar is not None
    assert (bar["value"], page_of(part).find("html")) == ("25", None)
    assert f'hx-get="{address}"' in part.content.decode()


def test_a_file_that_is_gone_is_said() -> None:
    user = UserFactory()
    export = written(Staff(user))
    export.path.unlink()
    page = office(user).post(reverse("disclosure:download", args=[export.pk]), follow=True)
    assert "n’a plus de fichier" in page.content.decode()


def test_the_first_page_reminds_of_a_file_and_of_copies_to_destroy() -> None:
    user = UserFactory()
    person = PersonFactory()
    export = written(Staff(user))
    client = office(user)
    assert "le fichier est prêt" in client.get("/gestion/").content.decode()
    list(client.post(reverse("disclosure:download", args=[export.pk])).streaming_content)  # type: ignore[attr-defined]
    assert "le fichier est prêt" not in client.get("/gestion/").content.decode()
    rights.erase(person, actor=staff())
    assert "détruisez vos copies" in client.get("/gestion/").content.decode()
    client.post(reverse("disclosure:recall", args=[export.pk]))
    assert "détruisez vos copies" not in client.get("/gestion/").content.decode()


def test_the_screen_says_plainly_when_nobody_would_hear_who_writes_to_a_canary(settings: Settings) -> None:
    with_canaries(settings, "")
    page = signed_in().get(reverse("disclosure:export")).content.decode()
    assert "personnes inventées" in page
    assert "personne n’est prévenu" in page
    with_canaries(settings)
    page = signed_in().get(reverse("disclosure:export")).content.decode()
    assert "personnes inventées" in page
    assert "personne n’est prévenu" not in page


def test_a_leaked_file_names_its_export_on_the_screen(settings: Settings) -> None:
    with_canaries(settings)
    reachable("a@mail.example")
    export = written(staff())
    canary = export.canaries.get()
    client = signed_in(Role.DATA_OFFICER)
    address = reverse("disclosure:leak")
    found = SimpleUploadedFile("trouve.txt", f"x;{canary.mailbox.upper()};y".encode())
    for given in ({"file": found}, {"text": canary.mailbox}):
        page = page_of(client.post(address, given)).get_text(" ", strip=True)
        assert "canvassing" in page
        assert export.asker in page
        assert "pas qui l’a laissé sortir" in page


def test_a_question_without_file_or_address_is_refused_and_an_encrypted_one_explained() -> None:
    export = written(staff())
    client, address = signed_in(), reverse("disclosure:leak")
    assert client.post(address, {"text": " "}).status_code == 400
    with export.path.open("rb") as file:
        response = client.post(address, {"file": SimpleUploadedFile("x.zip", file.read())})
    assert "chiffrée" in response.content.decode()
    assert client.post(address, {"text": "rien@ici.example"}).status_code == 200


def test_an_alarm_is_on_the_first_page_of_who_answers_for_it(settings: Settings) -> None:
    with_canaries(settings)
    reachable("a@mail.example")
    export = written(staff())
    raise_alarm(export.canaries.get().mailbox, actor=System("tests"))
    assert "message est arrivé à une adresse inventée" in signed_in().get("/gestion/").content.decode()
    page = signed_in().get(reverse("disclosure:file", args=[export.pk])).content.decode()
    assert "quelqu’un s’en sert" in page


def test_every_field_has_a_label() -> None:
    assert set(LABELS) == set(ALL_FIELDS)


def test_the_list_costs_the_same_for_one_export_or_many() -> None:
    client = signed_in()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("disclosure:exports"))
        return len(queries)

    written(staff())
    client.get(reverse("disclosure:exports"))
    one = cost()
    for _time in range(4):
        written(staff())
    assert cost() == one


def test_a_download_is_a_line_of_the_journal() -> None:
    PersonFactory()
    ordered_by(signed_in())
    entry = Entry.objects.get(command="disclosure.download_export")
    assert (entry.count, entry.detail) == (1, {"download": 1})


def test_the_console_says_the_password_once_and_keeps_no_copy(tmp_path: Path) -> None:
    reachable("a@mail.example")
    said = io.StringIO()
    call_command(
        "export_people", str(tmp_path / "p.zip"), "--reason", "access", "--fields", "email", "--json", stdout=said
    )
    told = json.loads(said.getvalue())
    assert read((tmp_path / "p.zip").read_bytes(), told["password"]) == [{"email": "a@mail.example"}]
    export = Export.objects.get()
    assert Entry.objects.get(command="disclosure.order_export").about_id == str(export.pk)
    assert (export.state, export.purpose) == ("destroyed", "access")
    for words in (["--fields", "password"], ["--segment", "nobody"]):
        with pytest.raises(CommandError):
            call_command("export_people", str(tmp_path / "q.zip"), "--reason", "x", *words)


@pytest.mark.parametrize("query", ["?tag=99999", "?departement=XX", "?segment=oui"])
def test_a_filter_that_means_nothing_exports_nobody_and_is_named(query: str) -> None:
    """Silently dropped, it would have exported everybody."""
    PersonFactory()
    client = signed_in()
    for answer in (
        client.get(reverse("disclosure:export") + query, follow=True),
        client.post(reverse("disclosure:export") + query, WANTED, follow=True),
    ):
        assert "Un filtre ne veut plus rien dire" in answer.content.decode()
    assert not Export.objects.exists()
