"""What staff write about a person: within their territory, with a journal line, never with a value in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Actor, Role, System, Visitor
from portevoix.journal.models import Entry
from portevoix.people import services
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Interaction, Person, Tag
from portevoix.people.types import Identity, Kind
from tests.accounts.factories import staff
from tests.people.factories import PersonFactory
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def identity_of(person: Person) -> Identity:
    return Identity(
        first_name=person.first_name,
        last_name=person.last_name,
        gender=person.gender,
        born_on=person.born_on,
        occupation=person.occupation,
        postcode=person.postcode,
        commune_id=person.commune_id,
    )


def test_editing_changes_what_is_said_and_tells_which_fields() -> None:
    person = PersonFactory()
    said = replace(identity_of(person), last_name="Le Goff", born_on=date(1980, 5, 2), commune_id=CommuneFactory().pk)
    assert services.edit(person, said, actor=SYSTEM) == ["last_name", "born_on", "commune_id"]
    person.refresh_from_db()
    assert identity_of(person) == said
    assert person.sort_key == "le goff maelle"
    assert "Le Goff" not in str(list(Entry.objects.values())) + str(list(Interaction.objects.values()))


def test_editing_nothing_leaves_no_trace_on_the_timeline() -> None:
    person = PersonFactory()
    assert services.edit(person, identity_of(person), actor=SYSTEM) == []
    assert not Interaction.objects.exists()
    assert Entry.objects.get().count == 0


def test_editing_an_old_copy_does_not_bring_back_what_was_changed_since() -> None:
    person = PersonFactory(occupation="boulangère")
    stale = Person.objects.get(pk=person.pk)
    services.edit(person, replace(identity_of(person), occupation="meunière"), actor=SYSTEM)
    services.edit(stale, replace(identity_of(person), occupation="meunière", postcode="35000"), actor=SYSTEM)
    person.refresh_from_db()
    assert (person.occupation, person.postcode) == ("meunière", "35000")


@pytest.mark.parametrize("who", ["elsewhere", "gone"])
def test_who_is_out_of_sight_is_not_written_about(who: str) -> None:
    person = PersonFactory(in_brest=True)
    lead = staff(Role.LOCAL_LEAD, "35")
    if who == "gone":
        Person.objects.filter(pk=person.pk).delete()
    with pytest.raises(OutOfSight):
        services.edit(person, identity_of(person), actor=lead)
    with pytest.raises(OutOfSight):
        services.tag(person, ["x"], actor=lead)
    assert not Tag.objects.exists()


@pytest.mark.parametrize("actor", [Visitor(), Role.READER, Role.COMMUNICATIONS])
def test_others_are_refused_and_the_refusal_is_kept(actor: Actor | Role) -> None:
    person = PersonFactory()
    who = staff(actor) if isinstance(actor, Role) else actor
    with pytest.raises(NotAllowed):
        services.edit(person, identity_of(person), actor=who)
    assert Entry.objects.get(command="people.edit").outcome == "refused"


def test_tags_are_what_was_said_no_more_no_less() -> None:
    person = PersonFactory()
    services.tag(person, ["presse", " jeunes ", ""], actor=SYSTEM)
    services.tag(person, ["jeunes", "élus"], actor=SYSTEM)
    assert set(person.taggings.values_list("tag__name", flat=True)) == {"jeunes", "élus"}
    assert list(Entry.objects.order_by("id").values_list("detail", flat=True)) == [
        {"added": 2, "removed": 0},
        {"added": 1, "removed": 1},
    ]
    assert Interaction.objects.filter(kind=Kind.TAGGED).count() == 2
    assert Interaction.objects.filter(kind=Kind.UNTAGGED).count() == 1
    services.tag(person, ["élus"], actor=SYSTEM)
    assert Interaction.objects.filter(kind=Kind.TAGGED).count() == 2
    assert Interaction.objects.filter(kind=Kind.UNTAGGED).count() == 2


def test_tags_come_in_french_order() -> None:
    for name in ("zone", "Élus", "emploi", "école"):
        Tag.objects.create(name=name)
    assert [tag.name for tag in Tag.objects.alphabetical()] == ["école", "Élus", "emploi", "zone"]
