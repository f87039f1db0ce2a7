"""What a role has no need to know is nowhere: not on a page, in a list, in a search, in a form, in a file."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import FieldError
from django.db.models import F
from django.db.models.functions import Lower

from portevoix.accounts import rules
from portevoix.accounts.types import Actor, Fact, Role, Staff, System, Visitor
from portevoix.disclosure.forms import ExportForm
from portevoix.people.exceptions import Impossible
from portevoix.people.models import CustomField, Person, PostalAddress
from portevoix.people.services import edit, fields
from portevoix.people.services.acts import BulkAct
from portevoix.people.types import CustomKind, Identity
from portevoix.rights import gate
from portevoix.rights.exceptions import Masked
from tests.accounts.factories import MandateFactory, UserFactory, signed_in, staff, territory
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
LIST = "/gestion/personnes/"
#: How each fact is written on a page, and searched for.
WRITTEN = {
    Fact.EMAIL: "anne.ory@exemple.fr",
    Fact.PHONE: "06 39 98 12 34",
    Fact.ADDRESS: "7 rue des Ondes",
    Fact.BIRTH: "1984",
}


@pytest.fixture
def anne() -> Person:
    person: Person = PersonFactory(first_name="Anne", last_name="Ory", born_on=date(1984, 2, 29), in_rennes=True)
    EmailFactory(person=person, address=WRITTEN[Fact.EMAIL])
    PhoneFactory(person=person, number="+33639981234")
    PostalAddress.objects.create(person=person, line1=WRITTEN[Fact.ADDRESS], source="tests")
    return person


def as_seen_by(actor: Actor) -> Person:
    return Person.objects.visible_to(actor).with_contact_points().prefetch_related("addresses").get()


def known(person: Person) -> set[Fact]:
    """Return what is told of somebody, by every way that a screen may take."""
    relations = {Fact.EMAIL: person.emails, Fact.PHONE: person.phones, Fact.ADDRESS: person.addresses}
    told = {fact for fact, rows in relations.items() if rows.all() or rows.count() or rows.filter(pk__gt=0).exists()}
    return told | ({Fact.BIRTH} if person.born_on else set())


def test_every_role_says_what_it_has_no_need_to_know() -> None:
    assert set(rules.MASKS) == set(Role)
    assert rules.MASKS[Role.READER] == set(Fact)


@pytest.mark.parametrize("role", list(Role))
def test_what_is_hidden_is_not_even_read(anne: Person, role: Role) -> None:
    person = as_seen_by(staff(role, territory(role)))
    assert known(person) == set(Fact) - rules.MASKS[role]
    assert person.hidden == rules.MASKS[role]


def test_who_has_two_roles_knows_what_either_needs(anne: Person) -> None:
    user = UserFactory(role=Role.TREASURER)
    MandateFactory(user=user, role=Role.COMMUNICATIONS)
    assert rules.hidden_from(Staff(user)) == {Fact.BIRTH, Fact.PHONE}


def test_the_platform_knows_and_visitors_do_not(anne: Person) -> None:
    assert known(as_seen_by(System("tests"))) == set(Fact)
    assert rules.hidden_from(Visitor()) == set(Fact)


def test_asking_twice_hides_no_less(anne: Person) -> None:
    reader = staff(Role.READER)
    person = Person.objects.visible_to(reader).with_contact_points().visible_to(reader).filter(pk=anne.pk).get()
    assert known(person) == set()
    (streamed,) = Person.objects.visible_to(reader).iterator(chunk_size=10)
    assert known(streamed) == set()


@pytest.mark.parametrize("role", list(Role))
def test_no_page_holds_what_is_hidden_and_each_says_so(anne: Person, role: Role) -> None:
    client = signed_in(role, "35" if role is Role.LOCAL_LEAD else "")
    for address in (LIST, f"{LIST}{anne.pk}/"):
        page = client.get(address).content.decode()
        assert "Ory" in page
        for fact in rules.MASKS[role]:
            assert WRITTEN[fact] not in page, (address, fact)
            assert "39981234" not in page or fact is not Fact.PHONE
    page = client.get(f"{LIST}{anne.pk}/").content.decode()
    for fact in set(Fact) - rules.MASKS[role]:
        assert WRITTEN[fact] in page
    masked = BeautifulSoup(page, "html.parser").select(".office-masked")
    assert len(masked) == len(rules.MASKS[role])
    assert all("Votre rôle n’en a pas besoin" in one.get_text() for one in masked)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("fact", [Fact.EMAIL, Fact.PHONE])
def test_nobody_is_found_by_what_one_may_not_see(anne: Person, role: Role, fact: Fact) -> None:
    client = signed_in(role, "35" if role is Role.LOCAL_LEAD else "")
    is_found = "Anne" in client.get(LIST, {"q": WRITTEN[fact]}).content.decode()
    assert is_found == (fact not in rules.MASKS[role])
    assert "Anne" in client.get(LIST, {"q": "ory"}).content.decode()


@pytest.mark.parametrize(
    ("role", "field"),
    [(Role.LOCAL_LEAD, "born_at"), (Role.TREASURER, "mobile_number"), (Role.COMMUNICATIONS, "primary_address1"),
     (Role.READER, "email")],
)  # fmt: skip
def test_no_disclosure_is_granted_of_a_hidden_field(anne: Person, role: Role, field: str) -> None:
    with pytest.raises(Masked, match=field):
        gate.reveal(
            Person.objects.all(), actor=staff(role, territory(role)), purpose="a reason", fields=["last_name", field]
        )
    gate.reveal(Person.objects.all(), actor=staff(Role.DIRECTOR), purpose="a reason", fields=[field])


def test_the_form_of_an_export_does_not_offer_it() -> None:
    form = ExportForm({"purpose": "a reason", "fields_wanted": ["last_name", "born_at"]}, masked={"born_at", "email"})
    page = str(form["fields_wanted"])
    assert 'value="mobile_number"' in page
    assert 'value="born_at"' not in page
    assert not form.is_valid()


def test_an_edit_leaves_what_is_hidden_as_it_is(anne: Person) -> None:
    client = signed_in(Role.LOCAL_LEAD, "35")
    page = client.get(f"{LIST}{anne.pk}/modifier/").content.decode()
    assert "born_on" not in page
    seen = BeautifulSoup(page, "html.parser").select_one("input[name=seen]")
    assert seen
    said = {"first_name": "Anna", "last_name": "Ory", "born_on": "1999-01-01", "commune": anne.commune_id}
    said |= {"language": "fr", "seen": seen["value"]}
    assert client.post(f"{LIST}{anne.pk}/modifier/", said).status_code == 302
    anne.refresh_from_db()
    assert (anne.first_name, anne.born_on) == ("Anna", date(1984, 2, 29))


def test_not_even_a_command_writes_over_what_is_hidden(anne: Person) -> None:
    identity = Identity(
        first_name="Anna", last_name="Ory", gender="", born_on=None, occupation="", postcode="", commune_id=None
    )
    edit(anne, identity, actor=staff(Role.LOCAL_LEAD, "35"))
    anne.refresh_from_db()
    assert (anne.first_name, anne.born_on) == ("Anna", date(1984, 2, 29))


@pytest.fixture
def secret(anne: Person) -> Person:
    for label, seen_by in (("Secret", [Role.ORGANISER]), ("Public", [])):
        fields.make_field(
            None, label=label, kind=CustomKind.TEXT, group="", choices=[], seen_by=seen_by, actor=System("tests")
        )
    anne.custom = {"secret": "Chut", "public": "Dit", "file_column": "Lu"}
    anne.save()
    return anne


SEES_SECRETS = {Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER}


@pytest.mark.parametrize("role", list(Role))
def test_a_field_that_some_roles_see_is_not_read_for_the_others(secret: Person, role: Role) -> None:
    person = as_seen_by(staff(role, territory(role)))
    assert ("secret" in person.custom) == (role in SEES_SECRETS)
    assert person.custom["public"] == "Dit"
    client = signed_in(role, "35" if role is Role.LOCAL_LEAD else "")
    page = client.get(f"{LIST}{secret.pk}/").content.decode()
    assert ("Chut" in page) == (role in SEES_SECRETS)
    assert "Dit" in page


def test_an_edit_leaves_a_hidden_field_as_it_is(secret: Person) -> None:
    client = signed_in(Role.LOCAL_LEAD, "35")
    page = client.get(f"{LIST}{secret.pk}/modifier/").content.decode()
    assert "custom.secret" not in page
    assert "custom.public" in page
    seen = BeautifulSoup(page, "html.parser").select_one("input[name=seen]")
    assert seen
    said = {"first_name": "Anna", "last_name": "Ory", "commune": secret.commune_id, "language": "fr"}
    said |= {"seen": seen["value"], "custom.public": "Redit", "custom.secret": "Forgé"}
    assert client.post(f"{LIST}{secret.pk}/modifier/", said).status_code == 302
    secret.refresh_from_db()
    assert secret.custom == {"secret": "Chut", "public": "Redit", "file_column": "Lu"}


def test_not_even_a_command_writes_over_a_hidden_field(secret: Person) -> None:
    lead = staff(Role.LOCAL_LEAD, "35")
    known = {"first_name": "Anna", "last_name": "Ory", "gender": "", "born_on": None, "occupation": "", "postcode": ""}
    edit(secret, Identity(**known, commune_id=secret.commune_id, custom={"secret": "Forgé"}), actor=lead)
    secret.refresh_from_db()
    assert (secret.first_name, secret.custom["secret"]) == ("Anna", "Chut")


@pytest.mark.parametrize("asked", [("born_on",), ("emails__address",), ("custom",), ("custom__secret",), ()])
def test_rows_of_what_is_hidden_are_refused(secret: Person, asked: tuple[str, ...]) -> None:
    people = Person.objects.visible_to(staff(Role.READER))
    for read in (people.values, people.values_list):
        with pytest.raises(FieldError, match="hidden from who asks"):
            read(*asked)
    assert list(people.values_list("last_name", flat=True)) == ["Ory"]
    assert Person.objects.visible_to(staff(Role.DIRECTOR)).values(*asked)


def test_nor_does_another_name_give_what_is_hidden(secret: Person) -> None:
    people = Person.objects.visible_to(staff(Role.READER))
    for ask in (
        lambda: people.annotate(told=F("born_on")),
        lambda: people.annotate(told=Lower("phones__number")),
        lambda: people.values_list(Lower("emails__address")),
        lambda: people.values(told=F("custom__secret")),
    ):
        with pytest.raises(FieldError, match="hidden from who asks"):
            ask()


#: Fields of the campaign's own that hold what some roles have no need to know, by their key or by their name alone.
HIDDEN_IN_FIELDS = [
    ("fax_number", "Fax", Fact.PHONE, "02 99 63 00 01"),
    ("champ_7", "Téléphone du bureau", Fact.PHONE, "02 99 63 00 02"),
    ("adresse_2", "Autre adresse", Fact.ADDRESS, "9 venelle du Puits"),
    ("second_email", "Autre", Fact.EMAIL, "anne@ailleurs.example"),
    ("champ_8", "Date de naissance", Fact.BIRTH, "le 29 février"),
    ("village", "Village", None, "Le Faouët"),
    ("stage", "Stage", None, "Initiation"),
]


@pytest.mark.parametrize("role", list(Role))
def test_a_field_of_ones_own_is_as_hidden_as_what_it_holds(anne: Person, role: Role) -> None:
    for key, label, _fact, value in HIDDEN_IN_FIELDS:
        CustomField.objects.create(key=key, label=label, source="tests", is_searched=True)
        anne.custom[key] = value
    anne.save()
    hidden = {key for key, _label, fact, _value in HIDDEN_IN_FIELDS if fact in rules.MASKS[role]}
    assert set(as_seen_by(staff(role, territory(role))).custom) == {key for key, *_more in HIDDEN_IN_FIELDS} - hidden
    client = signed_in(role, "35" if role is Role.LOCAL_LEAD else "")
    page = client.get(f"{LIST}{anne.pk}/").content.decode()
    columns = client.get(f"{LIST}colonnes/").content.decode()
    for key, label, fact, value in HIDDEN_IN_FIELDS:
        is_seen = fact not in rules.MASKS[role]
        assert (value in page, f"custom.{key}" in columns) == (is_seen, is_seen), label
        found = client.get(LIST, {"q": value}).content.decode()
        assert is_seen or "Anne" not in found, label


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.LOCAL_LEAD])
def test_no_act_on_many_writes_what_its_author_may_not_read(anne: Person, role: Role) -> None:
    CustomField.objects.create(key="montant", label="Montant", source="tests", seen_by=[Role.TREASURER])
    CustomField.objects.create(key="naissance", label="Naissance", source="tests")
    CustomField.objects.create(key="village", label="Village", source="tests")
    act = BulkAct.every()["set_field"]
    offered = {key for key, _label in act.fields(staff(role, territory(role)))["field"].choices}  # type: ignore[attr-defined]
    assert offered == {"village"} | ({"naissance"} if role is Role.ORGANISER else set())
    for key in {"montant", "naissance", "village"} - offered:
        with pytest.raises(Impossible):
            act.check({"field": key, "value": "x"}, staff(role, territory(role)))
