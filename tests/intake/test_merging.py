"""What becomes of the rows of a file: matched, merged, never overwriting, never twice."""

from __future__ import annotations

from datetime import date

import pytest

from portevoix.intake.models import Arrival
from portevoix.kernel import clock
from portevoix.people.models import CustomField, EmailAddress, Interaction, Person, PhoneNumber, PostalAddress, Tagging
from portevoix.people.types import Kind, RoleKind
from portevoix.territory.models import Postcode
from tests.exchange.files import imported, imported_file, person, problems
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db


def told(run_counts: dict[str, int], *names: str) -> list[int]:
    return [run_counts.get(name, 0) for name in names]


def test_a_row_becomes_a_person_with_everything_it_says() -> None:
    rennes = CommuneFactory()
    Postcode.objects.create(postcode="35000", city_key="rennes", commune=rennes)
    row = person(
        7,
        email=" Maelle.LeGoff@Mail.Example ",
        email2="pro@travail.example",
        sex="F",
        born_at="07/14/1961",
        language="br",
        occupation="marin",
        mobile_number="06 39 98 12 34",
        work_phone_number="+32 470 12 34 56",
        primary_address1="1 rue de la Monnaie",
        primary_city="RENNES",
        primary_zip="35000",
        tag_list="bénévole, tracts",
        favourite_song="Tri Martolod",
        is_prospect="true",
        is_volunteer="true",
        is_donor="no",
        note="À rappeler",
        donations_count="3",
        first_supporter_at="2024-05-06 10:00:00 UTC",
    )
    imported(row)
    [found] = Person.objects.all()
    assert (found.first_name, found.last_name, found.sort_key) == ("Maëlle", "Le Goff7", "le goff7 maelle")
    assert (found.gender, found.born_on, found.language, found.occupation) == ("F", date(1961, 7, 14), "br", "marin")
    assert (found.commune, found.postcode, found.external_ref) == (rennes, "35000", "nationbuilder:7")
    assert found.custom == {
        "favourite_song": "Tri Martolod",
        "is_prospect": True,
        "donations_count": 3,
        "first_supporter_at": "2024-05-06",
    }
    emails = EmailAddress.objects.order_by("-is_primary").values_list("address", "is_primary", "status")
    assert list(emails) == [
        ("maelle.legoff@mail.example", True, "unverified"),
        ("pro@travail.example", False, "unverified"),
    ]
    phones = PhoneNumber.objects.order_by("number").values_list("number", "kind")
    assert list(phones) == [("+32470123456", "work"), ("+33639981234", "mobile")]
    assert PostalAddress.objects.get().commune == rennes
    assert set(Tagging.objects.values_list("tag__name", flat=True)) == {"bénévole", "tracts"}
    kinds = dict(CustomField.objects.values_list("key", "kind"))
    assert kinds["is_prospect"] == "yes_no"
    assert kinds["favourite_song"] == "text"
    assert Interaction.objects.get().kind == Kind.IMPORTED
    assert list(found.notes.values_list("text", "author_name")) == [("À rappeler", "")]
    assert list(found.roles.values_list("kind", flat=True)) == [RoleKind.VOLUNTEER]


def test_a_note_and_a_role_come_in_once_however_often_the_file_comes() -> None:
    for _again in range(2):
        imported(person(7, note="À rappeler", is_volunteer="true"))
    found = Person.objects.get()
    assert (found.notes.count(), found.roles.count()) == (1, 1)


def test_columns_come_in_any_order_and_titles_in_french() -> None:
    imported_file(
        "Ville;Nom;Prénom;Courriel;Téléphone portable\nBrest;Riou;Yann;yann@mail.example;0639981234\n".encode()
    )
    found = Person.objects.get()
    assert (found.first_name, found.last_name) == ("Yann", "Riou")
    assert found.emails.get().address == "yann@mail.example"
    assert found.addresses.get().city == "Brest"


def test_the_same_file_again_changes_nothing() -> None:
    rows = [person(number, tag_list="a,b", mobile_number="0639981234", email_opt_in="true") for number in range(1, 5)]
    imported(*rows)
    tables = (Person, EmailAddress, PhoneNumber, PostalAddress, Tagging, Interaction)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    run = imported(*rows)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    assert told(run.arrival.counts["merged"], "persons", "new", "filled") == [4, 0, 0]


