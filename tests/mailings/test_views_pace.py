"""How fast letters leave, and what came back: in figures, and addresses for whoever may know them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from portevoix.accounts.types import Role
from portevoix.delivery import selectors as outbox
from portevoix.delivery.models import Bounce, Message, Tally
from portevoix.delivery.rules import pace
from portevoix.kernel import clock
from portevoix.mailings.services import sending
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.mailings.screens import address, browser, words
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 1, 15, 12, tzinfo=clock.PARIS)
DAY = NOON.date()


@pytest.mark.parametrize(
    ("limits", "waiting", "in_day", "rate", "over"),
    [
        ({}, 600, 0, 10.0, NOON + timedelta(minutes=1)),
        ({}, 600, 0, 0.0, None),
        ({"per_hour": 100}, 300, 0, 0.0, NOON + timedelta(hours=3)),
        ({"per_hour": 100}, 300, 0, 0.01, NOON + timedelta(seconds=30_000)),
        # 40 today, 100 tomorrow, then as fast as it goes.
        ({"warm_up": (50, 100), "warm_up_from": DAY}, 40, 10, 0.0, NOON),
        ({"warm_up": (50, 100), "warm_up_from": DAY}, 41, 10, 0.0, datetime(2027, 1, 16, tzinfo=clock.PARIS)),
        ({"warm_up": (50, 100), "warm_up_from": DAY}, 200, 10, 1.0, datetime(2027, 1, 17, 0, 1, tzinfo=clock.PARIS)),
        ({"warm_up": (50,), "warm_up_from": DAY}, 60, 0, 0.0, None),
    ],
)
def test_a_forecast_keeps_every_limit(
    limits: dict[str, Any], waiting: int, in_day: int, rate: float, over: datetime | None
) -> None:
    assert pace.Pace(**limits).finish(waiting, now=NOON, in_day=in_day, rate=rate) == over


def test_what_leaves_is_counted_without_any_limit_too() -> None:
    PersonFactory.create_batch(3, reachable=True)
    send(MailingFactory())
    deliver()
    assert Tally.objects.get().count == 3
    found = outbox.pace_now()
    assert (found.in_hour, found.in_day, found.waiting) == (3, 3, 0)


def test_the_screen_says_what_is_set_and_what_leaves(settings: Any) -> None:
    limits = {"per_hour": 60, "per_hour_to": ["mail.example=30"], "warm_up": [50, 100], "warm_up_from": clock.today()}
    mail = settings.INSTANCE.mail.model_copy(update=limits)
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})
    for number in range(4):
        reachable(f"p{number}@mail.example")
    mailing = send(MailingFactory(title="Lettre de janvier"))
    said = words(browser(Role.READER).get(address("pace")))
    for expected in ("Lettre de janvier", "60 lettres par heure", "mail.example", "Jour 1", "vers"):
        assert expected in said
    sending.pause(mailing, actor=CAMPAIGN)
    assert "en pause" in words(browser(Role.READER).get(address("pace")))


def came_back(mailbox: str, bad: str = "hard") -> None:
    message = Message.objects.get(person__emails__address=mailbox)
    assert message.person is not None
    email = message.person.emails.get()
    Bounce.objects.create(message=message, batch=message.batch, person=message.person, email=email, bad=bad)


@pytest.fixture
def some_came_back() -> None:
    for number in range(5):
        reachable(f"p{number}@grand.example", in_rennes=True)
    reachable("famille@petit.example", in_brest=True)
    send(MailingFactory())
    deliver()
    for number in range(5):
        came_back(f"p{number}@grand.example")
    came_back("famille@petit.example", "complaint")


@pytest.mark.usefixtures("some_came_back")
def test_what_came_back_is_counted_by_kind_and_domain_and_small_domains_together() -> None:
    found = outbox.returns(clock.now() - timedelta(days=1))
    assert found.counts == {"hard": 5, "complaint": 1}
    assert [(one.domain, one.addresses, one.total) for one in found.domains] == [("grand.example", 5, 5), ("", 1, 1)]
    assert outbox.returns(clock.now() + timedelta(days=1)).total == 0


@pytest.mark.usefixtures("some_came_back")
def test_addresses_are_shown_to_whoever_may_know_them_and_to_nobody_else() -> None:
    said = words(browser(Role.COMMUNICATIONS).get(address("returns")))
    assert "famille@petit.example" in said
    assert "grand.example" in said
    hidden = words(browser(Role.READER).get(address("returns")))
    assert "grand.example" in hidden
    assert "@grand.example" not in hidden
    assert "petit.example" not in hidden


@pytest.mark.usefixtures("some_came_back")
def test_a_local_lead_reads_the_addresses_of_their_territory() -> None:
    said = words(browser(Role.LOCAL_LEAD, "29").get(address("returns")))
    assert "famille@petit.example" in said
    assert "p1@grand.example" not in said


def test_an_odd_period_is_a_month() -> None:
    assert "30 jours" in words(browser().get(address("returns") + "?days=12"))
