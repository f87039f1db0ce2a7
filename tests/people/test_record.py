"""Notes, files, roles, ties and fields of a record: who may, what is refused, what never becomes markup."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from portevoix.accounts.types import Role, System
from portevoix.kernel import clock
from portevoix.people import interactions, selectors, services
from portevoix.people.exceptions import ChangedMeanwhile, Impossible, OutOfSight
from portevoix.people.models import Attachment, CustomField, Interaction, Person, PersonRole, Relationship
from portevoix.people.services import fields, writing
from portevoix.people.types import CustomKind, Held, Identity, Kind, RelationKind, RoleKind
from portevoix.rights import services as rights
from portevoix.rights.selectors import everything_about
from portevoix.rights.types import HANDLERS
from tests.accounts.factories import signed_in, staff
from tests.people.factories import EmailFactory, PersonFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
HOSTILE = "'; DROP TABLE people_person; --<script>alert(1)</script>=HYPERLINK(1)"


def page_of(person: Person) -> str:
    return f"/gestion/personnes/{person.pk}/"


def soup(client: Client, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).content, "html.parser")


def form_of(client: Client, address: str) -> dict[str, object]:
    form = soup(client, address).select_one("form.office-form")
    assert form
    sent: dict[str, object] = {one["name"]: one.get("value", "") for one in form.select("input:not([type=checkbox])")}
    sent |= {one["name"]: one.get_text().strip() for one in form.select("textarea")}
    sent |= {one["name"]: one.select_one("option[selected]")["value"] for one in form.select("select:has([selected])")}
    for box in form.select("input[type=checkbox][checked]"):
        sent[box["name"]] = [*sent.get(box["name"], []), box["value"]]  # type: ignore[misc]
    return sent


# two people at once


def identity(person: Person, **changes: object) -> Identity:
    return Identity(**{**vars(selectors.identity_of(person)), **changes})  # type: ignore[arg-type]


def test_two_people_may_correct_two_fields_of_one_record_at_once() -> None:
    person = PersonFactory(occupation="marin")
    seen = selectors.identity_of(person)
    services.edit(person, identity(person, occupation="meunier"), seen=seen, actor=SYSTEM)
    services.edit(person, identity(person, postcode="35000"), seen=seen, actor=SYSTEM)
    person.refresh_from_db()
    assert (person.occupation, person.postcode) == ("meunier", "35000")


def test_two_people_who_correct_one_field_see_both_values_and_the_second_chooses() -> None:
    person = PersonFactory(occupation="marin")
    client, address = signed_in(), f"{page_of(person)}modifier/"
    sent = form_of(client, address) | {"occupation": "boulanger"}
    services.edit(person, identity(person, occupation="meunier"), actor=SYSTEM)
    asked = BeautifulSoup(client.post(address, sent).content, "html.parser")
    assert "meunier" in asked.get_text()
    assert asked.select_one("[name=occupation]")["value"] == "boulanger"
    person.refresh_from_db()
    assert person.occupation == "meunier"
    client.post(address, sent | {"seen": asked.select_one("input[name=seen]")["value"]})
    person.refresh_from_db()
    assert person.occupation == "boulanger"


def test_a_command_that_read_an_old_record_is_refused() -> None:
    person = PersonFactory(occupation="marin")
    Person.objects.filter(pk=person.pk).update(occupation="meunier")
    with pytest.raises(ChangedMeanwhile):
        services.edit(person, identity(person, occupation="boulanger"), actor=SYSTEM)


def test_tags_that_somebody_else_gave_meanwhile_stay() -> None:
    person = PersonFactory()
    services.tag(person, ["presse", "jeunes"], actor=SYSTEM)
    services.tag(person, ["jeunes", "relais"], seen=["jeunes"], actor=SYSTEM)
    assert set(person.taggings.values_list("tag__name", flat=True)) == {"presse", "jeunes", "relais"}


# notes


def test_a_note_has_its_author_who_alone_may_correct_it() -> None:
    person, author = PersonFactory(), staff(Role.ORGANISER)
    note = writing.write_note(person, "À rappeler", actor=author)
    assert (note.author_name, str(note.author_id)) == (author.label, author.ident)
    with pytest.raises(Impossible):
        writing.correct_note(note, "x", seen=note.text, actor=staff(Role.DIRECTOR))
    writing.correct_note(note, "Rappelée", seen="À rappeler", actor=author)
    note.refresh_from_db()
    assert note.edited_at is not None
    writing.correct_note(note, "  ", seen="Rappelée", actor=author)
    assert not person.notes.exists()
    told = Interaction.objects.filter(person=person).order_by("pk")
    assert [(line.kind, line.by) for line in told] == [
        (Kind.NOTED, author.label),
        (Kind.CORRECTED, author.label),
        (Kind.UNNOTED, author.label),
    ]
    assert told[2].about_id is None


def test_a_note_is_written_and_corrected_on_the_page_by_its_author_only() -> None:
    person, client = PersonFactory(), signed_in(Role.ORGANISER)
    client.post(f"{page_of(person)}notes/", {"text": "À rappeler"})
    note = person.notes.get()
    address = f"{page_of(person)}notes/{note.pk}/"
    assert client.post(address, form_of(client, address) | {"text": "Rappelée"}).status_code == 302
    assert "Rappelée" in soup(client, page_of(person)).get_text()
    assert signed_in().get(f"{page_of(person)}notes/{note.pk}/").status_code == 404
    assert signed_in(Role.READER).post(f"{page_of(person)}notes/", {"text": "x"}).status_code == 302
    assert person.notes.count() == 1


# files


def kept_file(person: Person, name: str = "lettre.pdf") -> Attachment:
    return writing.add_file(person, SimpleUploadedFile(name, b"%PDF-1.4"), actor=SYSTEM)


def test_a_file_is_for_nobody_else_has_no_address_and_is_only_downloaded() -> None:
    person, client = PersonFactory(), signed_in(Role.ORGANISER)
    kept = kept_file(person, "../../etc/lettre <b>.pdf")
    assert kept.name == "lettre <b>.pdf"
    path = Path(kept.file.path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "media" not in path.parts
    answer = client.get(f"{page_of(person)}fichiers/{kept.pk}/")
    assert (answer["Content-Type"], answer["Content-Disposition"].split(";")[0]) == (
        "application/octet-stream",
        "attachment",
    )
    assert b"".join(answer.streaming_content) == b"%PDF-1.4"
    assert "lettre" not in signed_in(Role.READER).get(page_of(person)).content.decode()
    other = PersonFactory()
    assert client.get(f"{page_of(other)}fichiers/{kept.pk}/").status_code == 404


@pytest.mark.parametrize("name", ["page.html", "logo.svg", "run.exe", "noend"])
def test_a_file_of_another_type_is_refused(name: str) -> None:
    with pytest.raises(Impossible):
        kept_file(PersonFactory(), name)


def test_a_file_too_large_or_one_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    person = PersonFactory()
    kept_file(person)
    monkeypatch.setattr(writing, "MOST_FILES", 1)
    with pytest.raises(Impossible):
        kept_file(person)
    monkeypatch.setattr(writing, "LARGEST_FILE", 3)
    with pytest.raises(Impossible):
        kept_file(PersonFactory())


def test_a_file_that_is_removed_is_told_on_the_timeline_with_who_removed_it() -> None:
    person, actor = PersonFactory(), staff(Role.ORGANISER)
    writing.remove_file(kept_file(person), actor=actor)
    told = Interaction.objects.get(person=person, kind=Kind.UNFILED)
    assert (told.by, told.about_id) == (actor.label, None)


@pytest.mark.parametrize("way", ["screen", "erasure"])
def test_a_file_leaves_the_disk_with_its_row(way: str, django_capture_on_commit_callbacks: object) -> None:
    person = PersonFactory()
    kept = kept_file(person)
    path = Path(kept.file.path)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        if way == "screen":
            signed_in().post(f"{page_of(person)}fichiers/{kept.pk}/retrait/")
        else:
            rights.erase(person, actor=SYSTEM)
        assert path.exists(), "not before it is certain"
    assert not path.exists()
    assert not Attachment.objects.exists()


# roles and ties


def test_a_role_has_its_days_and_a_member_their_dues() -> None:
    person, client = PersonFactory(), signed_in()
    sent = {"kind": "member", "since": "2024-01-01", "dues_paid_on": "2026-01-05", "dues_until": "2026-12-31"}
    client.post(f"{page_of(person)}roles/", sent)
    client.post(f"{page_of(person)}roles/", sent | {"until": "2026-06-30"})
    role = person.roles.get()
    assert (role.kind, role.until, role.dues_until) == ("member", date(2026, 6, 30), date(2026, 12, 31))
    assert "adhérent" in soup(client, page_of(person)).select_one(".office-roles").get_text().lower()
    button = soup(client, f"{page_of(person)}roles/").select_one("form[action$='/retrait/'] input[name=seen]")
    client.post(f"{page_of(person)}roles/{role.pk}/retrait/", {"seen": button["value"]})  # type: ignore[index]
    assert not person.roles.exists()


def days_page(client: Client, role: PersonRole) -> dict[str, str]:
    """Open the page of a role; return what a browser would send from it."""
    form = soup(client, f"{page_of(role.person)}roles/{role.pk}/").select("form.office-form input[name]")
    return {field["name"]: field.get("value", "") for field in form}


def member_with_dues() -> PersonRole:
    known = {"since": date(2024, 1, 1), "dues_paid_on": date(2026, 1, 5), "dues_until": date(2026, 12, 31)}
    return PersonRole.objects.create(person=PersonFactory(), kind=RoleKind.MEMBER, source="tests", **known)


def test_two_who_correct_one_role_write_over_nothing() -> None:
    role, client = member_with_dues(), signed_in()
    first, second = days_page(client, role), days_page(client, role)
    address = f"{page_of(role.person)}roles/{role.pk}/"
    client.post(address, second | {"dues_until": "2027-12-31"})
    answer = client.post(address, first | {"until": "2026-06-30"})
    assert answer.status_code == 302, "another field than theirs"
    role.refresh_from_db()
    assert (role.until, role.dues_until) == (date(2026, 6, 30), date(2027, 12, 31))
    refused = client.post(address, first | {"dues_until": "2026-07-31"})
    assert "31 décembre 2027" in refused.content.decode()
    role.refresh_from_db()
    assert role.dues_until == date(2027, 12, 31)
    again = {
        field["name"]: field.get("value", "")
        for field in BeautifulSoup(refused.content, "html.parser").select("form.office-form input[name]")
    }
    client.post(address, again)
    role.refresh_from_db()
    assert role.dues_until == date(2026, 7, 31), "sent again, it is a choice made knowingly"


def test_a_role_given_twice_forgets_nothing() -> None:
    role, client = member_with_dues(), signed_in()
    sent = {"kind": "member", "since": "2024-01-01"}
    client.post(f"{page_of(role.person)}roles/", sent | {"until": "2026-06-30"})
    role.refresh_from_db()
    assert (role.until, role.dues_until) == (date(2026, 6, 30), date(2026, 12, 31))
    answer = client.post(f"{page_of(role.person)}roles/", sent | {"dues_until": "2025-12-31"}, follow=True)
    assert "corrigez-le à sa ligne" in answer.content.decode()
    role.refresh_from_db()
    assert role.dues_until == date(2026, 12, 31)


def test_a_role_that_is_no_members_has_no_dues_to_correct() -> None:
    role = PersonRole.objects.create(
        person=PersonFactory(), kind=RoleKind.PRESS, since=date(2024, 2, 1), source="tests"
    )
    sent = days_page(signed_in(), role)
    assert set(sent) == {"csrfmiddlewaretoken", "seen", "until"} or set(sent) == {"seen", "until"}
    answer = signed_in().post(f"{page_of(role.person)}roles/{role.pk}/", sent | {"until": "2024-01-01"})
    assert "commencé" in answer.content.decode()
    role.refresh_from_db()
    assert role.until is None


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"kind": "press", "since": "2024-02-01", "until": "2024-01-01"}, "commencé"),
        ({"kind": "press", "dues_until": "2024-01-01"}, "cotisation"),
        ({"kind": "king"}, "choix"),
    ],
)
def test_an_impossible_role_is_refused_in_french(sent: dict[str, str], said: str) -> None:
    person = PersonFactory()
    assert said in signed_in().post(f"{page_of(person)}roles/", sent).content.decode()
    assert not PersonRole.objects.exists()


def test_the_database_refuses_impossible_roles_too() -> None:
    person = PersonFactory()
    for held in (
        Held(RoleKind.PRESS, since=date(2024, 2, 1), until=date(2024, 1, 1)),
        Held(RoleKind.PRESS, dues_until=date(2024, 1, 1)),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            writing.give_role(person, held, actor=SYSTEM)


def test_a_tie_is_read_from_both_ends_and_ended_from_either() -> None:
    ana, bob = PersonFactory(first_name="Ana", last_name="Un"), PersonFactory(first_name="Bob", last_name="Deux")
    EmailFactory(person=bob, address="bob@mail.example")
    client = signed_in()
    client.post(f"{page_of(ana)}liens/", {"kind": "recruited_by", "other": "bob@mail.example"})
    assert "A été recruté par Bob Deux" in soup(client, page_of(ana)).get_text(" ", strip=True)
    assert "A recruté Ana Un" in soup(client, page_of(bob)).get_text(" ", strip=True)
    client.post(f"{page_of(bob)}liens/{Relationship.objects.get().pk}/retrait/")
    assert not Relationship.objects.exists()


def test_a_tie_that_says_the_same_from_both_ends_is_one() -> None:
    ana, bob = PersonFactory(), PersonFactory()
    first = writing.tie(ana, RelationKind.FAMILY, bob, actor=SYSTEM)
    assert writing.tie(bob, RelationKind.FAMILY, ana, actor=SYSTEM) == first
    writing.tie(ana, RelationKind.POINT_PERSON, bob, actor=SYSTEM)
    writing.tie(bob, RelationKind.POINT_PERSON, ana, actor=SYSTEM)
    assert Relationship.objects.count() == 3


def test_nobody_is_tied_to_themselves_nor_to_somebody_out_of_sight() -> None:
    rennes, brest = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    with pytest.raises(Impossible):
        writing.tie(rennes, RelationKind.KNOWS, rennes, actor=SYSTEM)
    lead = staff(Role.LOCAL_LEAD, "35")
    with pytest.raises(OutOfSight):
        writing.tie(rennes, RelationKind.KNOWS, brest, actor=lead)
    writing.tie(rennes, RelationKind.KNOWS, brest, actor=SYSTEM)
    assert selectors.ties(rennes, lead) == []
    assert len(selectors.ties(rennes, SYSTEM)) == 1


def test_ties_are_told_to_both_erased_with_either_and_never_doubled_by_a_merge() -> None:
    kept, absorbed, friend = PersonFactory(), PersonFactory(), PersonFactory()
    for one, other in ((kept, friend), (absorbed, friend), (friend, absorbed), (kept, absorbed)):
        writing.tie(one, RelationKind.RECRUITED_BY, other, actor=SYSTEM)
    assert len(everything_about(friend)["people.relationship"]) == 3
    HANDLERS["people.relationship"].merge(kept.pk, absorbed.pk)
    left = set(Relationship.objects.values_list("person", "other"))
    assert left == {(kept.pk, friend.pk), (friend.pk, kept.pk)}
    rights.erase(friend, actor=SYSTEM)
    assert not Relationship.objects.exists()


# the campaign's own fields


def make_field(label: str, kind: CustomKind, **more: object) -> CustomField:
    said = {"group": "", "choices": [], **more}
    return fields.make_field(None, label=label, kind=kind, **said, actor=SYSTEM)  # type: ignore[arg-type]


def test_a_field_made_in_the_back_office_is_asked_checked_and_shown_with_its_group() -> None:
    person, client = PersonFactory(), signed_in()
    sent = {"label": "Permis", "kind": "choices", "group": "Logistique", "choices": "A\nB\n\nB"}
    client.post("/gestion/personnes/champs/nouveau/", sent)
    field = CustomField.objects.get()
    assert (field.key, field.choices) == ("permis", ["A", "B"])
    address = f"{page_of(person)}modifier/"
    client.post(address, form_of(client, address) | {"custom.permis": ["B"]})
    person.refresh_from_db()
    assert person.custom == {"permis": ["B"]}
    text = soup(client, page_of(person)).get_text(" ", strip=True)
    assert "Logistique Permis B" in text
    client.post(f"/gestion/personnes/champs/{field.pk}/retrait/")
    assert "Permis" not in soup(client, page_of(person)).get_text()
    assert "custom.permis" not in client.get(address).content.decode()
    person.refresh_from_db()
    assert person.custom == {"permis": ["B"]}, "what was noted stays"


@pytest.mark.parametrize(
    ("kind", "sent", "kept", "wrong"),
    [
        (CustomKind.TEXT, "un mot", "un mot", None),
        (CustomKind.LONG_TEXT, "deux\nlignes", "deux\nlignes", None),
        (CustomKind.NUMBER, "2.5", 2.5, "beaucoup"),
        (CustomKind.DAY, "2026-03-01", "2026-03-01", "hier"),
        (CustomKind.YES_NO, "0", False, "2"),
        (CustomKind.CHOICE, "oui", "oui", "jamais"),
        (CustomKind.CHOICES, ["oui", "non"], ["oui", "non"], ["jamais"]),
    ],
)
def test_a_value_is_of_its_kind_or_refused(kind: CustomKind, sent: object, kept: object, wrong: object) -> None:
    make_field("Champ", kind, choices=["oui", "non"])
    person, client = PersonFactory(), signed_in()
    address = f"{page_of(person)}modifier/"
    if wrong is not None:
        assert client.post(address, form_of(client, address) | {"custom.champ": wrong}).status_code == 200
        person.refresh_from_db()
        assert person.custom == {}
    client.post(address, form_of(client, address) | {"custom.champ": sent})
    person.refresh_from_db()
    assert person.custom == {"champ": kept}
    client.post(address, form_of(client, address) | {"custom.champ": [] if kind == CustomKind.CHOICES else ""})
    person.refresh_from_db()
    assert person.custom == {}


def test_a_value_of_another_kind_from_a_file_is_kept_as_it_came() -> None:
    make_field("Enfants", CustomKind.NUMBER)
    person, client = PersonFactory(custom={"enfants": "deux ou trois"}), signed_in()
    address = f"{page_of(person)}modifier/"
    client.post(address, form_of(client, address) | {"occupation": "marin"})
    person.refresh_from_db()
    assert (person.occupation, person.custom) == ("marin", {"enfants": "deux ou trois"})


def test_a_field_with_values_keeps_its_kind_and_two_of_one_name_have_two_keys() -> None:
    field = make_field("Vélo", CustomKind.YES_NO)
    assert make_field("vélo", CustomKind.TEXT).key == "velo_2"
    PersonFactory(custom={"velo": True})
    with pytest.raises(Impossible):
        fields.make_field(field, label="Vélo", kind=CustomKind.TEXT, group="", choices=[], actor=SYSTEM)
    assert signed_in(Role.ORGANISER).get("/gestion/personnes/champs/").status_code == 302


def test_columns_of_another_product_have_french_names() -> None:
    CustomField.objects.create(key="created_at", label="created_at", kind="day", source="export.csv")
    person = PersonFactory(custom={"created_at": "2019-04-02", "is_prospect": True})
    text = soup(signed_in(), page_of(person)).get_text(" ", strip=True)
    assert "Créé ailleurs le 2 avril 2019" in text
    assert "Contact à gagner oui" in text
    assert "created_at" not in text


# the timeline, the whole page


def test_the_timeline_is_narrowed_by_kind_and_days_and_says_who() -> None:
    person, now = PersonFactory(), clock.now()
    interactions.record(person, Kind.MAILED, at=now - timedelta(days=40), source="old")
    interactions.record(person, Kind.MAILED, at=now, source="new")
    writing.write_note(person, "x", actor=staff())
    client = signed_in()

    def lines(query: str) -> list[str]:
        return [
            line.get_text(" ", strip=True)
            for line in soup(client, page_of(person) + query).select(".office-timeline li")
            if "Fiche consultée" not in line.get_text()
        ]

    since = (now - timedelta(days=7)).date()
    assert len(lines("")) == 3
    assert len(lines("?quoi=mailed")) == 2
    assert len(lines(f"?depuis={since}")) == 2
    assert len(lines(f"?jusque={since}")) == 1
    assert "par staff" in lines("?quoi=noted")[0]
    assert len(lines("?quoi=nonsense&depuis=hier")) == 3


def test_older_pages_keep_what_was_asked() -> None:
    person = PersonFactory()
    for number in range(40):
        interactions.record(person, Kind.MAILED, source=str(number))
        interactions.record(person, Kind.TAGGED, source=str(number))
    client = signed_in()
    older = soup(client, f"{page_of(person)}?quoi=mailed").select_one('a[href^="?avant="]')["href"]
    assert len(soup(client, page_of(person) + older.split("#")[0]).select(".office-timeline__picture")) == 10


def test_hostile_words_in_every_field_are_only_words() -> None:
    make_field("Champ", CustomKind.TEXT, group=HOSTILE[:80])
    person, client, other = PersonFactory(), signed_in(), PersonFactory()
    address = f"{page_of(person)}modifier/"
    words = dict.fromkeys(("first_name", "last_name", "occupation", "custom.champ", "new_tags"), HOSTILE)
    client.post(address, form_of(client, address) | words | {"gender": HOSTILE[:40]})
    client.post(f"{page_of(person)}notes/", {"text": HOSTILE})
    client.post(f"{page_of(person)}roles/", {"kind": "press", "detail": HOSTILE})
    writing.tie(other, RelationKind.KNOWS, person, actor=SYSTEM)
    kept_file(person, f"{HOSTILE.replace('/', '')}.pdf")
    person.refresh_from_db()
    assert (person.first_name, person.custom) == (HOSTILE, {"champ": HOSTILE})
    for path in (page_of(person), page_of(other), address, f"{page_of(person)}roles/", f"{page_of(other)}liens/"):
        content = client.get(path).content.decode()
        assert "<script>alert" not in content, path
    assert Person.objects.count() == 2
