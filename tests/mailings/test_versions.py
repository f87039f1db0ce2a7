"""Trials: each person gets one version, the best goes to the rest, totals alone decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import connection
from django.db.models import ProtectedError

from benchmarks.mail import ADD_PEOPLE
from portevoix.accounts.models import Mandate
from portevoix.accounts.types import Staff
from portevoix.delivery import services as delivery
from portevoix.delivery.models import Batch, Bounce, LinkTotal, Message
from portevoix.delivery.types import Outcome
from portevoix.kernel import clock
from portevoix.mailings import letters, rules, selectors, tasks
from portevoix.mailings.exceptions import (
    AlreadyDecided,
    ChangedMeanwhile,
    IsAVersion,
    NotADraft,
    TooFewReaders,
    TooManyVersions,
    TrialPaused,
)
from portevoix.mailings.models import Mailing, Target, Trial
from portevoix.mailings.services import sending, trying
from portevoix.mailings.types import Aspect, Measure, State, Totals, TrialPlan
from portevoix.people.models import EmailAddress, Person, Tag, Tagging
from portevoix.segments import services as segments
from portevoix.segments.exceptions import InUse
from portevoix.segments.models import Segment
from portevoix.segments.selectors import named_by
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver
from tests.mailings.screens import address, browser, member, read, words
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db
PLAN = TrialPlan(aspect=Aspect.SUBJECT, measure=Measure.CLICKS, share=40, hours=4, is_automatic=True)
SALT = "the same draw"
LINK = [("text", '<p><a href="https://a.example/x">ici</a></p>')]


def people(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE, [number])
        # With the salt below, the same people get the same version in every run: no part is ever unusually small.
        cursor.execute(
            "UPDATE people_person p SET ref = md5('person ' || n)::uuid FROM ("
            "SELECT id, row_number() OVER (ORDER BY id) n FROM people_person WHERE source = 'bench') AS numbered"
            " WHERE numbered.id = p.id"
        )
        # As in a campaign: a planner that takes full tables for empty ones joins them row by row.
        cursor.execute("ANALYZE people_person, people_emailaddress, rights_ground")


def prepared(number: int = 200, plan: TrialPlan = PLAN) -> Trial:
    people(number)
    trial = trying.plan(MailingFactory(subject="Version A", blocks=LINK), plan, actor=CAMPAIGN)
    for version in trial.versions.filter(place__gt=0):
        Mailing.objects.filter(pk=version.mailing_id).update(subject=f"Version {version.letter}")
    return trial


def begun(number: int = 200, plan: TrialPlan = PLAN) -> Trial:
    trial = prepared(number, plan)
    Trial.objects.filter(pk=trial.pk).update(salt=SALT)
    actor = Staff(member())
    sending.send(trial.mailing, letters.confirmation(trial.mailing, actor), actor=actor)
    trial.refresh_from_db()
    return trial


def click(trial: Trial, *counts: int) -> None:
    for version, count in zip(trial.versions.order_by("place"), counts, strict=True):
        LinkTotal.objects.filter(batch=version.mailing.batch, target="https://a.example/x").update(clicks=count)


def wait(hours: int = 4) -> Trial:
    with clock.stopped_at(clock.now() + timedelta(hours=hours, seconds=1)):
        tasks.decide_trials()
    return Trial.objects.get()


def everything_left() -> None:
    deliver()
    for batch in Batch.objects.unfinished():
        delivery.finish(batch, actor=CAMPAIGN)
    tasks.finish_mailings()


def shown_names() -> list[str]:
    """Let what waits leave; return whom each letter says it is from."""
    letters_sent = [message_from_bytes(one.content, policy=policy.default) for one in deliver().sent]
    return [one["From"].addresses[0].display_name for one in letters_sent]


def test_each_version_goes_to_its_part_and_the_rest_waits() -> None:
    trial = begun()
    parts = [version.mailing.recipients for version in trial.versions.order_by("place")]
    assert len(parts) == 2
    assert min(parts) >= rules.LEAST_READERS
    assert sum(parts) == Message.objects.count() < 120
    assert Message.objects.values("person").distinct().count() == Message.objects.count()
    subjects = {bytes(one.content).split(b"Subject: ")[1][:9].decode() for one in deliver().sent}
    assert subjects == {"Version A", "Version B"}


def test_the_draw_is_the_same_for_ever_and_another_for_each_trial() -> None:
    trial, other = prepared(), prepared(0)

    def drawn(which: Trial) -> list[set[int]]:
        everybody = Person.objects.all()
        return [set(selectors.part_of(everybody, which, place, 2).values_list("pk", flat=True)) for place in (0, 1)]

    assert drawn(trial) == drawn(Trial.objects.get(pk=trial.pk))
    assert drawn(trial) != drawn(other)
    assert drawn(trial)[0] & drawn(trial)[1] == set()


def test_the_version_with_most_clicks_goes_to_all_the_others_by_itself() -> None:
    trial = begun()
    deliver()
    click(trial, 1, 9)
    trial = wait()
    assert trial.winner is not None
    assert (trial.winner.letter, trial.is_by_hand) == ("B", False)
    rest = deliver().sent
    assert {bytes(one.content).split(b"Subject: ")[1][:9] for one in rest} == {b"Version B"}
    assert Message.objects.filter(state="sent").count() == 200
    assert Message.objects.values("person").distinct().count() == 200
    assert sum(Mailing.objects.values_list("recipients", flat=True)) == 200


def test_nothing_is_decided_before_its_hours_are_over() -> None:
    trial = begun()
    click(trial, 1, 9)
    assert wait(3).decided_at is None


def test_nothing_is_decided_on_letters_that_wait_for_their_turn(settings: Any) -> None:
    trial = begun()
    click(trial, 1, 9)
    settings.INSTANCE = settings.INSTANCE.model_copy(
        update={"mail": settings.INSTANCE.mail.model_copy(update={"per_hour": 30})}
    )
    deliver()
    assert Message.objects.filter(state="sent").count() == 30
    assert wait(4).decided_at is None
    assert wait(24).decided_at is None


def test_what_left_late_has_its_hours_too() -> None:
    trial = begun()
    began = clock.now()
    with clock.stopped_at(began + timedelta(hours=3)):
        deliver()
        click(trial, 1, 9)
    assert wait(5).decided_at is None
    assert wait(7).decided_at is not None


def test_a_letter_that_a_server_puts_off_holds_nothing_up() -> None:
    begun()
    late = EmailAddress.objects.get(person__in=Message.objects.order_by("pk")[:1].values("person")).address
    deliver({late: (Outcome.DEFERRED, 450, "greylisted")})
    assert Message.objects.get(state="queued").attempts == 1
    assert wait().decided_at is not None


def test_a_trial_of_senders_leaves_under_each_of_their_names() -> None:
    plan = TrialPlan(aspect=Aspect.SENDER, measure=Measure.CLICKS, share=40, hours=4, is_automatic=True)
    trial = prepared(plan=plan)
    for version, name in zip(trial.versions.order_by("place"), ("Camille Aubrac", "L’équipe"), strict=True):
        Mailing.objects.filter(pk=version.mailing_id).update(sender_name=name, subject="Bonjour")
    actor = Staff(member())
    mailing = Mailing.objects.get(pk=trial.mailing_id)
    sending.send(mailing, letters.confirmation(mailing, actor), actor=actor)
    names = Counter(shown_names())
    assert set(names) == {"Camille Aubrac", "L’équipe"}
    assert min(names.values()) >= rules.LEAST_READERS
    trial.refresh_from_db()
    click(trial, 1, 9)
    assert wait().decided_at is not None
    assert set(shown_names()) == {"L’équipe"}


def test_it_is_decided_once() -> None:
    begun()
    deliver()
    trial = wait()
    wait(5)
    with pytest.raises(AlreadyDecided):
        trying.decide(trial, trial.versions.all()[0], actor=CAMPAIGN)
    deliver()
    assert Message.objects.count() == 200


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_the_same_instant_send_once(django_db_serialized_rollback: None) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    trial = begun()
    together = Barrier(2)

    def choose(place: int) -> str:
        together.wait()
        try:
            trying.decide(trial, trial.versions.get(place=place), actor=CAMPAIGN)
        except AlreadyDecided:
            return "refused"
        finally:
            connection.close()
        return "sent"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(choose, (0, 1)))
    assert outcomes == ["refused", "sent"]
    assert Message.objects.values("person").distinct().count() == Message.objects.count() == 200


def test_a_version_may_be_chosen_by_hand_at_any_moment() -> None:
    trial = begun()
    click(trial, 1, 9)
    first = trial.versions.get(place=0)
    trying.decide(trial, first, actor=CAMPAIGN)
    trial = wait()
    assert trial.winner == first
    assert trial.is_by_hand
    assert len(deliver().sent) == 200


def test_where_somebody_chooses_nothing_leaves_by_itself() -> None:
    by_hand = TrialPlan(aspect=Aspect.SENDER, measure=Measure.CLICKS, share=40, hours=4, is_automatic=False)
    begun(plan=by_hand)
    assert wait().decided_at is None
    with clock.stopped_at(clock.now() + timedelta(hours=5)):
        assert "Choisir une version du message" in words(browser().get("/gestion/"))


def test_the_other_measure_keeps_the_version_that_fewest_leave() -> None:
    leaving = TrialPlan(aspect=Aspect.CONTENT, measure=Measure.LEAVING, share=40, hours=4, is_automatic=True)
    trial = begun(plan=leaving)
    deliver()
    loser = trial.versions.get(place=0).mailing.batch
    message = Message.objects.filter(batch=loser).first()
    assert message is not None
    assert message.person is not None
    email = message.person.emails.get()
    Bounce.objects.create(message=message, batch=loser, person=message.person, email=email, bad="complaint")
    trial = wait()
    assert trial.winner is not None
    assert trial.winner.letter == "B"


def test_totals_are_kept_as_they_were_when_it_was_decided() -> None:
    trial = begun()
    deliver()
    click(trial, 1, 9)
    trial = wait()
    click(trial, 30, 9)
    found = selectors.standings(trial)
    assert [one.totals.clicks for one in found.versions] == [1, 9]
    assert [one.is_best for one in found.versions] == [False, True]


def test_both_mailings_are_closed_once_all_has_left() -> None:
    begun()
    everything_left()
    assert set(Mailing.objects.values_list("state", flat=True)) == {State.SENDING}, "undecided, none is over"
    wait()
    everything_left()
    assert set(Mailing.objects.values_list("state", flat=True)) == {State.SENT}
    assert sum(Mailing.objects.values_list("sent", flat=True)) == 200


def test_a_pause_holds_all_versions_and_the_decision() -> None:
    trial = begun()
    sending.pause(trial.mailing, actor=CAMPAIGN)
    assert deliver().sent == []
    assert wait().decided_at is None
    with pytest.raises(TrialPaused):
        trying.decide(trial, trial.versions.all()[0], actor=CAMPAIGN)
    sending.resume(trial.mailing, actor=CAMPAIGN)
    deliver()
    assert wait().decided_at is not None


def test_a_stop_ends_the_trial() -> None:
    trial = begun()
    version_b = trial.versions.get(place=1).mailing
    sending.stop(version_b, actor=CAMPAIGN)
    trial = wait()
    assert trial.winner is None
    assert set(Mailing.objects.values_list("state", flat=True)) == {State.STOPPED}
    assert deliver().sent == []


def test_who_began_it_must_still_be_allowed_to_send() -> None:
    begun()
    deliver()
    Mandate.objects.all().delete()
    trial = wait()
    assert trial.decided_at is None
    assert trial.fault
    assert Trial.objects.waiting_for_somebody(clock.now() + timedelta(hours=5)).exists()


def test_an_audience_that_grew_is_decided_by_somebody() -> None:
    begun()
    deliver()
    people(100)
    trial = wait()
    assert trial.decided_at is None
    assert "a changé" in trial.fault
    assert trying.decide(trial, trial.versions.all()[0], actor=CAMPAIGN) > 200


def test_too_few_readers_tell_nothing_and_nothing_leaves() -> None:
    trial = prepared(40)
    with pytest.raises(TooFewReaders):
        sending.send(trial.mailing, letters.confirmation(trial.mailing, CAMPAIGN), actor=CAMPAIGN)
    assert not Message.objects.exists()
    assert set(Mailing.objects.values_list("state", flat=True)) == {State.DRAFT}


def test_a_version_does_not_leave_by_itself() -> None:
    trial = prepared()
    version = trial.versions.get(place=1).mailing
    with pytest.raises(IsAVersion):
        sending.send(version, letters.confirmation(version, CAMPAIGN), actor=CAMPAIGN)


def test_a_version_written_since_it_was_confirmed_is_shown_again() -> None:
    trial = prepared()
    confirmed = letters.confirmation(trial.mailing, CAMPAIGN)
    Mailing.objects.filter(version__place=1).update(subject="Autre chose")
    with pytest.raises(ChangedMeanwhile):
        sending.send(trial.mailing, confirmed, actor=CAMPAIGN)


def test_four_versions_at_most_each_with_its_part() -> None:
    trial = prepared(500)
    for _version in range(2):
        trying.add_version(trial, actor=CAMPAIGN)
    with pytest.raises(TooManyVersions):
        trying.add_version(trial, actor=CAMPAIGN)
    sending.send(trial.mailing, letters.confirmation(trial.mailing, CAMPAIGN), actor=CAMPAIGN)
    assert Message.objects.values("batch").distinct().count() == 4
    assert Message.objects.values("person").distinct().count() == Message.objects.count()


def test_a_trial_given_up_leaves_version_a() -> None:
    trial = prepared()
    trying.drop(trial, actor=CAMPAIGN)
    assert Mailing.objects.get() == trial.mailing


def test_a_trial_under_way_is_not_changed() -> None:
    trial = begun()
    for act in (
        lambda: trying.plan(trial.mailing, PLAN, actor=CAMPAIGN),
        lambda: trying.add_version(trial, actor=CAMPAIGN),
        lambda: trying.drop(trial, actor=CAMPAIGN),
    ):
        with pytest.raises(NotADraft):
            act()


@pytest.mark.parametrize(
    ("measure", "versions", "place"),
    [
        (Measure.CLICKS, [Totals(100, 5), Totals(100, 9)], 1),
        (Measure.CLICKS, [Totals(100, 9), Totals(50, 5)], 1),
        (Measure.CLICKS, [Totals(100, 5), Totals(100, 5)], 0),
        (Measure.CLICKS, [Totals(0), Totals(0)], 0),
        (Measure.LEAVING, [Totals(100, 0, 3), Totals(100, 0, 1, 1)], 1),
        (Measure.LEAVING, [Totals(100), Totals(100)], 0),
    ],
)
def test_the_best_is_the_best_for_a_hundred_letters_and_of_equals_the_first(
    measure: Measure, versions: Sequence[Totals], place: int
) -> None:
    assert rules.best(measure, versions) == place


def test_a_small_difference_may_be_chance() -> None:
    assert not rules.is_clear(Measure.CLICKS, [Totals(100, 5), Totals(100, 9)])
    assert rules.is_clear(Measure.CLICKS, [Totals(10_000, 500), Totals(10_000, 900)])
    assert not rules.is_clear(Measure.CLICKS, [Totals(0), Totals(0)])


def test_parts_are_equal_and_leave_a_rest() -> None:
    assert rules.edges(20, 2) == [0, 1000, 2000]
    assert rules.edges(90, 4) == [0, 2250, 4500, 6750, 9000]


def test_the_screen_plans_compares_and_decides() -> None:
    people(200)
    mailing = MailingFactory(subject="Version A", blocks=LINK)
    client = browser()
    plan = {"aspect": "subject", "share": "40", "measure": "clicks", "hours": "4", "is_automatic": "on"}
    client.post(address("trial", mailing.pk), plan)
    trial = Trial.objects.get()
    assert "Version B" not in words(client.get(address("trial", mailing.pk)))
    Mailing.objects.filter(version__place=1).update(subject="Version B")
    assert "Version B" in words(client.get(address("trial", mailing.pk)))
    assert "2 versions, sur 40 % du public" in words(client.get(address("send", mailing.pk)))
    sending.send(mailing, letters.confirmation(mailing, CAMPAIGN), actor=CAMPAIGN)
    page = read(client.get(address("trial", mailing.pk)))
    button = page.find_all("button", attrs={"name": "version"})[1]
    client.post(address("trial_decide", mailing.pk), {"version": button["value"]})
    trial.refresh_from_db()
    assert trial.winner is not None
    assert trial.winner.letter == "B"
    assert "a été envoyée à tous les autres" in words(
        client.get(address("trial", trial.winner.mailing_id), follow=True)
    )


def test_a_wrong_plan_is_shown_again() -> None:
    mailing = MailingFactory()
    page = browser().post(
        address("trial", mailing.pk), {"aspect": "x", "share": "99", "measure": "clicks", "hours": "1"}
    )
    assert read(page).find(class_="error-message") is not None
    assert not Trial.objects.exists()


@pytest.mark.parametrize("is_excluded", [False, True])
def test_a_segment_that_a_trial_goes_around_stays_once_it_is_decided_too(is_excluded: bool) -> None:
    segment = SegmentFactory()
    trial = prepared(20)
    Target.objects.create(mailing=trial.mailing, segment=segment, is_excluded=is_excluded)
    with pytest.raises(InUse, match=trial.mailing.title):
        segments.delete(segment, actor=CAMPAIGN)
    Trial.objects.update(started_at=clock.now(), decided_at=clock.now())
    with pytest.raises(InUse, match=trial.mailing.title):
        segments.delete(segment, actor=CAMPAIGN)
    Target.objects.all().delete()
    segments.delete(segment, actor=CAMPAIGN)
    assert not Segment.objects.filter(pk=segment.pk).exists()


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_segment_that_a_message_leaves_out_stays_as_long_as_the_message(is_sent: bool) -> None:
    people(3)
    tag = Tag.objects.create(name="Sans lettre")
    Tagging.objects.create(tag=tag, person=Person.objects.filter(source="bench")[0])
    left_out = SegmentFactory(tree=tree(rule("tag", tag=tag.pk)))
    mailing = MailingFactory(segment=SegmentFactory(tree=tree(rule("email"))))
    Target.objects.create(mailing=mailing, segment=left_out, is_excluded=True)
    if is_sent:
        sending.send(mailing, letters.confirmation(mailing, CAMPAIGN), actor=CAMPAIGN)
        everything_left()
        assert Mailing.objects.get(pk=mailing.pk).state == State.SENT
    with pytest.raises(InUse, match=mailing.title):
        segments.delete(left_out, actor=CAMPAIGN)
    with pytest.raises(ProtectedError):
        left_out.delete()
    found = selectors.people_of(Mailing.objects.get(pk=mailing.pk), CAMPAIGN)
    assert found.count() == 2, "it, and a copy of it, goes to nobody more"


def test_a_segment_that_a_message_goes_by_stays_while_it_leaves() -> None:
    people(3)
    segment = SegmentFactory(tree=tree(rule("email")))
    mailing = MailingFactory(segment=segment)
    assert named_by(segment) == []
    sending.send(mailing, letters.confirmation(mailing, CAMPAIGN), actor=CAMPAIGN)
    with pytest.raises(InUse, match=mailing.title):
        segments.delete(segment, actor=CAMPAIGN)
    deliver()
    Batch.objects.update(finished_at=clock.now())
    sending.finish(Mailing.objects.get(pk=mailing.pk), actor=CAMPAIGN)
    segments.delete(segment, actor=CAMPAIGN)
    assert not Segment.objects.filter(pk=segment.pk).exists()
