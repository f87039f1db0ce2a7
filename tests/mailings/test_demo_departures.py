"""The demo's letters about leaving: one at its hour, one tried in two versions, one paused; made once."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from benchmarks.mail import ADD_PEOPLE
from portevoix.mailings import selectors
from portevoix.mailings.models import Archive, Departure, Trial
from portevoix.mailings.types import State
from portevoix.operations.demo.accounts import build_accounts
from portevoix.operations.demo.departures import build_departures
from tests.mailings.factories import deliver

pytestmark = pytest.mark.django_db


def test_each_shows_one_way_of_leaving_and_all_is_made_once(settings: Settings) -> None:
    build_accounts(is_demo=True)
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE, [200])
        cursor.execute("ANALYZE people_person, people_emailaddress, rights_ground")
    tried, paused, scheduled = build_departures()
    for mailing in (tried, paused, scheduled):
        mailing.refresh_from_db()
    assert (tried.state, paused.state, scheduled.state) == (State.SENDING, State.PAUSED, State.SCHEDULED)
    found = selectors.standings(Trial.objects.get())
    assert [one.totals.clicks for one in found.versions] == [12, 29]
    assert found.trial.winner is not None
    assert found.trial.winner.letter == "B"
    assert Archive.objects.public().exists()
    assert Departure.objects.ahead().exists()
    assert build_departures() == []
    # The rest of the trial leaves by the outbox; what is paused does not.
    assert 80 < len(deliver().sent) < 160


def test_a_campaign_with_few_people_keeps_drafts() -> None:
    build_accounts(is_demo=True)
    assert build_departures() == []
