from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Actor, Role, Staff, System
from portevoix.disclosure import services
from portevoix.disclosure.exceptions import NotYours, UnknownField
from portevoix.disclosure.selectors import ALL_FIELDS
from portevoix.disclosure.writers import table
from portevoix.journal.models import Entry
from portevoix.people.models import Interaction, Person, Tag, Tagging
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights.exceptions import NotFromTheGate
from tests.accounts.factories import MandateFactory, UserFactory, staff
from tests.people.factories import PersonFactory, PhoneFactory, reachable

pytestmark = pytest.mark.django_db


def export(actor: Actor, fields: tuple[str, ...] = ("first_name", "last_name", "email")) -> list[dict[str, str]]:
    shown = gate.reveal(Person.objects.all(), actor=actor, purpose="canvassing", fields=fields)
    with services.export_people(shown, actor=actor) as file:
        return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"))))


def test_an_export_holds_the_asked_fields_in_order() -> None:
    reachable("maelle@mail.example", first_name="Maëlle", last_name="Le Bihan")
    assert export(staff()) == [{"first_name": "Maëlle", "last_name": "Le Bihan", "email": "maelle@mail.example"}]


def test_every_field_can_be_exported() -> None:
    person = reachable("maelle@mail.example", in_rennes=True, born_on="1990-02-03")
    PhoneFactory(person=person, number="+33639981234")
    for name in ("tracts", "bénévole"):
        Tagging.objects.create(person=person, tag=Tag.objects.create(name=name), source="tests")
    [row] = export(staff(), ALL_FIELDS)
    assert (row["mobile_number"], row["primary_city"], row["born_at"]) == ("+33639981234", "Rennes", "1990-02-03")
    assert row["tag_list"] == "bénévole, tracts"
    assert (row["email_opt_in"], row["mobile_opt_in"]) == ("true", "false")


def test_a_local_lead_cannot_export_and_the_attempt_is_in_the_journal() -> None:
    PersonFactory(in_brest=True)
    with pytest.raises(NotAllowed):
        export(staff(Role.LOCAL_LEAD, "35"))
    assert Entry.objects.get(command="disclosure.export_people").outcome == "refused"


def test_an_organiser_of_one_departement_exports_that_one_only() -> None:
    PersonFactory(in_rennes=True, first_name="Ici")
    PersonFactory(in_brest=True, first_name="Ailleurs")
    assert [row["first_name"] for row in export(staff(Role.ORGANISER, "35"))] == ["Ici"]


def test_an_export_is_written_in_the_journal_and_on_each_timeline() -> None:
    person = PersonFactory()
    export(staff())
    entry = Entry.objects.get(command="disclosure.export_people")
    assert (entry.count, entry.detail["purpose"]) == (1, "canvassing")
    assert Interaction.objects.get(person=person).kind == Kind.EXPORTED


def test_people_cannot_leave_without_passing_the_gate() -> None:
    with pytest.raises(NotFromTheGate):
        services.export_people(Person.objects.all(), actor=staff())  # type: ignore[arg-type]


def test_a_disclosure_granted_to_one_is_not_used_by_another() -> None:
    shown = gate.reveal(Person.objects.all(), actor=System("tests"), purpose="any", fields=["first_name"])
    with pytest.raises(NotYours):
        services.export_people(shown, actor=staff())


def test_a_field_that_is_not_a_column_is_refused() -> None:
    with pytest.raises(UnknownField, match="password"):
        export(staff(), ("first_name", "password"))


def test_reading_all_of_france_lets_nobody_export_it() -> None:
    PersonFactory(in_rennes=True, first_name="Ici")
    PersonFactory(in_brest=True, first_name="Ailleurs")
    user = UserFactory(role=Role.ORGANISER, departement="35")
    MandateFactory(user=user, role=Role.READER)
    with pytest.raises(NotYours):
        export(Staff(user))
    assert [row["first_name"] for row in export(Staff(user).within({Role.ORGANISER}))] == ["Ici"]


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\t=1", "\r=1"])
def test_a_formula_leaves_as_text(cell: str) -> None:
    written = table.safe(cell)
    assert written[0] == "'"
    assert written.replace("'", "") == cell.replace("'", "")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("y;=HYPERLINK(1)", "y;'=HYPERLINK(1)"),
        ("y; @sum", "y; '@sum"),
        ('y;"=1', "y;\"'=1"),
        ("y\n=1", "y\n'=1"),
        ("y;-cmd", "y;'-cmd"),
    ],
)
def test_a_formula_behind_what_cuts_cells_elsewhere_leaves_as_text(cell: str, written: str) -> None:
    """French spreadsheets cut at semicolons."""
    assert table.safe(cell) == written


@pytest.mark.parametrize("cell", ["+33639981234", "-12,5", "Anne", "a=b", "", "a; b", "1;-12,5;+3"])
def test_what_is_no_formula_leaves_as_it_is(cell: str) -> None:
    assert table.safe(cell) == cell


@given(
    st.lists(
        st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30), min_size=2, max_size=2)
    )
)
def test_what_is_written_can_be_read_back(rows: list[list[str]]) -> None:
    file = io.BytesIO()
    assert table.write(["a", "b"], rows, file) == len(rows)
    text = io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")
    assert list(csv.reader(text))[1:] == [[table.safe(cell) for cell in row] for row in rows]