def test_a_person_is_found_by_reference_then_by_any_address() -> None:
    by_reference = PersonFactory(external_ref="nationbuilder:1", first_name="", last_name="Un")
    by_address = PersonFactory(first_name="", last_name="Deux")
    EmailFactory(person=by_address, address="deux@mail.example")
    imported(person(1, email="autre@mail.example"), person(2, email="x@mail.example", email3="DEUX@mail.example"))
    assert Person.objects.count() == 2
    by_reference.refresh_from_db()
    by_address.refresh_from_db()
    assert (by_reference.first_name, by_reference.last_name) == ("Maëlle", "Un")
    assert by_address.external_ref == "nationbuilder:2"
    assert set(by_address.emails.values_list("address", flat=True)) == {"deux@mail.example", "x@mail.example"}


def test_blanks_are_filled_and_nothing_is_overwritten() -> None:
    known = PersonFactory(
        external_ref="nationbuilder:1", first_name="Anne", last_name="", occupation="", custom={"a": "ours"}
    )
    run = imported(person(1, first_name="Autre", last_name="Riou", occupation="marin", a="theirs", b="new"))
    known.refresh_from_db()
    assert (known.first_name, known.last_name, known.occupation) == ("Anne", "Riou", "marin")
    assert known.sort_key == "riou anne"
    assert known.custom == {"a": "ours", "b": "new"}
    assert told(run.arrival.counts["merged"], "filled", "kept") == [1, 1]


def test_nothing_is_added_to_a_record_that_is_restricted_but_a_refusal() -> None:
    restricted = PersonFactory(restricted_at=clock.now())
    EmailFactory(person=restricted, address="maelle1@mail.example")
    refusing = PersonFactory(restricted_at=clock.now())
    EmailFactory(person=refusing, address="maelle2@mail.example")
    GroundFactory(person=refusing)
    run = imported(
        person(1, occupation="marin", mobile_number="06 39 98 12 34", note="À rappeler", tag_list="tracts"),
        person(2, do_not_contact="true"),
        person(3),
    )
    assert problems(run) == [(2, [("restricted", "")])]
    assert (run.arrival.counts["rejected"], run.arrival.counts["merged"]["rows"]) == (1, 2)
    assert not restricted.phones.exists()
    assert not restricted.notes.exists()
    assert not restricted.taggings.exists()
    assert not restricted.interactions.exists()
    assert not refusing.grounds.filter(withdrawn_at=None).exists()
    assert Person.objects.count() == 3


def test_rows_of_one_person_become_one_person() -> None:
    run = imported(
        person(1, email="a@mail.example", tag_list="un", occupation=""),
        person(2, email="B@mail.example", email1="A@MAIL.example", tag_list="deux", occupation="marin"),
        person(3, email="b@mail.example", first_name="Autre"),
        person(4, email="ailleurs@mail.example"),
    )
    assert Person.objects.count() == 2
    first = Person.objects.get(external_ref="nationbuilder:1")
    assert (first.first_name, first.occupation) == ("Maëlle", "marin")
    assert set(first.emails.values_list("address", flat=True)) == {"a@mail.example", "b@mail.example"}
    assert first.emails.get(is_primary=True).address == "a@mail.example"
    assert first.taggings.count() == 2
    assert run.forecast["doubles"] == 2


def test_a_long_chain_of_rows_is_one_person() -> None:
    imported(*(person(n, email=f"p{n}@mail.example", email1=f"p{n + 1}@mail.example") for n in range(1, 60)))
    assert Person.objects.count() == 1
    assert EmailAddress.objects.count() == 60


def test_one_reference_on_rows_of_two_known_persons_goes_to_the_first() -> None:
    for number in (1, 2):
        EmailFactory(person=PersonFactory(last_name=f"Connu{number}"), address=f"connu{number}@mail.example")
    imported(person(9, email="connu1@mail.example"), person(9, email="connu2@mail.example"))
    assert Person.objects.count() == 2
    assert Person.objects.get(external_ref="nationbuilder:9").last_name == "Connu1"


