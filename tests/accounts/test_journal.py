"""The journal's screen: who did what, for those who answer for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.commands import every
from portevoix.accounts.types import Role, System, Visitor
from portevoix.journal import services as journal
from portevoix.journal.types import Outcome
from portevoix.kernel import clock
from tests.accounts.factories import signed_in, staff

pytestmark = pytest.mark.django_db
SCREEN = "/gestion/journal/"


def write(command: str = "rights.erase", outcome: Outcome = Outcome.DONE, **detail: object) -> None:
    journal.write(command, actor=staff().signature, outcome=outcome, count=3, detail=detail)


def rows(client: Client, query: str = "") -> list[str]:
    page = BeautifulSoup(client.get(f"{SCREEN}{query}").content, "html.parser")
    return [row.get_text(" ", strip=True) for row in page.select("table.listing tbody tr")]


def test_acts_are_called_by_their_french_names_the_latest_first() -> None:
    write("rights.erase")
    write("segments.save", fields=["first_name", "born_on"])
    told = rows(signed_in())
    assert len(told) == 2
    assert "Enregistrer un segment" in told[0]
    assert "first_name, born_on" in told[0]
    assert "Effacer une personne" in told[1]


def test_an_act_that_is_no_longer_known_is_still_told_by_its_name() -> None:
    write("donations.gone")
    assert "donations.gone" in rows(signed_in())[0]


def test_every_act_of_every_room_has_its_label_here() -> None:
    assert {"territory.import_communes", "intake.receive", "people.edit", "segments.save"} <= set(every())


def test_the_platform_and_visitors_are_told_from_the_team() -> None:
    journal.write("intake.receive", actor=Visitor().signature, outcome=Outcome.DONE)
    journal.write("intake.confirm", actor=System("cleaning").signature, outcome=Outcome.DONE)
    platform, visitor = rows(signed_in())
    assert "la plateforme (cleaning)" in platform
    assert "un visiteur" in visitor


def test_the_journal_is_narrowed_by_act_actor_outcome_and_day() -> None:
    with clock.stopped_at(datetime(2026, 3, 1, 12, 0, tzinfo=UTC)):
        write("rights.erase", Outcome.REFUSED)
    with clock.stopped_at(datetime(2026, 5, 1, 22, 30, tzinfo=UTC)):  # 2 May in Paris
        write("segments.save")
    client = signed_in()
    for query, word in (
        ("?command=segments.save", "Enregistrer"),
        ("?outcome=refused", "Effacer"),
        ("?since=2026-05-02", "Enregistrer"),
        ("?until=2026-03-01", "Effacer"),
    ):
        told = rows(client, query)
        assert len(told) == 1, query
        assert word in told[0], query
    assert rows(client, "?since=2026-03-02&until=2026-05-01") == []


@pytest.mark.parametrize(
    ("role", "departement", "status"),
    [
        (Role.DIRECTOR, "", 200),
        (Role.DATA_OFFICER, "", 200),
        (Role.COMMUNICATIONS, "", 302),
        (Role.LOCAL_LEAD, "35", 302),
        (Role.READER, "", 302),
    ],
)
def test_the_journal_is_for_those_who_answer_for_it(role: Role, departement: str, status: int) -> None:
    client = signed_in(role, departement)
    assert client.get(SCREEN).status_code == status
    assert (b'"journal"' in client.get("/gestion/").content) == (status == 200)


def test_the_journal_costs_the_same_whatever_its_length() -> None:
    client = signed_in()
    write()
    client.get(SCREEN)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(SCREEN)
        return len(queries)

    few = cost()
    for _line in range(30):
        write()
    assert cost() == few


def test_what_was_written_is_never_markup() -> None:
    write("<script>alert(1)</script>", note="<b>x</b>")
    content = signed_in().get(SCREEN).content.decode()
    assert "<script>alert" not in content
    assert "<b>x" not in content
