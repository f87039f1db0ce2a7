"""What is kept too long goes, what may stay stays, and the preview says exactly what the work does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import Kind, RoleKind
from portevoix.rights import services as rights
from portevoix.rights.models import Ground, LedgerEntry, Opinion, Suppression
from portevoix.rights.models.retention import RunState
from portevoix.rights.purposes import Act, Purpose, Status
from portevoix.rights.selectors import retention as selectors
from tests.rights.retaining import (
    NIGHT,
    NOW,
    ago,
    bound,
    dormant,
    gave,
    holds,
    lapsed,
    occasional,
    person,
    refused,
    regular,
    run,
    said,
    set_term,
    ungrounded,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_night")]


def status_of(who: Person) -> str:
    (found,) = [one for one, (number, _held) in selectors.statuses().items() if number]
    return found.value


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (regular, Status.REGULAR),
        (bound, Status.BOUND),
        (dormant, Status.DORMANT),
        (refused, Status.REFUSED),
        (lapsed, Status.LAPSED),
        (occasional, Status.OCCASIONAL),
        (ungrounded, Status.UNGROUNDED),
    ],
)
def test_everybody_has_one_status(make: Callable[[], Person], expected: Status) -> None:
    assert status_of(make()) == expected


# -- roles


@pytest.mark.parametrize("kind", list(RoleKind))
def test_a_role_that_a_file_said_without_a_day_binds_nobody(kind: RoleKind) -> None:
    assert status_of(holds(person(), kind)) == Status.DORMANT


@pytest.mark.parametrize("kind", list(RoleKind))
def test_whoever_took_everything_back_goes_in_their_month_whatever_a_file_calls_them(kind: RoleKind) -> None:
    who = holds(refused(days=40), kind)
    assert status_of(who) == Status.REFUSED
    assert selectors.forecast().counts == {"people.refused": 1}
    run()
    assert not Person.objects.exists()
    assert Suppression.objects.exists(), "no file brings them back"


def test_the_end_of_a_role_prolongs_no_refusal() -> None:
    holds(refused(days=40), RoleKind.VOLUNTEER, until=ago(2).date())
    assert selectors.forecast().counts == {"people.refused": 1}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"dues_until": ago(-30).date()}, Status.BOUND),
        ({"dues_until": ago(1000).date()}, Status.BOUND),
        ({"dues_until": ago(1110).date()}, Status.DORMANT),
        ({"dues_until": ago(1110).date(), "until": ago(-400).date()}, Status.DORMANT),
        ({"dues_until": ago(-30).date(), "until": ago(5).date()}, Status.DORMANT),
        ({"dues_paid_on": ago(1100).date()}, Status.BOUND),
        ({"dues_paid_on": ago(1500).date()}, Status.DORMANT),
        ({"until": ago(-30).date()}, Status.BOUND),
        ({"since": ago(300).date()}, Status.BOUND),
        ({"since": ago(1200).date()}, Status.DORMANT),
    ],
)
def test_a_membership_binds_by_the_days_of_its_dues_and_no_longer_than_the_term(
    known: dict[str, object], expected: Status
) -> None:
    assert status_of(holds(person(), RoleKind.MEMBER, **known)) == expected


def test_a_member_whose_dues_run_stays_though_they_want_no_news() -> None:
    who = holds(refused(days=400), RoleKind.MEMBER, dues_until=ago(-30).date())
    assert status_of(who) == Status.BOUND
    assert selectors.forecast().going == 0


def test_a_member_goes_once_the_term_after_their_dues_is_over() -> None:
    who = holds(person(), RoleKind.MEMBER, dues_until=ago(1090).date())
    assert (status_of(who), selectors.forecast().going) == (Status.BOUND, 0)
    with clock.stopped_at(NOW + timedelta(days=30)):
        assert selectors.forecast().counts == {"people.dormant": 1}
    (line,) = [line for line in selectors.forecast().lines if line.code == "bound"]
    assert line.soon == 1, "said a month before"


def test_a_campaign_may_keep_former_members_for_less() -> None:
    who = holds(refused(days=400), RoleKind.MEMBER, dues_until=ago(200).date())
    assert status_of(who) == Status.BOUND
    set_term("bound", 3)
    assert status_of(who) == Status.REFUSED


# -- grounds


def test_a_ground_that_another_replaced_or_a_rule_ended_is_no_refusal() -> None:
    who = person()
    for number, why in enumerate([{"replaced_by": "consent"}, {"retention": 36}, {"merge": "same"}]):
        gave(who, days=100 + number, withdrawn_at=ago(50), withdrawal=why)
    assert status_of(who) == Status.LAPSED


def test_an_address_that_refuses_is_a_refusal() -> None:
    who = person()
    EmailAddress.objects.create(person=who, address="non@mail.example", status="refused", source="tests")
    assert status_of(who) == Status.REFUSED


# -- preview and work agree


def everybody() -> list[Person]:
    people = [regular(), bound(), dormant(), refused(), lapsed(), occasional(), ungrounded(), ungrounded(days=20)]
    two = regular()
    gave(two, Purpose.OPINION, days=800)
    return [*people, two]


def test_the_work_does_exactly_what_the_preview_says() -> None:
    everybody()
    foreseen = selectors.forecast()
    assert foreseen.going == 5
    done = run()
    assert done.counts == foreseen.counts
    assert (done.state, done.erased, Person.objects.count()) == (RunState.DONE, 5, 4)
    assert selectors.forecast().counts == {}, "nothing is left to do"


def test_the_preview_changes_nothing() -> None:
    everybody()
    before = (Person.objects.count(), LedgerEntry.objects.count(), Ground.objects.live().count())
    selectors.forecast()
    assert before == (Person.objects.count(), LedgerEntry.objects.count(), Ground.objects.live().count())


def test_of_two_grounds_one_over_the_other_holds_and_the_person_stays() -> None:
    who = person()
    kept = gave(who, Purpose.NEWSLETTER, days=900)
    over = gave(who, Purpose.OPINION, days=900)
    Opinion.objects.create(person=who, ground=over, support_level=5, source="tests")
    run()
    assert list(Ground.objects.live()) == [kept]
    assert not Opinion.objects.exists(), "the opinion goes with its ground"
    assert LedgerEntry.objects.filter(act=Act.EXPIRED, ground_number=over.pk).count() == 1
    assert Ground.objects.get(pk=over.pk).withdrawal == {"retention": 12}


@pytest.mark.parametrize("kind", [Kind.CONFIRMED, Kind.CONSENTED])
def test_an_exchange_from_the_person_prolongs(kind: Kind) -> None:
    who = lapsed()
    said(who, 30, kind)
    run()
    assert Ground.objects.live().count() == 1


@pytest.mark.parametrize("kind", [Kind.MAILED, Kind.CONSULTED, Kind.EDITED, Kind.SIGNED_UP, Kind.EXPORTED])
def test_what_we_do_or_anybody_could_do_in_their_name_prolongs_nothing(kind: Kind) -> None:
    said(lapsed(), 1, kind)
    run()
    assert not Person.objects.exists()


def test_the_ledger_is_whole_after_a_night_and_says_expired_then_erased() -> None:
    ref = lapsed().ref
    run()
    assert rights.verify(actor=NIGHT).broken is None
    acts = LedgerEntry.objects.filter(person_ref=ref).order_by("number").values_list("act", flat=True)
    assert list(acts) == [Act.GIVEN, Act.EXPIRED, Act.REMOVED, Act.ERASED]


def test_rebuilding_from_the_ledger_gives_nothing_back() -> None:
    everybody()
    run()
    assert rights.rebuild(dry_run=False, actor=NIGHT).total == 0


# -- days


def test_the_term_is_over_on_its_day_in_paris_and_not_a_second_before() -> None:
    who = person()
    ground = gave(who, Purpose.OPINION)
    Ground.objects.filter(pk=ground.pk).update(given_at="2027-02-28T23:59:59+01:00")
    gave(who)
    with clock.stopped_at(NOW.replace(day=28, month=2, hour=0)):
        assert selectors.forecast().ending == 1
    Ground.objects.filter(pk=ground.pk).update(given_at="2027-03-01T00:00:00+01:00")
    with clock.stopped_at(NOW.replace(day=29, month=2, hour=23)):
        assert selectors.forecast().ending == 0
    assert selectors.forecast().ending == 1


def test_what_ends_within_thirty_days_is_announced() -> None:
    who = person()
    gave(who, days=36 * 30.5 - 20)
    (line,) = [line for line in selectors.forecast().lines if line.code == "newsletter"]
    assert (line.over, line.soon) == (0, 1)
    (people,) = [line for line in selectors.forecast().lines if line.is_about_people]
    assert (people.code, people.over) == ("regular", 0)
