"""The list as somebody likes it: columns, saved views, shortcuts; and the screens of acts on many people."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts import rules as access
from portevoix.accounts.models import User
from portevoix.accounts.types import Fact, Role, Staff
from portevoix.kernel import clock
from portevoix.people import rules
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import (
    BulkRun,
    CustomField,
    Interaction,
    ListHabit,
    Person,
    PersonRole,
    Relationship,
    SavedView,
    Tag,
    Tagging,
)
from portevoix.people.selectors import columns
from portevoix.people.services import lists
from portevoix.people.types import Kind
from tests.accounts.factories import signed_in, staff
from tests.people.acts import done, prepared
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
LIST = "/gestion/personnes/"


def soup(client: Client, address: str = LIST) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def names(client: Client, query: str = "?vue=") -> list[str]:
    return [link.get_text(strip=True) for link in soup(client, f"{LIST}{query}").select("td.title a")]


def heads(page: BeautifulSoup) -> list[str]:
    return [head.get_text(strip=True) for head in page.select("thead th") if "office-tick" not in head.get("class", [])]


def user_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def arrange(client: Client, *keys: str) -> None:
    client.post(f"{LIST}colonnes/", {"columns": keys, "save": "yes"})


# order


def test_whoever_has_no_name_comes_last_both_ways() -> None:
    for first, last in (("", ""), ("Bob", "Eude"), ("Zoé", "Étienne"), ("", "")):
        PersonFactory(first_name=first, last_name=last)
    client = signed_in()
    assert names(client) == ["Zoé Étienne", "Bob Eude", "(sans nom)", "(sans nom)"]
    assert names(client, "?ordering=-sort_key") == ["Bob Eude", "Zoé Étienne", "(sans nom)", "(sans nom)"]


def test_an_order_that_no_index_serves_is_ignored() -> None:
    PersonFactory(first_name="Ana", last_name="Ab", born_on=date(1980, 1, 1))
    PersonFactory(first_name="Bob", last_name="Ba", born_on=date(1970, 1, 1))
    for forged in ("born_on", "emails__address", "-custom__x", "?", "sort_key;DROP TABLE"):
        assert names(signed_in(), f"?ordering={forged}") == ["Ana Ab", "Bob Ba"]


# columns


def everything_known() -> Person:
    """Return somebody of whom each column has something to tell."""
    CustomField.objects.create(key="taille", label="Taille", kind="number", source="tests")
    CustomField.objects.create(key="2027", label="En 2027", kind="choices", choices=["Oui", "Non"], source="tests")
    person: Person = PersonFactory(
        first_name="Anne",
        last_name="Ory",
        in_rennes=True,
        born_on=date(1984, 2, 29),
        language="br",
        gender="F",
        occupation="Luthière",
        postcode="35700",
        polling_station="35238_0012",
        custom={"taille": 38, "2027": ["Oui"]},
        source="file.csv",
    )
    EmailFactory(person=person, address="anne.ory@exemple.fr", is_primary=True)
    PhoneFactory(person=person, number="+33639981234")
    Tagging.objects.create(person=person, tag=Tag.objects.create(name="tract"), source="x")
    PersonRole.objects.create(person=person, kind="volunteer", source="x")
    PersonRole.objects.create(person=person, kind="press", until=date(2020, 1, 1), source="x")
    other = PersonFactory(first_name="Titouan", last_name="Corvec", in_rennes=True)
    Relationship.objects.create(person=person, kind="point_person", other=other, source="x")
    for kind, day in ((Kind.SIGNED_UP, 3), (Kind.CONSULTED, 9)):
        Interaction.objects.create(person=person, kind=kind, at=datetime(2026, 11, day, 12, tzinfo=clock.PARIS))
    return person


TOLD = {
    "email": "anne.ory@exemple.fr",
    "phone": "06 39 98 12 34",
    "commune": "Rennes (35)",
    "postcode": "35700",
    "departement": "Ille-et-Vilaine (35)",
    "tags": "tract",
    "roles": "bénévole",
    "language": "Breton",
    "born_on": "29/02/1984",
    "gender": "femme",
    "occupation": "Luthière",
    "polling_station": "35238_0012",
    "point_person": "Titouan Corvec",
    "last_event": "03/11/2026",
    "source": "file.csv",
    "custom.taille": "38",
    "custom.2027": "Oui",
}


@pytest.mark.parametrize("key", list(TOLD))
def test_each_column_tells_what_it_says(key: str) -> None:
    everything_known()
    client = signed_in()
    arrange(client, key)
    page = soup(client, f"{LIST}?q=ory")
    assert len(heads(page)) == 2
    (row,) = page.select("tbody tr")
    assert TOLD[key] in row.get_text(" ", strip=True)
    assert "presse" not in row.get_text()


def test_the_columns_are_those_that_one_chose_in_their_order() -> None:
    client = signed_in()
    PersonFactory()
    arrange(client, "created_at", "postcode", "custom.of_nobody", "x'); DROP TABLE", "postcode")
    assert heads(soup(client, f"{LIST}?vue=")) == ["Nom", "Connue depuis", "Code postal"]
    client.post(f"{LIST}colonnes/", {"columns": ["postcode"], "usual": "yes"})
    assert len(heads(soup(client, f"{LIST}?vue="))) == 1 + len(columns.USUAL)


def test_a_column_is_moved_without_being_kept_yet() -> None:
    client = signed_in()
    page = BeautifulSoup(
        client.post(f"{LIST}colonnes/", {"columns": ["tags", "email", "phone"], "up": "email"}).content, "html.parser"
    )
    assert [box["value"] for box in page.select("input[name=columns][checked]")] == ["email", "tags", "phone"]
    assert not ListHabit.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_a_masked_column_is_neither_offered_nor_read_however_one_asks(role: Role) -> None:
    everything_known()
    CustomField.objects.create(key="fax_number", label="Fax", source="tests")
    Person.objects.update(custom={"fax_number": "02 99 00 11 22"})
    client = signed_in(role, "35" if role is Role.LOCAL_LEAD else "")
    keys = {"email", "phone", "born_on", "age", "custom.fax_number"}
    facts = {key: columns.COLUMNS[key].fact if key in columns.COLUMNS else Fact.PHONE for key in keys}
    hidden = {key for key, fact in facts.items() if fact in access.MASKS[role]}
    offered = {box["value"] for box in soup(client, f"{LIST}colonnes/").select("input[name=columns]")}
    assert offered & keys == keys - hidden
    # By a forged form, and by what was kept before the role changed.
    arrange(client, *keys)
    ListHabit.objects.update_or_create(user=user_of(client), defaults={"columns": sorted(keys)})
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"{LIST}?vue=").content.decode()
    asked = " ".join(query["sql"] for query in queries)
    for key, value, read in (
        ("email", "anne.ory@exemple.fr", "people_emailaddress"),
        ("phone", "39 98 12 34", "people_phonenumber"),
        ("born_on", "1984", '"born_on"'),
        ("custom.fax_number", "02 99 00 11 22", "fax_number'"),
    ):
        assert (value in page) == (key not in hidden), key
        assert (read in asked) == (key not in hidden), key


def test_what_no_column_shows_is_not_read() -> None:
    everything_known()
    client = signed_in()
    arrange(client, "postcode")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{LIST}?vue=")
    asked = " ".join(query["sql"] for query in queries)
    for name in ('"born_on"', '"custom"', "people_emailaddress", "people_tagging", "people_interaction"):
        assert name not in asked, name


def test_all_columns_together_cost_the_same_number_of_queries_for_ten_and_a_hundred(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "MOST_COLUMNS", 100)
    monkeypatch.setattr("portevoix.people.viewsets.PeopleList.paginate_by", 100)
    monkeypatch.setattr("portevoix.people.services.lists.MOST_COLUMNS", 100)
    monkeypatch.setattr("portevoix.people.forms.lists.MOST_COLUMNS", 100)
    first = everything_known()
    client = signed_in()
    arrange(client, *columns.COLUMNS, "custom.taille", "custom.2027")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(heads(soup(client, f"{LIST}?vue="))) == len(columns.COLUMNS) + 3
        return len(queries)

    def add(number: int) -> None:
        for person in PersonFactory.create_batch(number, in_brest=True, with_email=True, born_on=date(1990, 1, 1)):
            Tagging.objects.create(person=person, tag=Tag.objects.get(), source="x")
            PersonRole.objects.create(person=person, kind="volunteer", source="x")
            Relationship.objects.create(person=person, kind="point_person", other=first, source="x")

    add(8)
    cost()
    ten = cost()
    add(90)
    assert cost() == ten


def test_a_point_person_of_another_departement_is_not_named() -> None:
    person, other = PersonFactory(in_rennes=True), PersonFactory(in_brest=True, last_name="Introuvable")
    Relationship.objects.create(person=person, kind="point_person", other=other, source="x")
    client = signed_in(Role.LOCAL_LEAD, "35")
    arrange(client, "point_person")
    assert "Introuvable" not in client.get(f"{LIST}?vue=").content.decode()


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(1984, 2, 29), date(2028, 2, 28), 43),
        (date(1984, 2, 29), date(2028, 2, 29), 44),
        (date(1984, 2, 29), date(2027, 2, 28), 42),
        (date(1984, 2, 29), date(2027, 3, 1), 43),
        (None, date(2028, 1, 1), None),
    ],
)
def test_an_age_is_in_whole_years(born: date | None, today: date, years: int | None) -> None:
    assert rules.age(born, today) == years


# saved views


def save(client: Client, query: str, **said: object) -> SavedView:
    client.post(f"{LIST}vues/nouvelle/", {"query": query, "name": "Ma vue", "columns": ["postcode"], **said})
    return SavedView.objects.latest("pk")


def test_a_view_keeps_filters_order_and_columns_and_never_the_words_of_a_search() -> None:
    tag = Tag.objects.create(name="tract")
    carries = PersonFactory(first_name="Ana", last_name="Ab")
    PersonFactory(first_name="Bob", last_name="Ba")
    Tagging.objects.create(person=carries, tag=tag, source="x")
    client = signed_in()
    kept = save(client, f"tag={tag.pk}&ordering=-created_at&q=Quemeneur&p=3&foo=bar&departement=")
    assert (kept.filters, kept.ordering, kept.columns) == ({"tag": str(tag.pk)}, "-created_at", ["postcode"])
    assert "Quemeneur" not in str(vars(kept))
    page = soup(client, kept.address)
    assert heads(page) == ["Nom", "Code postal"]
    assert [link.get_text(strip=True) for link in page.select("td.title a")] == ["Ana Ab"]
    (current,) = page.select(".people-views [aria-current]")
    assert current.get_text(strip=True) == "Ma vue"


def test_a_view_that_opens_first_does_until_one_asks_for_everybody() -> None:
    client = signed_in()
    kept = save(client, "departement=35", is_first="on")
    assert client.get(LIST)["Location"] == kept.address
    assert client.get(f"{LIST}?vue=").status_code == 200
    client.post(f"{LIST}vues/{kept.pk}/retrait/")
    assert client.get(LIST).status_code == 200


def test_a_view_of_somebody_else_does_not_exist_unless_it_is_shared() -> None:
    kept = save(signed_in(), "departement=35")
    PersonFactory(in_rennes=True)
    other = signed_in(Role.ORGANISER)
    assert "Ma vue" not in other.get(LIST).content.decode()
    assert other.get(f"{LIST}vues/{kept.pk}/").status_code == 404
    assert other.post(f"{LIST}vues/{kept.pk}/retrait/").status_code == 404
    assert heads(soup(other, f"{LIST}?vue={kept.pk}"))[1] != "Code postal"
    SavedView.objects.update(is_shared=True)
    assert "Ma vue" in other.get(LIST).content.decode()
    assert other.get(f"{LIST}vues/{kept.pk}/").status_code == 404, "shared, it is still its maker's to change"
    assert signed_in().get(f"{LIST}vues/{kept.pk}/").status_code == 200, "or a director's"


def test_who_may_not_share_is_not_asked_and_shares_nothing() -> None:
    client = signed_in(Role.LOCAL_LEAD, "35")
    assert not soup(client, f"{LIST}vues/nouvelle/").select("[name=is_shared]")
    assert not save(client, "", is_shared="on").is_shared


def test_a_view_is_kept_from_others_by_the_command_as_well() -> None:
    kept = save(signed_in(Role.ORGANISER), "")
    with pytest.raises(OutOfSight):
        lists.remove_view(kept, actor=staff(Role.ORGANISER))
    with pytest.raises(OutOfSight):
        lists.share_view(kept, is_shared=True, actor=staff())


def test_two_views_of_one_name_are_refused_with_words() -> None:
    client = signed_in()
    save(client, "")
    response = client.post(f"{LIST}vues/nouvelle/", {"query": "", "name": "Ma vue", "columns": []})
    assert "Vous avez déjà une vue de ce nom" in response.content.decode()
    assert SavedView.objects.count() == 1


def test_a_view_whose_filter_is_gone_says_so_and_keeps_the_others() -> None:
    tag = Tag.objects.create(name="tract")
    PersonFactory(first_name="Ana", last_name="Rennes", in_rennes=True)
    PersonFactory(first_name="Bob", last_name="Brest", in_brest=True)
    client = signed_in()
    kept = save(client, f"tag={tag.pk}&departement=35")
    tag.delete()
    SavedView.objects.update(filters={**kept.filters, "of_a_room_that_is_gone": "1"})
    kept.refresh_from_db()
    page = soup(client, kept.address)
    assert [link.get_text(strip=True) for link in page.select("td.title a")] == ["Ana Rennes"]
    said = page.select_one(".help-warning").get_text()
    assert "Étiquette" in said
    assert "un filtre qui n’existe plus" in said
    assert "of_a_room" not in said


def test_a_view_whose_filters_all_mean_something_raises_no_alarm() -> None:
    PersonFactory(in_rennes=True, reachable=True)
    client = signed_in()
    kept = save(client, "consent=newsletter&departement=35")
    assert set(kept.filters) == {"consent", "departement"}, "a room above has its filters too"
    assert not soup(client, kept.address).select(".help-warning")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"])
def test_the_name_of_a_view_is_only_a_name(name: str) -> None:
    client = signed_in()
    save(client, "", name=name)
    content = client.get(f"{LIST}?vue=").content.decode()
    assert "<script>alert(1)" not in content
    assert "<img src=x" not in content
    (link,) = BeautifulSoup(content, "html.parser").select(".people-views li + li a")
    assert link.get_text(strip=True) == name


def test_a_view_number_that_is_none_shows_everybody() -> None:
    client = signed_in()
    PersonFactory()
    for forged in ("999", "-1", "1 OR 1=1", "9" * 30, "²"):
        assert len(names(client, f"?vue={forged}")) == 1


# the keyboard


def test_the_keys_are_turned_off_and_on_again() -> None:
    client = signed_in()
    PersonFactory()

    def enabled() -> str:
        return str(soup(client).select_one("[data-controller=people-list]")["data-people-list-enabled-value"])

    assert enabled() == "true"
    client.post(f"{LIST}clavier/", {"shortcuts": "off"})
    assert enabled() == "false"
    client.post(f"{LIST}clavier/", {"shortcuts": "on"})
    assert enabled() == "true"


# the screens of acts on many people


def choose(client: Client, **said: object) -> BeautifulSoup:
    response = client.post(f"{LIST}actes/choisir/", said, follow=True)
    return BeautifulSoup(response.content, "html.parser")


def test_ticked_people_are_acted_on_after_a_look() -> None:
    ana, bob = PersonFactory(first_name="Ana", last_name="Ab"), PersonFactory(first_name="Bob", last_name="Ba")
    client = signed_in()
    page = soup(client, f"{LIST}?vue=")
    assert [box["value"] for box in page.select("input[form=bulk][name=people]")] == [str(ana.pk), str(bob.pk)]
    page = choose(client, people=[ana.pk], scope="some")
    assert "1 personne est choisie" in page.get_text()
    page = choose(client, people=[ana.pk], scope="some", act="add_tag", **{"add_tag-new": "<b>tract</b>"})
    assert [one.get_text(strip=True) for one in page.select(".office-sample li")] == ["Ana Ab"]
    assert "<b>tract" not in str(page.select_one(".office-title"))
    run = BulkRun.objects.get()
    client.post(f"{LIST}actes/{run.pk}/faire/")
    page = soup(client, f"{LIST}actes/{run.pk}/")
    assert page.select_one("progress")["value"] == "0"
    assert page.select_one("label[for=act-progress]")
    assert "<html" not in client.get(f"{LIST}actes/{run.pk}/", headers={"HX-Request": "true"}).content.decode()


def test_all_who_are_found_are_meant_by_filter_and_words() -> None:
    PersonFactory(first_name="Ana", last_name="Ab", in_rennes=True)
    PersonFactory(first_name="Bob", last_name="Ba", in_rennes=True)
    PersonFactory(first_name="Ana", last_name="Ca", in_brest=True)
    client = signed_in()
    choose(client, scope="all", query="departement=35&q=ana", act="set_language", **{"set_language-language": "br"})
    assert BulkRun.objects.get().chosen == 1


def test_a_local_lead_who_asks_for_everybody_means_their_departement() -> None:
    mine, theirs = PersonFactory(in_rennes=True), PersonFactory(in_brest=True, last_name="Introuvable")
    client = signed_in(Role.LOCAL_LEAD, "35")
    said = {"act": "set_language", "set_language-language": "br"}
    page = choose(client, scope="all", query="", **said)
    choose(client, scope="some", people=[mine.pk, theirs.pk], **said)
    assert [run.chosen for run in BulkRun.objects.all()] == [1, 1]
    assert "Introuvable" not in page.get_text()
    page = choose(client, scope="some", people=[theirs.pk], **said)
    assert BulkRun.objects.count() == 2
    assert "Personne n’est choisi" in page.get_text()


def test_a_filter_that_means_nothing_does_not_mean_everybody() -> None:
    PersonFactory.create_batch(2)
    client = signed_in()
    page = choose(client, scope="all", query="tag=999", act="set_language", **{"set_language-language": "br"})
    assert not BulkRun.objects.exists()
    assert "Un filtre ne veut plus rien dire" in page.get_text()


@pytest.mark.parametrize("people", [[], ["x"], ["1;DROP TABLE"], ["9" * 40], ["-1"]])
def test_nobody_ticked_leads_back_to_the_list(people: list[str]) -> None:
    page = choose(signed_in(), scope="some", people=people)
    assert "Personne n’est choisi" in page.get_text()


def test_an_act_is_shown_to_nobody_else() -> None:
    PersonFactory()
    run = done("add_tag", {"tag": None, "new": "tract"}, staff(Role.ORGANISER))
    other = signed_in(Role.ORGANISER)
    for path in ("", "faire/", "arreter/", "annuler/"):
        response = other.post(f"{LIST}actes/{run.pk}/{path}") if path else other.get(f"{LIST}actes/{run.pk}/")
        assert response.status_code == 404, path
    assert "tract" not in other.get(f"{LIST}actes/").content.decode()
    assert "tract" in signed_in(Role.DATA_OFFICER).get(f"{LIST}actes/").content.decode()


def test_an_act_is_stopped_and_undone_by_its_screen() -> None:
    PersonFactory()
    client = signed_in()
    actor = Staff(user_of(client))
    draft = prepared("add_tag", {"tag": None, "new": "tract"}, actor)
    assert client.post(f"{LIST}actes/{draft.pk}/arreter/")["Location"] == LIST
    assert not BulkRun.objects.exists()
    run = done("add_tag", {"tag": None, "new": "tract"}, actor)
    assert soup(client, f"{LIST}actes/{run.pk}/").select(f"form[action$='{run.pk}/annuler/']")
    client.post(f"{LIST}actes/{run.pk}/annuler/")
    run.refresh_from_db()
    assert run.state == "undoing"
    BulkRun.objects.update(state="done", ended_at=clock.now() - timedelta(days=31))
    assert not soup(client, f"{LIST}actes/{run.pk}/").select("form[action$='annuler/']")
    client.post(f"{LIST}actes/{run.pk}/annuler/")
    assert BulkRun.objects.get().state == "done"


def test_who_may_not_act_sees_no_boxes() -> None:
    PersonFactory()
    page = soup(signed_in(Role.READER), f"{LIST}?vue=")
    assert not page.select("[name=people], #bulk")


def test_a_label_of_an_act_in_the_page_names_its_person() -> None:
    PersonFactory(first_name="Ana", last_name="Ab")
    (box,) = soup(signed_in(), f"{LIST}?vue=").select("input[name=people]")
    assert box["aria-label"] == "Choisir Ana Ab"
