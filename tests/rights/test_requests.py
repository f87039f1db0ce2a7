"""Requests of persons: the clock, the desk's commands, and the proof that stays when the person is gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import Notice
from portevoix.accounts.types import Role, System, Visitor
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Person
from portevoix.people.types import ContactStatus, Kind
from portevoix.rights.exceptions import NotNow, TooMany
from portevoix.rights.forms.requests import AssigneeForm
from portevoix.rights.models import Request, RequestLetter, Suppression
from portevoix.rights.purposes import Purpose
from portevoix.rights.rules import deadlines
from portevoix.rights.selectors.requests import desk, proofs_of
from portevoix.rights.services import answers, reminding, requesters, requests
from portevoix.rights.services.erasing import erase
from portevoix.rights.services.merging import merge, undo_merge
from portevoix.rights.tasks import take_over
from portevoix.rights.types import PROOFS, Asked, RequestKind, RequestState, RequestWay
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.people.factories import EmailFactory, PersonFactory, reachable

pytestmark = pytest.mark.django_db
ROBOT = System("tests")
HOSTILE = "'; DROP TABLE people_person; --<script>alert(1)</script>{{ first_name }}=cmd|'/C calc'!A0"


def entered(person: Person, kind: RequestKind = RequestKind.RECTIFICATION, **told: Any) -> Request:
    told.setdefault("received_on", clock.today())
    return requests.enter_request(person, Asked(kind=kind, way=RequestWay.LETTER, **told), actor=staff())


def on_the_site(address: str, kind: RequestKind) -> Request | None:
    requesters.ask(address, kind, language="fr", actor=Visitor())
    requesters.find_requesters(actor=ROBOT)
    return Request.objects.filter(kind=kind).last()


def three_links_asked_for(address: str) -> None:
    """Ask for a copy three times, long enough before one another that each is a wish."""
    for time in (3, 2, 1):
        with clock.stopped_at(clock.now() - time * 2 * clock.SAME_CLICK):
            on_the_site(address, RequestKind.ACCESS)


def followed(address: str, kind: RequestKind, **told: Any) -> Request:
    asked = on_the_site(address, kind)
    assert asked is not None
    return requesters.verify_request(asked.pk, actor=Visitor(), **told)


@pytest.mark.parametrize(
    ("moment", "received", "due"),
    [
        # The nights when the clock changes, at 3 a.m. in Paris; and just before midnight.
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29), date(2026, 4, 29)),
        (datetime(2026, 3, 29, 1, 1, tzinfo=UTC), date(2026, 3, 29), date(2026, 4, 29)),
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), date(2026, 10, 25), date(2026, 11, 25)),
        (datetime(2026, 10, 25, 1, 1, tzinfo=UTC), date(2026, 10, 25), date(2026, 11, 25)),
        (datetime(2026, 6, 1, 22, 30, tzinfo=UTC), date(2026, 6, 2), date(2026, 7, 2)),
    ],
)
def test_the_day_is_the_one_in_paris(moment: datetime, received: date, due: date) -> None:
    with clock.stopped_at(moment):
        requesters.ask("a@mail.example", RequestKind.ACCESS, language="fr", actor=Visitor())
    asked = Request.objects.get()
    assert (asked.received_on, asked.due_on) == (received, due)


def test_nothing_is_looked_up_while_the_visitor_waits(django_assert_max_num_queries: Any) -> None:
    """Known or not, the same queries: neither the answer nor its time tells who is in the file."""
    reachable("known@mail.example")
    counts = []
    for address in ("known@mail.example", "nobody@mail.example", "known@mail.example", "known@mail.example"):
        with django_assert_max_num_queries(12) as captured:
            requesters.ask(address, RequestKind.ERASURE, language="fr", actor=Visitor())
        counts.append([query["sql"].split()[0] for query in captured.captured_queries])
        assert "people_emailaddress" not in str(captured.captured_queries)
    # The first of all also wakes the worker.
    assert counts[1] == counts[2] == counts[3]


def test_a_strangers_address_is_forgotten_and_a_known_one_is_owed_a_link() -> None:
    person = reachable("known@mail.example")
    assert on_the_site("nobody@mail.example", RequestKind.ACCESS) is None
    asked = on_the_site("known@mail.example", RequestKind.ACCESS)
    assert asked is not None
    assert (asked.person, asked.address, asked.state) == (person, "", RequestState.TO_VERIFY)
    assert RequestLetter.objects.get().kind == "verify"
    assert not desk(staff()).exists(), "whoever typed an address has proven nothing"


def test_a_mailbox_is_not_flooded_and_neither_is_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable("known@mail.example")
    now = clock.now()
    for time in range(5):
        with clock.stopped_at(now + time * 2 * clock.SAME_CLICK):
            on_the_site("known@mail.example", RequestKind.ACCESS)
    assert RequestLetter.objects.count() == Request.objects.count() == 3, "three links ask for it already"
    monkeypatch.setattr(requesters, "MOST_WAITING", 2)
    for address in ("one@mail.example", "two@mail.example"):
        requesters.ask(address, RequestKind.ACCESS, language="fr", actor=Visitor())
    for address in ("known@mail.example", "three@mail.example"):
        with pytest.raises(TooMany):
            requesters.ask(address, RequestKind.ACCESS, language="fr", actor=Visitor())


@pytest.mark.parametrize("is_found_between", [False, True], ids=["at once", "a moment later"])
def test_a_second_click_is_one_request_and_one_letter(is_found_between: bool) -> None:
    reachable("known@mail.example")
    for _click in range(2):
        requesters.ask("known@mail.example", RequestKind.ACCESS, language="fr", actor=Visitor())
        if is_found_between:
            requesters.find_requesters(actor=ROBOT)
    requesters.find_requesters(actor=ROBOT)
    assert (Request.objects.count(), RequestLetter.objects.count()) == (1, 1)


def test_another_right_other_words_or_the_same_one_later_are_other_requests() -> None:
    reachable("known@mail.example")
    now = clock.now()
    with clock.stopped_at(now):
        on_the_site("known@mail.example", RequestKind.ACCESS)
        on_the_site("known@mail.example", RequestKind.ERASURE)
    with clock.stopped_at(now + clock.SAME_CLICK + timedelta(seconds=1)):
        on_the_site("known@mail.example", RequestKind.ACCESS)
    assert RequestLetter.objects.count() == Request.objects.count() == 3


def test_a_link_followed_twice_acts_once() -> None:
    person = reachable("known@mail.example")
    done = followed("known@mail.example", RequestKind.OBJECTION)
    assert done.state == RequestState.ANSWERED
    with pytest.raises(NotNow):
        requesters.verify_request(done.pk, actor=Visitor())
    assert person.interactions.filter(kind="asked").count() == 1


def test_a_confirmed_address_erases_itself_and_leaves_a_proof_without_a_name() -> None:
    reachable("known@mail.example")
    done = followed("known@mail.example", RequestKind.ERASURE)
    assert not Person.objects.exists()
    assert Suppression.objects.exists()
    assert (done.person, done.email, done.words, done.reason, done.proposal) == (None, None, "", "", {})
    assert done.state == RequestState.ANSWERED
    assert proofs_of("known@mail.example").get() == done
    assert not proofs_of("other@mail.example").exists()
    kept = str(Request.objects.values().get()) + str(list(Entry.objects.values_list("detail", flat=True)))
    assert "known" not in kept


def test_a_mailbox_that_a_file_brought_in_erases_nothing_by_itself() -> None:
    person = PersonFactory()
    EmailFactory(person=person, address="file@mail.example", status=ContactStatus.UNVERIFIED)
    done = followed("file@mail.example", RequestKind.ERASURE)
    assert done.state == RequestState.OPEN
    assert Person.objects.filter(pk=person.pk).exists()
    assert list(desk(staff())) == [done]


def test_a_correction_waits_for_somebody_and_only_what_is_accepted_is_written() -> None:
    person = reachable("known@mail.example", first_name="Mael", last_name="Le Goff", occupation="")
    told = {"first_name": "Maëlle", "occupation": HOSTILE, "born_on": date(1990, 2, 3), "ref": "x", "language": "en"}
    done = followed("known@mail.example", RequestKind.RECTIFICATION, corrections=told, words=HOSTILE)
    assert set(done.proposal) == {"first_name", "occupation", "born_on"}
    answers.answer_request(done.pk, "", fields=["first_name", "born_on", "ref"], actor=staff())
    person.refresh_from_db()
    assert (person.first_name, person.born_on, person.occupation) == ("Maëlle", date(1990, 2, 3), "")
    assert person.interactions.get(kind="edited").source == "site"
    assert HOSTILE not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_an_extension_is_told_with_its_reason_within_the_first_month_only() -> None:
    with clock.stopped_at(datetime(2026, 3, 10, 9, tzinfo=UTC)):
        asked, late = entered(reachable("a@mail.example")), entered(reachable("b@mail.example"))
        with pytest.raises(NotNow):
            requests.extend_request(asked.pk, "  ", actor=staff())
    with clock.stopped_at(datetime(2026, 4, 10, 9, tzinfo=UTC)):
        done = requests.extend_request(asked.pk, "Trois boîtes à dépouiller.", actor=staff())
        assert (done.state, done.due_on) == (RequestState.EXTENDED, date(2026, 6, 10))
        assert done.letters.get(kind="extended").note == "Trois boîtes à dépouiller."
        with pytest.raises(NotNow):
            requests.extend_request(asked.pk, "Encore.", actor=staff())
    with clock.stopped_at(datetime(2026, 4, 11, 9, tzinfo=UTC)), pytest.raises(NotNow):
        requests.extend_request(late.pk, "Trop tard.", actor=staff())


def test_a_doubt_stops_the_clock_once_and_the_strict_day_is_kept_in_sight() -> None:
    with clock.stopped_at(datetime(2026, 3, 10, 9, tzinfo=UTC)):
        asked = entered(reachable("a@mail.example"), RequestKind.ACCESS)
        requests.ask_identity(asked.pk, "De quelle adresse parlez-vous ?", actor=staff())
    with clock.stopped_at(datetime(2026, 3, 15, 9, tzinfo=UTC)):
        asked.refresh_from_db()
        assert asked.due_now == date(2026, 4, 15)
        with pytest.raises(NotNow):
            answers.answer_request(asked.pk, "", actor=staff())
        done = requests.resume_request(asked.pk, actor=staff())
        assert (done.due_on, done.strict_due_on) == (date(2026, 4, 15), date(2026, 4, 10))
        with pytest.raises(NotNow):
            requests.ask_identity(asked.pk, "Encore ?", actor=staff())


def test_a_refusal_says_why_and_nobody_refuses_an_objection() -> None:
    person = reachable("a@mail.example")
    refused = answers.refuse_request(entered(person, RequestKind.ERASURE).pk, "Obligation légale.", actor=staff())
    assert (refused.state, refused.letters.last().note) == (RequestState.REFUSED, "Obligation légale.")  # type: ignore[union-attr]
    for kind in (RequestKind.OBJECTION, RequestKind.WITHDRAWAL):
        with pytest.raises(NotNow):
            answers.refuse_request(entered(person, kind).pk, "Non.", actor=staff())


def test_a_request_does_not_come_tomorrow_and_the_database_keeps_the_order_of_days() -> None:
    person = reachable("a@mail.example")
    with pytest.raises(NotNow):
        entered(person, received_on=clock.today() + timedelta(days=1))
    asked = entered(person)
    for change in ({"due_on": asked.received_on}, {"state": "answered"}, {"state": "paused"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Request.objects.filter(pk=asked.pk).update(**change)


def test_only_those_who_answer_for_data_have_a_desk_and_no_further_than_their_mandate() -> None:
    in_rennes, in_brest = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    near, far = entered(in_rennes), entered(in_brest)
    dpo = staff(Role.DATA_OFFICER, "35")
    assert list(desk(dpo)) == [near]
    for act in (answers.answer_request, requests.resume_request):
        with pytest.raises(OutOfSight):
            act(far.pk, actor=dpo)
    for role in (Role.ORGANISER, Role.COMMUNICATIONS, Role.READER):
        with pytest.raises(NotAllowed):
            answers.answer_request(near.pk, actor=staff(role))
    with pytest.raises(NotAllowed):
        answers.answer_request(near.pk, actor=staff(Role.LOCAL_LEAD, "29"))


def test_reminders_count_and_name_nobody_once_a_mark_and_daily_when_late() -> None:
    officer = staff(Role.DATA_OFFICER)
    person = reachable("a@mail.example", last_name="Quéméneur")
    with clock.stopped_at(datetime(2026, 3, 10, 9, tzinfo=UTC)):
        entered(person)
    days = {}
    for day in range(28, 46):
        with clock.stopped_at(datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(days=day)):
            days[clock.today().isoformat()] = reminding.remind_of_requests(actor=ROBOT)
            assert reminding.remind_of_requests(actor=ROBOT) == 0
            Notice.objects.update(sent_at=clock.now())
    told = [day for day, count in days.items() if count]
    assert told == ["2026-03-31", "2026-04-07", *(f"2026-04-{day}" for day in range(11, 16))]
    notices = Notice.objects.filter(user_id=officer.ident)
    assert notices.count() == 7
    assert "Quéméneur" not in str(list(notices.values_list("subject", "body")))


def test_a_request_taken_up_again_is_told_again_and_a_pause_that_lasts_is_told_weekly() -> None:
    staff(Role.DATA_OFFICER)
    told, begin = [], datetime(2026, 3, 10, 9, tzinfo=UTC)
    with clock.stopped_at(begin):
        asked = entered(reachable("a@mail.example"))
    for day in range(1, 60):
        with clock.stopped_at(begin + timedelta(days=day)):
            if day == 29:  # three days were told the day before
                requests.ask_identity(asked.pk, "De quelle adresse parlez-vous ?", actor=staff())
            elif day == 50:
                requests.resume_request(asked.pk, actor=staff())
            if reminding.remind_of_requests(actor=ROBOT):
                told.append(day)
            Notice.objects.update(sent_at=clock.now())
    # Ten and three days; the pause after one week and two; ten (taken up with five), three, and late every day.
    assert told == [21, 28, 36, 43, 50, 52, 56, 57, 58, 59]
    bodies = Notice.objects.filter(body__contains="preuve d’identité").values_list("created_at", flat=True)
    assert {(at - begin).days for at in bodies} == {36, 43}


def test_a_request_follows_its_person_through_a_merge_and_back() -> None:
    kept, absorbed = reachable("a@mail.example"), reachable("b@mail.example")
    asked = entered(absorbed)
    done = merge(kept.pk, absorbed.pk, actor=staff())
    asked.refresh_from_db()
    assert asked.person == kept
    restored = undo_merge(done.pk, actor=staff())
    asked.refresh_from_db()
    assert asked.person == restored


def test_whoever_is_erased_owes_no_answer_any_more() -> None:
    person = reachable("a@mail.example")
    asked = entered(person, words="Je m’appelle Maëlle")
    erase(person, actor=staff())
    asked.refresh_from_db()
    assert (asked.person, asked.words, asked.state) == (None, "", RequestState.ANSWERED)
    assert not RequestLetter.objects.exists()
    assert Request.objects.visible_to(staff()).count() == 1
    assert not Request.objects.visible_to(staff(Role.DATA_OFFICER, "35")).exists()


def test_proofs_go_when_their_time_is_over_and_a_restriction_that_holds_does_not() -> None:
    person = reachable("a@mail.example")
    for kind in (RequestKind.RECTIFICATION, RequestKind.OBJECTION, RequestKind.RESTRICTION):
        answers.answer_request(entered(person, kind).pk, actor=staff())
    requesters.ask("a@mail.example", RequestKind.ACCESS, language="fr", actor=Visitor())
    with clock.stopped_at(clock.now() + timedelta(days=8)):
        assert requests.forget_requests(actor=ROBOT) == 1  # never verified
    with clock.stopped_at(clock.now() + timedelta(days=int(60.5 * 30.44))):
        assert requests.forget_requests(actor=ROBOT) == 1
    with clock.stopped_at(clock.now() + timedelta(days=int(100 * 30.44))):
        assert requests.forget_requests(actor=ROBOT) == 1
    assert Request.objects.get().kind == RequestKind.RESTRICTION
    assert set(PROOFS) == set(RequestKind)


def test_an_objection_to_everything_covers_what_was_never_agreed_to() -> None:
    person = PersonFactory()
    EmailFactory(person=person, address="roll@mail.example")
    done = followed("roll@mail.example", RequestKind.OBJECTION, purposes=[Purpose.VISITS, Purpose.LETTERS])
    assert done.state == RequestState.ANSWERED
    refused = person.grounds.exclude(purpose=Purpose.SERVICE)
    assert {ground.purpose for ground in refused} == {Purpose.VISITS, Purpose.LETTERS}
    assert all(ground.withdrawn_at == ground.given_at for ground in refused)


@pytest.mark.parametrize("status", ["refused", "bouncing"])
def test_whoever_no_letter_reaches_is_answered_by_staff_within_the_month(status: str) -> None:
    person = reachable("fache@mail.example")
    person.emails.update(status=status)
    EmailFactory(person=person, address="autre@mail.example", is_primary=False)
    for _again in range(3):
        for address in ("fache@mail.example", "autre@mail.example"):
            asked = on_the_site(address, RequestKind.ERASURE)
    assert asked is not None
    assert Request.objects.count() == 1
    assert (asked.person, asked.state, asked.verified_at, asked.address) == (person, RequestState.OPEN, None, "")
    assert asked in desk(staff())
    assert not RequestLetter.objects.exists()
    assert person.interactions.filter(kind=Kind.ASKED).count() == 1
    page = signed_in(Role.DATA_OFFICER).get(reverse("requests:request", args=[asked.pk])).content.decode()
    assert "aucune lettre avec un lien n’est arrivée à cette adresse" in page


def test_a_right_asked_for_after_the_letters_of_the_day_is_kept_on_the_desk() -> None:
    person = reachable("known@mail.example")
    three_links_asked_for("known@mail.example")
    for words in ("Effacez tout.", "Effacez tout.", "Sans délai."):
        requesters.ask("known@mail.example", RequestKind.ERASURE, language="fr", words=words, actor=Visitor())
        requesters.find_requesters(actor=ROBOT)
    assert RequestLetter.objects.count() == 3, "no fourth letter leaves"
    kept = Request.objects.get(kind=RequestKind.ERASURE)
    assert (kept.person, kept.state, kept.verified_at) == (person, RequestState.OPEN, None)
    assert kept.due_on == deadlines.due_on(clock.today())
    assert kept.words == "Effacez tout.\n\nSans délai."
    assert list(desk(staff())) == [kept]
    assert person.interactions.filter(kind=Kind.ASKED).count() == 1


def test_what_a_link_of_the_day_asks_for_already_joins_it_and_one_of_before_does_not() -> None:
    reachable("known@mail.example")
    with clock.stopped_at(clock.now() - timedelta(days=6)):
        on_the_site("known@mail.example", RequestKind.OBJECTION)
    three_links_asked_for("known@mail.example")
    for kind in (RequestKind.ACCESS, RequestKind.OBJECTION):
        requesters.ask("known@mail.example", kind, language="fr", words=HOSTILE, actor=Visitor())
        requesters.find_requesters(actor=ROBOT)
    links = Request.objects.filter(kind=RequestKind.ACCESS)
    assert [(one.state, one.words) for one in links.order_by("pk")][1:] == [("to_verify", ""), ("to_verify", HOSTILE)]
    assert [one.kind for one in desk(staff())] == [RequestKind.OBJECTION], "a link of before is over too soon"
    for _flood in range(3):
        requesters.ask(
            "known@mail.example", RequestKind.ACCESS, language="fr", words=f"{_flood}" * 6000, actor=Visitor()
        )
        requesters.find_requesters(actor=ROBOT)
    assert len(Request.objects.latest("pk").words) < 2 * requesters.MOST_WORDS


def test_a_link_that_came_back_leaves_its_request_to_the_desk_and_the_month_runs() -> None:
    person = reachable("known@mail.example")
    received = clock.now() - timedelta(days=9)
    with clock.stopped_at(received):
        lost, followed_late, stuck = (
            on_the_site("known@mail.example", kind)
            for kind in (RequestKind.ERASURE, RequestKind.ACCESS, RequestKind.OBJECTION)
        )
    assert lost
    assert stuck
    assert followed_late
    sent = RequestLetter.objects.exclude(request=stuck)
    sent.update(sent_at=received)
    RequestLetter.objects.filter(request=lost).update(undelivered_at=received + timedelta(days=2))
    requests.forget_requests(actor=ROBOT)
    assert set(Request.objects.all()) == {lost, stuck}, "only what a link reached somebody for lapses"
    take_over()
    take_over()
    for one in (lost, stuck):
        one.refresh_from_db()
        assert (one.state, one.verified_at) == (RequestState.OPEN, None)
        assert one.due_on == deadlines.due_on(received.astimezone(clock.PARIS).date())
    assert set(desk(staff())) == {lost, stuck}
    assert person.interactions.filter(kind=Kind.ASKED).count() == 2
    assert Entry.objects.filter(command="rights.take_over").count() == 1, "there was nothing left to take over"


def test_two_links_that_came_back_are_one_request_on_the_desk() -> None:
    reachable("known@mail.example")
    for _time in range(2):
        on_the_site("known@mail.example", RequestKind.ACCESS)
    RequestLetter.objects.update(undelivered_at=clock.now())
    assert requesters.take_over(actor=ROBOT) == 1
    assert len(desk(staff())) == Request.objects.count() == 1


def test_a_link_that_left_late_works_its_whole_week() -> None:
    reachable("known@mail.example")
    with clock.stopped_at(clock.now() - timedelta(days=8)):
        asked = on_the_site("known@mail.example", RequestKind.ACCESS)
    RequestLetter.objects.update(sent_at=clock.now() - timedelta(days=2))
    requests.forget_requests(actor=ROBOT)
    assert Request.objects.get() == asked


def test_what_nobody_verified_is_no_proof_that_something_was_answered() -> None:
    person = reachable("a@mail.example")
    owed = entered(person)
    requesters.ask("a@mail.example", RequestKind.ERASURE, language="fr", actor=Visitor())
    requesters.find_requesters(actor=ROBOT)
    assert Request.objects.get(state=RequestState.TO_VERIFY).person == person
    erase(person, actor=staff())
    assert list(Request.objects.values_list("pk", "state")) == [(owed.pk, RequestState.ANSWERED)]
    assert list(proofs_of("a@mail.example")) == [owed]


def test_nobody_is_put_in_charge_who_could_not_answer() -> None:
    asked = entered(PersonFactory(in_brest=True))
    able = UserFactory(role=Role.DATA_OFFICER)
    gone, far, reader = (
        UserFactory(role=Role.DATA_OFFICER, is_active=False),
        UserFactory(role=Role.DATA_OFFICER, departement="35"),
        UserFactory(role=Role.READER),
    )
    for user in (gone, far, reader):
        with pytest.raises(NotNow, match="ne peut pas répondre"):
            requests.assign_request(asked.pk, user, actor=staff())
    assert requests.assign_request(asked.pk, able, actor=staff()).assignee == able
    offered = set(AssigneeForm(asked).fields["user"].queryset)  # type: ignore[attr-defined]
    assert able in offered
    assert not offered & {gone, far, reader}
    page = signed_in().post(f"/gestion/demandes/{asked.pk}/confier/", {"user": far.pk}, follow=True)
    assert "ne peut pas répondre" in page.content.decode()
    asked.refresh_from_db()
    assert asked.assignee == able, "a choice that cannot be puts nobody out of charge"
