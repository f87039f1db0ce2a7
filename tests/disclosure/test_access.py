"""« What do you hold on me? »: everything, in one file, to those who answer for it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.disclosure import selectors
from portevoix.disclosure.exceptions import NotYours
from portevoix.disclosure.services import answering as services
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Attachment, Interaction, Person, PostalAddress, Tag, Tagging
from portevoix.people.services.writing import add_file
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.types import HANDLERS
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.disclosure.factories import written
from tests.disclosure.test_views import office
from tests.people.factories import PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def page_of(person: Person) -> str:
    return f"/gestion/export/acces/{person.pk}/"


def known() -> Person:
    person = PersonFactory(
        first_name="Ana", born_on="1980-05-02", reachable=True, in_rennes=True, custom={"velo": True}
    )
    PhoneFactory(person=person, number="+33639987766")
    Tagging.objects.create(person=person, tag=Tag.objects.create(name="bénévole"), source="tests")
    PostalAddress.objects.create(person=person, line1="3 rue du Port", source="tests")
    return person


def given(response: Any) -> bytes:
    """Return what a client is sent, to the end: then the file goes, as with a server."""
    return bytes(response.getvalue())


def opened(content: bytes) -> tuple[str, str]:
    """Return the page and the file of data of an answer."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return tuple(archive.read(name).decode() for name in sorted(archive.namelist()))  # type: ignore[return-value]


def test_the_file_holds_everything_and_says_who_holds_it() -> None:
    person = known()
    PersonFactory(first_name="Quelqu’un d’autre", reachable=True)
    response = signed_in(Role.DATA_OFFICER).post(page_of(person))
    assert "attachment" in response["Content-Disposition"]
    page, text = opened(given(response))
    for fact in ("Ana", "1980-05-02", "+33639987766", "bénévole", "3 rue du Port", "velo", "newsletter", "Rennes"):
        assert fact in text, fact
    assert "Quelqu’un" not in text + page
    for fact in ("Ana", "2 mai 1980", "+33639987766", "bénévole", "3 rue du Port", "nouvelles de la campagne", "CNIL"):
        assert fact in page, fact
    told = json.loads(text)
    assert {table["table"] for table in told["tables"]} == set(HANDLERS)
    assert set(told) == {"controller", "made_at", "person", "tables"}


def test_giving_it_is_written_in_the_journal_and_on_the_timeline_without_any_value() -> None:
    person = known()
    given(signed_in().post(page_of(person)))
    entry = Entry.objects.get(command="disclosure.answer_access_request")
    assert (entry.about_id, entry.count, entry.detail) == (str(person.pk), 1, {"purpose": "RGPD art. 15"})
    assert Interaction.objects.filter(person=person, kind=Kind.EXPORTED).count() == 1


def test_the_page_asks_nobody_for_anything_and_runs_nothing() -> None:
    person = PersonFactory(first_name="<script>alert(1)</script>", last_name='" onload="x', reachable=True)
    page, _text = opened(given(signed_in().post(page_of(person))))
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find_all(["script", "img", "link", "iframe"]) == []
    assert not re.findall(r"(?:src=|url\(|@import)", page)
    assert all(link["href"].startswith(("#", "mailto:")) for link in soup.find_all("a"))
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_page_is_in_the_language_of_the_person() -> None:
    french, _text = opened(given(signed_in().post(page_of(PersonFactory()))))
    english, _text = opened(given(signed_in().post(page_of(PersonFactory(language="en")))))
    assert ("vos droits" in french, "your rights" in english) == (True, True)
    assert '<html lang="en">' in english


def test_the_person_learns_who_read_their_record_by_role_and_day_and_no_name() -> None:
    person = known()
    reader = UserFactory(username="zebulon", role=Role.ORGANISER)
    office(reader).get(f"/gestion/personnes/{person.pk}/")
    page, text = opened(given(signed_in(Role.DATA_OFFICER).post(page_of(person))))
    [table] = [table for table in json.loads(text)["tables"] if table["table"] == "people.consultation"]
    assert [row["roles"] for row in table["rows"]] == [["organiser"]]
    assert "zebulon" not in page + text


