"""A second person reads each text message, where the campaign asks for it; the database keeps one that nobody read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portevoix.accounts.types import Actor, Role, Staff
from portevoix.kernel import clock
from portevoix.mailings.exceptions import ChangedMeanwhile, NotApproved, OwnApproval
from portevoix.mailings.models import Answer, ShortMessage, TextApproval
from portevoix.mailings.selectors import texts
from portevoix.mailings.services import advertising, approving, scheduling, texting
from portevoix.mailings.tasks import let_leave
from portevoix.mailings.types import State, TextDraft
from tests.accounts.factories import UserFactory, signed_in
from tests.delivery.operator import CAMPAIGN, TUESDAY, Telephones, configure, textable
from tests.mailings.adverts import declared
from tests.mailings.screens import words
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def telephones(settings: Any, campaign: None) -> Iterator[Telephones]:
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


@pytest.fixture
def author() -> Actor:
    return Staff(UserFactory(role=Role.COMMUNICATIONS))


@pytest.fixture
def reader() -> Actor:
    return Staff(UserFactory(role=Role.DIRECTOR))


@pytest.fixture
def text(reader: Actor) -> ShortMessage:
    approving.demand_approval(True, actor=reader)
    textable()
    draft = TextDraft(title="Jeudi", words="Ricochet : à jeudi !", segment=SegmentFactory())
    return texting.write_text(draft, actor=CAMPAIGN)


def sent(text: ShortMessage) -> ShortMessage:
    return texting.send_text(text, texts.confirmation(text, CAMPAIGN), actor=CAMPAIGN)


def approved(text: ShortMessage, author: Actor, reader: Actor) -> None:
    approving.ask_approval(text, "Le jour est-il juste ?", actor=author)
    approving.approve(text, texts.digest(text), actor=reader)


def test_with_the_rule_no_text_leaves_that_nobody_approved(text: ShortMessage, author: Actor, reader: Actor) -> None:
    with pytest.raises(NotApproved):
        sent(text)
    with pytest.raises(NotApproved):
        scheduling.schedule(text, texts.confirmation(text, CAMPAIGN), TUESDAY + timedelta(hours=1), actor=CAMPAIGN)
    approving.ask_approval(text, actor=author)
    with pytest.raises(NotApproved):
        sent(text)
    with pytest.raises(OwnApproval):
        approving.approve(text, texts.digest(text), actor=author)
    approving.approve(text, texts.digest(text), actor=reader)
    assert sent(text).recipients == 1


def test_raw_sql_sends_no_text_that_nobody_approved(text: ShortMessage) -> None:
    with pytest.raises(IntegrityError, match="approval of a second person"), transaction.atomic():
        ShortMessage.objects.filter(pk=text.pk).update(state=State.SCHEDULED)
    assert ShortMessage.objects.get().is_draft


def test_a_change_ends_the_approval(text: ShortMessage, author: Actor, reader: Actor) -> None:
    approved(text, author, reader)
    ShortMessage.objects.filter(pk=text.pk).update(words="Autre chose")
    assert TextApproval.objects.get().state == Answer.LAPSED
    with pytest.raises(NotApproved):
        sent(ShortMessage.objects.get())
    with pytest.raises(IntegrityError), transaction.atomic():
        TextApproval.objects.update(state=Answer.APPROVED, lapsed_at=None)


def test_declaring_it_an_advertisement_ends_the_approval(text: ShortMessage, author: Actor, reader: Actor) -> None:
    approved(text, author, reader)
    advertising.declare_advert(text, declared(), actor=CAMPAIGN)
    assert TextApproval.objects.get().state == Answer.LAPSED


def test_what_was_not_seen_is_not_approved(text: ShortMessage, author: Actor, reader: Actor) -> None:
    seen = texts.digest(text)
    text.words = "Autre chose"
    text.save()
    approving.ask_approval(text, actor=author)
    with pytest.raises(ChangedMeanwhile):
        approving.approve(text, seen, actor=reader)


def test_an_approved_text_leaves_at_its_hour(text: ShortMessage, author: Actor, reader: Actor) -> None:
    approved(text, author, reader)
    planner = UserFactory(role=Role.COMMUNICATIONS)
    scheduling.schedule(text, texts.confirmation(text, CAMPAIGN), TUESDAY + timedelta(hours=1), actor=Staff(planner))
    with clock.stopped_at(TUESDAY + timedelta(hours=1, minutes=1)):
        let_leave()
    assert ShortMessage.objects.get().state == State.SENDING


def test_it_is_asked_for_read_and_given_on_the_screens(text: ShortMessage) -> None:
    author, reader = signed_in(Role.COMMUNICATIONS), signed_in(Role.DIRECTOR)
    address = reverse("texts:approval", args=[text.pk])
    before = words(author.get(reverse("texts:send", args=[text.pk])))
    assert "Demander l’approbation" in before
    assert "Envoyer à 1 personne" not in before
    assert "à jeudi" in words(author.get(address))
    author.post(reverse("texts:ask_approval", args=[text.pk]), {"request": "Merci"})
    assert "Approuver ce message" not in words(author.get(address))
    assert "attend votre approbation" in words(reader.get("/gestion/"))
    assert "Approuver ce message" in words(reader.get(address))
    said = {"digest": texts.digest(text), "word": "Très bien", "approve": "1"}
    reader.post(reverse("texts:answer_approval", args=[text.pk]), said)
    assert "Envoyer à 1 personne" in words(author.get(reverse("texts:send", args=[text.pk])))
    text.words = "Autre"
    text.save()
    author.post(reverse("texts:ask_approval", args=[text.pk]), {"request": ""})
    reader.post(reverse("texts:answer_approval", args=[text.pk]), {"digest": "d", "word": "Non merci", "refuse": "1"})
    assert "Non merci" in words(author.get(address))
