"""Pages around a vote close with it; until then a promise to vote goes the way of every form."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.accounts.types import Visitor
from portevoix.actions import services
from portevoix.actions.exceptions import FormClosed
from portevoix.actions.models import Participation, PledgePage, ProxyPage
from portevoix.intake.links import confirmation_token
from portevoix.kernel import clock
from portevoix.territory.models import Election
from tests.actions.factories import fill, participation, published
from tests.territory.factories import election

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def vote() -> Election:
    return election(clock.today() + 7 * DAY, second_round_on=clock.today() + 21 * DAY)


@pytest.mark.parametrize("kind", [PledgePage, ProxyPage])
def test_the_form_closes_once_the_last_round_is_past(vote: Election, kind: type[PledgePage | ProxyPage]) -> None:
    page = published(kind(title="Voter", slug="voter", election=vote))
    assert page.is_open
    for first, second, is_open in ((-7 * DAY, 7 * DAY, True), (-14 * DAY, 0 * DAY, True), (-15 * DAY, -DAY, False)):
        vote.first_round_on, vote.second_round_on = clock.today() + first, clock.today() + second
        vote.save()
        found = kind.objects.get(pk=page.pk)
        assert found.is_open is is_open
        assert ("Ce formulaire est fermé" in Client().get(page.url, {"x": 1}).content.decode()) is not is_open
    with pytest.raises(FormClosed):
        participation(found)


def test_the_day_that_the_editor_chose_closes_it_before(vote: Election) -> None:
    assert not PledgePage(election=vote, closes_on=clock.today() - DAY).is_open


def test_a_promise_to_vote_counts_once_its_address_is_confirmed(vote: Election) -> None:
    page = published(PledgePage(title="Je voterai", slug="je-voterai", election=vote))
    client = Client()
    shown = BeautifulSoup(client.get(page.url).content, "html.parser")
    rounds = [str(box["value"]) for box in shown.select("[name=q_rounds]")]
    hours = [str(box["value"]) for box in shown.select("[name=q_hour]") if box["value"]]
    assert (len(rounds), len(hours)) == (2, 3)
    said = {"first_name": "Maëlle", "postcode": "23000", "q_rounds": rounds, "q_hour": hours[0]}
    assert fill(client, page, **said, agreement="").status_code == 422
    assert fill(client, page, **{**said, "q_rounds": ["Troisième tour"]}).status_code == 422
    assert fill(client, page, **said).headers["Location"].endswith("/je-voterai/?sent=1")
    taken = Participation.objects.get()
    assert taken.answers["q_hour"] == hours[0]
    assert not Participation.objects.counted().exists()
    services.confirm(confirmation_token(taken.submission), actor=Visitor())
    assert Participation.objects.counted().get() == taken
