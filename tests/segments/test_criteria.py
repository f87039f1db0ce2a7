"""Each criterion finds those whom it should and nobody else, in one statement."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import CustomField, Person, Tag, Tagging
from portevoix.people.types import Gender, Kind, PhoneKind
from portevoix.rights.purposes import Channel, Purpose
from portevoix.segments import rules, selectors
from portevoix.segments.types import CRITERIA, Names
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory
from tests.segments.factories import rule, tree
from tests.territory.factories import CommuneFactory, DepartementFactory, RegionFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def found(*parts: dict[str, Any], match: str = "all") -> set[Person]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        people = set(selectors.people_who(rules.read(tree(*parts, match=match)), SYSTEM))
    assert len(queries) == 1
    return people


def assert_finds(part: dict[str, Any], *expected: Person) -> None:
    """Check the criterion, then its contrary: nobody is lost between the two."""
    everybody = set(Person.objects.all())
    assert found(part) == set(expected)
    assert found(part, match="none") == everybody - set(expected)


def test_tag() -> None:
    tagged, _other = PersonFactory.create_batch(2)
    tag = Tag.objects.create(name="bénévole")
    Tagging.objects.create(person=tagged, tag=tag, source="tests")
    assert_finds(rule("tag", tag=tag.pk), tagged)


def test_a_tag_that_is_gone_finds_nobody_and_says_so() -> None:
    PersonFactory()
    assert_finds(rule("tag", tag=404))
    with translation.override("en"):
        assert "(deleted)" in rules.sentence(rules.read(tree(rule("tag", tag=404))), Names())


def test_name_contains_apart_from_accents_and_case() -> None:
    person = PersonFactory(first_name="Zoé", last_name="Lœuillet")
    PersonFactory()
    for text in ("zoe", "ZOÉ", "loeuil", "Lœuillet Zoé"):
        assert_finds(rule("name", text=text), person)


def test_signs_of_patterns_in_a_name_are_only_signs() -> None:
    PersonFactory()
    assert found(rule("name", text="%")) == set()
    assert found(rule("source", text="%")) == set()
    assert found(rule("source", text="_ests")) == set()


def test_gender() -> None:
    woman = PersonFactory(gender=Gender.FEMALE)
    PersonFactory(gender="")
    assert_finds(rule("gender", gender="F"), woman)


def test_age_counts_birthdays() -> None:
    with clock.stopped_at(NOON):
        eighteen_today = PersonFactory(born_on=date(2008, 11, 24))
        PersonFactory(born_on=date(2008, 11, 25))  # tomorrow
        last_day_at_25 = PersonFactory(born_on=date(2000, 11, 25))
        PersonFactory(born_on=date(2000, 11, 24))  # 26 today
        PersonFactory(born_on=None)
        assert_finds(rule("age", least=18, most=25), eighteen_today, last_day_at_25)


def test_ages_are_asked_on_29_february_too() -> None:
    with clock.stopped_at(datetime(2028, 2, 29, 12, 0, tzinfo=UTC)):
        person = PersonFactory(born_on=date(2009, 6, 1))
        assert_finds(rule("age", least=18, most=18), person)


def test_language() -> None:
    breton = PersonFactory(language="br")
    PersonFactory()
    assert_finds(rule("language", language="br"), breton)


@pytest.mark.parametrize("value", ["Oui", "true", "TRUE", "vrai"])
def test_a_custom_yes_is_found_however_it_is_written(value: str) -> None:
    person = PersonFactory(custom={"vehicule": True})
    PersonFactory(custom={"vehicule": False})
    PersonFactory(custom={})
    assert found(rule("custom", field="vehicule", value=value)) == {person}


def test_custom_texts_and_numbers_are_compared_as_written() -> None:
    text, number = PersonFactory(custom={"taille-tee-shirt": "XL"}), PersonFactory(custom={"enfants": 3})
    assert found(rule("custom", field="taille-tee-shirt", value="xl")) == {text}
    assert found(rule("custom", field="enfants", value="3")) == {number}


def test_a_custom_field_is_said_by_its_label() -> None:
    CustomField.objects.create(key="vehicule", label="Possède un véhicule", source="tests")
    said = rules.sentence(rules.read(tree(rule("custom", field="vehicule", value="oui"))), Names())
    assert "Possède un véhicule" in said


def test_usable_email() -> None:
    person = PersonFactory(with_email=True)
    EmailFactory(person=PersonFactory(), status="bouncing")
    PersonFactory()
    assert_finds(rule("email"), person)


def test_usable_phone_and_mobile() -> None:
    mobile, home = PersonFactory.create_batch(2)
    PhoneFactory(person=mobile)
    PhoneFactory(person=home, kind=PhoneKind.HOME)
    PhoneFactory(person=PersonFactory(), status="refused")
    assert_finds(rule("phone"), mobile, home)
    assert_finds(rule("phone", kind="mobile"), mobile)


def test_consent_in_force() -> None:
    willing = PersonFactory(reachable=True)
    GroundFactory(person=PersonFactory(), withdrawn_at=clock.now() + timedelta(minutes=1))
    GroundFactory(person=PersonFactory(), purpose=Purpose.TEXTS, channel=Channel.SMS)
    assert_finds(rule("ground", purpose="newsletter"), willing)


def test_commune_departement_region() -> None:
    rennes, brest = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    PersonFactory()
    assert_finds(rule("commune", commune="35238"), rennes)
    assert_finds(rule("departement", departement="29"), brest)
    assert_finds(rule("region", region="53"), rennes, brest)


def test_a_divided_commune_is_also_its_arrondissements() -> None:
    seine = DepartementFactory(code="75", name="Paris", region=RegionFactory(code="11", name="Île-de-France"))
    paris = CommuneFactory(code="75056", name="Paris", departement=seine)
    eleventh = CommuneFactory(code="75111", name="Paris 11e Arrondissement", departement=seine, parent=paris)
    person = PersonFactory(commune=eleventh)
    PersonFactory(in_rennes=True)
    assert_finds(rule("commune", commune="75056"), person)
    assert_finds(rule("commune", commune="75111"), person)


def test_distance_is_from_centre_to_centre() -> None:
    rennes, brest = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)  # 210 km
    PersonFactory()
    assert_finds(rule("near", commune="35238", km=1), rennes)
    assert_finds(rule("near", commune="35238", km=209), rennes)
    assert_finds(rule("near", commune="35238", km=213), rennes, brest)


def test_postcode() -> None:
    person = PersonFactory(postcode="35200")
    PersonFactory(postcode="29200")
    assert_finds(rule("postcode", start="35"), person)


def test_moments_of_coming() -> None:
    with clock.stopped_at(NOON):
        old = PersonFactory(created_at=datetime(2025, 12, 31, 22, 59, tzinfo=UTC))  # 23:59 in Paris
        new_year = PersonFactory(created_at=datetime(2025, 12, 31, 23, 0, tzinfo=UTC))  # midnight in Paris
        recent = PersonFactory(created_at=NOON - timedelta(days=10))
        assert_finds(rule("known_since", day="2026-01-01"), new_year, recent)
        assert_finds(rule("known_before", day="2026-01-01"), old)
        assert_finds(rule("known_within", days=10), recent)
        assert_finds(rule("known_within", days=9))


def test_source() -> None:
    person = PersonFactory(source="Marché de Noël")
    PersonFactory()
    assert_finds(rule("source", text="marché"), person)


def test_something_happened_at_least_so_often_lately() -> None:
    with clock.stopped_at(NOON):
        once, twice, long_ago = PersonFactory.create_batch(3)
        for person, days in ((once, 5), (twice, 5), (twice, 80), (long_ago, 100), (long_ago, 101)):
            interactions.record(person, Kind.MAILED, at=NOON - timedelta(days=days))
        interactions.record(long_ago, Kind.TAGGED, at=NOON)
        assert_finds(rule("interaction", kind="mailed", days=90), once, twice)
        assert_finds(rule("interaction", kind="mailed", days=90, times=2), twice)
        assert_finds(rule("interaction", kind="mailed", days=365, times=2), twice, long_ago)


def test_groups_are_put_together_as_they_say() -> None:
    both = PersonFactory(in_rennes=True, postcode="35000", with_email=True)
    rennes_only = PersonFactory(in_rennes=True)
    brest = PersonFactory(in_brest=True, with_email=True)
    email, rennes = rule("email"), rule("commune", commune="35238")
    assert found(email, rennes) == {both}
    assert found(email, rennes, match="any") == {both, rennes_only, brest}
    assert found(email, tree(rennes, match="none")) == {brest}
    assert found(tree(email, rennes), tree(rule("departement", departement="29")), match="any") == {both, brest}


def test_nobody_is_counted_twice() -> None:
    person = PersonFactory()
    EmailFactory.create_batch(2, person=person, is_primary=False)
    PhoneFactory.create_batch(3, person=person)
    assert selectors.count(rules.read(tree(rule("email"), rule("phone"), match="any")), SYSTEM) == 1


def test_every_criterion_is_tried_here() -> None:
    """A criterion added without a test of whom it finds is seen."""
    with open(__file__, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()
    rooms = {kind.__module__.split(".")[1] for kind in CRITERIA._items.values()}
    ours = [key for key, kind in CRITERIA.items() if kind.__module__.startswith("portevoix.segments.")]
    assert "segments" in rooms
    assert len(ours) >= 18
    assert [key for key in ours if f'rule("{key}"' not in text] == []
