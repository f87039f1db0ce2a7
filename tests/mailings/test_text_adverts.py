"""Text messages that are political advertisements (regulation (EU) 2024/900): as letters are, by the same register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portevoix.delivery.dispatch import texts as dispatcher
from portevoix.delivery.models import Batch, Message
from portevoix.kernel import clock
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import ChangedMeanwhile, NotADraft
from portevoix.mailings.models import Notice, ShortMessage, TextAdvert
from portevoix.mailings.selectors import texts
from portevoix.mailings.services import advertising, texting, trying
from portevoix.mailings.tasks import finish_mailings
from portevoix.mailings.types import Aspect, Measure, TextDraft, TrialPlan
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.purposes import Advertising, Basis, Purpose
from tests.delivery.operator import CAMPAIGN, TUESDAY, Telephones, configure, textable
from tests.mailings.adverts import declared
from tests.mailings.screens import browser, words
from tests.segments.factories import SegmentFactory, rule, tree
from tests.territory.factories import election

pytestmark = pytest.mark.django_db
PLAIN, PICKED = rule("language", language="fr"), rule("gender", gender="F")


@pytest.fixture(autouse=True)
def telephones(settings: Any, campaign: None) -> Iterator[Telephones]:
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def among(part: dict[str, Any] = PLAIN, said: str = "Ricochet : à jeudi !", **declaration: Any) -> ShortMessage:
    segment = SegmentFactory(tree=tree(part))
    text = texting.write_text(TextDraft(title="Jeudi", words=said, segment=segment), actor=CAMPAIGN)
    advertising.declare_advert(text, declared(**declaration), actor=CAMPAIGN)
    return text


def sent(text: ShortMessage) -> ShortMessage:
    return texting.send_text(text, texts.confirmation(text, CAMPAIGN), actor=CAMPAIGN)


def agreeing(**known: Any) -> Person:
    person = textable(**{"born_on": date(1980, 5, 17), "language": "fr", "gender": "F", **known})
    rights.give(person, Purpose.TARGETING, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)
    return person


def test_a_text_says_what_it_is_and_where_its_notice_is(telephones: Telephones) -> None:
    textable(language="fr")
    text = among(election=election(date(2027, 6, 13), name="Municipales de Villedeau"))
    sent(text)
    dispatcher.run()
    (said,) = telephones.words.values()
    assert said.startswith("Publicité politique de Liste des Ondes (Municipales de Villedeau). Ricochet")
    link = Batch.objects.get().links.get()
    assert link.target == f"https://ondes.example/publicites/{TextAdvert.objects.get().code}/"
    assert "Avis de transparence https://" in said


@pytest.mark.parametrize(
    ("sponsor", "dear"),
    [("Hélène Évrès, à Où", False), ("FRANÇOISE", False), ("Françoise Forêt", True), ("Élan de l’Œuvre", True)],
)
def test_the_sponsor_is_named_letter_for_letter_and_the_count_says_what_that_costs(sponsor: str, dear: bool) -> None:
    text = among(said="à jeudi", sponsor=sponsor)
    assert f"de {sponsor.replace('’', chr(39))}. à jeudi" in texts.whole(text)
    found = texts.counted(text.words, label=selectors.label_of(text))
    assert (found.measure.is_dear, bool(found.costly_name), found.plain) == (dear, dear, "")
    said = words(browser().get(reverse("texts:edit", args=[text.pk])))
    assert ("se trouve dans le nom du commanditaire" in said) is dear


def test_plain_letters_are_offered_only_where_they_save_something() -> None:
    dear = among(said="la fête", sponsor="Françoise")
    assert texts.counted(dear.words, label=selectors.label_of(dear)).plain == ""
    cheap = among(said="la fête", sponsor="Hélène")
    assert texts.counted(cheap.words, label=selectors.label_of(cheap)).plain == "la fete"


def test_its_label_is_counted_and_makes_it_no_dearer_than_its_length() -> None:
    text = among(said="a" * 80, sponsor="Élan de l’Avenir {{ first_name }} « citoyenne »")
    label = selectors.label_of(text)
    assert texts.counted(text.words, label=label).measure.length > texts.counted(text.words).measure.length + 60
    assert not texts.counted(text.words, label=label).measure.is_dear
    assert texts.dearest_of(text, Person.objects.all()).parts == 2
    assert "{{" not in texts.whole(text)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (PLAIN, Advertising.GENERAL),
        (rule("ground", purpose="texts"), Advertising.GENERAL),
        (rule("ground", purpose="newsletter"), Advertising.TARGETED),
        (PICKED, Advertising.TARGETED),
    ],
)
def test_what_chooses_its_readers_makes_it_targeted(part: dict[str, Any], expected: Advertising) -> None:
    assert selectors.advertising_of(among(part)) == expected


def test_a_targeted_text_goes_only_to_who_agreed_to_that_and_is_old_enough() -> None:
    willing = agreeing()
    textable(born_on=date(1980, 5, 17), gender="F")
    agreeing(born_on=clock.today() - timedelta(days=5000))
    agreeing(born_on=None)
    text = among(PICKED)
    assert texts.confirmation(text, CAMPAIGN).count == 1
    page = words(browser().get(reverse("texts:send", args=[text.pk])))
    assert "ou d’âge inconnu" in page
    sent(text)
    assert list(Message.objects.values_list("person", flat=True)) == [willing.pk]
    assert Batch.objects.get().advertising == Advertising.TARGETED


def test_the_database_itself_keeps_a_targeted_text_from_who_takes_that_back(telephones: Telephones) -> None:
    person = agreeing()
    sent(among(PICKED))
    rights.withdraw(person, [Purpose.TARGETING], evidence={}, source="tests", actor=CAMPAIGN)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state="sending")
    dispatcher.run()
    assert telephones.words == {}


def test_a_general_text_leaves_out_only_those_known_to_be_under_17() -> None:
    unknown = textable(language="fr")
    textable(language="fr", born_on=clock.today() - timedelta(days=5000))
    sent(among())
    assert list(Message.objects.values_list("person", flat=True)) == [unknown.pk]


def test_its_notice_is_in_the_public_register_for_seven_years_with_its_reach() -> None:
    textable(language="fr")
    text = among()
    sent(text)
    first = Notice.objects.get()
    assert (first.content["channel"], first.content["title"]) == ("sms", "Ricochet : à jeudi !")
    assert first.kept_until >= date(2033, 12, 15)
    dispatcher.run()
    Batch.objects.update(finished_at=clock.now())
    finish_mailings()
    assert Notice.objects.get(version=2).content["reach"] == {"people": 1}
    assert "Liste des Ondes" in Client().get(f"/publicites/{first.code}/").content.decode()
    assert first.code in Client().get("/publicites/").content.decode()


def test_its_versions_are_one_advertisement() -> None:
    text = among()
    trial = trying.plan(text, planned(), actor=CAMPAIGN)
    other = trying.add_version(trial, actor=CAMPAIGN)
    assert selectors.advert_of(other) == selectors.advert_of(text)
    assert texts.whole(other).startswith("Publicité politique")


def planned() -> TrialPlan:
    return TrialPlan(aspect=Aspect.CONTENT, measure=Measure.CLICKS, share=20, hours=4, is_automatic=True)


def test_declaring_it_after_it_was_confirmed_asks_for_a_new_look() -> None:
    textable(language="fr")
    text = texting.write_text(TextDraft(title="Jeudi", words="À jeudi", segment=SegmentFactory()), actor=CAMPAIGN)
    seen = texts.confirmation(text, CAMPAIGN)
    advertising.declare_advert(text, declared(), actor=CAMPAIGN)
    with pytest.raises(ChangedMeanwhile):
        texting.send_text(text, seen, actor=CAMPAIGN)
    sent(text)
    with pytest.raises(NotADraft):
        advertising.withdraw_advert(text, actor=CAMPAIGN)


def test_it_is_declared_and_taken_back_on_its_screen() -> None:
    textable(language="fr")
    text = texting.write_text(TextDraft(title="Jeudi", words="À jeudi", segment=SegmentFactory()), actor=CAMPAIGN)
    client = browser()
    address = reverse("texts:declare", args=[text.pk])
    assert "déclarer publicité" in words(client.get(reverse("texts:send", args=[text.pk])))
    client.get(address)
    said = {name: value for name, value in vars(declared()).items() if value is not None}
    assert client.post(address, said)["Location"] == reverse("texts:send", args=[text.pk])
    page = words(client.get(reverse("texts:send", args=[text.pk])))
    assert "est une publicité politique" in page
    assert "Publicité politique de Liste des Ondes" in page
    counted = client.post(reverse("texts:count") + f"?text={text.pk}", {"words": "À jeudi"})
    assert len(words(counted)) > 0
    client.get(address)
    client.post(reverse("texts:no_advert", args=[text.pk]))
    assert not TextAdvert.objects.exists()
