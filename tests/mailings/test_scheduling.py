"""A message leaves at its hour as it was confirmed, or stays and says why."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest

from portevoix.accounts.models import Mandate, User
from portevoix.accounts.types import Staff
from portevoix.kernel import clock
from portevoix.mailings import letters, tasks
from portevoix.mailings.exceptions import ChangedMeanwhile, HourPassed, NobodyToReach, NotADraft, NotScheduled
from portevoix.mailings.models import Departure, Mailing
from portevoix.mailings.services import composing, scheduling, sending
from portevoix.mailings.types import State
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.mailings.factories import CAMPAIGN, MailingFactory, body, deliver, draft, send
from tests.mailings.screens import address, browser, confirmed, member, read, words
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def planner() -> Staff:
    return Staff(User.objects.get(pk=member().pk))


def plan(mailing: Mailing, after: timedelta = HOUR, actor: Staff | None = None) -> Departure:
    actor = actor or planner()
    return scheduling.schedule(mailing, letters.confirmation(mailing, actor), clock.now() + after, actor=actor)


def wait(time_passed: timedelta = HOUR) -> Mailing:
    with clock.stopped_at(clock.now() + time_passed + timedelta(seconds=1)):
        tasks.let_leave()
    return Mailing.objects.get()


def test_it_leaves_at_its_hour_and_not_before() -> None:
    PersonFactory.create_batch(2, reachable=True)
    mailing = MailingFactory()
    plan(mailing)
    tasks.let_leave()
    assert Mailing.objects.get().state == State.SCHEDULED
    assert wait().state == State.SENDING
    assert len(deliver().sent) == 2


def test_it_leaves_once_however_often_the_clock_strikes() -> None:
    PersonFactory(reachable=True)
    plan(MailingFactory())
    wait()
    with clock.stopped_at(clock.now() + HOUR * 1.5):
        tasks.let_leave()
    assert len(deliver().sent) == 1


def test_who_withdraws_before_the_hour_gets_nothing_and_who_joins_does() -> None:
    leaver = reachable("part@mail.example")
    reachable("reste@mail.example")
    plan(MailingFactory())
    rights.withdraw(leaver, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=CAMPAIGN)
    reachable("arrive@mail.example")
    wait()
    assert {one.recipient for one in deliver().sent} == {"reste@mail.example", "arrive@mail.example"}


def test_what_waits_is_not_written_on() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    plan(mailing)
    for act in (
        lambda: composing.edit(mailing, draft(), actor=CAMPAIGN),
        lambda: composing.delete(mailing, actor=CAMPAIGN),
    ):
        with pytest.raises(NotADraft):
            act()


def test_it_may_be_cancelled_and_is_a_draft_again() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    plan(mailing)
    scheduling.unschedule(mailing, actor=CAMPAIGN)
    assert wait().state == State.DRAFT
    assert deliver().sent == []
    with pytest.raises(NotScheduled):
        scheduling.unschedule(mailing, actor=CAMPAIGN)


def test_another_hour_may_be_chosen() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    plan(mailing)
    plan(mailing, HOUR * 5)
    assert wait().state == State.SCHEDULED
    assert wait(HOUR * 5).state == State.SENDING


def test_it_may_leave_now_after_all() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    plan(mailing)
    send(mailing)
    wait()
    assert len(deliver().sent) == 1


def test_a_letter_that_is_no_longer_the_one_confirmed_stays_and_says_why() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    plan(mailing)
    Mailing.objects.update(body=body(("text", "<p>Tout autre chose.</p>")))
    assert wait().state == State.DRAFT
    assert deliver().sent == []
    assert "a changé" in Departure.objects.get().fault
    client = browser()
    assert "n’est pas parti à son heure" in words(client.get("/gestion/"))
    assert "est resté ici" in words(client.get(address("send", mailing.pk)))


def test_an_audience_that_grew_stays_here() -> None:
    PersonFactory(reachable=True)
    plan(MailingFactory())
    PersonFactory.create_batch(12, reachable=True)
    assert wait().state == State.DRAFT
    assert deliver().sent == []


def test_whoever_planned_it_must_still_be_allowed_to_send() -> None:
    PersonFactory(reachable=True)
    plan(MailingFactory())
    Mandate.objects.all().delete()
    assert wait().state == State.DRAFT
    assert deliver().sent == []
    assert Departure.objects.held_up().exists()


def test_an_hour_that_passed_while_nothing_worked_is_not_made_up_for_at_night() -> None:
    PersonFactory(reachable=True)
    plan(MailingFactory())
    assert wait(HOUR * 4).state == State.DRAFT
    assert deliver().sent == []


def test_everything_is_asked_when_it_is_planned_too() -> None:
    PersonFactory(with_email=True)
    mailing = MailingFactory()
    with pytest.raises(NobodyToReach):
        plan(mailing)
    with pytest.raises(HourPassed):
        plan(mailing, -HOUR)
    PersonFactory(reachable=True)
    stale = letters.confirmation(mailing, CAMPAIGN)
    Mailing.objects.update(subject="Autre")
    with pytest.raises(ChangedMeanwhile):
        scheduling.schedule(mailing, stale, clock.now() + HOUR, actor=CAMPAIGN)
    assert Mailing.objects.get().state == State.DRAFT


def test_what_was_sent_is_not_planned() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    with pytest.raises(NotADraft):
        plan(mailing)


@pytest.mark.parametrize(
    ("day", "hour", "moment"),
    [
        (date(2027, 1, 15), time(9), datetime(2027, 1, 15, 8, tzinfo=UTC)),
        (date(2027, 7, 15), time(9), datetime(2027, 7, 15, 7, tzinfo=UTC)),
        (date(2027, 3, 28), time(3), datetime(2027, 3, 28, 1, tzinfo=UTC)),
        # Twice that night: the first.
        (date(2027, 10, 31), time(2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_an_hour_is_the_one_that_clocks_in_france_show(day: date, hour: time, moment: datetime) -> None:
    assert clock.in_paris(day, hour) == moment


def test_an_hour_that_clocks_skip_is_refused() -> None:
    with pytest.raises(clock.NoSuchHour):
        clock.in_paris(date(2027, 3, 28), time(2, 30))


def test_the_screen_plans_shows_and_cancels() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    client = browser()
    day = clock.today() + timedelta(days=3)
    said = {**confirmed(client, mailing), "day": day.isoformat(), "hour": "09:30"}
    page = client.post(address("schedule", mailing.pk), said, follow=True)
    assert page.redirect_chain[-1][0] == address("departure", mailing.pk)
    assert read(page).find(class_="leaves__at").text.strip().endswith("09:30 heure de France")  # type: ignore[union-attr]
    assert Departure.objects.get().at == clock.in_paris(day, time(9, 30))
    for screen in ("edit", "send", "results"):
        assert client.get(address(screen, mailing.pk), follow=True).redirect_chain[-1][0] == address(
            "departure", mailing.pk
        )
    page = client.post(address("unschedule", mailing.pk), follow=True)
    assert "C’est de nouveau un brouillon" in words(page)
    assert Mailing.objects.get().is_draft


@pytest.mark.parametrize("changed", [{"is_sure": ""}, {"day": ""}, {"hour": "midi"}, {"day": "2027-03-28"}])
def test_a_plan_without_box_day_or_hour_plans_nothing(changed: dict[str, str]) -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    client = browser()
    said = {**confirmed(client, mailing), "day": "2028-03-27", "hour": "02:30", **changed}
    with clock.stopped_at(datetime(2027, 3, 1, tzinfo=UTC)):
        client.post(address("schedule", mailing.pk), said)
    assert Mailing.objects.get().is_draft


@pytest.mark.parametrize(
    ("changed", "field", "kept"),
    [({"hour": ""}, "hour", "2028-03-27"), ({"day": ""}, "day", "09:30"), ({"is_sure": ""}, "is-sure", "09:30")],
)
def test_what_is_missing_from_a_plan_is_said_beside_its_field_and_the_rest_is_kept(
    changed: dict[str, str], field: str, kept: str
) -> None:
    PersonFactory(reachable=True)
    mailing, client = MailingFactory(), browser()
    said = {**confirmed(client, mailing), "day": "2028-03-27", "hour": "09:30", **changed}
    shown = read(client.post(address("schedule", mailing.pk), said))
    form = shown.find("form", class_="confirmation")
    assert form["action"] == address("send", mailing.pk), "what is sent next goes where its button says"
    assert form.find(id=re.compile(f"{field}[-_]error$"))
    assert form.find("input", value=kept)


def test_a_scheduled_message_is_not_among_what_has_left() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    plan(mailing)
    assert not Mailing.objects.gone().exists()
    assert address("departure", mailing.pk) in browser().get(address("index")).content.decode()
    assert sending.finish(mailing, actor=CAMPAIGN) is False
