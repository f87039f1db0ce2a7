"""A text message leaves at its hour as it was confirmed, or stays and says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.urls import reverse

from portevoix.accounts.models import Mandate
from portevoix.accounts.types import Role, Staff
from portevoix.delivery.dispatch import texts as dispatcher
from portevoix.kernel import clock
from portevoix.mailings import tasks
from portevoix.mailings.exceptions import ChangedMeanwhile, HourPassed, NobodyToReach, NotADraft, NotScheduled
from portevoix.mailings.models import ShortMessage, TextDeparture
from portevoix.mailings.selectors import texts
from portevoix.mailings.services import scheduling, texting
from portevoix.mailings.types import State
from tests.delivery.operator import CAMPAIGN, TUESDAY, Telephones, configure, textable
from tests.mailings.screens import browser, member, read, words
from tests.mailings.test_texts import sent, written

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def telephones(settings: Any, campaign: None) -> Iterator[Telephones]:
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def plan(text: ShortMessage, after: timedelta = HOUR) -> Any:
    actor = Staff(member())
    return scheduling.schedule(text, texts.confirmation(text, actor), clock.now() + after, actor=actor)


def wait(passed: timedelta = HOUR) -> ShortMessage:
    with clock.stopped_at(TUESDAY + passed + timedelta(seconds=1)):
        tasks.let_leave()
        dispatcher.run()
    return ShortMessage.objects.get()


def page(screen: str, *arguments: Any) -> str:
    return reverse(f"texts:{screen}", args=arguments)


def test_it_leaves_at_its_hour_and_not_before(telephones: Telephones) -> None:
    textable(), textable()
    plan(written())
    assert wait(HOUR / 2).state == State.SCHEDULED
    assert wait().state == State.SENDING
    assert len(telephones.words) == 2
    wait(HOUR * 1.5)
    assert telephones.posts <= 2


def test_quiet_hours_hold_all_the_same(telephones: Telephones) -> None:
    textable()
    plan(written(), HOUR * 13)
    assert wait(HOUR * 13).state == State.SENDING
    assert not telephones.words


def test_what_waits_is_not_written_on_and_may_be_cancelled(telephones: Telephones) -> None:
    textable()
    text = written()
    plan(text)
    with pytest.raises(NotADraft):
        texting.delete_text(text, actor=CAMPAIGN)
    scheduling.unschedule(text, actor=CAMPAIGN)
    assert wait().state == State.DRAFT
    assert not telephones.words
    with pytest.raises(NotScheduled):
        scheduling.unschedule(text, actor=CAMPAIGN)


def test_it_may_leave_now_after_all(telephones: Telephones) -> None:
    textable()
    text = written()
    plan(text)
    sent(text)
    wait()
    assert len(telephones.words) == 1


def test_a_text_that_is_no_longer_the_one_confirmed_stays_and_says_why(telephones: Telephones) -> None:
    textable()
    text = written()
    plan(text)
    ShortMessage.objects.update(words="Autre chose")
    assert wait().state == State.DRAFT
    assert not telephones.words
    assert "a changé" in TextDeparture.objects.get().fault
    client = browser()
    assert "n’est pas parti à son heure" in words(client.get("/gestion/"))
    assert "est resté ici" in words(client.get(page("send", text.pk)))


def test_whoever_planned_it_must_still_be_allowed_to_send(telephones: Telephones) -> None:
    textable()
    plan(written())
    Mandate.objects.all().delete()
    assert wait().state == State.DRAFT
    assert TextDeparture.objects.held_up().exists()
    assert not telephones.words


def test_an_hour_that_passed_while_nothing_worked_is_not_made_up_for(telephones: Telephones) -> None:
    textable()
    plan(written())
    assert wait(HOUR * 4).state == State.DRAFT
    assert not telephones.words


def test_everything_is_asked_when_it_is_planned_too() -> None:
    text = written()
    with pytest.raises(NobodyToReach):
        plan(text)
    textable()
    with pytest.raises(HourPassed):
        plan(text, -HOUR)
    stale = texts.confirmation(text, CAMPAIGN)
    ShortMessage.objects.update(words="Autre")
    with pytest.raises(ChangedMeanwhile):
        scheduling.schedule(text, stale, clock.now() + HOUR, actor=CAMPAIGN)
    assert ShortMessage.objects.get().state == State.DRAFT


def test_the_screens_plan_show_and_cancel() -> None:
    textable()
    text, client = written(), browser()
    form = read(client.get(page("send", text.pk))).find("form", class_="confirmation")
    said = {field["name"]: field["value"] for field in form.find_all("input", type="hidden")}  # type: ignore[union-attr]
    day = clock.today() + timedelta(days=3)
    said |= {"is_sure": "1", "day": day.isoformat(), "hour": "09:30"}
    shown = client.post(page("schedule", text.pk), said, follow=True)
    assert shown.redirect_chain[-1][0] == page("departure", text.pk)
    assert read(shown).find(class_="leaves__at").text.strip().endswith("09:30 heure de France")  # type: ignore[union-attr]
    assert TextDeparture.objects.get().at == clock.in_paris(day, time(9, 30))
    for screen in ("edit", "send"):
        assert client.get(page(screen, text.pk))["Location"] == page("departure", text.pk)
    assert client.get(page("results", text.pk)).status_code == 404
    assert page("departure", text.pk) in client.get(page("index")).content.decode()
    assert "C’est de nouveau un brouillon" in words(client.post(page("unschedule", text.pk), follow=True))
    assert client.get(page("departure", text.pk))["Location"] == page("edit", text.pk)


@pytest.mark.parametrize("changed", [{"is_sure": ""}, {"day": ""}, {"hour": "midi"}])
def test_a_plan_without_box_day_or_hour_plans_nothing(changed: dict[str, str]) -> None:
    textable()
    text, client = written(), browser()
    seen = texts.confirmation(text, Staff(member()))
    said = {"digest": seen.digest, "count": seen.count, "is_sure": "1", "day": "2027-03-20", "hour": "10:00"}
    shown = read(client.post(page("schedule", text.pk), {**said, **changed}))
    form = shown.find("form", class_="confirmation")
    assert form["action"] == page("send", text.pk)  # type: ignore[index]
    assert len(form.find_all(class_="error-message")) == 1  # type: ignore[union-attr]
    assert ShortMessage.objects.get().is_draft


def test_others_see_the_hour_and_change_nothing() -> None:
    textable()
    text = written()
    plan(text)
    client = browser(Role.READER)
    assert client.get(page("departure", text.pk)).status_code == 200
    client.post(page("unschedule", text.pk))
    assert ShortMessage.objects.get().state == State.SCHEDULED


def test_a_scheduled_text_is_in_no_totals() -> None:
    textable()
    plan(written())
    assert not ShortMessage.objects.gone().exists()
    assert isinstance(TextDeparture.objects.get().at, datetime)
