"""Erased is erased: from every table and file, while other work runs, and whatever file comes later."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from django.contrib.auth.hashers import get_random_string
from django.db import connection
from pytest_django import Settings

from portevoix.accounts.types import Role, System, Visitor
from portevoix.delivery import dispatch
from portevoix.delivery.dispatch import outbox
from portevoix.delivery.models import Message, Run
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Outcome, Result
from portevoix.disclosure import selectors as disclosure
from portevoix.exchange import selectors as reports
from portevoix.exchange import services as exchange
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import LeftAside
from portevoix.intake.services import receiving
from portevoix.intake.services.staff import receive_staff
from portevoix.intake.types import SignUp
from portevoix.people.exceptions import Impossible
from portevoix.people.models import EmailAddress, Interaction, Person
from portevoix.people.services import contacts
from portevoix.people.types import ContactChange
from portevoix.rights import services
from portevoix.rights.models import LedgerEntry, Suppression
from portevoix.rights.purposes import Act, Purpose
from portevoix.rights.rules import SuppressionKey
from portevoix.rights.types import HANDLERS
from tests.accounts.factories import staff
from tests.delivery.factories import queue, states
from tests.exchange import files
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
OFFICER = System("tests")
ADDRESS = "maelle1@mail.example"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def somebody(**known: str) -> Person:
    person = PersonFactory(**known)
    EmailFactory(person=person, address=ADDRESS, status="verified")
    return person


def erase(person: Person) -> None:
    services.erase(person, actor=OFFICER)


def confirmed(**said: object) -> Person:
    form = SignUp(email=ADDRESS, source="/agir/", purposes=frozenset({Purpose.NEWSLETTER}), **said)  # type: ignore[arg-type]
    submission = receiving.receive(form, actor=Visitor())
    return receiving.confirm(confirmation_token(submission), actor=Visitor()).person


# -- nobody brings them back


def test_a_later_import_cannot_bring_an_erased_person_back_and_says_why() -> None:
    erase(somebody())
    run = files.imported(files.person(1), files.person(2))
    assert list(EmailAddress.objects.values_list("address", flat=True)) == ["maelle2@mail.example"]
    assert files.problems(run) == [(2, [("erased", "")])]
    assert ("erased" in run.arrival.counts["reasons"], run.arrival.counts["rejected"]) == (True, 1)
    assert run.forecast["new"] == 1, "the forecast knows it already"
    ((sentence, count, is_whole),) = reports.reasons(run)
    assert (sentence.startswith("une personne qui a demandé à être effacée"), count, is_whole) == (True, 1, True)


def test_what_is_kept_of_such_a_row_is_its_number_only() -> None:
    erase(somebody())
    files.imported(files.person(1))
    assert LeftAside.objects.get().cells == []
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    "row",
    [
        {"email": " MAELLE1@Mail.Example "},
        {"email": "autre@mail.example", "email2": ADDRESS},
        {"email": "", "mobile_number": "06 39 98 00 01"},
        {"email": "", "nationbuilder_id": "77"},
    ],
)
def test_any_of_their_contacts_is_enough(row: dict[str, str]) -> None:
    person = somebody(external_ref="nationbuilder:77")
    PhoneFactory(person=person, number="+33639980001")
    erase(person)
    run = files.imported(files.person(9) | row, files.person(2))
    assert Person.objects.count() == 1
    assert [number for number, _why in files.problems(run)] == [2]


def test_every_row_of_the_same_person_is_left_aside() -> None:
    erase(somebody())
    same = files.person(5, email="maelle5@mail.example", email2=ADDRESS)
    run = files.imported(same, files.person(6, email="maelle5@mail.example"), files.person(2))
    assert [number for number, _why in files.problems(run)] == [2, 3]
    assert Person.objects.count() == 1


def test_somebody_erased_after_the_file_was_read_does_not_come_in_either() -> None:
    person = somebody()
    run = files.read(files.text(files.person(1), files.person(2)))
    erase(person)
    exchange.start_import(run.pk, declares_grounds=True, by_worker=False, actor=OFFICER)
    run = files.advance(run)
    assert run.state == "done"
    assert list(EmailAddress.objects.values_list("address", flat=True)) == ["maelle2@mail.example"]


def test_a_number_that_somebody_else_has_too_does_not_keep_them_out() -> None:
    person, spouse = somebody(), PersonFactory()
    for one in (person, spouse):
        PhoneFactory(person=one, number="+33639980001", kind="home")
    erase(person)
    files.imported(files.person(2, phone_number="0639980001"))
    assert Person.objects.count() == 2


def test_staff_cannot_bring_an_erased_person_back() -> None:
    erase(somebody())
    with pytest.raises(PersonErased):
        receive_staff(ADDRESS, first_name="Maëlle", last_name="", actor=staff(Role.COMMUNICATIONS))
    assert not Person.objects.exists()


@pytest.mark.parametrize("shared", [False, True])
def test_an_erased_persons_contacts_are_not_written_on_another_record(shared: bool) -> None:
    person = somebody()
    PhoneFactory(person=person, number="+33612345678", kind="mobile")
    erase(person)
    other = PersonFactory()
    mobile = {"number": "+33612345678", "kind": "home" if shared else "mobile", "is_primary": True}
    told = [("email", {"address": ADDRESS, "is_primary": True}), ("phone", mobile)]
    for kind, values in told[1:] if shared else told:
        change = ContactChange(kind, values)
        with nullcontext() if shared else pytest.raises(Impossible, match="effacé"):
            contacts.edit_contacts(other, [change], actor=staff())
    assert other.phones.exists() is shared
    assert not other.emails.exists()


def test_the_list_tells_nobody_whom_it_is_about_without_the_secret(settings: Settings) -> None:
    erase(somebody())
    kept = bytes(Suppression.objects.get().digest)
    assert kept == SuppressionKey.of(settings.SECRET_KEY).digest("email", ADDRESS)
    assert kept != SuppressionKey.of(get_random_string(50)).digest("email", ADDRESS)


def test_the_list_holds_after_the_secret_was_changed(settings: Settings) -> None:
    erase(somebody())
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], get_random_string(50)
    files.imported(files.person(1))
    assert not Person.objects.exists()


def test_whoever_is_forgotten_without_having_asked_may_come_in_again() -> None:
    services.forget(somebody(), actor=OFFICER)
    files.imported(files.person(1))
    assert Person.objects.exists()


# -- they may come back themselves


def test_whoever_signs_up_again_and_confirms_is_back_and_it_is_written() -> None:
    erase(somebody())
    back = confirmed()
    assert not Suppression.objects.exists()
    assert LedgerEntry.objects.filter(act=Act.RETURNED, person_ref=back.ref).count() == 1
    run = files.imported(files.person(1))
    assert files.problems(run) == []


def test_a_form_that_was_not_confirmed_lifts_nothing() -> None:
    erase(somebody())
    receiving.receive(SignUp(email=ADDRESS, source="/agir/"), actor=Visitor())
    assert Suppression.objects.count() == 1
    assert [number for number, _why in files.problems(files.imported(files.person(1)))] == [2]


def test_confirming_for_the_first_time_writes_no_return() -> None:
    confirmed()
    assert not LedgerEntry.objects.filter(act=Act.RETURNED).exists()


# -- every table, every file


def everything() -> list[str]:
    """Return every row of every table of the product, staging tables and those without a model among them."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if not name.startswith("wagtail")]
        assert len(names) > 40
        found: list[str] = []
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" AS t')
            found += [f"{name}: {row}" for (row,) in cursor.fetchall()]
    return found


