"""A test of a letter goes to whoever asks, and to nobody else."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

import pytest

from portevoix.accounts.models import User
from portevoix.accounts.types import Role, Staff
from portevoix.delivery.exceptions import UnknownMergeField
from portevoix.mailings.exceptions import (
    NoAddressForTests,
    NobodyToReach,
    NobodyToTest,
)
from portevoix.mailings.services import sending, trials
from portevoix.people.models import EmailAddress
from portevoix.people.types import ContactStatus
from tests.accounts.factories import UserFactory
from tests.mailings.factories import MailingFactory, deliver, send
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db


def received(kept: Any) -> set[str]:
    return {envelope.recipient for envelope in kept.sent}


def member(address: str = "ilhan@ondes.example") -> User:
    return UserFactory(role=Role.COMMUNICATIONS, email=address, first_name="Ilhan")


def test_a_test_goes_to_whoever_asks_and_to_nobody_else() -> None:
    PersonFactory(reachable=True)
    user = member()
    mailing = MailingFactory(subject="{{ first_name|Bonjour }}, un train")
    assert sending.send_test(mailing, user, actor=Staff(user)) == "ilhan@ondes.example"
    kept = deliver()
    assert received(kept) == {"ilhan@ondes.example"}
    message = message_from_bytes(kept.sent[0].content, policy=policy.default)
    assert message["Subject"] == "Ilhan, un train"
    assert "vous en avez demandé un essai" in message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    mailing.refresh_from_db()
    assert mailing.is_draft


def test_a_test_makes_nobody_a_subscriber() -> None:
    user = member()
    mailing = MailingFactory()
    sending.send_test(mailing, user, actor=Staff(user))
    with pytest.raises(NobodyToReach):
        send(mailing)


def test_a_test_counts_in_nobodys_results() -> None:
    reachable("x@mail.example")
    user, mailing = member(), MailingFactory()
    sending.send_test(mailing, user, actor=Staff(user))
    assert send(mailing).recipients == 1


def test_an_address_that_bounces_gets_no_test() -> None:
    user = member()
    known = reachable("ilhan@ondes.example")
    EmailAddress.objects.filter(person=known).update(status=ContactStatus.BOUNCING)
    with pytest.raises(NoAddressForTests):
        sending.send_test(MailingFactory(), user, actor=Staff(user))


def test_an_account_without_usable_address_gets_no_test() -> None:
    user = member("pas une adresse")
    with pytest.raises(NoAddressForTests):
        sending.send_test(MailingFactory(), user, actor=Staff(user))


def test_a_test_of_a_faulty_letter_says_what_is_wrong() -> None:
    user = member()
    with pytest.raises(UnknownMergeField):
        sending.send_test(MailingFactory(subject="{{ prenom }}"), user, actor=Staff(user))


def test_a_test_goes_to_each_of_the_team_with_their_own_name() -> None:
    team = [member(f"{name}@ondes.example") for name in ("ana", "bo")]
    User.objects.filter(email="bo@ondes.example").update(first_name="Bo")
    team = list(User.objects.filter(pk__in=[one.pk for one in team]).order_by("email"))
    trial = trials.send_tests(MailingFactory(subject="{{ first_name|Bonjour }}"), team, actor=Staff(team[0]))
    kept = deliver()
    assert (trial.reached, trial.missed) == (team, [])
    subjects = {one.recipient: message_from_bytes(one.content, policy=policy.default)["Subject"] for one in kept.sent}
    assert subjects == {"ana@ondes.example": "Ilhan", "bo@ondes.example": "Bo"}


def test_who_of_the_team_cannot_get_it_is_told_and_the_others_get_it() -> None:
    well, without = member(), member("pas une adresse")
    bouncing = member("b@ondes.example")
    EmailAddress.objects.filter(person=reachable("b@ondes.example")).update(status=ContactStatus.BOUNCING)
    trial = trials.send_tests(MailingFactory(), [without, well, bouncing], actor=Staff(well))
    assert (trial.reached, trial.missed) == ([well], [without, bouncing])
    assert received(deliver()) == {"ilhan@ondes.example"}


def test_a_test_to_the_team_makes_nobody_a_subscriber_and_counts_nowhere() -> None:
    reachable("x@mail.example")
    team, mailing = [member(), member("bo@ondes.example")], MailingFactory()
    trials.send_tests(mailing, team, actor=Staff(team[0]))
    assert send(mailing).recipients == 1


def test_a_test_to_nobody_is_no_test() -> None:
    user = member()
    with pytest.raises(NobodyToTest):
        trials.send_tests(MailingFactory(), [], actor=Staff(user))
    with pytest.raises(NoAddressForTests):
        trials.send_tests(MailingFactory(), [member("pas une adresse")], actor=Staff(user))
    assert deliver().sent == []
