"""The demo's advertisement: sent the day before, with its notice, its clicks and its report; written once."""

from __future__ import annotations

from datetime import date

import pytest

from portevoix.kernel import clock
from portevoix.mailings.models import Notice
from portevoix.mailings.selectors import reports
from portevoix.mailings.types import State
from portevoix.operations.demo.adverts import AGREED, build_adverts
from portevoix.operations.demo.mailings import build_mailings
from portevoix.operations.demo.site import build_site
from portevoix.people.models import Interaction
from portevoix.people.types import Kind
from portevoix.territory.models import Election
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site() -> None:
    build_site(hostname="ondes.example", port=443)
    PersonFactory.create_batch(AGREED + 3, reachable=True, in_rennes=True)


def test_it_left_the_day_before_and_its_report_has_something_to_tell() -> None:
    mailing = build_adverts()
    assert mailing is not None
    mailing.refresh_from_db()
    assert (mailing.state, mailing.sent) == (State.SENT, AGREED + 3)
    clicks = next(one for one in reports.report(mailing).series if one.key == "clicks").chart
    assert clicks.total > 90
    assert len(clicks.bars) > 10
    assert Interaction.objects.filter(kind=Kind.CLICKED).count() == AGREED // 2
    assert Notice.objects.latest_versions().get().content["reach"] == {"people": AGREED + 3}


def test_the_election_is_in_the_demos_future_on_a_sunday() -> None:
    build_adverts()
    day: date = Election.objects.get().first_round_on
    assert day > clock.today()
    assert day.weekday() == 6


def test_it_is_written_once_and_leaves_room_for_the_letters() -> None:
    build_adverts()
    assert build_adverts() is None
    assert len(build_mailings(send=False)) == 3
    assert Election.objects.count() == 1