def test_after_an_erasure_no_row_of_any_table_names_the_person() -> None:
    person = confirmed(first_name="Gwenvaelle", phone="+33639980001")
    spoilt = files.person(1, first_name="Gwenvaelle", mobile_number="06.39.98.00.01", born_at="jamais")
    files.imported(spoilt, files.person(2))
    files.read(files.text(spoilt), name="waiting.csv")
    queue()
    names = ("Gwenvaelle", ADDRESS, "39980001", "39.98.00.01")
    before = everything()
    assert all(any(name in row for row in before) for name in names), "the test has put the person everywhere"
    erase(person)
    after = everything()
    assert [row for row in after if any(name in row for name in names)] == []


def test_many_who_are_forgotten_at_once_leave_no_more_than_one_who_is_erased() -> None:
    person = confirmed(first_name="Gwenvaelle", phone="+33639980001")
    other = PersonFactory(first_name="Gwenvaelle")
    spoilt = files.person(1, first_name="Gwenvaelle", mobile_number="06.39.98.00.01", born_at="jamais")
    files.imported(spoilt)
    files.read(files.text(spoilt), name="waiting.csv")
    queue()
    services.forget_all([person.pk, other.pk, 10**9], actor=OFFICER)
    names = ("Gwenvaelle", ADDRESS, "39980001", "39.98.00.01")
    assert [row for row in everything() if any(name in row for name in names)] == []
    assert LedgerEntry.objects.filter(act=Act.ERASED).count() == 2
    assert not Suppression.objects.exists()


def test_a_row_left_aside_is_found_by_the_timeline_where_its_contacts_were_unreadable() -> None:
    row = files.person(1, email="", born_at="jamais", mobile_number="")
    files.imported(row)
    erase(Person.objects.get())
    assert LeftAside.objects.get().cells == []


def test_a_person_is_told_of_the_rows_that_were_left_aside() -> None:
    files.imported(files.person(1, born_at="jamais"), files.person(2, born_at="jamais"))
    person = EmailAddress.objects.get(address=ADDRESS).person
    (told,) = HANDLERS["intake.leftaside"].export(person.pk)
    assert ADDRESS in told["cells"]


# -- while other work runs


def test_an_erasure_while_an_export_runs_leaves_it_the_file_of_the_moment_it_began() -> None:
    people = [PersonFactory(last_name=f"Riou{number}") for number in range(3)]
    rows = disclosure.rows(Person.objects.all(), ["last_name"])
    first = next(rows)
    erase(people[2])
    assert [first, *rows] == [["Riou0"], ["Riou1"], ["Riou2"]]
    assert list(disclosure.rows(Person.objects.all(), ["last_name"])) == [["Riou0"], ["Riou1"]]


def test_nothing_leaves_for_whoever_is_erased_while_their_letter_waits() -> None:
    batch = queue(people=3)
    erased = Person.objects.first()
    assert erased is not None
    address = erased.emails.get().address
    erase(erased)
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    assert states(batch) == {"sent": 2, "suppressed": 1}
    assert address not in str(kept.sent)


def test_a_letter_that_was_leaving_when_its_reader_was_erased_is_settled_and_written_on_nobody() -> None:
    batch = queue(people=2)
    run = Run.objects.create(boot="tests")
    claimed, _taken = outbox.claim(run.pk, 10)
    erased = Person.objects.first()
    assert erased is not None
    erase(erased)
    assert len(outbox.still_admitted([one.recipient.message_id for one in claimed])) == 1, "the next look holds it back"
    results = [Result(one.recipient.message_id, Outcome.SENT, 250, "ok") for one in claimed]
    outbox.write(run.pk, results, {one.recipient.message_id: 0 for one in claimed})
    assert states(batch) == {"sent": 1, "suppressed": 1}
    assert Message.objects.filter(person=None, reply="").count() == 1
    assert Interaction.objects.filter(kind="mailed").count() == 1
