"""Fields and tags from former times that say what the law protects: found, put in their place, or erased."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.utils import translation

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.operations.management.health import Level, _protected
from portevoix.people.models import BulkChange, CustomField, Interaction, Person, Tag, Tagging
from portevoix.people.types import CustomKind, Kind
from portevoix.rights import services, tasks
from portevoix.rights.exceptions import ChangedSince
from portevoix.rights.models import Opinion
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.rules.placing import placed, places
from portevoix.rights.selectors import protected as selectors
from portevoix.rights.selectors.protected import Misplaced
from portevoix.rights.services import protected
from portevoix.rights.services.opinions import record_opinion
from portevoix.rights.types import OpinionPlace, Views
from tests.accounts.factories import signed_in, staff
from tests.people import acts
from tests.people.factories import PersonFactory

SYSTEM = System("tests")
LIST = "/gestion/conservation/a-regulariser/"


def field(label: str = "Soutien", kind: CustomKind = CustomKind.NUMBER) -> CustomField:
    return CustomField.objects.create(key=label.lower().replace(" ", "_"), label=label, kind=kind, source="people.csv")


def person(agreed: bool = False, tag: Tag | None = None, **known: Any) -> Person:
    made: Person = PersonFactory(**known)
    if agreed:
        services.give(made, Purpose.OPINION, basis=Basis.CONSENT, evidence={}, source="tests", actor=SYSTEM)
    if tag:
        Tagging.objects.create(person=made, tag=tag, source="people.csv")
    return made


def the_one() -> Misplaced:
    (found,) = selectors.misplaced()
    return found


def settled(place: str = "") -> None:
    it = the_one()
    tasks.settle_protected(it.slug, it.thing.pk, place)


def views(of: Person) -> Views:
    return Opinion.objects.get(person=of).views


# -- where it goes


@pytest.mark.parametrize(
    ("value", "place", "after"),
    [
        (4, OpinionPlace.SUPPORT, Views(4)),
        ("4", OpinionPlace.SUPPORT_REVERSED, Views(2)),
        (7, OpinionPlace.SUPPORT, Views()),
        (4.5, OpinionPlace.SUPPORT, Views()),
        (["école", "eau"], OpinionPlace.ISSUES, Views(None, ("école", "eau"))),
        ("x" * 81, OpinionPlace.ISSUES, Views()),
        (" Dupont ", OpinionPlace.INTENTION, Views(None, (), "Dupont")),
        ("x" * 201, OpinionPlace.INTENTION, Views()),
        (True, OpinionPlace.LEVEL_1, Views(1)),
        (False, OpinionPlace.LEVEL_1, Views()),
        (True, OpinionPlace.ISSUES, Views(None, ("Opposant",))),
        (None, OpinionPlace.ISSUES, Views()),
    ],
)
def test_a_value_goes_where_it_fits(value: object, place: OpinionPlace, after: Views) -> None:
    assert placed(Views(), "Opposant", value, place) == after


def test_what_was_said_already_stays() -> None:
    said = Views(2, ("eau",), "Dupont")
    assert placed(said, "", 5, OpinionPlace.SUPPORT) == said
    assert placed(said, "", "Martin", OpinionPlace.INTENTION) == said
    assert placed(said, "", ["eau", "école"], OpinionPlace.ISSUES) == Views(2, ("eau", "école"), "Dupont")


def test_only_what_is_there_or_not_is_worth_one_level() -> None:
    assert OpinionPlace.LEVEL_5 in places(None)
    assert OpinionPlace.SUPPORT not in places(CustomKind.YES_NO)
    assert OpinionPlace.LEVEL_5 not in places(CustomKind.NUMBER)


# -- who carries it


@pytest.mark.django_db
def test_it_is_found_by_its_name_with_how_many_have_no_ground() -> None:
    field("Taille")
    PersonFactory(custom={"taille": "M"})
    tag = Tag.objects.create(name="Opposant")
    Tag.objects.create(name="Syndiqué")  # nobody carries it
    person(tag=tag)
    person(agreed=True, tag=tag)
    person(agreed=True, tag=tag, restricted_at=clock.now())
    (found,) = selectors.all_carried()
    assert (found.it.name, found.people, found.agreed, found.restricted, found.unfounded) == ("Opposant", 3, 1, 1, 1)


@pytest.mark.django_db
def test_no_agreement_founds_what_is_no_opinion() -> None:
    field("Religion", CustomKind.TEXT)
    person(agreed=True, custom={"religion": "x"})
    (found,) = selectors.all_carried()
    assert (found.agreed, found.unfounded, found.it.places) == (0, 1, ())


@pytest.mark.django_db
def test_the_doctor_names_it_and_says_how_many() -> None:
    with translation.override("fr"):
        (good,) = _protected()
        field()
        person(custom={"soutien": 4})
        (bad,) = _protected()
    assert (good.level, bad.level) == (Level.GOOD, Level.WARNING)
    assert "Soutien" in bad.text
    assert "1 personne " in bad.text


# -- the two ways out


@pytest.mark.django_db
def test_what_people_agreed_to_goes_to_their_opinions_and_the_rest_is_erased() -> None:
    field()
    agreed = person(agreed=True, custom={"soutien": 4, "taille": "M"})
    other = person(custom={"soutien": 2, "taille": "S"})
    held = person(agreed=True, custom={"soutien": 1}, restricted_at=clock.now())
    protected.place_opinions(the_one(), OpinionPlace.SUPPORT, seen=1, actor=SYSTEM)
    assert CustomField.objects.get(key="soutien").retired_at
    settled("support")
    assert views(agreed) == Views(4)
    told = dict(Person.objects.values_list("pk", "custom"))
    assert told == {agreed.pk: {"taille": "M"}, other.pk: {"taille": "S"}, held.pk: {"soutien": 1}}
    assert Opinion.objects.count() == 1
    (line,) = Entry.objects.filter(command="rights.place_opinions")
    assert (line.count, line.detail) == (2, {"place": "support", "erased": 1, "restricted": 1})
    assert Interaction.objects.filter(person=agreed, kind=Kind.EDITED).count() == 2
    assert Interaction.objects.filter(person=other, kind=Kind.EDITED).count() == 1


@pytest.mark.django_db
def test_a_tag_becomes_a_level_and_goes_with_what_would_bring_it_back() -> None:
    tag = Tag.objects.create(name="Opposant")
    agreed, other = person(agreed=True, tag=tag), person(tag=tag)
    acts.done("remove_tag", {"tag": tag}, SYSTEM, Person.objects.filter(pk=PersonFactory().pk))
    run = acts.done("remove_tag", {"tag": tag}, SYSTEM, Person.objects.filter(pk=other.pk))
    assert run.touched == 1
    protected.place_opinions(the_one(), OpinionPlace.LEVEL_1, seen=0, actor=SYSTEM)
    settled("level_1")
    assert views(agreed) == Views(1)
    assert (Tag.objects.count(), BulkChange.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_what_somebody_said_meanwhile_is_not_written_over() -> None:
    field()
    agreed = person(agreed=True, custom={"soutien": 1})
    record_opinion(agreed, Views(5), seen=Views(), actor=SYSTEM)
    settled("support")
    assert views(agreed) == Views(5)
    assert Person.objects.get().custom == {}


@pytest.mark.django_db
def test_who_withdraws_before_the_work_is_done_keeps_nothing() -> None:
    field()
    agreed = person(agreed=True, custom={"soutien": 4})
    protected.place_opinions(the_one(), OpinionPlace.SUPPORT, seen=0, actor=SYSTEM)
    services.withdraw(agreed, [Purpose.OPINION], evidence={}, source="tests", actor=SYSTEM)
    settled("support")
    assert (Opinion.objects.count(), Person.objects.get().custom) == (0, {})


@pytest.mark.django_db
def test_erasing_takes_it_from_everybody_but_whose_data_is_restricted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protected, "PORTION", 2)
    tag = Tag.objects.create(name="Opposant")
    for _number in range(5):
        person(tag=tag)
    held = person(tag=tag, restricted_at=clock.now())
    protected.erase_protected(the_one(), seen=5, actor=SYSTEM)
    settled()
    assert list(Tagging.objects.values_list("person", flat=True)) == [held.pk]
    assert Tag.objects.exists()
    assert Interaction.objects.filter(kind=Kind.UNTAGGED).count() == 5


@pytest.mark.django_db
def test_nothing_begins_when_more_would_lose_it_than_was_seen() -> None:
    field()
    person(custom={"soutien": 4})
    with pytest.raises(ChangedSince):
        protected.place_opinions(the_one(), OpinionPlace.SUPPORT, seen=0, actor=SYSTEM)
    with pytest.raises(ChangedSince):
        protected.erase_protected(the_one(), seen=0, actor=SYSTEM)
    assert CustomField.objects.get().retired_at is None


@pytest.mark.django_db
def test_a_place_that_it_does_not_have_is_refused() -> None:
    field("Religion", CustomKind.TEXT)
    with pytest.raises(ValueError, match="issues"):
        protected.place_opinions(the_one(), OpinionPlace.ISSUES, seen=9, actor=SYSTEM)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COMMUNICATIONS])
def test_only_who_answers_for_the_data_settles_it(role: Role) -> None:
    field()
    with pytest.raises(NotAllowed):
        protected.erase_protected(the_one(), seen=9, actor=staff(role))


@pytest.mark.django_db
def test_what_is_gone_or_innocent_is_nobodys_work() -> None:
    innocent = field("Taille")
    tasks.settle_protected("champ", innocent.pk, "")
    tasks.settle_protected("etiquette", 1, "")
    assert CustomField.objects.get().retired_at is None


# -- the screens


def page(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


@pytest.mark.django_db
def test_the_officer_sees_each_with_its_counts_and_puts_it_in_its_place() -> None:
    made = field()
    person(custom={"soutien": 2})
    agreed = person(agreed=True, custom={"soutien": 4})
    officer = signed_in(Role.DATA_OFFICER)
    row = page(officer.get(LIST)).select_one("tbody tr")
    assert row is not None
    assert [cell.text for cell in row.select("td")][1:] == ["2", "1"]
    address = f"{LIST}champ/{made.pk}/"
    shown = page(officer.get(address))
    assert "conservé pour 1 personne" in shown.text
    sent = {"place_it": "1", "place": "support", "seen": "1"}
    assert officer.post(address, sent).status_code == 302
    settled("support")
    assert views(agreed) == Views(4)
    assert "Rien à régulariser" in page(officer.get(LIST)).text


@pytest.mark.django_db
def test_the_screen_erases_as_many_as_it_showed() -> None:
    made = field()
    person(custom={"soutien": 2})
    officer = signed_in(Role.DATA_OFFICER)
    address = f"{LIST}champ/{made.pk}/"
    seen = page(officer.get(address)).select_one("[name='erase-seen']")
    assert seen is not None
    person(custom={"soutien": 3})
    assert officer.post(address, {"erase-seen": seen["value"]}).status_code == 200
    assert CustomField.objects.get().retired_at is None
    assert officer.post(address, {"erase-seen": "2"}).status_code == 302
    assert CustomField.objects.get().retired_at
    assert officer.get(f"{LIST}etiquette/{made.pk}/").status_code == 404


@pytest.mark.django_db
def test_the_home_page_reminds_who_answers_for_the_data_until_it_is_settled() -> None:
    made = field()
    officer = signed_in(Role.DATA_OFFICER)
    assert LIST in officer.get("/gestion/").content.decode()
    assert LIST not in signed_in(Role.ORGANISER).get("/gestion/").content.decode()
    officer.post(f"{LIST}champ/{made.pk}/", {"erase-seen": "0"})
    assert LIST not in officer.get("/gestion/").content.decode()


@pytest.mark.django_db
def test_the_registers_name_it_too() -> None:
    field()
    assert "Soutien" in page(signed_in(Role.DATA_OFFICER).get("/gestion/registres/")).text


# -- at any size


@pytest.mark.django_db
def test_the_home_page_reads_names_and_walks_through_nobody(django_assert_num_queries: Any) -> None:
    for number in range(40):
        person(tag=Tag.objects.create(name=f"marché {number}"))
    with django_assert_num_queries(2) as innocent:
        assert selectors.misplaced(in_use=True) == []
    assert not [query for query in innocent.captured_queries if "people_tagging" in query["sql"]]
    for number in range(40):
        person(tag=Tag.objects.create(name=f"vote {number}"))
    Tag.objects.create(name="vote de personne")
    with django_assert_num_queries(3) as captured:
        assert len(selectors.misplaced(in_use=True)) == 40
    (asked,) = [query["sql"] for query in captured.captured_queries if "people_tagging" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table of a test is too small for an index
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Limit" in plan
    assert "using people_tagging_tag_id" in plan
    assert "Join" not in plan


@pytest.mark.django_db
def test_what_would_be_kept_is_looked_up_of_so_many_and_said_to_be_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    made = field()
    for level in (1, 2, 3):
        person(agreed=True, custom={made.key: level})
    address = f"{LIST}champ/{made.pk}/"
    officer = signed_in(Role.DATA_OFFICER)
    assert "conservé pour 3 personnes" in page(officer.get(address)).text
    monkeypatch.setattr(selectors, "LOOKED_AT", 2)
    assert selectors.fitting(the_one())[OpinionPlace.SUPPORT] == 2
    assert "conservé pour 2 personnes au moins" in page(officer.get(address)).text
    settled(OpinionPlace.SUPPORT)
    assert Opinion.objects.count() == 3, "the work itself leaves nobody out"
