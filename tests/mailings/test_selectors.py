"""Whom one may reach and why not the others; figures side by side."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from portevoix.accounts.types import Role, Visitor
from portevoix.delivery import services as delivery
from portevoix.delivery.types import Outcome
from portevoix.mailings import selectors
from portevoix.mailings.criteria import WasSentMailing
from portevoix.mailings.models import Mailing
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import ContactStatus
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from portevoix.segments import selectors as segments
from portevoix.segments.rules import read
from portevoix.segments.types import CRITERIA, Names
from tests.accounts.factories import staff
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.people.factories import GroundFactory, PersonFactory, reachable
from tests.segments.factories import rule, tree

pytestmark = pytest.mark.django_db


def withdraw(person: Person) -> None:
    rights.withdraw(person, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=CAMPAIGN)


def test_each_person_is_counted_once_with_the_reason_that_keeps_them_out() -> None:
    PersonFactory.create_batch(3, reachable=True)
    PersonFactory.create_batch(2, with_email=True)
    PersonFactory()
    withdraw(reachable("parti@mail.example"))
    back = reachable("revenu@mail.example")
    withdraw(back)
    GroundFactory(person=back)
    EmailAddress.objects.filter(person=reachable("rebond@mail.example")).update(status=ContactStatus.BOUNCING)
    GroundFactory(person=PersonFactory())
    reach = selectors.reach(Person.objects.all(), Purpose.NEWSLETTER)
    assert (reach.chosen, reach.admitted, reach.never_agreed, reach.withdrew, reach.no_address) == (10, 4, 3, 1, 2)
    assert reach.left_out == 6
    assert (reach.bouncing, reach.refused, reach.nowhere, reach.restricted) == (1, 0, 1, 0)


def test_what_is_shown_is_what_the_gate_admits() -> None:
    PersonFactory.create_batch(2, reachable=True)
    PersonFactory(with_email=True)
    shown = selectors.reach(Person.objects.all(), Purpose.NEWSLETTER)
    assert send(MailingFactory()).recipients == shown.admitted


def test_whom_a_mandate_does_not_cover_is_not_even_counted() -> None:
    reachable("rennes@mail.example", in_rennes=True)
    reachable("brest@mail.example", in_brest=True)
    people = selectors.people_of(MailingFactory(), staff(Role.ORGANISER, "35"))
    assert selectors.reach(people, Purpose.NEWSLETTER).chosen == 1


def test_the_reach_costs_one_statement_whatever_the_segment() -> None:
    for people in (Person.objects.all(), Person.objects.filter(sort_key__contains="a")):
        with CaptureQueriesContext(connection) as queries:
            selectors.reach(people, Purpose.NEWSLETTER)
        assert len(queries) == 1


def sent_to(*addresses: str) -> Mailing:
    for address in addresses:
        if not EmailAddress.objects.filter(address=address).exists():
            reachable(address)
    mailing = send(MailingFactory(blocks=[("text", '<p><a href="https://a.example/x">ici</a></p>')]))
    deliver({"non@mail.example": (Outcome.REFUSED, 550, "no")})
    return mailing


def test_the_outcome_says_how_many_and_never_who() -> None:
    mailing = sent_to("oui@mail.example", "non@mail.example")
    outcome = selectors.outcome(mailing)
    assert (outcome.total, outcome.sent, outcome.waiting, outcome.is_over) == (2, 1, 0, True)
    assert {part.kind: part.count for part in outcome.states} == {
        "sent": 1,
        "waiting": 0,
        "failed": 1,
        "uncertain": 0,
        "suppressed": 0,
    }
    assert "mail.example" not in repr(outcome)


def test_the_bar_is_whole() -> None:
    bar = selectors.outcome(sent_to("oui@mail.example", "non@mail.example")).bar
    assert [(part.kind, part.start, part.percent) for part in bar] == [("sent", 0.0, 50.0), ("failed", 50.0, 50.0)]


def test_clicks_are_counted_by_link_for_all_readers_together() -> None:
    mailing = sent_to("oui@mail.example")
    assert mailing.batch is not None
    address = f"/l/{mailing.batch.code}/"
    browser = Client()
    for number in (1, 2, 2):
        browser.get(f"{address}{number}")
    clicks = {part.label: part.count for part in selectors.outcome(mailing).links}
    assert clicks == {"https://ondes.example/": 1, "https://a.example/x": 2}
    assert selectors.figures([mailing])[mailing.pk].clicks == 3


def test_departures_are_counted_with_the_mailing_they_came_by() -> None:
    mailing = sent_to("oui@mail.example", "reste@mail.example")
    assert mailing.batch is not None
    message = mailing.batch.messages.order_by("pk").first()
    delivery.unsubscribe(message, one_click=True, actor=Visitor())
    found = selectors.figures([mailing])[mailing.pk]
    assert (found.unsubscribed, found.unsubscribed_percent) == (1, 50.0)


def test_figures_of_many_cost_as_much_as_figures_of_few() -> None:
    first = sent_to("oui@mail.example")
    Mailing.objects.update(state="sent")
    with CaptureQueriesContext(connection) as few:
        selectors.figures(Mailing.objects.filter(pk=first.pk))
    for _time in range(3):
        sent_to("oui@mail.example")
    Mailing.objects.update(state="sent")
    with CaptureQueriesContext(connection) as many:
        selectors.figures(Mailing.objects.all())
    assert len(few) == len(many)


def test_a_draft_has_no_figures() -> None:
    draft = MailingFactory()
    found = selectors.figures([draft])[draft.pk]
    assert (found.recipients, found.sent, found.clicks, found.clicks_percent) == (0, 0, 0, 0.0)


def test_authors_place_what_they_know_and_not_the_footer() -> None:
    names = [name for name, _field in selectors.fields_for_authors()]
    assert names[0] == "first_name"
    assert {"commune", "full_name"} <= set(names)
    assert not {"unsubscribe_url", "preferences_url", "origin"} & set(names)


def test_segments_may_ask_who_received_a_message() -> None:
    mailing = sent_to("oui@mail.example", "non@mail.example")
    PersonFactory(reachable=True)
    assert CRITERIA["received_mailing"] is WasSentMailing
    question = read(tree(rule("received_mailing", mailing=mailing.pk)))
    people = segments.people_who(question, CAMPAIGN)
    assert [person.emails.get().address for person in people] == ["oui@mail.example"]
    contrary = segments.people_who(read(tree(rule("received_mailing", mailing=mailing.pk), match="none")), CAMPAIGN)
    assert contrary.count() == 2


def test_the_question_is_said_in_plain_words() -> None:
    mailing = sent_to("oui@mail.example")
    with translation.override("fr"):
        said = WasSentMailing(mailing=mailing.pk).clause(Names())
    assert said == f"ont reçu le message «\xa0{mailing.title}\xa0»"


def test_only_what_has_left_can_be_asked_about() -> None:
    MailingFactory()
    gone = sent_to("oui@mail.example")
    choices = WasSentMailing.fields()["mailing"].queryset  # type: ignore[attr-defined]
    assert list(choices) == [gone]
