"""Text messages to many: written with a counter, confirmed with their cost, sent once, read in totals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portevoix.accounts.types import Role, Staff
from portevoix.delivery.dispatch import texts as dispatcher
from portevoix.delivery.models import Batch, TextReply
from portevoix.delivery.services import texting as delivery
from portevoix.delivery.types import SaidReply
from portevoix.kernel import clock
from portevoix.mailings.exceptions import ChangedMeanwhile, NobodyToReach, NoSegment, NotADraft, NotAMobile
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.selectors import texts
from portevoix.mailings.services import texting
from portevoix.mailings.tasks import finish_mailings
from portevoix.mailings.types import TextDraft
from portevoix.operations.demo.texts import build_contacts, build_texts
from portevoix.people.models import Person, PhoneNumber, PostalAddress
from tests.delivery.operator import CAMPAIGN, TUESDAY, Telephones, configure, textable
from tests.mailings.screens import browser, member, read, words
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def telephones(settings: Any, campaign: None) -> Iterator[Telephones]:
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def written(words: str = "Ricochet : à jeudi {{ first_name|vous }} !", **said: Any) -> ShortMessage:
    draft = TextDraft(**{"title": "Jeudi", "words": words, "segment": SegmentFactory(), **said})
    return texting.write_text(draft, actor=CAMPAIGN)


def sent(text: ShortMessage | None = None) -> ShortMessage:
    text = text or written()
    return texting.send_text(text, texts.confirmation(text, CAMPAIGN), actor=CAMPAIGN)


def page(screen: str, *arguments: Any) -> str:
    return reverse(f"texts:{screen}", args=arguments)


def test_a_text_leaves_once_for_those_who_agreed(telephones: Telephones) -> None:
    textable(), textable()
    PersonFactory()
    text = sent()
    assert (text.recipients, text.state) == (2, "sending")
    with pytest.raises(NotADraft):
        texting.send_text(text, texts.confirmation(text, CAMPAIGN), actor=CAMPAIGN)
    dispatcher.run()
    Batch.objects.update(finished_at=clock.now())
    finish_mailings()
    text.refresh_from_db()
    assert (text.state, text.sent, text.finished_at) == ("sent", 2, TUESDAY)
    assert len(telephones.words) == 2


def test_what_was_not_confirmed_does_not_leave() -> None:
    textable()
    text = written()
    seen = texts.confirmation(text, CAMPAIGN)
    texting.edit_text(text, TextDraft(title="Jeudi", words="Autre chose", segment=text.segment), actor=CAMPAIGN)
    with pytest.raises(ChangedMeanwhile):
        texting.send_text(text, seen, actor=CAMPAIGN)
    seen = texts.confirmation(ShortMessage.objects.get(), CAMPAIGN)
    for _one in range(40):
        textable()
    with pytest.raises(ChangedMeanwhile):
        texting.send_text(text, seen, actor=CAMPAIGN)


def test_nothing_leaves_for_nobody() -> None:
    with pytest.raises(NobodyToReach):
        sent()
    with pytest.raises(NoSegment):
        sent(written(segment=None))


def test_the_cost_is_foreseen_with_the_mention_and_the_longest_name(settings: Any) -> None:
    textable(first_name="Jo")
    textable(first_name="Marie-Clémentine")
    plain = texts.counted("a" * 130 + "{{ first_name }}", Person.objects.all())
    assert plain.measure.length == 130 + 16 + len("\nSTOP au 36180")
    assert plain.parts == 1
    dear = texts.counted("a" * 133 + "{{ first_name }}", Person.objects.all())
    assert dear.parts == 2
    assert texts.estimate(dear, 1000).cents == 13_000


def test_links_are_counted_as_they_leave() -> None:
    counted = texts.counted("https://ailleurs.example/" + "x" * 300)
    assert counted.parts == 1
    assert "https://ondes.example/l/" in counted.shown


def test_dear_signs_are_named_and_plain_letters_offered() -> None:
    counted = texts.counted("Fête " + "a" * 80)
    assert (counted.measure.costly, counted.parts, counted.plain_parts) == (("ê",), 2, 1)
    assert counted.plain == "Fete " + "a" * 80
    assert texts.counted("Bravo 🎉").plain == ""


def test_a_test_goes_to_a_number_of_ones_own_at_any_hour(telephones: Telephones) -> None:
    user, text = member(), written()
    with clock.stopped_at(TUESDAY + timedelta(hours=13)):
        assert texting.test_text(text, user, "06 39 98 30 01", actor=Staff(user)) == "+33639983001"
        dispatcher.run()
    assert telephones.words == {"+33639983001": "Ricochet : à jeudi Ilhan !"}
    assert ShortMessage.objects.get().is_draft
    with pytest.raises(NotAMobile):
        texting.test_text(text, user, "01 99 00 12 34", actor=Staff(user))
    with pytest.raises(NotAMobile):
        texting.test_text(text, user, "tout le monde", actor=Staff(user))


def test_a_second_test_goes_to_the_number_given_last(telephones: Telephones) -> None:
    user, text = member(), written()
    for number in ("+33639983002", "+33639983003", "+33639983002"):
        texting.test_text(text, user, number, actor=Staff(user))
        dispatcher.run()
    assert [one.phone for one in telephones.store.outgoing()] == ["+33639983002", "+33639983003", "+33639983002"]
    assert PhoneNumber.objects.count() == 2


def test_stopping_holds_back_what_waits(telephones: Telephones) -> None:
    textable()
    text = sent()
    assert texting.stop_text(text, actor=CAMPAIGN) == 1
    dispatcher.run()
    assert not telephones.words


def test_the_outcome_is_told_in_totals(telephones: Telephones) -> None:
    people = [textable(f"+3363998400{n}") for n in range(3)]
    text = sent()
    dispatcher.run()
    said = [SaidReply("1", "+33639984000", "STOP", TUESDAY), SaidReply("2", "+33639984001", "Oui", TUESDAY)]
    delivery.take_in_replies(said, actor=CAMPAIGN)
    outcome = texts.text_outcome(text)
    assert (outcome.total, outcome.sent, outcome.receipts.stops, outcome.receipts.replies) == (3, 3, 1, 1)
    assert outcome.cents == round(3 * 6.5)
    [row] = texts.text_figures(list(ShortMessage.objects.all()))
    assert (row.stops, row.replies) == (1, 1)
    assert len(people) == 3


def test_the_editor_counts_without_scripts_and_keeps_what_was_typed() -> None:
    client = browser()
    answer = {"title": "Fête", "words": "Fête samedi", "segment": ""}
    said = words(client.post(page("write"), {**answer, "count": "1"}))
    assert "« ê » fait passer chaque partie de 160 à 70 signes." in said
    assert not ShortMessage.objects.exists()
    plain = read(client.post(page("write"), {**answer, "plain": "1"}))
    assert plain.find("textarea").get_text().strip() == "Fete samedi"  # type: ignore[union-attr]
    client.post(page("write"), answer)
    assert ShortMessage.objects.get().words == "Fête samedi"


def test_the_counter_answers_while_one_types() -> None:
    said = words(browser().post(page("count"), {"words": "a" * 150}))
    assert "164 signes" in said
    assert "2 parties" in said
    wrong = words(browser().post(page("count"), {"words": "{{ unsubscribe_url }}"}))
    assert "n’existe pas" in wrong


def test_a_field_that_does_not_exist_is_refused_at_once() -> None:
    said = words(browser().post(page("write"), {"title": "x", "words": "{{ age }}", "segment": ""}))
    assert "Le champ « age » n’existe pas" in said
    assert not ShortMessage.objects.exists()


def test_the_send_screen_tells_whom_how_much_and_when(telephones: Telephones) -> None:
    textable(), textable()
    PersonFactory()
    text, client = written(), browser()
    shown = client.get(page("send", text.pk))
    said = words(shown)
    assert "2 personnes le recevront" in said
    assert "0,13 €" in said
    assert "STOP au 36180" in said
    form = read(shown).find("form", class_="confirmation")
    answer = {field["name"]: field["value"] for field in form.find_all("input", type="hidden")}  # type: ignore[union-attr]
    assert "Cochez la case" in words(client.post(page("send", text.pk), answer))
    first = client.post(page("send", text.pk), {**answer, "is_sure": "1"})
    second = client.post(page("send", text.pk), {**answer, "is_sure": "1"}, follow=True)
    assert first["Location"] == page("results", text.pk)
    assert "déjà parti" in words(second)
    dispatcher.run()
    assert len(telephones.words) == 2
    assert "SMS" in words(client.get(page("progress", text.pk)))


def test_the_screens_say_what_keeps_texts_here(telephones: Telephones, settings: Any) -> None:
    textable()
    text = sent()
    telephones.store.credits = 0
    dispatcher.run()
    said = words(browser().get(page("results", text.pk)))
    assert "no credit left" in said or "crédit" in said
    assert "crédit chez le fournisseur est épuisé" in words(browser().get(page("send", written().pk)))
    configure(settings, backend="none")
    assert "Aucun fournisseur de SMS n’est configuré" in words(browser().get(page("send", written().pk)))


def test_a_night_shows_when_it_leaves() -> None:
    textable()
    with clock.stopped_at(TUESDAY + timedelta(hours=13)):
        client = browser()
        assert "17 mars 2027" in words(client.get(page("send", written().pk)))
        text = sent()
        dispatcher.run()
        assert "attend son heure" in words(client.get(page("results", text.pk)))


def test_drafts_are_deleted_and_what_left_is_not() -> None:
    textable()
    draft, gone = written(), sent()
    client = browser()
    client.post(page("delete", draft.pk))
    client.post(page("delete", gone.pk))
    assert list(ShortMessage.objects.all()) == [gone]
    assert client.get(page("edit", gone.pk))["Location"] == page("results", gone.pk)


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.TREASURER])
def test_others_read_totals_and_write_nothing(role: Role) -> None:
    textable()
    text, client = sent(), browser(role)
    assert client.get(page("index")).status_code == 200
    assert client.get(page("results", text.pk)).status_code == 200
    for screen in ("write", "count"):
        assert client.post(page(screen)).status_code in {302, 403}
    assert "Maëlle" not in words(client.get(page("results", text.pk)))


def test_the_way_in_is_closed_to_strangers() -> None:
    assert Client().get(page("index")).status_code == 302


def test_the_demo_shows_a_text_its_answers_and_what_volunteers_did(telephones: Telephones) -> None:
    for n in range(60):
        person = textable(f"+336399860{n:02d}")
        PostalAddress.objects.create(
            person=person, line1="1 rue des Ondes", postcode="35000", city="Rennes", source="t"
        )
    assert len(build_texts()) == 2
    assert list(ShortMessage.objects.order_by("pk").values_list("state", flat=True)) == ["sending", "draft"]
    assert build_contacts() == 6
    assert (build_texts(), build_contacts()) == ([], 0)
    assert {reply.is_stop for reply in TextReply.objects.all()} == {True, False}
    dispatcher.run()
    assert len(telephones.words) == 58  # but those who said STOP before it left
