"""Two mandates add up, each in its own territory: neither lends the other its reach, nor what it may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import FieldError

from portevoix.accounts import rules
from portevoix.accounts.types import Actor, Fact, Role, System
from portevoix.people.exceptions import Restricted
from portevoix.people.models import CustomField, Person, PostalAddress
from portevoix.people.selectors import columns, locked, refuse_restricted
from portevoix.people.selectors.search import found
from portevoix.rights import gate
from portevoix.rights.exceptions import Masked
from tests.accounts.factories import holding, signed_in, staff
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory
from tests.people.test_masks import known

pytestmark = pytest.mark.django_db
LIST = "/gestion/personnes/"
LEAD_AND_READER = ((Role.LOCAL_LEAD, "35"), (Role.READER, ""))
OFFICER_AND_READER = ((Role.DATA_OFFICER, "35"), (Role.READER, ""))
ORGANISER_AND_READER = ((Role.ORGANISER, "35"), (Role.READER, "29"))
MIXED = [LEAD_AND_READER, OFFICER_AND_READER, ORGANISER_AND_READER]
#: What each of these knows of somebody in Rennes; of somebody in Brest they know nothing.
IN_RENNES = {LEAD_AND_READER: set(Fact) - {Fact.BIRTH}, OFFICER_AND_READER: set(Fact), ORGANISER_AND_READER: set(Fact)}
Mandates = tuple[tuple[Role, str], ...]


def somebody(name: str, number: str, **where: bool) -> Person:
    person: Person = PersonFactory(first_name=name, last_name="Ory", born_on=date(1984, 2, 29), **where)
    EmailFactory(person=person, address=f"{name.lower()}@exemple.fr")
    PhoneFactory(person=person, number=number)
    PostalAddress.objects.create(person=person, line1=f"7 rue {name}", source="tests")
    person.custom = {"secret": f"Chut {name}", "fax": f"0299 {name}", "public": f"Dit {name}"}
    person.save()
    return person


@pytest.fixture(autouse=True)
def own_fields() -> None:
    for key, seen_by in (("secret", [Role.LOCAL_LEAD, Role.ORGANISER]), ("fax", []), ("public", [])):
        CustomField.objects.create(key=key, label=key, source="tests", seen_by=seen_by, is_searched=True)


@pytest.fixture
def rennes() -> Person:
    return somebody("Anne", "+33639981234", in_rennes=True)


@pytest.fixture
def brest() -> Person:
    return somebody("Brieuc", "+33639985678", in_brest=True)


@pytest.fixture
def nowhere() -> Person:
    return somebody("Nolwenn", "+33639989012")


def as_seen_by(actor: Actor, person: Person) -> Person:
    people = Person.objects.visible_to(actor).with_contact_points().prefetch_related("addresses")
    return people.get(pk=person.pk)


@pytest.mark.parametrize("mandates", MIXED)
def test_each_is_known_as_the_mandates_over_them_need(rennes: Person, brest: Person, mandates: Mandates) -> None:
    actor = holding(*mandates)
    near, far = as_seen_by(actor, rennes), as_seen_by(actor, brest)
    assert (known(near), near.hidden) == (IN_RENNES[mandates], set(Fact) - IN_RENNES[mandates])
    assert (known(far), far.hidden) == (set(), set(Fact))
    assert set(near.custom) == {"secret", "fax", "public"}
    assert set(far.custom) == {"public"}


def test_whose_commune_is_not_known_is_known_as_the_widest_mandate_needs(nowhere: Person) -> None:
    for mandates in (LEAD_AND_READER, OFFICER_AND_READER):
        person = as_seen_by(holding(*mandates), nowhere)
        assert (known(person), set(person.custom)) == (set(), {"public"})


@pytest.mark.parametrize("mandates", MIXED)
def test_no_page_tells_of_the_one_what_is_known_of_the_other(rennes: Person, brest: Person, mandates: Mandates) -> None:
    client = signed_in(*mandates[0], *mandates[1:])
    pages = [client.get(address).content.decode() for address in (LIST, f"{LIST}{brest.pk}/")]
    for page in pages:
        assert "Brieuc" in page
        for told in ("brieuc@exemple.fr", "98 56 78", "7 rue Brieuc", "Chut Brieuc", "0299 Brieuc"):
            assert told not in page, told
    assert "anne@exemple.fr" in pages[0]
    page = client.get(f"{LIST}{rennes.pk}/").content.decode()
    for told in ("anne@exemple.fr", "98 12 34", "7 rue Anne", "Chut Anne", "0299 Anne"):
        assert told in page, told


@pytest.mark.parametrize("mandates", MIXED)
@pytest.mark.parametrize("words", ["brieuc@exemple.fr", "06 39 98 56 78", "0299 brieuc", "chut brieuc"])
def test_nobody_is_found_by_what_is_hidden_of_them(brest: Person, mandates: Mandates, words: str) -> None:
    assert not found(Person.objects.visible_to(holding(*mandates)), words, forgives=False)
    assert found(Person.objects.visible_to(staff(Role.DIRECTOR)), words, forgives=False)


@pytest.mark.parametrize("mandates", MIXED)
@pytest.mark.parametrize("field", ["email", "mobile_number", "primary_address1", "born_at"])
def test_no_file_holds_what_is_hidden_of_somebody_in_it(brest: Person, mandates: Mandates, field: str) -> None:
    with pytest.raises(Masked, match=field):
        gate.reveal(Person.objects.all(), actor=holding(*mandates), purpose="a reason", fields=[field])


@pytest.mark.parametrize("mandates", MIXED)
@pytest.mark.parametrize("asked", ["emails__address", "phones__number", "born_on", "custom"])
def test_rows_of_what_is_hidden_of_some_are_refused(rennes: Person, mandates: Mandates, asked: str) -> None:
    with pytest.raises(FieldError, match="hidden from who asks"):
        Person.objects.visible_to(holding(*mandates)).values(asked)


def test_asking_twice_hides_no_less(rennes: Person, brest: Person) -> None:
    one, other = holding(*LEAD_AND_READER), holding(*OFFICER_AND_READER)
    for first, then in ((one, other), (other, one), (one, staff(Role.READER)), (staff(Role.READER), one)):
        people = Person.objects.visible_to(first).with_contact_points().visible_to(then)
        near = people.get(pk=rennes.pk)
        least = set.intersection(*(known(as_seen_by(actor, rennes)) for actor in (first, then)))
        assert known(near) == least
        assert near.hidden == set(Fact) - least
        assert known(people.get(pk=brest.pk)) == set()


def test_mandates_of_one_role_hide_as_one_does(rennes: Person, brest: Person) -> None:
    actor = holding((Role.LOCAL_LEAD, "35"), (Role.LOCAL_LEAD, "29"))
    for person in (rennes, brest):
        assert known(as_seen_by(actor, person)) == set(Fact) - {Fact.BIRTH}
    assert Person.objects.visible_to(actor).values("emails__address")


def test_a_wider_mandate_that_knows_more_lends_it_everywhere(brest: Person, rennes: Person) -> None:
    actor = holding((Role.ORGANISER, ""), (Role.LOCAL_LEAD, "35"))
    for person in (rennes, brest):
        assert known(as_seen_by(actor, person)) == set(Fact)
    assert rules.hidden_from(actor) == set()


def test_an_edit_leaves_what_is_hidden_of_this_one_as_it_is(rennes: Person, brest: Person) -> None:
    actor = holding(*OFFICER_AND_READER)
    for person, born in ((rennes, date(1990, 1, 1)), (brest, date(1984, 2, 29))):
        seen = as_seen_by(actor, person)
        seen.born_on = date(1990, 1, 1)
        seen.custom["public"] = "Redit"
        seen.save()
        person.refresh_from_db()
        assert (person.born_on, person.custom["public"]) == (born, "Redit")
        assert person.custom["secret"] == f"Chut {person.first_name}"


def test_columns_are_offered_that_are_known_of_some_and_empty_of_the_others(rennes: Person, brest: Person) -> None:
    actor = holding(*ORGANISER_AND_READER)
    chosen = columns.chosen(["email", "born_on"], actor)
    people = columns.told(
        list(columns.prepared(Person.objects.visible_to(actor), chosen).order_by("pk")), chosen, actor
    )
    assert [(person.cells["born_on"], len(person.emails.all())) for person in people] == [("29/02/1984", 1), ("", 0)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("writes", [locked, lambda person, actor: refuse_restricted([person.pk], actor)])
def test_whose_data_is_only_kept_is_written_to_by_who_answers_for_it_there(
    rennes: Person, brest: Person, writes: Callable[[Person, Actor], object]
) -> None:
    Person.objects.update(restricted_at="2026-01-01T12:00Z")
    actor = holding((Role.DATA_OFFICER, "35"), (Role.ORGANISER, ""))
    writes(rennes, actor)
    writes(brest, System("tests"))
    with pytest.raises(Restricted):
        writes(brest, actor)