def test_an_address_of_somebody_else_stays_with_them() -> None:
    other = PersonFactory()
    EmailFactory(person=other, address="partagee@mail.example")
    PersonFactory(external_ref="nationbuilder:1")
    imported(person(1, email="partagee@mail.example"))
    assert EmailAddress.objects.get().person == other


def test_names_that_sql_cannot_fold_are_folded_all_the_same() -> None:
    imported(person(1, first_name="Αλέξανδρος", last_name="ΠΑΠΑΔΌΠΟΥΛΟΣ"))
    assert Person.objects.get().sort_key == "παπαδοπουλοσ αλεξανδροσ"


def test_what_is_impossible_is_left_aside_and_the_rest_comes_in() -> None:
    run = imported(
        person(1, email="n/a", mobile_number="06 39", born_at="02/30/1980", email_opt_in="peut-être"),
        person(2, first_name="x" * 101),
    )
    assert problems(run) == [
        (
            2,
            [
                ("not_an_email", "email"),
                ("not_a_phone", "mobile_number"),
                ("not_yes_or_no", "email_opt_in"),
                ("not_a_day", "born_at"),
            ],
        ),
        (3, [("too_long", "first_name")]),
    ]
    assert Person.objects.count() == 2
    assert Person.objects.get(external_ref="nationbuilder:1").born_on is None


def test_rows_about_nobody_and_about_organisations_are_rejected() -> None:
    run = imported(
        person(1, signup_type="0"),
        {"nationbuilder_id": "", "email": "n/a"},
        person(3, signup_type="1"),
    )
    assert Person.objects.count() == 1
    assert [row.is_rejected for row in run.arrival.left_aside.order_by("row_number")] == [True, True]
    assert run.arrival.counts["rejected"] == 2


def test_international_addresses_are_written_in_ascii() -> None:
    imported(person(1, email="anne@élection.example"))
    assert EmailAddress.objects.get().address == "anne@xn--lection-9xa.example"


def test_a_formula_comes_in_as_text() -> None:
    imported(person(1, first_name="=HYPERLINK(1)", motto="@SUM(A1)"))
    found = Person.objects.get()
    assert (found.first_name, found.custom) == ("=HYPERLINK(1)", {"motto": "@SUM(A1)"})


def test_several_addresses_and_countries_are_kept() -> None:
    imported(
        person(
            1,
            primary_address1="1 rue du Port",
            primary_city="Brest",
            primary_zip="29200",
            mailing_address1="Grand-Place 1",
            mailing_city="Bruxelles",
            mailing_zip="1000",
            mailing_country="Belgique",
            work_city="Oz",
            work_country="Oz",
        )
    )
    addresses = PostalAddress.objects.order_by("pk").values_list("city", "postcode", "country")
    assert list(addresses) == [("Brest", "29200", "FR"), ("Bruxelles", "1000", "BE"), ("Oz", "", "ZZ")]


def test_days_before_months_are_understood_from_the_file() -> None:
    imported(*(person(n, born_at=f"{n:02d}/02/1980") for n in range(1, 29)))
    assert Person.objects.get(external_ref="nationbuilder:3").born_on == date(1980, 2, 3)


def test_the_staging_table_goes_with_the_end_of_the_import() -> None:
    from django.db import connection

    imported(person(1))
    assert Arrival.objects.get().closed_at is not None
    assert not [name for name in connection.introspection.table_names() if name.startswith("intake_staged")]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        *((word, "F") for word in ("F", " femme ", "Female", "Mme", "Féminin")),
        *((word, "M") for word in ("m", "H", "Homme", "male", "M.")),
        *((word, "O") for word in ("O", "Autre", "other", "Mx", "X")),
        *((word, word) for word in ("non-binaire", "fluide", "Hijra", "mutant", "agenre")),
        *((word, "") for word in ("", "U", "Unknown")),
    ],
)
def test_a_gender_is_kept_in_the_words_of_the_file_unless_it_is_one_of_ours(said: str, kept: str) -> None:
    imported(person(1, sex=said))
    assert Person.objects.get().gender == kept


def test_a_gender_that_is_too_long_is_cut_and_reported() -> None:
    run = imported(person(1, sex="une personne qui préfère ne pas être rangée dans une case"))
    assert Person.objects.get().gender == "une personne qui préfère ne pas être ran"
    assert problems(run) == [(2, [("cut", "sex")])]
