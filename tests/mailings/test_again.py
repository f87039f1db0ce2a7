"""A letter sent again goes to those whom it did not reach, and never to who has it."""

from __future__ import annotations

import pytest

from portevoix.delivery.models import Bounce, Message
from portevoix.delivery.types import Outcome
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import NobodyChosen, NobodyToReach, NotSentYet
from portevoix.mailings.models import Mailing, Resending
from portevoix.mailings.services import resending, sending
from portevoix.mailings.types import Again
from portevoix.people.models import EmailAddress
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.mailings.screens import address, browser, words
from tests.people.factories import reachable

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> Mailing:
    """A letter that one person has, and that failed three in three ways."""
    for name in ("oui", "refus", "retour", "doute"):
        reachable(f"{name}@mail.example")
    mailing = send(MailingFactory())
    deliver(
        {
            "refus@mail.example": (Outcome.REFUSED, 554, "not today"),
            "doute@mail.example": (Outcome.UNCERTAIN, 0, "line lost"),
        }
    )
    message = Message.objects.get(person__emails__address="retour@mail.example")
    assert message.person is not None
    email = message.person.emails.get()
    Bounce.objects.create(message=message, batch=message.batch, person=message.person, email=email, bad="soft")
    return mailing


def again(mailing: Mailing, **to: bool) -> set[str]:
    chosen = Again(**{"undelivered": False, "uncertain": False, "newcomers": False, **to})
    try:
        send(resending.resend(mailing, chosen, "Encore", actor=CAMPAIGN))
    except NobodyToReach:
        return set()
    return {one.recipient.split("@")[0] for one in deliver().sent}


def test_it_goes_to_those_from_whom_it_came_back(sent: Mailing) -> None:
    assert again(sent, undelivered=True) == {"refus", "retour"}


def test_it_goes_to_those_whose_servers_refused_us_after_all(sent: Mailing) -> None:
    Bounce.objects.update(bad="policy")
    assert again(sent, undelivered=True) == {"refus", "retour"}


def test_of_whom_nobody_knows_only_if_it_is_asked(sent: Mailing) -> None:
    assert again(sent, undelivered=True, newcomers=True) == {"refus", "retour"}
    assert again(sent, uncertain=True) == {"doute"}


def test_it_goes_to_those_who_came_since(sent: Mailing) -> None:
    reachable("nouveau@mail.example")
    assert again(sent, newcomers=True) == {"nouveau"}


def test_whoever_has_it_by_the_second_time_does_not_get_it_by_the_third(sent: Mailing) -> None:
    again(sent, undelivered=True)
    second = Resending.objects.get().mailing
    assert again(second, undelivered=True, newcomers=True) == set()
    assert again(sent, undelivered=True, newcomers=True) == set()


def test_the_screen_offers_it_only_while_there_is_somebody_to_reach() -> None:
    reachable("oui@mail.example")
    mailing = send(MailingFactory())
    deliver()
    member = browser()
    shown = words(member.get(address("again", mailing.pk)))
    assert "Il n’y a personne à qui la renvoyer pour l’instant" in shown
    assert "Le préparer" not in shown
    reachable("nouveau@mail.example")
    shown = words(member.get(address("again", mailing.pk)))
    assert "Le préparer" in shown
    assert "personne à qui la renvoyer" not in shown


def test_two_prepared_at_once_do_not_write_to_one_person_twice(sent: Mailing) -> None:
    chosen = Again(undelivered=True)
    first, second = (resending.resend(sent, chosen, f"Encore {n}", actor=CAMPAIGN) for n in (1, 2))
    send(first)
    with pytest.raises(NobodyToReach):
        send(second)
    assert {one.recipient for one in deliver().sent} == {"refus@mail.example", "retour@mail.example"}


def test_whoever_withdrew_or_no_longer_exists_there_is_not_written_to(sent: Mailing) -> None:
    EmailAddress.objects.filter(address="refus@mail.example").update(status="bouncing")
    assert again(sent, undelivered=True) == {"retour"}


def test_those_from_whom_a_stop_held_it_back_may_get_it() -> None:
    reachable("a@mail.example")
    mailing = send(MailingFactory())
    sending.stop(mailing, actor=CAMPAIGN)
    assert again(mailing, newcomers=True) == {"a"}


def test_the_screen_counts_each_reason_and_prepares_a_draft(sent: Mailing) -> None:
    reachable("nouveau@mail.example")
    found = selectors.missed(selectors.people_of(sent, CAMPAIGN), sent)
    assert (found.undelivered, found.uncertain, found.newcomers) == (2, 1, 1)
    client = browser()
    assert "ceux dont on ignore s’ils l’ont" in words(client.get(address("again", sent.pk)))
    page = client.post(address("again", sent.pk), {"title": "Encore", "undelivered": "on"}, follow=True)
    copy = Resending.objects.get().mailing
    assert page.redirect_chain[-1][0] == address("send", copy.pk)
    assert copy.is_draft
    assert (copy.subject, copy.segment) == (sent.subject, sent.segment)


def test_what_has_not_left_and_nobody_chosen_are_refused(sent: Mailing) -> None:
    with pytest.raises(NotSentYet):
        resending.resend(MailingFactory(), Again(), "x", actor=CAMPAIGN)
    with pytest.raises(NobodyChosen):
        resending.resend(sent, Again(undelivered=False, newcomers=False), "x", actor=CAMPAIGN)
