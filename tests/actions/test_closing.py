"""When a form closes by itself: it is shown to nobody a second more, and what was written then is not lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.actions import services
from portevoix.actions.models import ActionPage, EventPage, Participation, PledgePage
from portevoix.actions.types import Filled
from portevoix.kernel import clock
from portevoix.people.models import CustomField
from portevoix.people.types import CustomKind
from portevoix.website import freshness
from portevoix.website.middleware import LIFETIME
from tests.actions.factories import block, fill, key, petition, published, survey
from tests.territory.factories import election

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
#: Five minutes before midnight in Paris, of a day whose night has 25 hours.
LATE = datetime.fromisoformat("2026-10-24T23:55:00+02:00")
MIDNIGHT = datetime.fromisoformat("2026-10-25T00:00:00+02:00")


def meeting(**fields: Any) -> EventPage:
    usual = {"title": "Réunion", "slug": "reunion", "place": "Salle des fêtes", "starts_at": MIDNIGHT - 90 * SECOND}
    return published(EventPage(**{**usual, **fields}))


CLOSING: dict[str, tuple[Callable[[], ActionPage], datetime]] = {
    "a last day": (lambda: petition(closes_on=LATE.date()), MIDNIGHT),
    "a meeting that begins": (meeting, MIDNIGHT - 90 * SECOND),
    "a meeting whose list closes the day before": (
        lambda: meeting(starts_at=MIDNIGHT + LIFETIME / 2, closes_on=LATE.date()),
        MIDNIGHT,
    ),
    "a vote": (
        lambda: published(PledgePage(title="Voter", slug="voter", election=election(LATE.date()))),
        MIDNIGHT,
    ),
}


def is_shown(client: Client, page: ActionPage) -> tuple[str, bool]:
    """Return whether the page was kept, and whether it shows its form."""
    answer = client.get(page.url)
    return answer.headers["X-Page-Cache"], "Ce formulaire est fermé" not in answer.content.decode()


@pytest.mark.parametrize(("made", "closes_at"), CLOSING.values(), ids=CLOSING)
def test_a_kept_form_goes_at_the_very_second_at_which_it_closes(
    client: Client, made: Callable[[], ActionPage], closes_at: datetime
) -> None:
    with clock.stopped_at(LATE):
        page = type(made()).objects.get()
        freshness.advance()
        assert page.next_change(LATE) == closes_at
        assert is_shown(client, page) == ("miss", True)
    with clock.stopped_at(closes_at - SECOND):
        assert is_shown(client, page) == ("hit", True)
    with clock.stopped_at(closes_at):
        assert is_shown(client, page) == ("miss", False)


def test_a_form_without_a_last_day_and_one_that_has_closed_are_kept_as_long_as_others(client: Client) -> None:
    page = petition()
    freshness.advance()
    assert page.next_change(LATE) is None
    page.closes_on = LATE.date()
    assert page.next_change(MIDNIGHT) is None
    with clock.stopped_at(LATE):
        assert is_shown(client, page)[0] == "miss"
    with clock.stopped_at(LATE + LIFETIME - SECOND):
        assert is_shown(client, page) == ("hit", True)


def typed(answer: Any) -> dict[str, str]:
    shown = BeautifulSoup(answer.content, "html.parser")
    labels, words = shown.select(".typed dt"), shown.select(".typed dd")
    return {label.get_text(): said.get_text() for label, said in zip(labels, words, strict=True)}


def test_what_was_written_in_a_form_that_closed_meanwhile_is_shown_to_be_copied(client: Client) -> None:
    CustomField.objects.create(key="velo", label="Un vélo ?", kind=CustomKind.YES_NO, source="tests")
    questions = [
        {"label": "Racontez", "kind": "text"},
        {"label": "Lesquels ?", "kind": "choices", "choices": "A\nB\nC"},
    ]
    page = survey(*questions, closes_on=LATE.date())
    page.questions = [*page.questions.raw_data, block("own_field", 3, field="velo")]
    page.save()
    said = {key(1): "Trois quarts d’heure\nde <car>.", key(2): ["A", "C"], "own_velo": "yes"}
    with clock.stopped_at(LATE):
        assert typed(client.get(page.url)) == {}
        opened = BeautifulSoup(client.get(page.url).content, "html.parser").select("form input[type=hidden]")
    with clock.stopped_at(MIDNIGHT):
        hidden = {field["name"]: field.get("value", "") for field in opened}
        answer = client.post(page.url, {**hidden, "email": "maelle@mail.example", "agreement": "on", **said})
        assert typed(client.get(page.url)) == {}
    assert answer.status_code == 422
    assert "Ce formulaire est fermé" in answer.content.decode()
    assert typed(answer) == {
        "Adresse e-mail": "maelle@mail.example",
        "Racontez": "Trois quarts d’heure\nde <car>.",
        "Lesquels ?": "A, C",
        "Un vélo ?": "oui",
    }
    assert not Participation.objects.exists()


def test_a_form_that_closes_while_it_is_taken_is_answered_the_same_way(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, take = petition(closes_on=LATE.date()), services.take_part

    def a_day_later(page: ActionPage, filled: Filled, **said: Any) -> Participation:
        page.closes_on = LATE.date() - timedelta(days=1)  # as if a day had passed between two lines
        return take(page, filled, **said)

    monkeypatch.setattr(services, "take_part", a_day_later)
    with clock.stopped_at(LATE):
        answer = fill(client, page, first_name="Maëlle", last_name="Le Bihan")
    assert answer.status_code == 422
    assert typed(answer)["Prénom"] == "Maëlle"
    assert not Participation.objects.exists()
