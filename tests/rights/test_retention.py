"""What is kept too long goes, what may stay stays, and the preview says exactly what the work does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import Kind, RoleKind
from portevoix.rights import services as rights
from portevoix.rights import tasks
from portevoix.rights.exceptions import ChangedSince, NotNow, TermRefused
from portevoix.rights.models import Ground, LedgerEntry, Opinion, Request, RetentionRule, RetentionRun, Suppression
from portevoix.rights.models.retention import RunState
from portevoix.rights.purposes import RULES, Act, Channel, Purpose, Status
from portevoix.rights.selectors import choices_of, means_of
from portevoix.rights.selectors import retention as selectors
from portevoix.rights.services import requests, retention
from portevoix.rights.types import Asked, RequestKind, RequestWay
from portevoix.segments.criteria.consent import Withdrew
from tests.accounts.factories import staff
from tests.exchange import files
from tests.people.factories import PhoneFactory
from tests.rights.retaining import (
    NOW,
    ago,
    bound,
    dormant,
    gave,
    lapsed,
    occasional,
    person,
    refused,
    regular,
    said,
    ungrounded,
)

pytestmark = pytest.mark.django_db
NIGHT = System("tests")
REASON = "La campagne a décidé de garder moins longtemps."


@pytest.fixture(autouse=True)
def _one_night(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    with clock.stopped_at(NOW):
        yield


def status_of(who: Person) -> str:
    (found,) = [one for one, (number, _held) in selectors.statuses().items() if number]
    return found.value


def run(*, size: int = 20_000, looked_at: bool = True) -> RetentionRun:
    """Do a whole night, confirmed where the brake asks for it."""
    begun = retention.begin_retention(actor=NIGHT)
    if begun.state == RunState.BRAKED and looked_at:
        retention.confirm_retention(begun.pk, seen=begun.foreseen, actor=staff(Role.DIRECTOR))
    while retention.advance_retention(begun.pk, size=size, actor=NIGHT):
        continue
    begun.refresh_from_db()
    return begun


def set_term(code: str, months: int, reason: str = REASON) -> RetentionRule:
    return retention.set_term(code, months, reason=reason, actor=staff(Role.DATA_OFFICER))


# -- what somebody is


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (regular, Status.REGULAR),
        (bound, Status.BOUND),
        (lambda: bound(RoleKind.DONOR), Status.BOUND),
        (dormant, Status.DORMANT),
        (refused, Status.REFUSED),
        (lapsed, Status.LAPSED),
        (occasional, Status.OCCASIONAL),
        (ungrounded, Status.UNGROUNDED),
    ],
)
def test_everybody_has_one_status(make: Callable[[], Person], expected: Status) -> None:
    assert status_of(make()) == expected


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


# -- rules


@pytest.mark.parametrize("code", sorted(RULES))
def test_no_rule_is_longer_than_the_law_by_any_way(code: str) -> None:
    most = RULES[code].most
    assert RULES[code].months <= most
    assert set_term(code, most).months == most
    with pytest.raises(TermRefused, match=str(most)):
        set_term(code, most + 1)
    with pytest.raises(IntegrityError, match="retention_within_the_law"), transaction.atomic():
        RetentionRule.objects.create(code=code, months=most + 1, reason=REASON, by="x")


def test_a_rule_needs_a_reason_in_the_form_and_in_the_database() -> None:
    with pytest.raises(TermRefused):
        set_term("newsletter", 12, reason="  non  ")
    with pytest.raises(IntegrityError, match="retention_has_a_reason"), transaction.atomic():
        RetentionRule.objects.create(code="newsletter", months=1, reason="         ", by="x")


@pytest.mark.parametrize(
    "statement", ["UPDATE rights_retentionrule SET months = 1", "DELETE FROM rights_retentionrule"]
)
def test_a_rule_once_set_is_never_rewritten(statement: str) -> None:
    set_term("newsletter", 24)
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_last_rule_counts_and_the_former_stays_with_its_reason() -> None:
    set_term("newsletter", 24)
    set_term("newsletter", 6)
    assert selectors.terms_in_force()["newsletter"] == 6
    assert RetentionRule.objects.count() == 2
    gave(person(), days=240)
    assert run().counts == {"grounds.newsletter": 1, "people.lapsed": 1}


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.ORGANISER, Role.TREASURER, Role.READER])
def test_only_directors_and_the_officer_set_terms(role: Role) -> None:
    with pytest.raises(NotAllowed):
        retention.set_term("newsletter", 12, reason=REASON, actor=staff(role))


def test_the_reason_stays_out_of_the_journal() -> None:
    set_term("newsletter", 12, reason="À cause de Maëlle Quéméneur, qui l’a demandé.")
    assert "Maëlle" not in str(Entry.objects.get(command="rights.set_term").detail)


# -- who is held


def test_whose_data_is_restricted_or_who_waits_for_an_answer_keeps_everything_and_is_counted() -> None:
    restricted, waiting = lapsed(), lapsed()
    lapsed()
    Person.objects.filter(pk=restricted.pk).update(restricted_at=clock.now())
    asked = Asked(kind=RequestKind.RECTIFICATION, way=RequestWay.LETTER, received_on=clock.today())
    requests.enter_request(waiting, asked, actor=System("tests"))
    lines = {line.code: line for line in selectors.forecast().lines}
    assert (lines["lapsed"].over, lines["lapsed"].kept_back) == (1, 2)
    run()
    assert set(Person.objects.all()) == {restricted, waiting}
    assert Ground.objects.live().exclude(purpose=Purpose.SERVICE).count() == 2


def test_who_confirms_between_the_question_and_the_deed_stays() -> None:
    who = lapsed()
    found = selectors.over(selectors.EVERYBODY)
    assert {going.person_id for going in found} == {who.pk}
    said(who, 0)
    assert retention._end([who.pk], NIGHT) == {}
    assert Person.objects.filter(pk=who.pk).exists()


def test_a_proof_of_identity_that_never_comes_keeps_nobody_for_ever() -> None:
    who = lapsed()
    asked = Asked(kind=RequestKind.RECTIFICATION, way=RequestWay.LETTER, received_on=clock.today())
    request = requests.enter_request(who, asked, actor=System("tests"))
    requests.ask_identity(request.pk, "Une preuve, s’il vous plaît.", actor=System("tests"))
    lines = {line.code: line for line in selectors.forecast().lines}
    assert (lines["lapsed"].over, lines["lapsed"].kept_back) == (0, 1)
    Request.objects.update(paused_on=clock.today() - timedelta(days=63))
    lines = {line.code: line for line in selectors.forecast().lines}
    assert (lines["lapsed"].over, lines["lapsed"].kept_back) == (1, 0)


def test_nobody_may_put_off_an_objection_by_asking_for_a_proof() -> None:
    asked = Asked(kind=RequestKind.OBJECTION, way=RequestWay.LETTER, received_on=clock.today())
    request = requests.enter_request(regular(), asked, actor=System("tests"))
    with pytest.raises(NotNow):
        requests.ask_identity(request.pk, "Une preuve.", actor=System("tests"))


def test_a_line_on_the_page_of_rights_prolongs_nothing() -> None:
    who = ungrounded(100)
    gave(who, Purpose.SERVICE, days=1)
    assert [going.ident for going in selectors.over(selectors.EVERYBODY)] == [who.pk]


def test_a_refusal_leaves_its_fingerprint_whatever_else_the_person_was() -> None:
    who = dormant()
    EmailAddress.objects.create(person=who, address="volunteer@mail.example", source="tests")
    gave(who, days=1990, withdrawn_at=ago(1980), withdrawal={"asked": "letter"})
    assert run().erased == 1
    assert Suppression.objects.count() == 1


# -- coming back


def test_who_refused_is_kept_out_as_after_an_erasure_and_who_lapsed_is_not() -> None:
    refused()
    lapsed()
    assert run().erased == 2
    assert Suppression.objects.count() == 1


def test_a_file_may_bring_back_whose_time_was_over_but_not_who_refused() -> None:
    gone, out = lapsed(), refused()
    EmailAddress.objects.create(person=gone, address="maelle1@mail.example", source="tests")
    EmailAddress.objects.filter(person=out).update(address="maelle2@mail.example")
    run()
    files.imported(files.person(1), files.person(2))
    assert list(EmailAddress.objects.values_list("address", flat=True)) == ["maelle1@mail.example"]


def test_a_file_does_not_renew_what_a_rule_ended() -> None:
    who = regular()
    EmailAddress.objects.create(person=who, address="maelle1@mail.example", source="tests")
    gave(who, Purpose.TEXTS, days=1500)
    run()
    PhoneFactory(person=who, number="+33639980001")
    files.imported(files.person(1, mobile_number="0639980001", mobile_opt_in="true"))
    assert set(Ground.objects.live().values_list("purpose", flat=True)) == {"newsletter"}


def test_a_number_shared_with_somebody_who_stays_is_not_kept_out() -> None:
    for who in (refused(), regular()):
        PhoneFactory(person=who, number="+33639980001")
    run()
    assert Suppression.objects.count() == 1, "the address only"


# -- the brake


def many(number: int) -> None:
    for _one in range(number):
        ungrounded()


def test_a_night_that_would_erase_a_fifth_of_the_file_waits_for_somebody() -> None:
    many(11)
    begun = run(looked_at=False)
    assert (begun.state, Person.objects.count()) == (RunState.BRAKED, 11)
    retention.confirm_retention(begun.pk, seen=11, actor=staff(Role.DATA_OFFICER))
    assert run().erased == 11


def test_a_member_of_staff_who_begins_by_hand_looks_first() -> None:
    many(2)
    begun = retention.begin_retention(actor=staff(Role.DIRECTOR))
    assert (begun.state, retention.advance_retention(begun.pk, actor=NIGHT)) == (RunState.BRAKED, False)


def test_what_came_to_its_end_is_not_told_as_withdrawn() -> None:
    who = regular()
    gave(who, Purpose.OPINION, days=800)
    gave(who, Purpose.CALLS, days=1500)
    run()
    means = {one.channel: one.reason for one in means_of(who, who.grounds.all())}
    assert "à son terme" in means[Channel.PHONE]
    assert {choice.said for choice in choices_of(who) if not choice.is_given} == {"arrivé à son terme"}
    assert not Person.objects.filter(Withdrew(purpose=Purpose.CALLS).q()).exists()


def test_a_few_people_need_nobody() -> None:
    many(10)
    assert run(looked_at=False).erased == 10


def test_a_confirmation_is_of_what_was_seen() -> None:
    many(11)
    begun = run(looked_at=False)
    many(1)
    with pytest.raises(ChangedSince):
        retention.confirm_retention(begun.pk, seen=11, actor=staff(Role.DIRECTOR))
    assert Person.objects.count() == 12


def test_a_rule_shortened_while_the_night_is_at_work_meets_the_brake_again() -> None:
    for _one in range(30):
        gave(person(), days=500)
    begun = retention.begin_retention(actor=NIGHT)
    assert begun.state == RunState.RUNNING
    set_term("newsletter", 1)
    middle = Person.objects.order_by("pk")[15].pk
    retention.advance_retention(begun.pk, size=middle, actor=NIGHT)
    begun.refresh_from_db()
    assert (begun.state, Person.objects.count()) == (RunState.BRAKED, 14)


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.ORGANISER, Role.READER])
def test_nobody_else_confirms(role: Role) -> None:
    many(11)
    begun = run(looked_at=False)
    with pytest.raises(NotAllowed):
        retention.confirm_retention(begun.pk, seen=11, actor=staff(role))


def test_a_run_can_be_stopped_and_nothing_more_goes() -> None:
    many(12)
    begun = run(looked_at=False)
    retention.stop_retention(begun.pk, actor=staff(Role.DIRECTOR))
    assert retention.advance_retention(begun.pk, actor=NIGHT) is False
    assert Person.objects.count() == 12


# -- interrupted


def test_a_night_cut_off_in_the_middle_goes_on_where_it_was() -> None:
    many(6)
    foreseen = selectors.forecast().counts
    begun = retention.begin_retention(actor=NIGHT)
    middle = Person.objects.order_by("pk")[2].pk
    assert retention.advance_retention(begun.pk, size=middle, actor=NIGHT) is True
    assert Person.objects.count() == 3
    tasks.retain(begun.pk)
    begun.refresh_from_db()
    assert (begun.counts, begun.state) == (foreseen, RunState.DONE)


def at_the_first(begun: RetentionRun) -> RetentionRun:
    """Have a run begin where persons are: earlier tests used the first numbers, and a stretch is so many of them."""
    begun.cursor = Person.objects.order_by("pk").values_list("pk", flat=True)[0] - 1
    begun.save(update_fields=["cursor"])
    return begun


def test_a_stretch_that_fails_half_way_leaves_nothing_half_done() -> None:
    many(3)
    begun = at_the_first(retention.begin_retention(actor=NIGHT))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;"
            "CREATE TRIGGER fail BEFORE DELETE ON people_person FOR EACH STATEMENT EXECUTE FUNCTION fail()"
        )
    with pytest.raises(Exception, match="disk full"):
        retention.advance_retention(begun.pk, actor=NIGHT)
    first = begun.cursor
    begun.refresh_from_db()
    assert (begun.cursor, begun.counts, Person.objects.count()) == (first, {}, 3)


def test_there_is_one_run_a_day_and_one_at_a_time() -> None:
    first = run()
    assert retention.begin_retention(actor=NIGHT) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionRun.objects.create(day=clock.today(), people=0, foreseen=0, last=0)
    with clock.stopped_at(NOW + timedelta(days=1)):
        assert retention.begin_retention(actor=NIGHT) != first


def test_the_hourly_job_begins_once_after_three_in_paris() -> None:
    many(2)
    with clock.stopped_at(NOW.replace(hour=2, minute=35)):
        tasks.retain_every_night()
    assert not RetentionRun.objects.exists()
    for hour in (3, 4, 5):
        with clock.stopped_at(NOW.replace(hour=hour, minute=35)):
            tasks.retain_every_night()
    assert RetentionRun.objects.count() == 1


def test_many_cost_no_query_each() -> None:
    def queries() -> int:
        begun = at_the_first(retention.begin_retention(actor=NIGHT))
        if begun.state == RunState.BRAKED:
            retention.confirm_retention(begun.pk, seen=begun.foreseen, actor=staff(Role.DIRECTOR))
        with CaptureQueriesContext(connection) as told:
            retention.advance_retention(begun.pk, actor=NIGHT)
        return len(told)

    many(3)
    few = queries()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_person (ref, first_name, last_name, sort_key, gender, language, occupation, postcode,"
            " custom, source, created_at) SELECT gen_random_uuid(), 'A', 'B', 'b a', '', 'fr', '', '', '{}', 'tests',"
            " %s FROM generate_series(1, 400)",
            [ago(100)],
        )
    with clock.stopped_at(NOW + timedelta(days=1)):
        assert queries() <= few + 5
    assert Person.objects.count() == 0
