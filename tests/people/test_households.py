"""Who lives together: made, suggested, parted, erased, merged; and one letter for each household."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.types import Role, System
from portevoix.people.exceptions import Impossible, OutOfSight
from portevoix.people.models import (
    Consultation,
    Household,
    HouseholdMember,
    Interaction,
    Person,
    PostalAddress,
    Relationship,
)
from portevoix.people.selectors import households as selectors
from portevoix.people.selectors import ties
from portevoix.people.services import households as services
from portevoix.people.types import Abode, Kind
from portevoix.rights import services as rights
from portevoix.rights.services import merging
from tests.accounts.factories import signed_in, staff
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
STREET = {"line1": "3 rue de l’Évêché", "postcode": "35000", "city": "Rennes"}


def person(first: str, last: str = "Le Goff", **known: Any) -> Person:
    one: Person = PersonFactory(first_name=first, last_name=last, **known)
    PostalAddress.objects.create(person=one, source="tests", **STREET)
    return one


def together(*persons: Person) -> Household:
    first, *others = persons
    for other in others:
        household = services.house_together(first, other, actor=SYSTEM)
    return household


def abode_of(household: Household) -> Abode:
    return Abode(**{name: getattr(household, name) for name in vars(Abode())})


def members(household: Household) -> set[Person]:
    return {member.person for member in household.members.all()}


def test_a_household_has_the_address_of_the_one_it_is_made_from() -> None:
    ana, bob, eve = person("Ana"), person("Bob"), person("Eve", "Ory")
    household = together(ana, bob, eve)
    assert members(household) == {ana, bob, eve}
    assert household.address == "3 rue de l’Évêché, 35000 Rennes"
    home = selectors.home_of(bob, SYSTEM)
    assert home is not None
    assert home.others == [ana, eve]
    # Said twice, it is one thing.
    assert services.house_together(eve, bob, actor=SYSTEM) == household
    assert HouseholdMember.objects.count() == 3


def test_a_person_lives_in_one_household_whoever_says_otherwise() -> None:
    ana, bob, eve, zoe = person("Ana"), person("Bob"), person("Eve"), person("Zoé")
    together(ana, bob)
    other = together(eve, zoe)
    with pytest.raises(Impossible):
        services.house_together(ana, eve, actor=SYSTEM)
    with pytest.raises(Impossible):
        services.house_together(ana, ana, actor=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        HouseholdMember.objects.create(household=other, person=ana, source="tests")


def test_a_household_that_is_left_by_all_but_one_is_none() -> None:
    ana, bob, eve = person("Ana"), person("Bob"), person("Eve")
    household = together(ana, bob, eve)
    services.leave_household(eve, actor=SYSTEM)
    assert members(household) == {ana, bob}
    services.leave_household(bob, actor=SYSTEM)
    assert not Household.objects.exists()
    services.leave_household(bob, actor=SYSTEM)  # nothing to leave any more


def test_whoever_is_left_alone_reads_it_on_their_own_timeline_even_out_of_sight() -> None:
    ana, bob = person("Ana", in_rennes=True), person("Bob", in_brest=True)
    together(ana, bob)
    lead = staff(Role.LOCAL_LEAD, "35")
    services.leave_household(ana, actor=lead)
    assert not Household.objects.exists()
    told = Interaction.objects.filter(kind=Kind.TIED, detail={"removed": "household"})
    assert {(line.person_id, line.by) for line in told} == {(ana.pk, lead.label), (bob.pk, lead.label)}
    with pytest.raises(OutOfSight):
        services.leave_household(bob, actor=lead)


def test_of_three_who_live_together_only_the_one_who_leaves_is_told_so() -> None:
    ana, bob, eve = person("Ana"), person("Bob"), person("Eve")
    together(ana, bob, eve)
    services.leave_household(eve, actor=SYSTEM)
    assert [line.person for line in Interaction.objects.filter(detail={"removed": "household"})] == [eve]


def test_a_household_is_described_to_all_who_live_there_and_by_who_sees_them_all() -> None:
    ana, bob, eve = person("Ana", in_rennes=True), person("Bob", in_rennes=True), person("Eve", in_brest=True)
    household, lead = together(ana, bob), staff(Role.LOCAL_LEAD, "35")
    services.describe_household(ana, replace(abode_of(household), name="Chez nous"), actor=lead)
    told = Interaction.objects.filter(kind=Kind.HOUSED)
    assert {(line.person_id, line.by, line.detail["fields"][0]) for line in told} == {
        (ana.pk, lead.label, "name"),
        (bob.pk, lead.label, "name"),
    }
    services.describe_household(ana, replace(abode_of(household), name="Chez nous"), actor=lead)
    assert told.count() == 2  # nothing changed: nothing happened
    services.house_together(ana, eve, actor=SYSTEM)
    household.refresh_from_db()
    with pytest.raises(Impossible, match="territoire"):
        services.describe_household(ana, replace(abode_of(household), name="Ailleurs"), actor=lead)
    household.refresh_from_db()
    assert household.name == "Chez nous"


def test_no_address_is_left_of_people_who_were_erased() -> None:
    ana, bob = person("Ana"), person("Bob")
    together(ana, bob)
    rights.erase(ana, actor=SYSTEM)
    assert Household.objects.count() == 1
    with connection.cursor() as cursor:  # by any hand
        cursor.execute("DELETE FROM people_householdmember WHERE person_id = %s", [bob.pk])
    assert not Household.objects.exists()


def test_the_same_name_at_the_same_door_is_suggested_however_both_are_written() -> None:
    ana = person("Ana")
    near = PersonFactory(first_name="Bob", last_name="LE GOFF")
    PostalAddress.objects.create(person=near, line1="3, RUE DE L'EVECHE", postcode="35000", source="tests")
    far = PersonFactory(first_name="Loin", last_name="Le Goff")
    PostalAddress.objects.create(person=far, line1="30 rue de l’Évêché", postcode="35000", source="tests")
    person("Eve", "Le Goff Ory")
    person("Zoé", "Ory")
    assert selectors.suggested(ana, SYSTEM) == [near]
    together(ana, near)
    assert selectors.suggested(ana, SYSTEM) == []


def test_nobody_learns_an_address_from_a_suggestion_or_a_household() -> None:
    ana, bob = person("Ana"), person("Bob")
    reader = staff(Role.COMMUNICATIONS)
    seen = Person.objects.visible_to(reader).get(pk=ana.pk)
    assert selectors.suggested(seen, reader) == []
    together(ana, bob)
    home = selectors.home_of(seen, reader)
    assert home is not None
    assert home.address == ""
    page = signed_in(Role.COMMUNICATIONS).get(f"/gestion/personnes/{ana.pk}/").content.decode()
    assert "Bob" in page
    assert "Évêché" not in page


def test_who_is_out_of_sight_is_of_no_household() -> None:
    rennes, brest = person("Ana", in_rennes=True), person("Bob", in_brest=True)
    lead = staff(Role.LOCAL_LEAD, "35")
    with pytest.raises(OutOfSight):
        services.house_together(rennes, brest, actor=lead)
    together(rennes, brest)
    home = selectors.home_of(rennes, lead)
    assert home is not None
    assert home.others == []
    assert selectors.suggested(rennes, lead) == []
    client = signed_in(Role.LOCAL_LEAD, "35")
    assert "Bob" not in client.get(f"/gestion/personnes/{rennes.pk}/foyer/").content.decode()
    assert client.post(f"/gestion/personnes/{rennes.pk}/foyer/avec/{brest.pk}/").status_code == 404


def test_a_household_is_made_named_and_left_on_the_record() -> None:
    ana, bob = person("Ana"), person("Bob")
    client, address = signed_in(), f"/gestion/personnes/{ana.pk}/foyer/"
    assert "Bob" in client.get(address).content.decode()
    assert Consultation.objects.filter(person=ana).count() == 1
    client.post(f"{address}avec/{bob.pk}/")
    seen = BeautifulSoup(client.get(address).content, "html.parser").select_one("input[name=seen]")
    assert seen
    said = {"name": "Famille <Le Goff>", **STREET, "line2": "", "country": "FR", "seen": seen["value"]}
    assert client.post(f"{address}adresse/", said).status_code == 302
    page = client.get(f"/gestion/personnes/{bob.pk}/").content.decode()
    assert "Famille &lt;Le Goff&gt;" in page
    client.post(f"/gestion/personnes/{bob.pk}/foyer/retrait/")
    assert not Household.objects.exists()
    client.post(address, {"other": "bob le goff"})
    assert HouseholdMember.objects.count() == 2


def test_a_description_changes_the_household_alone() -> None:
    ana, bob = person("Ana"), person("Bob")
    household = together(ana, bob)
    services.describe_household(bob, Abode("Chez nous", "5 rue Neuve", "", "35000", "Rennes"), actor=SYSTEM)
    household.refresh_from_db()
    assert (str(household), household.line1) == ("Chez nous", "5 rue Neuve")
    assert set(PostalAddress.objects.values_list("line1", flat=True)) == {STREET["line1"]}
    with pytest.raises(Impossible):
        services.describe_household(PersonFactory(), Abode(), actor=SYSTEM)


def test_one_letter_goes_to_each_household_and_to_whoever_lives_in_none() -> None:
    ana, bob, eve, alone = person("Ana"), person("Bob"), person("Eve"), person("Seul")
    together(ana, bob, eve)
    assert set(selectors.one_letter_each(Person.objects.all())) == {ana, alone}
    # Of those who may be written to only: who refused is not written to in the name of the others.
    assert set(selectors.one_letter_each(Person.objects.exclude(pk=ana.pk))) == {bob, alone}


def test_merging_keeps_one_household_and_parting_gives_back_two() -> None:
    ana, twin, bob = person("Ana"), person("Anna"), person("Bob")
    together(ana, bob)
    other = together(twin, person("Eve"))
    done = merging.merge(ana.pk, twin.pk, actor=SYSTEM)
    assert HouseholdMember.objects.get(person=ana).household != other
    restored = merging.undo_merge(done.pk, actor=SYSTEM)
    assert HouseholdMember.objects.get(person=restored).household == other


def test_a_household_that_a_merge_ended_comes_back_with_its_undoing() -> None:
    ana, twin, bob = person("Ana"), person("Anna"), person("Bob")
    together(ana, bob)
    alone = Household.objects.create(name="Ailleurs")
    HouseholdMember.objects.create(household=alone, person=twin, source="tests")
    done = merging.merge(ana.pk, twin.pk, actor=SYSTEM)
    assert not Household.objects.filter(pk=alone.pk).exists()
    restored = merging.undo_merge(done.pk, actor=SYSTEM)
    assert HouseholdMember.objects.get(person=restored).household.name == "Ailleurs"


def test_former_ties_become_households_and_one_that_comes_back_is_still_read() -> None:
    ana, bob, eve, zoe, friend = (person(name) for name in ("Ana", "Bob", "Eve", "Zoé", "Ami"))
    for one, other in ((ana, bob), (eve, bob), (zoe, friend)):
        Relationship.objects.create(person=one, other=other, kind="household", source="tests")
    Relationship.objects.create(person=ana, other=friend, kind="knows", source="tests")
    assert ties(ana, SYSTEM)[0].said
    import_module("portevoix.people.migrations.0008_households").gather_ties(apps, None)
    assert {frozenset(members(home)) for home in Household.objects.all()} == {
        frozenset({ana, bob, eve}),
        frozenset({zoe, friend}),
    }
    assert [tie.kind for tie in Relationship.objects.all()] == ["knows"]


def test_two_who_describe_one_household_do_not_write_over_each_other() -> None:
    ana, bob = person("Ana"), person("Bob")
    household = together(ana, bob)
    browser = signed_in()
    page = browser.get(f"/gestion/personnes/{ana.pk}/foyer/").content.decode()
    form = BeautifulSoup(page, "html.parser").select_one(f"form[action$='/{ana.pk}/foyer/adresse/']")
    assert form
    sent = {one["name"]: one.get("value", "") for one in form.select("input")}
    services.describe_household(bob, replace(abode_of(household), line2="Escalier B"), actor=SYSTEM)
    browser.post(form["action"], {**sent, "name": "Les amis"})
    household.refresh_from_db()
    assert (household.name, household.line2) == ("Les amis", "Escalier B"), "each changed another field"
    services.describe_household(bob, replace(abode_of(household), name="Les voisins"), actor=SYSTEM)
    told = browser.post(form["action"], {**sent, "name": "Les cousins"}, follow=True).content.decode()
    assert "a changé le foyer entre-temps" in told
    household.refresh_from_db()
    assert household.name == "Les voisins"
