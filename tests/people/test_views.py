"""The screens of people: whom they show, to whom, at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.models import Mandate
from portevoix.accounts.types import Role
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people import interactions, selectors
from portevoix.people.models import CustomField, Interaction, Person, Tag, Tagging
from portevoix.people.types import Kind
from tests.accounts.factories import signed_in
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db
LIST = "/gestion/personnes/"


def page_of(person: Person) -> str:
    return f"{LIST}{person.pk}/"


def names(client: Client, query: str = "") -> list[str]:
    page = BeautifulSoup(client.get(f"{LIST}{query}").content, "html.parser")
    return [link.get_text(strip=True) for link in page.select("td.title a")]


def soup(client: Client, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def tagged(person: Person, name: str) -> Tag:
    tag, _made = Tag.objects.get_or_create(name=name)
    Tagging.objects.create(person=person, tag=tag, source="tests")
    return tag


# the list


def test_people_are_sorted_by_family_name_without_accents() -> None:
    for first, last in (("Zoé", "Étienne"), ("Ana", "Ève"), ("Bob", "Eude"), ("Ève", "Étienne")):
        PersonFactory(first_name=first, last_name=last)
    assert names(signed_in()) == ["Ève Étienne", "Zoé Étienne", "Bob Eude", "Ana Ève"]


@pytest.mark.parametrize("words", ["noemie", "NOÉMIE", "Noémie Lœuillet", "loeuillet n", "noemie@", "06 39 98 77 66"])
def test_a_person_is_found_by_name_address_or_number(words: str) -> None:
    person = PersonFactory(first_name="Noémie", last_name="Lœuillet")
    EmailFactory(person=person, address="noemie@mail.example")
    PhoneFactory(person=person, number="+33639987766")
    PersonFactory(with_email=True)
    assert names(signed_in(), f"?q={words}") == ["Noémie Lœuillet"]


def test_two_letters_are_looked_for_where_names_begin() -> None:
    PersonFactory(first_name="Li", last_name="Wu")
    PersonFactory(first_name="Julie", last_name="Aliouane")
    assert names(signed_in(), "?q=li") == ["Li Wu"]


def test_the_signs_of_sql_in_a_search_are_only_signs() -> None:
    PersonFactory()
    assert names(signed_in(), "?q=%25") == []
    assert names(signed_in(), "?q=');DROP TABLE people_person") == []


def test_the_list_is_narrowed_by_departement_tag_segment_and_consent() -> None:
    rennes = PersonFactory(first_name="Ana", last_name="Rennes", in_rennes=True, reachable=True)
    PersonFactory(first_name="Bob", last_name="Brest", in_brest=True)
    tag = tagged(rennes, "bénévole")
    segment = SegmentFactory(tree=tree(rule("commune", commune="35238")))
    client = signed_in()
    for query in (f"?tag={tag.pk}", "?departement=35", f"?segment={segment.pk}", "?consent=newsletter"):
        assert names(client, query) == ["Ana Rennes"], query
    assert names(client, "?departement=29&consent=newsletter") == []
    assert len(names(client, "?segment=999")) == 2, "a filter that means nothing is shown as such and keeps everybody"


def test_a_local_lead_sees_only_their_departement() -> None:
    PersonFactory(first_name="Ana", last_name="Rennes", in_rennes=True)
    PersonFactory(first_name="Bob", last_name="Brest", in_brest=True)
    PersonFactory(first_name="Cyr", last_name="Nulle-Part")
    client = signed_in(Role.LOCAL_LEAD, "35")
    assert names(client) == ["Ana Rennes"]
    assert names(client, "?departement=29") == []


def test_somebody_without_a_mandate_sees_no_list() -> None:
    client = signed_in(Role.READER)
    Mandate.objects.all().delete()
    assert client.get(LIST).status_code == 302


def test_the_list_costs_the_same_number_of_queries_whatever_its_length() -> None:
    client = signed_in()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    tagged(PersonFactory(in_rennes=True, with_email=True), "tag")
    cost()  # what is read once only, such as content types
    few = cost()
    for person in PersonFactory.create_batch(20, in_brest=True, with_email=True):
        tagged(person, f"tag {person.pk}")
        PhoneFactory(person=person)
    assert cost() == few
    assert few <= 24


def test_counting_stops_at_ten_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    # The screens first: their module, imported late, would take the other's number for its own.
    monkeypatch.setattr("portevoix.people.viewsets.MOST_COUNTED", 3)
    monkeypatch.setattr(selectors, "MOST_COUNTED", 3)
    PersonFactory.create_batch(3)
    client = signed_in()
    assert "plus de" not in client.get(LIST).content.decode().lower()
    PersonFactory()
    assert "plus de 3 personnes" in client.get(LIST).content.decode().lower()


def test_a_person_is_on_one_page_only() -> None:
    PersonFactory.create_batch(60, first_name="Ana", last_name="Même")
    client = signed_in()
    links = [link["href"] for query in ("?p=1", "?p=2") for link in soup(client, f"{LIST}{query}").select("td.title a")]
    assert len(links) == len(set(links)) == 60


def test_results_alone_are_a_fragment() -> None:
    PersonFactory()
    content = signed_in().get(f"{LIST}resultats/?q=mael").content.decode()
    assert "<html" not in content
    assert "Maëlle" in content


# a person's page


def test_a_page_shows_what_is_known() -> None:
    person = PersonFactory(
        first_name="Ana", last_name="Rennes", in_rennes=True, gender="F", born_on="1980-05-02", custom={"velo": True}
    )
    CustomField.objects.create(key="velo", label="Vient à vélo", source="tests")
    EmailFactory(person=person, address="ana@mail.example", status="bouncing")
    PhoneFactory(person=person, number="+33639987766")
    tagged(person, "bénévole")
    text = soup(signed_in(), page_of(person)).get_text(" ", strip=True)
    for fact in (
        "Rennes (35)",
        "2 mai 1980",
        "femme",
        "ana@mail.example",
        "ne fonctionne pas",
        "06 39 98 77 66",
        "bénévole",
        "Vient à vélo oui",
    ):
        assert fact in text, fact


@pytest.mark.parametrize("below", ["", "modifier/"])
def test_who_is_outside_the_territory_does_not_exist(below: str) -> None:
    brest = PersonFactory(in_brest=True)
    client = signed_in(Role.LOCAL_LEAD, "35")
    assert client.get(page_of(brest) + below).status_code == 404
    assert client.get(f"{LIST}999999/{below}").status_code == 404


def test_other_pages_about_a_person_do_not_exist_outside_the_territory_either() -> None:
    brest = PersonFactory(in_brest=True, reachable=True)
    client = signed_in(Role.DATA_OFFICER, "35")
    ground = brest.grounds.get()
    for address in (
        f"/gestion/droits/{brest.pk}/effacer/",
        f"/gestion/droits/{brest.pk}/retirer/{ground.pk}/",
        f"/gestion/export/acces/{brest.pk}/",
    ):
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"name": str(brest), "asked": "letter"}).status_code == 404, address
    assert Person.objects.filter(pk=brest.pk).exists()


def test_the_timeline_is_read_backwards_without_skipping_or_repeating() -> None:
    person = PersonFactory()
    now = clock.now()
    for number in range(70):
        # Ten at the same moment: a set-based import writes many at once.
        interactions.record(person, Kind.MAILED, at=now - timedelta(days=number // 10), source=f"n°{number:02d};")
    client, seen, address = signed_in(), [], page_of(person)
    for _page in range(3):
        page = soup(client, address)
        seen += [line.get_text(" ", strip=True) for line in page.select(".office-timeline li")]
        older = page.select_one('a[href^="?avant="]')
        address = page_of(person) + older["href"] if older else ""
    assert address == ""
    assert len(seen) == len(set(seen)) == 71  # reading the record is on it too


@pytest.mark.parametrize("mark", ["x", "-1", "9" * 30, "999999"])
def test_a_mark_that_means_nothing_shows_the_latest(mark: str) -> None:
    person = PersonFactory()
    interactions.record(person, Kind.SIGNED_UP)
    assert soup(signed_in(), f"{page_of(person)}?avant={mark}").select(".office-timeline__picture")


def test_a_page_costs_a_bounded_number_of_queries() -> None:
    person = PersonFactory(reachable=True, in_rennes=True)
    for number in range(40):
        interactions.record(person, Kind.MAILED, source=str(number))
    for number in range(5):
        tagged(person, f"tag {number}")
        PhoneFactory(person=person)
    client = signed_in()
    client.get(page_of(person))
    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(person))
    assert len(queries) <= 33


def test_what_a_person_wrote_is_never_markup() -> None:
    person = PersonFactory(first_name="<script>alert(1)</script>", custom={"<b>x</b>": "<i>y</i>"})
    for address in (LIST, page_of(person), f"{page_of(person)}modifier/", f"/gestion/droits/{person.pk}/effacer/"):
        content = signed_in().get(address).content.decode()
        assert "<script>alert" not in content
        assert "<b>x" not in content


# editing


def form_of(client: Client, person: Person, **changes: object) -> dict[str, object]:
    """Return what a browser would send of the form as it is shown, with these changes."""
    page = soup(client, f"{page_of(person)}modifier/")
    form = page.select_one("form.office-form")
    assert form
    sent: dict[str, object] = {
        field["name"]: field.get("value", "") for field in form.select("input:not([type=checkbox])")
    }
    sent |= {select["name"]: select.select_one("option[selected]")["value"] for select in form.select("select")}
    sent["tags"] = [box["value"] for box in form.select("input[name=tags][checked]")]
    return sent | changes


def test_editing_writes_what_changed_and_says_which_fields_never_their_values() -> None:
    person = PersonFactory(first_name="Ana", last_name="Renes", in_rennes=True)
    client = signed_in(Role.ORGANISER)
    response = client.post(
        f"{page_of(person)}modifier/", form_of(client, person, last_name="Rennès", born_on="1980-05-02")
    )
    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.last_name, person.sort_key, str(person.born_on)) == ("Rennès", "rennes ana", "1980-05-02")
    entry = Entry.objects.get(command="people.edit")
    assert (entry.about_id, entry.detail) == (str(person.pk), {"fields": ["last_name", "born_on"]})
    assert Interaction.objects.get(kind=Kind.EDITED).detail == {"fields": ["last_name", "born_on"]}
    assert not Entry.objects.filter(command="people.tag").exists()


def test_tags_are_given_made_and_taken_away() -> None:
    person = PersonFactory()
    old, kept = tagged(person, "presse"), tagged(person, "jeunes")
    client = signed_in()
    client.post(f"{page_of(person)}modifier/", form_of(client, person, tags=[kept.pk], new_tags="relais, , élu local"))
    assert set(person.taggings.values_list("tag__name", flat=True)) == {"jeunes", "relais", "élu local"}
    assert Tag.objects.filter(pk=old.pk).exists()
    assert Entry.objects.get(command="people.tag").detail == {"added": 2, "removed": 1}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("commune", "Nulle-Part", "Aucune commune"),
        ("born_on", "1500-01-01", "Personne de vivant"),
        ("born_on", "31/02/1980", "date valide"),
        ("gender", "x" * 41, "40"),
        ("language", "xx", "choix"),
        ("polling_station", "1'; DROP", "valide"),
        ("first_name", "x" * 101, "100"),
        ("new_tags", "y" * 101, "100"),
    ],
)
def test_what_cannot_be_is_refused_in_french_and_nothing_is_written(field: str, value: str, said: str) -> None:
    person = PersonFactory(in_rennes=True)
    client = signed_in()
    response = client.post(f"{page_of(person)}modifier/", form_of(client, person, **{field: value}))
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not Entry.objects.filter(command="people.edit").exists()


def test_a_commune_is_taken_by_name_or_postcode_and_may_be_emptied() -> None:
    person = PersonFactory()
    PersonFactory(in_rennes=True)
    client = signed_in()
    for written, code in (("rennes", "35238"), ("35200", "35238"), ("Rennes (35)", "35238"), ("", None)):
        client.post(f"{page_of(person)}modifier/", form_of(client, person, commune=written))
        person.refresh_from_db()
        assert person.commune_id == code


def test_a_reader_has_neither_the_button_nor_the_form() -> None:
    person = PersonFactory()
    client = signed_in(Role.READER)
    assert "modifier/" not in client.get(page_of(person)).content.decode()
    assert client.get(f"{page_of(person)}modifier/").status_code == 302
    assert client.post(f"{page_of(person)}modifier/", {"first_name": "X"}).status_code == 302
    person.refresh_from_db()
    assert person.first_name == "Maëlle"
