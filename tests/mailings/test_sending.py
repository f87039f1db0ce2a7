"""Sending: to those who agreed and nobody else, once."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.conf.instance import Legal
from portevoix.delivery.exceptions import UnknownMergeField
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.mailings import letters
from portevoix.mailings.exceptions import (
    ChangedMeanwhile,
    HostileLink,
    NobodyToReach,
    NoSegment,
    NoSenderIdentity,
    NotADraft,
    UnreadableSegment,
)
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import sending
from portevoix.mailings.types import Confirmation
from portevoix.people.models import Interaction, Person
from portevoix.people.types import ContactStatus, Kind
from portevoix.rights import services as rights
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Purpose
from portevoix.segments.models import Segment
from tests.accounts.factories import UserFactory, staff
from tests.mailings.factories import CAMPAIGN, MailingFactory, body, deliver, send
from tests.people.factories import PersonFactory, reachable
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db


def withdraw(person: Person) -> None:
    rights.withdraw(person, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=CAMPAIGN)


def received(kept: Any) -> set[str]:
    return {envelope.recipient for envelope in kept.sent}


def test_it_goes_to_those_who_agreed_and_to_nobody_else() -> None:
    reachable("oui@mail.example")
    PersonFactory(with_email=True)
    withdraw(reachable("parti@mail.example"))
    broken = reachable("rebond@mail.example")
    broken.emails.update(status=ContactStatus.BOUNCING)
    mailing = send(MailingFactory())
    assert mailing.recipients == 1
    assert received(deliver()) == {"oui@mail.example"}


def test_who_withdraws_between_the_click_and_the_departure_gets_nothing() -> None:
    reachable("reste@mail.example")
    leaver = reachable("part@mail.example")
    mailing = send(MailingFactory())
    withdraw(leaver)
    assert received(deliver()) == {"reste@mail.example"}
    assert mailing.recipients == 2


def test_only_the_segment_receives_it() -> None:
    reachable("rennes@mail.example", in_rennes=True)
    reachable("brest@mail.example", in_brest=True)
    segment = SegmentFactory(tree=tree(rule("departement", departement="35")))
    send(MailingFactory(segment=segment))
    assert received(deliver()) == {"rennes@mail.example"}


def test_each_reader_gets_their_own_words_and_their_own_way_out() -> None:
    reachable("maelle@mail.example", first_name="Maëlle")
    reachable("anonyme@mail.example", first_name="")
    send(MailingFactory(subject="{{ first_name|Bonjour }}, un train"))
    messages = {}
    for envelope in deliver().sent:
        message = message_from_bytes(envelope.content, policy=policy.default)
        messages[envelope.recipient] = message
        text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
        assert "{{" not in text
        assert message["List-Unsubscribe"].strip(" <>") in text
        assert "https://ondes.example/unsubscribe/" in text
    assert messages["maelle@mail.example"]["Subject"] == "Maëlle, un train"
    assert messages["anonyme@mail.example"]["Subject"] == "Bonjour, un train"


def test_a_readers_name_cannot_write_into_the_page() -> None:
    reachable("x@mail.example", first_name="<img src=x onerror=alert(1)>")
    send(MailingFactory(blocks=[("heading", "Bonjour {{ first_name }}"), ("text", "<p>x</p>")]))
    message = message_from_bytes(deliver().sent[0].content, policy=policy.default)
    page = message.get_body(("html",)).get_content()  # type: ignore[attr-defined]
    assert "<img src=x" not in page
    assert "Bonjour &lt;img src=x" in page


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        (Basis.CONSENT, "parce que vous l’avez accepté le 3 mars 2026"),
        (Basis.DECLARED_AT_IMPORT, "dont nous avons repris le fichier le 3 mars 2026"),
    ],
)
def test_each_reader_is_told_from_where_they_are_known(basis: Basis, words: str) -> None:
    reachable("x@mail.example")
    Ground.objects.update(basis=basis, given_at=clock.now().replace(year=2026, month=3, day=3, hour=12))
    send(MailingFactory())
    message = message_from_bytes(deliver().sent[0].content, policy=policy.default)
    for kind in ("plain", "html"):
        assert words in " ".join(message.get_body((kind,)).get_content().split())  # type: ignore[attr-defined]


def test_sending_twice_sends_once() -> None:
    PersonFactory.create_batch(2, reachable=True)
    mailing = MailingFactory()
    confirmed = letters.confirmation(mailing, CAMPAIGN)
    sending.send(mailing, confirmed, actor=CAMPAIGN)
    with pytest.raises(NotADraft):
        sending.send(mailing, confirmed, actor=CAMPAIGN)
    assert len(deliver().sent) == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_instant_send_once(django_db_serialized_rollback: None) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    PersonFactory.create_batch(3, reachable=True)
    mailing = MailingFactory()
    confirmed = letters.confirmation(mailing, CAMPAIGN)
    together = Barrier(2)

    def click() -> str:
        together.wait()
        try:
            sending.send(mailing, confirmed, actor=CAMPAIGN)
        except NotADraft:
            return "refused"
        finally:
            connection.close()
        return "sent"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(click.result() for click in [threads.submit(click) for _hand in range(2)])
    assert outcomes == ["refused", "sent"]
    assert Mailing.objects.get().recipients == 3
    assert len(deliver().sent) == 3


def test_a_letter_that_changed_since_it_was_confirmed_stays_here() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    confirmed = letters.confirmation(mailing, CAMPAIGN)
    mailing.body = body(("text", "<p>Tout autre chose.</p>"))
    mailing.save()
    with pytest.raises(ChangedMeanwhile):
        sending.send(mailing, confirmed, actor=CAMPAIGN)
    assert deliver().sent == []


def test_a_segment_that_grew_since_it_was_confirmed_is_shown_again() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    confirmed = letters.confirmation(mailing, CAMPAIGN)
    PersonFactory.create_batch(12, reachable=True)
    with pytest.raises(ChangedMeanwhile):
        sending.send(mailing, confirmed, actor=CAMPAIGN)
    assert sending.send(mailing, replace(confirmed, count=13), actor=CAMPAIGN).recipients == 13


def test_without_anybody_to_reach_nothing_is_sent() -> None:
    PersonFactory(with_email=True)
    mailing = MailingFactory()
    with pytest.raises(NobodyToReach):
        send(mailing)
    mailing.refresh_from_db()
    assert mailing.is_draft


def test_without_segment_nothing_is_sent() -> None:
    with pytest.raises(NoSegment):
        send(MailingFactory(segment=None))


def test_a_segment_that_asks_about_nothing_known_is_not_everybody() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory()
    Segment.objects.update(tree=tree(rule("no_such_question")))
    with pytest.raises(UnreadableSegment):
        send(Mailing.objects.get(pk=mailing.pk))


def test_an_unknown_field_is_named_and_leaves_no_trace_in_the_outbox() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory(subject="{{ prenom }}")
    with pytest.raises(UnknownMergeField) as caught, transaction.atomic():
        send(mailing)
    assert caught.value.name == "prenom"
    mailing.refresh_from_db()
    assert mailing.is_draft
    assert deliver().sent == []


def test_a_hostile_link_leaves_no_trace_in_the_outbox() -> None:
    PersonFactory(reachable=True)
    mailing = MailingFactory(blocks=[("button", {"label": "x", "page": None, "address": "javascript:x"})])
    with pytest.raises(HostileLink), transaction.atomic():
        sending.send(mailing, Confirmation("", 1), actor=CAMPAIGN)
    assert deliver().sent == []


def test_a_campaign_that_does_not_say_who_it_is_sends_nothing(settings: Settings) -> None:
    PersonFactory(reachable=True)
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": Legal()})
    with pytest.raises(NoSenderIdentity):
        send(MailingFactory())


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.LOCAL_LEAD, Role.DATA_OFFICER])
def test_only_direction_and_communications_send_test_and_stop(role: Role) -> None:
    PersonFactory(reachable=True)
    actor = staff(role, "35" if role is Role.LOCAL_LEAD else "")
    mailing = MailingFactory()
    with pytest.raises(NotAllowed):
        send(mailing, actor)
    with pytest.raises(NotAllowed):
        sending.send_test(mailing, UserFactory(), actor=actor)
    with pytest.raises(NotAllowed):
        sending.stop(send(mailing), actor=actor)


def test_the_journal_keeps_how_many_and_to_which_segment() -> None:
    PersonFactory.create_batch(2, reachable=True)
    mailing = send(MailingFactory())
    entry = Entry.objects.get(command="mailings.send")
    assert entry.count == 2
    assert entry.detail == {"segment": mailing.segment_id, "batch": mailing.batch_id}


def test_the_results_name_the_segment_as_it_was() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory(segment=SegmentFactory(name="Abonnés")))
    Segment.objects.all().delete()
    mailing.refresh_from_db()
    assert mailing.segment_name == "Abonnés"


def test_who_received_it_has_it_in_their_history() -> None:
    person = reachable("x@mail.example")
    mailing = send(MailingFactory())
    deliver()
    interaction = Interaction.objects.get(person=person, kind=Kind.MAILED)
    assert (interaction.about_kind, interaction.about_id) == ("delivery.batch", mailing.batch_id)
