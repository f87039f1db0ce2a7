"""Finding the records that may be one person, and remembering who is not."""

from __future__ import annotations

from datetime import date

import pytest

from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.people import tasks
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Candidate, DuplicateSearch, Person, PostalAddress
from portevoix.people.selectors import duplicates as blocks
from portevoix.people.services import duplicates
from portevoix.people.types import Reason
from tests.accounts.factories import staff
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
BORN = date(1978, 4, 3)


def search() -> list[tuple[int, int, int]]:
    asked = duplicates.search_duplicates(by_worker=False, actor=System("tests"))
    tasks.look_for_duplicates(asked.pk)
    return [(pair.first_id, pair.second_id, pair.score) for pair in Candidate.objects.undecided()]


def twins(**known: object) -> tuple[Person, Person]:
    """Return one person twice, and somebody else."""
    PersonFactory(first_name="Yann", last_name="Kerouac", born_on=date(1950, 1, 1))
    one = PersonFactory(first_name="Maëlle", last_name="Le Goff", **known)
    other = PersonFactory(first_name="MAELLE", last_name="LE GOFF", **known)
    return one, other


def test_one_name_and_birth_date_make_a_pair() -> None:
    one, other = twins(born_on=BORN)
    assert search() == [(one.pk, other.pk, 70)]
    assert set(Candidate.objects.get().reasons) == {Reason.NAME, Reason.BIRTH}


@pytest.mark.parametrize(
    ("name", "again"),
    [
        (("Ștefan", "Țepeș"), ("STEFAN", "TEPES")),
        (("Αλέξανδρος", "Παπαδόπουλος"), ("ΑΛΕΞΑΝΔΡΟΣ", "ΠΑΠΑΔΟΠΟΥΛΟΣ")),
        (("Алёна", "Соловьёва"), ("АЛЕНА", "СОЛОВЬЕВА")),
        (("محمّد", "بن علي"), ("محمد", "بن علي")),
    ],
)
def test_a_name_in_rare_letters_makes_a_pair(name: tuple[str, str], again: tuple[str, str]) -> None:
    one, other = (PersonFactory(first_name=first, last_name=last, born_on=BORN) for first, last in (name, again))
    assert search() == [(one.pk, other.pk, 70)]


def test_a_typo_in_a_name_and_a_swapped_day_and_month_do_not_hide_a_pair() -> None:
    one = PersonFactory(first_name="Maëlle", last_name="Quéméneur", born_on=date(1978, 4, 3))
    two = PersonFactory(first_name="Maelle", last_name="Quemeneurr", born_on=date(1978, 4, 3))
    three = PersonFactory(first_name="Maëlle", last_name="Quéméneur", born_on=date(1978, 3, 4), postcode="35000")
    assert (one.pk, two.pk) in [pair[:2] for pair in search()]
    PhoneFactory(person=one, number="+33600000009")
    PhoneFactory(person=three, number="+33600000009")
    assert (one.pk, three.pk, 85) in search()


def test_a_mailbox_under_two_spellings_makes_a_pair() -> None:
    one, other = twins()
    EmailFactory(person=one, address="m.le.goff@gmail.com")
    EmailFactory(person=other, address="mlegoff+campagne@googlemail.com")
    assert search() == [(one.pk, other.pk, 90)]


def test_the_name_and_the_street_make_a_pair_the_name_and_the_town_do_not() -> None:
    one, other = twins(postcode="35000")
    assert search() == []
    for person in (one, other):
        PostalAddress.objects.create(person=person, line1="3, rue du Puits", postcode="35000", source="tests")
    assert search() == [(one.pk, other.pk, 68)]


def test_a_family_that_shares_a_telephone_is_no_pair() -> None:
    for first in ("Marie", "Marc", "Jean"):
        PhoneFactory(person=PersonFactory(first_name=first, last_name="Le Goff"), number="+33299000001")
    assert search() == []


def test_a_number_that_a_whole_company_shares_says_nothing() -> None:
    one, other = twins()
    everybody = [one, other, *PersonFactory.create_batch(blocks.LARGEST_BLOCK, first_name="Jean")]
    for person in everybody:
        PhoneFactory(person=person, number="+33299000001")
    assert search() == []


def test_the_pairs_come_in_slices_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SLICE", 2)
    PersonFactory.create_batch(4, first_name="Maëlle", last_name="Le Goff", born_on=BORN)
    assert len(search()) == 6
    done = DuplicateSearch.objects.get()
    assert (done.pairs, done.compared, done.found, done.progress) == (6, 6, 6, 100)
    assert Entry.objects.filter(command="people.note_candidates").count() == 3


def test_two_people_told_apart_are_never_a_pair_again() -> None:
    one, other = twins(born_on=BORN)
    search()
    duplicates.tell_apart(other, one, actor=staff())
    assert search() == []
    assert Candidate.objects.get().told_apart_at


def test_a_pair_that_no_longer_holds_goes_with_the_next_search() -> None:
    _one, other = twins(born_on=BORN)
    assert search()
    Person.objects.filter(pk=other.pk).update(born_on=date(1999, 1, 1))
    assert search() == []
    assert not Candidate.objects.exists()


def test_a_search_under_way_is_enough() -> None:
    first = duplicates.search_duplicates(by_worker=False, actor=staff())
    assert duplicates.search_duplicates(by_worker=False, actor=staff()) == first


def test_a_search_that_was_ended_is_not_done_again() -> None:
    asked = duplicates.search_duplicates(by_worker=False, actor=staff())
    tasks.look_for_duplicates(asked.pk)
    twins(born_on=BORN)
    tasks.look_for_duplicates(asked.pk)
    assert not Candidate.objects.exists()


def test_nobody_tells_apart_whom_they_do_not_see() -> None:
    mine, stranger = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    with pytest.raises(OutOfSight):
        duplicates.tell_apart(mine, stranger, actor=staff(Role.LOCAL_LEAD, "35"))
    assert not Candidate.objects.exists()
