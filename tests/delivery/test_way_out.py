"""The way out of a letter never fails (RFC 8058), whatever becomes of the letter meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from portevoix.delivery import selectors, services
from portevoix.delivery.dispatch import outbox
from portevoix.delivery.models import Batch, Message, Run
from portevoix.delivery.rules import tokens
from portevoix.delivery.rules.reports import Report
from portevoix.delivery.types import Bad, Recipient
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from portevoix.rights.services import merging
from tests.delivery.factories import CAMPAIGN, queue
from tests.delivery.test_silence import silent_now
from tests.people.factories import PersonFactory
from tests.territory.factories import CommuneFactory, DepartementFactory

pytestmark = pytest.mark.django_db
Change = Callable[[Batch], object]


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def pause(batch: Batch) -> None:
    services.pause(batch, actor=CAMPAIGN)


def stop(batch: Batch) -> None:
    services.stop(batch, actor=CAMPAIGN)


def silence(batch: Batch) -> None:
    silent_now()


@pytest.fixture(params=[pause, stop, silence])
def on_its_way(request: Any) -> Message:
    """Return a message that a dispatcher has in hand, of what may not begin to leave any more."""
    PersonFactory(reachable=True, commune=CommuneFactory(departement=DepartementFactory(code="35")))
    batch = queue()
    run = Run.objects.create(started_at=clock.now(), boot="x")
    outbox.claim(run.pk, 1)
    request.param(batch)
    message = Message.objects.get()
    assert message.state == "sending"
    return message


def test_one_click_always_unsubscribes(on_its_way: Message) -> None:
    assert on_its_way.person is not None
    reader = Recipient(on_its_way.pk, on_its_way.person.pk, on_its_way.person.ref, "", "", "", "a@b.example")
    path = selectors.unsubscribe_urls([reader])[0].removeprefix(settings.BASE_URL)
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    on_its_way.refresh_from_db()
    assert on_its_way.unsubscribed_at is not None
    assert not Ground.objects.live().filter(purpose="newsletter").exists()


def test_a_reader_who_left_by_the_provider_is_always_noted(on_its_way: Message) -> None:
    said = [Report(*proof_of(on_its_way), Bad.LEFT, "")]
    services.take_in(said, actor=CAMPAIGN)
    on_its_way.refresh_from_db()
    assert on_its_way.unsubscribed_at is not None


def test_records_may_be_merged_meanwhile(on_its_way: Message) -> None:
    assert on_its_way.person is not None
    other = PersonFactory()
    merging.merge(other.pk, on_its_way.person.pk, actor=CAMPAIGN)
    on_its_way.refresh_from_db()
    assert on_its_way.person == other


def test_what_is_moved_where_it_may_leave_is_still_looked_at(on_its_way: Message) -> None:
    Message.objects.update(state="failed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state="sending")
    Message.objects.update(state="uncertain", unsubscribed_at=clock.now())


def test_another_number_is_no_way_around_the_gate(on_its_way: Message) -> None:
    Message.objects.update(state="failed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(id=on_its_way.pk + 1_000_000, state="sending")
    assert Person.objects.count() == 1


def proof_of(message: Message) -> tuple[int, str]:
    assert message.person is not None
    key = tokens.return_key_from(settings.SECRET_KEY)
    return message.pk, tokens.return_signature(message.pk, message.person.emails.get().address, key)