def test_the_person_learns_in_which_exports_they_were() -> None:
    person = known()
    written(staff(), ("first_name",))
    page, text = opened(given(signed_in().post(page_of(person))))
    [table] = [table for table in json.loads(text)["tables"] if table["table"] == "disclosure.export"]
    assert [(row["purpose"], row["fields"], row["asker_roles"]) for row in table["rows"]] == [
        ("canvassing", ["first_name"], ["director"])
    ]
    assert "canvassing" in page


def test_looking_at_the_page_gives_nothing_away() -> None:
    person = known()
    page = BeautifulSoup(signed_in().get(page_of(person)).content, "html.parser")
    assert "Télécharger l’archive" in page.get_text()
    assert not Entry.objects.filter(command="disclosure.answer_access_request").exists()


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COMMUNICATIONS, Role.READER])
def test_others_have_neither_the_button_nor_the_file(role: Role) -> None:
    person = known()
    client = signed_in(role)
    assert page_of(person) not in client.get(f"/gestion/personnes/{person.pk}/").content.decode()
    assert client.post(page_of(person)).status_code == 302
    actor = staff(role)
    disclosure = gate.reveal(Person.objects.all(), actor=actor, purpose="x", fields=["last_name"])
    with pytest.raises(NotAllowed):
        services.answer_access_request(disclosure, actor=actor)


def test_those_who_may_have_the_button() -> None:
    person = known()
    assert page_of(person) in signed_in().get(f"/gestion/personnes/{person.pk}/").content.decode()


def test_a_disclosure_is_for_one_person_and_for_whom_it_was_made() -> None:
    known()
    PersonFactory()
    everybody = gate.reveal(Person.objects.all(), actor=System("a"), purpose="x", fields=selectors.IDENTITY)
    with pytest.raises(Person.MultipleObjectsReturned):
        services.answer_access_request(everybody, actor=System("a"))
    with pytest.raises(NotYours):
        services.answer_access_request(everybody, actor=System("b"))
    with pytest.raises(NotFromTheGate):
        services.answer_access_request(Person.objects.all(), actor=System("a"))  # type: ignore[arg-type]


def test_what_was_left_out_of_the_record_is_there_too() -> None:
    person = known()
    Person.objects.filter(pk=person.pk).update(
        polling_station="0042", other_languages=["br", "es"], restricted_at=clock.now()
    )
    page, text = opened(given(signed_in().post(page_of(person))))
    told = json.loads(text)["person"]
    assert (told["polling_station"], told["other_languages"]) == ("0042", ["br", "es"])
    assert told["restricted_at"]
    for fact in ("0042", "Breton", "Espagnol"):
        assert fact in page, fact


def test_the_files_of_the_record_are_in_the_archive_itself() -> None:
    person = known()
    for name, words in (("lettre.pdf", b"%PDF Ma lettre"), ("../../sor tie.txt", b"Bonjour")):
        add_file(person, ContentFile(words, name=name), actor=System("tests"))
    Attachment.objects.filter(name="sor tie.txt").update(name="../../etc/pass wd.txt")
    with zipfile.ZipFile(io.BytesIO(given(signed_in().post(page_of(person))))) as archive:
        names = [name for name in archive.namelist() if "/" in name]
        assert names == ["fichiers/01-lettre.pdf", "fichiers/02-_.._etc_pass wd.txt"]
        assert [archive.read(name) for name in names] == [b"%PDF Ma lettre", b"Bonjour"]
        told = json.loads(archive.read("vos-donnees.json"))
    [table] = [table for table in told["tables"] if table["table"] == "people.attachment"]
    assert [row["file"] for row in table["rows"]] == names


def test_a_file_that_the_disk_lost_is_said_and_keeps_nobody_from_the_rest() -> None:
    person = known()
    add_file(person, ContentFile(b"Bonjour", name="lettre.txt"), actor=System("tests")).remove_from_disk()
    page, text = opened(given(signed_in().post(page_of(person))))
    assert "introuvable sur le disque" in page
    assert "introuvable sur le disque" in text


def test_the_archive_is_streamed_whatever_its_size() -> None:
    person = known()
    response = signed_in().post(page_of(person))
    assert response.streaming
    assert response["Content-Length"] == str(len(given(response)))
