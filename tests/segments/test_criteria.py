"""Each criterion finds those whom it should and nobody else, in one statement."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import CustomField, Household, HouseholdMember, Person, Tag, Tagging
from portevoix.people.types import Gender, Kind, PhoneKind
from portevoix.rights.purposes import Channel, Purpose
from portevoix.segments import rules, selectors, services
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.forms import RuleForm
from portevoix.segments.types import CRITERIA, Names
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory
from tests.segments.factories import SegmentFactory, rule, tree
from tests.territory.factories import CommuneFactory, DepartementFactory, RegionFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def found(*parts: dict[str, Any], match: str = "all") -> set[Person]:
    with CaptureQueriesContext(connection) as queries:
        people = set(selectors.people_who(rules.read(tree(*parts, match=match)), SYSTEM))
    assert len(queries) == 1
    return people


def count_of(*parts: dict[str, Any], match: str = "all") -> int:
    """Count, which is all that one does of opinions."""
    return selectors.count(rules.read(tree(*parts, match=match)), SYSTEM)


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


def test_of_several_tags_any_all_or_none_are_told_apart() -> None:
    one, other, both, nobody = PersonFactory.create_batch(4)
    tags = [Tag.objects.create(name=name) for name in ("bénévole", "presse")]
    for person, those in ((one, tags[:1]), (other, tags[1:]), (both, tags)):
        for tag in those:
            Tagging.objects.create(person=person, tag=tag, source="tests")
    asked = [rule("tag", tag=tag.pk) for tag in tags]
    assert found(*asked, match="any") == {one, other, both}
    assert found(*asked, match="none") == {nobody}
    assert found(*asked) == {both}


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


def test_any_gender_that_people_have_can_be_asked_for() -> None:
    person = PersonFactory(gender="Non-binaire")
    PersonFactory(gender=Gender.OTHER)
    assert_finds(rule("gender", gender="non-binaire"), person)
    with translation.override("fr"):
        assert "ont pour genre «\u00a0non-binaire\u00a0»" in rules.sentence(
            rules.read(tree(rule("gender", gender="non-binaire"))), Names()
        )


def test_the_editor_offers_the_genders_in_use_and_reads_our_words_in_any_language() -> None:
    PersonFactory.create_batch(2, gender="fluide")
    PersonFactory(gender="seule de son genre")  # what one person alone says is no suggestion
    kind = CRITERIA["gender"]
    with translation.override("fr"):
        shown = str(RuleForm(kind, "t.0", None, {"gender": "F"})["gender"])
        assert 'value="femme"' in shown
        assert '<option value="fluide">' in shown
        assert "seule de son genre" not in shown
        for said, stored in (("Femme", "F"), ("agenre", "agenre")):
            form = RuleForm(kind, "t.0", {"t.0-gender": said})
            assert form.criterion() == {"criterion": "gender", "gender": stored}


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
    assert_finds(rule("custom", field="vehicule", value=value), person)


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


def test_records_changed_lately() -> None:
    changed, old = PersonFactory(), PersonFactory()
    Person.objects.filter(pk=old.pk).update(updated_at=clock.now() - timedelta(days=40))
    assert_finds(rule("changed_within", days=30), changed)


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


def test_something_never_happened_or_last_happened_long_ago() -> None:
    with clock.stopped_at(NOON):
        recent, lost, never = PersonFactory.create_batch(3)
        for person, days in ((recent, 5), (recent, 200), (lost, 100)):
            interactions.record(person, Kind.MAILED, at=NOON - timedelta(days=days))
        assert_finds(rule("never", kind="mailed"), never)
        assert_finds(rule("last_ago", kind="mailed", days=90), lost)
        assert_finds(rule("last_ago", kind="mailed", days=100))
        assert_finds(rule("last_before", kind="mailed", day="2026-11-01"), lost)
        assert_finds(rule("last_before", kind="mailed", day="2026-08-16"))  # it was that very day


def test_any_tag() -> None:
    tagged, _other = PersonFactory.create_batch(2)
    Tagging.objects.create(person=tagged, tag=Tag.objects.create(name="x"), source="tests")
    assert_finds(rule("tagged"), tagged)


def test_occupation() -> None:
    person = PersonFactory(occupation="Infirmière libérale")
    PersonFactory()
    assert_finds(rule("occupation", text="infirm"), person)


def test_birthdays_soon_over_the_end_of_the_year() -> None:
    with clock.stopped_at(datetime(2026, 12, 30, 12, 0, tzinfo=UTC)):
        today, new_year = PersonFactory(born_on=date(1950, 12, 30)), PersonFactory(born_on=date(2001, 1, 1))
        PersonFactory(born_on=date(1990, 1, 2))
        PersonFactory(born_on=None)
        assert_finds(rule("birthday", days=0), today)
        assert_finds(rule("birthday", days=2), today, new_year)


@pytest.mark.parametrize(("year", "day"), [(2026, date(2026, 3, 1)), (2028, date(2028, 2, 29))])
def test_those_born_on_29_february_have_a_birthday_every_year(year: int, day: date) -> None:
    with clock.stopped_at(datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)):
        person = PersonFactory(born_on=date(2000, 2, 29))
        assert found(rule("birthday", days=0)) == {person}


def test_what_is_known_of_people() -> None:
    told = PersonFactory(born_on=date(1990, 1, 1), gender="F", occupation="x", external_ref="7", in_rennes=True)
    other = PersonFactory(first_name="", last_name="")
    for what in ("born_on", "gender", "occupation", "external_ref", "commune", "sort_key"):
        assert_finds(rule("known", what=what), told)
    assert found(rule("known", what="sort_key"), match="none") == {other}


def test_states_of_addresses_and_numbers() -> None:
    bouncing, refusing, _other = PersonFactory.create_batch(3)
    EmailFactory(person=bouncing, status="bouncing")
    PhoneFactory(person=refusing, status="refused")
    assert_finds(rule("email_state", state="bouncing"), bouncing)
    assert_finds(rule("phone_state", state="refused"), refusing)


def test_a_postal_address_is_full_or_does_not_count() -> None:
    full, partial = PersonFactory.create_batch(2)
    full.addresses.create(line1="1 rue X", postcode="35000", city="Rennes", source="tests")
    partial.addresses.create(postcode="35000", city="Rennes", source="tests")
    assert_finds(rule("address"), full)


def test_consents_given_never_given_and_taken_back() -> None:
    today = clock.now()
    willing, back_again, gone, _never = PersonFactory.create_batch(4)
    GroundFactory(person=willing, given_at=today - timedelta(days=400))
    for person in (back_again, gone):
        GroundFactory(person=person, given_at=today - timedelta(days=300), withdrawn_at=today - timedelta(days=200))
    GroundFactory(person=back_again, given_at=today - timedelta(days=2), basis="declared_at_import")
    since = (clock.today() - timedelta(days=100)).isoformat()
    assert_finds(rule("ground", purpose="newsletter", since=since), back_again)
    assert_finds(rule("no_ground", purpose="newsletter"), gone, _never)
    assert_finds(rule("withdrew", purpose="newsletter"), gone)
    assert_finds(rule("withdrew", purpose="newsletter", since=since))
    assert_finds(rule("basis", purpose="newsletter", basis="declared_at_import"), back_again)


def test_distance_to_a_point() -> None:
    rennes, _brest = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    assert_finds(rule("near_point", latitude=48.11, longitude=-1.68, km=5), rennes)


def test_size_of_the_commune() -> None:
    town = PersonFactory(commune=CommuneFactory(population=230_000))
    PersonFactory()
    assert_finds(rule("inhabitants", least=230_000, most=300_000), town)
    assert_finds(rule("inhabitants", least=0, most=229_999))


def test_custom_fields_by_their_kind_whatever_the_files_wrote() -> None:
    good, bad = (
        PersonFactory(custom={"n": 12.5, "d": "2026-03-01", "t": "Grand Est"}),
        PersonFactory(custom={"n": "a lot"}),
    )
    PersonFactory(custom={"n": None, "d": "31/02/2026", "t": ""})
    PersonFactory(custom={"n": "9" * 400})
    assert_finds(rule("custom_number", field="n", least=12.5, most=13), good)
    assert_finds(rule("custom_number", field="n", least=13, most=1e15))
    assert_finds(rule("custom_day", field="d", first="2026-02-28", last="2026-03-01"), good)
    assert_finds(rule("custom_contains", field="t", text="grand"), good)
    assert_finds(rule("custom_filled", field="t"), good)
    assert_finds(rule("custom", field="n", value="A LOT"), bad)


def test_members_of_another_segment_in_the_same_statement() -> None:
    rennes, _other = PersonFactory(in_rennes=True), PersonFactory()
    inner = SegmentFactory(tree=tree(rule("commune", commune="35238")))
    outer = SegmentFactory(tree=tree(tree(rule("segment", segment=inner.pk), match="none")))
    question = rules.read(tree(rule("segment", segment=outer.pk)))
    with CaptureQueriesContext(connection) as queries:
        people = selectors.people_who(question, SYSTEM)
        assert set(people) == {_other}
    trees, finding = [query["sql"] for query in queries][:-1], queries[-1]["sql"]
    assert len(trees) == 2  # one a level, whatever the number of segments
    assert "people_person" not in "".join(trees)
    assert "territory" in finding or "commune" in finding
    assert set(selectors.people_who(rules.read(tree(rule("segment", segment=inner.pk))), SYSTEM)) == {rennes}


def test_members_of_a_snapshot() -> None:
    member, _other = PersonFactory(in_rennes=True), PersonFactory()
    segment = SegmentFactory(tree=tree(rule("commune", commune="35238")))
    snapshot = services.freeze(segment, actor=SYSTEM)
    member.commune = None
    member.save()
    assert_finds(rule("snapshot", snapshot=snapshot.pk), member)


NASTY = ["'; DROP TABLE people_person; --", "%s %(x)s %%", "\\", '"', "$.zz", "\u0001", "{}", "' OR 1=1 --", "😀"]


@pytest.mark.parametrize("text", NASTY)
def test_nothing_that_is_written_in_a_blank_is_ever_read_as_sql(text: str) -> None:
    """Every criterion, with a nasty text in every blank: refused as no value, or looked for as it is."""
    PersonFactory(custom={"x": "y"})
    asked = 0
    for key, kind in CRITERIA.items():
        for values in (
            dict.fromkeys(kind.model_fields, text),
            {**dict.fromkeys(kind.model_fields, text), "field": "x"},
        ):
            with contextlib.suppress(InvalidTree):
                assert selectors.count(rules.read(tree(rule(key, **values))), SYSTEM) in (0, 1)
                asked += 1
    assert asked >= 3
    for sender in (rule("name", text=text), rule("source", text=text), rule("occupation", text=text)):
        assert found(sender) == set()
    for custom in (rule("custom", field="x", value=text), rule("custom_contains", field="x", text=text)):
        assert found(custom) == set()


def test_a_key_of_a_custom_field_with_signs_is_refused_and_with_accents_is_not() -> None:
    person = PersonFactory(custom={"été": "oui"})
    assert found(rule("custom", field="été", value="oui")) == {person}
    with pytest.raises(InvalidTree):
        rules.read(tree(rule("custom_filled", field="x' OR '1'='1")))


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
    text = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*criteria.py"))
    rooms = {kind.__module__.split(".")[1] for kind in CRITERIA._items.values()}
    ours = [key for key, kind in CRITERIA.items() if kind.__module__.startswith("portevoix.segments.")]
    assert "segments" in rooms
    assert len(ours) >= 60
    assert [key for key in ours if f'rule("{key}"' not in text] == []


def housed(*persons: Person) -> None:
    home = Household.objects.create()
    HouseholdMember.objects.bulk_create(HouseholdMember(household=home, person=one, source="tests") for one in persons)


def test_who_lives_with_others() -> None:
    ana, bob, eve, zoe, _alone, single = PersonFactory.create_batch(6)
    housed(ana, bob, eve)
    housed(zoe, PersonFactory())
    housed(single)
    assert_finds(rule("household", others=2), ana, bob, eve)
    assert found(rule("household", others=1)) >= {ana, zoe}
    assert single not in found(rule("household", others=1))


def test_a_household_nobody_of_which_was_reached() -> None:
    ana, bob, eve, zoe, _alone = PersonFactory.create_batch(5)
    housed(ana, bob)
    housed(eve, zoe)
    interactions.record(bob, Kind.MAILED)
    interactions.record(eve, Kind.EDITED)
    assert_finds(rule("household_not_reached"), eve, zoe)
