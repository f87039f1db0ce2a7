"""Trials of text messages: each telephone gets one version, the best goes to the rest, totals alone decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from portevoix.accounts.types import Staff
from portevoix.delivery import services as delivery
from portevoix.delivery.dispatch import texts as dispatcher
from portevoix.delivery.models import Batch, LinkTotal, Message
from portevoix.kernel import clock
from portevoix.mailings import tasks
from portevoix.mailings.exceptions import (
    AlreadyDecided,
    ChangedMeanwhile,
    IsAVersion,
    NotADraft,
    NotATrialYet,
    TooFewReaders,
)
from portevoix.mailings.models import ShortMessage, TextTrial
from portevoix.mailings.selectors import texts
from portevoix.mailings.services import scheduling, texting, trying
from portevoix.mailings.types import Aspect, Measure, State, TrialPlan
from portevoix.people.models import PhoneNumber
from tests.delivery.operator import CAMPAIGN, TUESDAY, Telephones, configure, textable
from tests.mailings.screens import browser, member, read, words
from tests.mailings.test_texts import written

pytestmark = pytest.mark.django_db
PLAN = TrialPlan(aspect=Aspect.CONTENT, measure=Measure.CLICKS, share=40, hours=4, is_automatic=True)
LINK = "https://a.example/x"
# People with a telephone of their own each, who agreed to texts; so many that no version has too few by chance.
ADD_PEOPLE = """
WITH made AS (
    INSERT INTO people_person (ref, first_name, last_name, sort_key, gender, language, occupation, postcode, custom,
        source)
    SELECT md5(n::text)::uuid, 'Noé', 'Personne' || n, 'personne ' || n, '', 'fr', '', '', '{}', 'tests'
    FROM generate_series(1, %(number)s) AS n RETURNING id
), numbered AS (
    INSERT INTO people_phonenumber (person_id, number, kind, status, is_primary, source)
    SELECT id, '+3363999' || lpad((row_number() OVER (ORDER BY id))::text, 4, '0'), 'mobile', 'verified', true, 'tests'
    FROM made
)
INSERT INTO rights_ground (person_id, purpose, channel, basis, evidence, withdrawal, source)
SELECT id, 'texts', 'sms', 'consent', '{}', '{}', 'tests' FROM made
"""


@pytest.fixture(autouse=True)
def telephones(settings: Any, campaign: None) -> Iterator[Telephones]:
    with Telephones(credits=5_000) as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def people(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE, {"number": number})
        # As in a campaign: a planner that takes full tables for empty ones joins them row by row.
        cursor.execute("ANALYZE people_person, people_phonenumber, rights_ground")


def prepared(number: int = 250, plan: TrialPlan = PLAN) -> TextTrial:
    people(number)
    trial = trying.plan(written(f"Version A : {LINK}"), plan, actor=CAMPAIGN)
    assert isinstance(trial, TextTrial)
    ShortMessage.objects.filter(version__place=1).update(words=f"Version B : {LINK}")
    return trial


def begin(trial: TextTrial) -> TextTrial:
    actor = Staff(member())
    texting.send_text(trial.mailing, texts.confirmation(trial.mailing, actor), actor=actor)
    trial.refresh_from_db()
    return trial


def everything_leaves() -> None:
    """Let all that is due leave, however slow the machine is."""
    while dispatcher.due().exists():
        dispatcher.run(seconds=60)


def click(trial: TextTrial, *counts: int) -> None:
    for version, count in zip(trial.versions.order_by("place"), counts, strict=True):
        LinkTotal.objects.filter(batch=version.mailing.batch, target=LINK).update(clicks=count)


def wait(hours: float = 4) -> TextTrial:
    with clock.stopped_at(TUESDAY + timedelta(hours=hours, seconds=1)):
        tasks.decide_trials()
    return TextTrial.objects.get()


def page(screen: str, *arguments: Any) -> str:
    return reverse(f"texts:{screen}", args=arguments)


def test_each_version_goes_to_its_part_and_the_best_to_all_the_others(telephones: Telephones) -> None:
    trial = begin(prepared())
    tried = Message.objects.count()
    assert 60 <= tried < 140
    everything_leaves()
    assert {said[:9] for said in telephones.words.values()} == {"Version A", "Version B"}
    click(trial, 1, 9)
    trial = wait()
    assert trial.winner is not None
    assert (trial.winner.letter, trial.is_by_hand) == ("B", False)
    everything_leaves()
    assert len(telephones.words) == len(telephones.store.outgoing()) == 250
    assert Message.objects.values("person").distinct().count() == Message.objects.count() == 250
    assert sum(ShortMessage.objects.values_list("recipients", flat=True)) == 250
    assert sum(ShortMessage.objects.values_list("foreseen_cents", flat=True)) == pytest.approx(250 * 6.5, abs=3)


def test_a_telephone_that_several_share_gets_one_text_whatever_the_draw(telephones: Telephones) -> None:
    people(250)
    for number in PhoneNumber.objects.order_by("number").values_list("number", flat=True)[:60]:
        textable(number)
    trial = trying.plan(written(f"Version A : {LINK}"), PLAN, actor=CAMPAIGN)
    assert isinstance(trial, TextTrial)
    begin(trial)
    everything_leaves()
    wait()
    everything_leaves()
    phones = [one.phone for one in telephones.store.outgoing()]
    assert len(phones) == len(set(phones)) == 250


def test_nothing_is_chosen_as_long_as_tried_texts_wait_for_their_hour() -> None:
    trial = prepared()
    with clock.stopped_at(TUESDAY + timedelta(hours=11)):
        begin(trial)
    assert wait(15.5).decided_at is None
    with clock.stopped_at(TUESDAY + timedelta(days=1)):
        everything_leaves()
    assert wait(24).decided_at is None, "nobody has had time to read them"
    assert wait(28.1).decided_at is not None


def test_nothing_is_decided_before_its_hours_are_over_and_then_once() -> None:
    trial = begin(prepared())
    everything_leaves()
    assert wait(3).decided_at is None
    assert wait().decided_at is not None
    with pytest.raises(AlreadyDecided):
        trying.decide(trial, trial.versions.all()[0], actor=CAMPAIGN)


def test_fewest_who_said_stop_may_decide() -> None:
    plan = TrialPlan(aspect=Aspect.CONTENT, measure=Measure.LEAVING, share=40, hours=4, is_automatic=True)
    trial = begin(prepared(plan=plan))
    everything_leaves()
    some = Message.objects.filter(batch=trial.mailing.batch_id).values_list("pk", flat=True)[:5]
    Message.objects.filter(pk__in=list(some)).update(unsubscribed_at=clock.now())
    trial = wait()
    assert trial.winner is not None
    assert trial.winner.letter == "B"
    assert [one.unsubscribed for one in trial.versions.order_by("place")] == [5, 0]


def test_a_text_is_not_closed_before_its_trial_is_decided() -> None:
    begin(prepared())
    everything_leaves()
    for batch in Batch.objects.unfinished():
        delivery.finish(batch, actor=CAMPAIGN)
    tasks.finish_mailings()
    assert set(ShortMessage.objects.values_list("state", flat=True)) == {State.SENDING}
    wait()
    everything_leaves()
    for batch in Batch.objects.unfinished():
        delivery.finish(batch, actor=CAMPAIGN)
    tasks.finish_mailings()
    assert set(ShortMessage.objects.values_list("state", flat=True)) == {State.SENT}


def test_stopping_one_stops_all_and_ends_the_trial(telephones: Telephones) -> None:
    trial = begin(prepared())
    texting.stop_text(trial.mailing, actor=CAMPAIGN)
    everything_leaves()
    assert not telephones.words
    assert set(ShortMessage.objects.values_list("state", flat=True)) == {State.STOPPED}
    assert wait().winner is None


def test_too_few_readers_tell_nothing_and_nothing_leaves() -> None:
    trial = prepared(30)
    with pytest.raises(TooFewReaders):
        begin(trial)
    assert not Message.objects.exists()
    assert set(ShortMessage.objects.values_list("state", flat=True)) == {State.DRAFT}


def test_a_version_does_not_leave_by_itself_and_one_alone_is_no_trial() -> None:
    trial = prepared()
    version = trial.versions.get(place=1).mailing
    with pytest.raises(IsAVersion):
        texting.send_text(version, texts.confirmation(version, CAMPAIGN), actor=CAMPAIGN)
    texting.delete_text(version, actor=CAMPAIGN)
    with pytest.raises(NotATrialYet):
        begin(trial)


def test_a_version_written_since_it_was_confirmed_is_shown_again() -> None:
    trial = prepared()
    confirmed = texts.confirmation(trial.mailing, CAMPAIGN)
    ShortMessage.objects.filter(version__place=1).update(words="Autre chose")
    with pytest.raises(ChangedMeanwhile):
        texting.send_text(trial.mailing, confirmed, actor=CAMPAIGN)


def test_a_trial_may_begin_at_an_hour() -> None:
    trial = prepared()
    actor = Staff(member())
    seen = texts.confirmation(trial.mailing, actor)
    scheduling.schedule(trial.mailing, seen, clock.now() + timedelta(hours=1), actor=actor)
    with clock.stopped_at(TUESDAY + timedelta(hours=1, seconds=1)):
        tasks.let_leave()
    trial.refresh_from_db()
    assert trial.is_under_way


def test_a_trial_given_up_leaves_version_a_and_one_under_way_is_not_changed() -> None:
    trial = prepared()
    trying.drop(trial, actor=CAMPAIGN)
    assert ShortMessage.objects.get() == trial.mailing
    under_way = begin(trying.plan(trial.mailing, PLAN, actor=CAMPAIGN))  # type: ignore[arg-type]
    for act in (lambda: trying.add_version(under_way, actor=CAMPAIGN), lambda: trying.drop(under_way, actor=CAMPAIGN)):
        with pytest.raises(NotADraft):
            act()


def test_the_dearest_version_says_what_it_costs_at_most() -> None:
    trial = prepared()
    ShortMessage.objects.filter(version__place=1).update(words="b" * 300)
    said = words(browser().get(page("send", trial.mailing_id)))
    assert "48,75 €" in said
    assert "Version A" in said


def test_the_screens_plan_follow_and_choose(telephones: Telephones) -> None:
    people(250)
    text, client = written(f"Version A : {LINK}"), browser()
    assert page("trial", text.pk) in client.get(page("send", text.pk)).content.decode()
    assert not read(client.get(page("trial", text.pk))).find("input", {"name": "aspect"})
    wrong = client.post(page("trial", text.pk), {"measure": "clicks", "share": "99", "hours": "4"})
    assert read(wrong).find(class_="error-message")
    client.post(page("trial", text.pk), {"measure": "clicks", "share": "40", "hours": "4"})
    trial = TextTrial.objects.get()
    assert (trial.share, trial.is_automatic, trial.versions.count()) == (40, False, 2)
    client.post(page("trial_version", text.pk))
    assert trial.versions.count() == 3
    client.post(page("trial_drop", text.pk))
    client.post(page("trial", text.pk), {"measure": "leaving", "share": "40", "hours": "4"})
    trial = begin(TextTrial.objects.get())
    other = trial.versions.get(place=1)
    assert client.get(page("trial", other.mailing_id))["Location"] == page("trial", text.pk)
    shown = words(client.get(page("trial", text.pk)))
    assert "STOP" in shown
    assert "Envoyer B à tous les autres" in shown
    assert page("trial", text.pk) in client.get(page("results", other.mailing_id)).content.decode()
    said = client.post(page("trial_decide", text.pk), {"version": str(other.pk)}, follow=True)
    assert "La version B part pour" in words(said)
    everything_leaves()
    assert len(telephones.words) == 250


def test_somebody_is_told_that_a_version_waits_to_be_chosen() -> None:
    plan = TrialPlan(aspect=Aspect.CONTENT, measure=Measure.CLICKS, share=40, hours=4, is_automatic=False)
    trial = begin(prepared(plan=plan))
    with clock.stopped_at(TUESDAY + timedelta(hours=5)):
        assert page("trial", trial.mailing_id) in browser().get("/gestion/").content.decode()
