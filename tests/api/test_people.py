"""Reading the file by a key: as far as whoever made it sees, without what is hidden from them, and written down."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Role
from portevoix.disclosure.services import serving
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Consultation, CustomField, Interaction, Person, PostalAddress, Tag, Tagging
from portevoix.rights.exceptions import NotFromTheGate
from tests.accounts.factories import staff
from tests.api.factories import program
from tests.api.test_keys import code
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def known(**said: object) -> Person:
    person: Person = PersonFactory(born_on="1980-05-04", reachable=True, **said)
    PhoneFactory(person=person)
    PostalAddress.objects.create(person=person, line1="1 rue du Lavoir", source="tests")
    Tagging.objects.create(person=person, tag=Tag.objects.get_or_create(name="Bénévole")[0], source="tests")
    return person


def test_a_record_is_told_whole_to_whoever_sees_it_whole() -> None:
    person = known(in_rennes=True)
    told = program().get(f"people/{person.pk}")
    assert (told["id"], told["last_name"], told["born_on"]) == (person.pk, person.last_name, "1980-05-04")
    assert told["commune"] == {"code": "35238", "name": "Rennes"}
    assert told["emails"][0]["address"] == person.emails.get().address
    assert told["phones"][0]["number"] == person.phones.get().number
    assert (told["tags"], told["agreed_to"], told["hidden"]) == (["Bénévole"], ["newsletter"], [])


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        (Role.TREASURER, {"birth", "phone"}),
        (Role.COMMUNICATIONS, {"birth", "phone", "address"}),
        (Role.READER, {"birth", "phone", "address", "email"}),
    ],
)
def test_what_is_hidden_from_the_role_is_absent_and_named(role: Role, hidden: set[str]) -> None:
    person = known()
    answer = program(role).ask("GET", f"people/{person.pk}")
    told = answer.json()  # type: ignore[attr-defined]
    assert set(told["hidden"]) == hidden
    fields = {"birth": "born_on", "phone": "phones", "address": "addresses", "email": "emails"}
    assert {fact for fact, field in fields.items() if field not in told} == hidden
    said = answer.content.decode()
    assert person.phones.get().number not in said
    assert (person.emails.get().address in said) == ("email" not in hidden)


def test_a_person_of_another_territory_does_not_exist_by_any_address() -> None:
    stranger = known(in_brest=True)
    held = program(Role.LOCAL_LEAD, "35")
    for method, path, said in (
        ("GET", "", None),
        ("PATCH", "", {"version": "x", "first_name": "Autre"}),
        ("POST", "/tags", {"add": ["Vu"]}),
        ("GET", "/opinions", None),
        ("PUT", "/opinions", {"version": "none"}),
    ):
        answer = held.ask(method, f"people/{stranger.pk}{path}", said)
        assert code(answer) == (404, "not-found"), (method, path)
        assert stranger.last_name not in answer.content.decode()
    assert held.send("POST", "people/search", {"email": stranger.emails.get().address}) == {"people": []}
    assert not Consultation.objects.exists()


def test_each_reading_of_a_record_is_written_down_with_the_name_of_the_key() -> None:
    held, person = program(Role.ORGANISER), known()
    held.get(f"people/{person.pk}")
    held.get(f"people/{person.pk}")
    name = f"{held.user.username} (API: Site)"
    assert list(Consultation.objects.values_list("person", "reader", "roles")) == [(person.pk, name, ["organiser"])] * 2
    assert Interaction.objects.filter(person=person, kind="consulted", source=name).count() == 1
    line = Entry.objects.filter(command="disclosure.serve_person").first()
    assert line is not None
    assert (line.about_id, line.actor_label, line.detail["purpose"]) == (str(person.pk), name, "tenir le site à jour")
    assert person.last_name not in str(line.detail)


def test_somebody_is_found_by_the_whole_address_or_the_whole_number() -> None:
    held, person = program(), known()
    PersonFactory(with_email=True)
    address, number = person.emails.get().address, person.phones.get().number
    for said in ({"email": f"  {address.upper()} "}, {"phone": "0" + number[3:]}):
        found = held.send("POST", "people/search", said)
        assert [one["id"] for one in found["people"]] == [person.pk]
    assert held.send("POST", "people/search", {"email": address[:4]}) == {"people": []}
    assert held.send("POST", "people/search", {"email": "%"}) == {"people": []}
    assert code(held.ask("POST", "people/search", {})) == (422, "unfit")


def test_nobody_is_looked_for_by_what_is_hidden() -> None:
    person = known()
    held = program(Role.READER)
    assert code(held.ask("POST", "people/search", {"email": person.emails.get().address})) == (403, "hidden")
    assert code(program(Role.TREASURER).ask("POST", "people/search", {"phone": "0639980011"})) == (403, "hidden")


def test_the_file_is_read_page_by_page_each_person_once() -> None:
    people = [PersonFactory().pk for _ in range(7)]
    held, after, seen = program(), 0, []
    while True:
        page = held.get(f"people?limit=3&after={after}")
        seen += [one["id"] for one in page["people"]]
        after = page["next"]
        if after is None:
            break
        assert len(page["people"]) == 3
    assert seen == people
    assert code(held.ask("GET", "people?limit=101")) == (422, "unfit")
    assert code(held.ask("GET", "people?after=-1")) == (422, "unfit")
    assert code(held.ask("GET", f"people?after={10**30}")) == (422, "unfit")


def test_who_may_not_export_the_file_may_not_read_it_through_a_key() -> None:
    for role in (Role.COMMUNICATIONS, Role.TREASURER, Role.READER):
        assert code(program(role).ask("GET", "people")) == (403, "scope-missing")
    assert code(program(Role.LOCAL_LEAD, "35").ask("GET", "people")) == (403, "scope-missing")


def test_an_organiser_of_a_departement_reads_that_departement() -> None:
    mine = PersonFactory(in_rennes=True)
    PersonFactory(in_brest=True)
    PersonFactory()
    page = program(Role.ORGANISER, "35").get("people")
    assert [one["id"] for one in page["people"]] == [mine.pk]


@pytest.mark.parametrize("asked", ["", "&changed_since=2020-01-01T00:00:00Z"])
def test_a_page_costs_as_many_queries_for_fifty_as_for_five(asked: str) -> None:
    held = program()
    counts = []
    for number in (5, 45):
        for _ in range(number):
            known(in_rennes=True)
        with CaptureQueriesContext(connection) as queries:
            page = held.get(f"people?limit=50{asked}")
        counts.append((len(page["people"]), len(queries)))
    assert [people for people, _queries in counts] == [5, 50]
    assert counts[0][1] == counts[1][1] <= 22


def test_the_file_is_narrowed_by_a_tag() -> None:
    tagged, _other = known(), PersonFactory()
    page = program().get(f"people?tag={quote('Bénévole')}")
    assert [one["id"] for one in page["people"]] == [tagged.pk]


def test_what_changed_since_is_told_and_reading_changes_nothing() -> None:
    held, person, quiet = program(), PersonFactory(), PersonFactory()
    moment = clock.now() + timedelta(hours=1)
    Person.objects.update(updated_at=moment - timedelta(days=2))
    Interaction.objects.all().delete()
    asked = f"people?changed_since={quote(moment.isoformat())}"
    with clock.stopped_at(moment + timedelta(minutes=5)):
        held.get(f"people/{quiet.pk}")
        held.get("people")
        assert held.get(asked)["people"] == []
        held.send("POST", f"people/{person.pk}/tags", {"add": ["Vu au marché"]})
        assert [one["id"] for one in held.get(asked)["people"]] == [person.pk]


def test_each_persons_timeline_says_once_a_day_that_a_program_read_the_file() -> None:
    held, person = program(), PersonFactory()
    held.get("people")
    held.get("people")
    line = Interaction.objects.get(person=person, kind="exported")
    assert (line.source, line.by) == ("tenir le site à jour", f"{held.user.username} (API: Site)")
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        held.get("people")
    assert Interaction.objects.filter(person=person, kind="exported").count() == 2
    lines = Entry.objects.filter(command="disclosure.serve_people")
    assert [line.count for line in lines] == [1, 1, 1]
    assert not Consultation.objects.exists()


def test_each_page_of_the_file_is_on_the_timelines_of_those_who_are_on_it() -> None:
    held, people = program(), PersonFactory.create_batch(5)
    after, pages = 0, 0
    while after is not None:
        page = held.get(f"people?limit=2&after={after}")
        after, pages = page["next"], pages + 1
    assert pages >= 3
    told = Interaction.objects.filter(kind="exported").values_list("person", flat=True)
    assert sorted(told) == sorted(one.pk for one in people)


def test_an_opinion_in_an_own_field_or_a_tag_of_before_is_told_to_no_program() -> None:
    held, person = program(), PersonFactory(custom={"champ_3": "PAX"})
    CustomField.objects.create(key="champ_3", label="Intention de vote", source="tests")
    Tagging.objects.create(person=person, tag=Tag.objects.create(name="Vote PAX"), source="tests")
    assert "champ_3" not in held.get(f"people/{person.pk}")["custom"]
    answer = held.send("POST", f"people/{person.pk}/tags", {"add": ["Marché"]})
    assert answer["tags"] == ["Marché"]
    assert Tagging.objects.filter(person=person, tag__name="Vote PAX").exists()
    assert code(held.ask("GET", f"people?tag={quote('Vote PAX')}")) == (422, "protected")


@pytest.mark.parametrize("address", ["people?tag=%00", "people?tag=a%00b"])
def test_a_zero_in_a_question_is_refused_and_no_fault(address: str) -> None:
    assert program().ask("GET", address).status_code == 422


def test_whoever_is_restricted_is_told_to_no_program() -> None:
    held, person = program(), PersonFactory(restricted_at=clock.now())
    answer = held.ask("GET", f"people/{person.pk}")
    assert code(answer) == (403, "restricted")
    assert "art. 18" in answer.content.decode()
    assert held.get("people")["people"] == []
    assert code(held.ask("GET", f"people/{person.pk}/opinions")) == (403, "restricted")


def test_what_says_an_opinion_from_former_times_is_not_told() -> None:
    person = PersonFactory(custom={"metier": "luthier", "niveau_de_soutien": "5", "ancien": "x"})
    CustomField.objects.create(key="metier", label="Métier", source="tests")
    CustomField.objects.create(key="ancien", label="Ancien", source="tests", retired_at=clock.now())
    for name in ("Soutien fort", "Bénévole"):
        Tagging.objects.create(person=person, tag=Tag.objects.create(name=name), source="tests")
    told = program().get(f"people/{person.pk}")
    assert (told["custom"], told["tags"]) == ({"metier": "luthier"}, ["Bénévole"])


def test_a_field_hidden_from_the_role_is_not_told() -> None:
    person = PersonFactory(in_rennes=True, custom={"metier": "luthier", "reserve": "x"})
    CustomField.objects.create(key="reserve", label="Réservé", source="tests", seen_by=["organiser"])
    told = program(Role.LOCAL_LEAD, "35").get(f"people/{person.pk}")
    assert told["custom"] == {"metier": "luthier"}


def test_only_what_the_gate_granted_is_served_to_whom_it_was_granted() -> None:
    person, director, other = PersonFactory(), staff(), staff()
    with pytest.raises(NotFromTheGate):
        serving.serve_person(Person.objects.filter(pk=person.pk), actor=director)  # type: ignore[arg-type]
    from portevoix.disclosure.exceptions import NotYours, UnknownField
    from portevoix.rights import gate

    people = Person.objects.filter(pk=person.pk)
    granted = gate.reveal(people, actor=director, purpose="x", fields=["id"])
    with pytest.raises(NotYours):
        serving.serve_person(granted, actor=other)
    assert serving.serve_person(granted, actor=director) == [{"id": person.pk}]
    unknown = gate.reveal(people, actor=director, purpose="x", fields=["password"])
    with pytest.raises(UnknownField):
        serving.serve_people(unknown, after=0, most=1, actor=director)


def test_words_of_an_enemy_stay_words() -> None:
    """SQL, HTML, formulas: in JSON nothing is run and nothing is changed."""
    attack = "=1\"'><img src=x onerror=alert(1)>{{7*7}};DROP TABLE people_person;--"
    held, person = program(), PersonFactory(first_name=attack, last_name="O'Hara\\")
    EmailFactory(person=person)
    answer = held.ask("GET", f"people/{person.pk}")
    assert answer["Content-Type"].startswith("application/json")
    assert answer["X-Content-Type-Options"] == "nosniff"
    told = answer.json()  # type: ignore[attr-defined]
    assert (told["first_name"], told["last_name"]) == (attack, "O'Hara\\")
    assert held.get(f"people?tag={quote(attack)}")["people"] == []
    assert held.send("POST", "people/search", {"email": "' OR 1=1 --@x.fr"}) == {"people": []}


def test_a_program_learns_of_which_records_it_may_keep_no_copy() -> None:
    here, elsewhere, restricted = PersonFactory(in_rennes=True), PersonFactory(in_brest=True), PersonFactory()
    erased = PersonFactory()
    ids = [one.pk for one in (here, elsewhere, restricted, erased)]
    Person.objects.filter(pk=restricted.pk).update(restricted_at=clock.now())
    erased.delete()
    assert program().send("POST", "people/gone", {"ids": ids}) == {"gone": ids[2:]}
    lead = program(Role.LOCAL_LEAD, "35")
    assert lead.send("POST", "people/gone", {"ids": ids}) == {"gone": ids[1:]}
    assert code(lead.ask("POST", "people/gone", {"ids": [10**30]})) == (422, "unfit")
    assert code(lead.ask("POST", "people/gone", {"ids": list(range(1, 1002))})) == (422, "unfit")
