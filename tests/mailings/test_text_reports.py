"""The report of a text message and several side by side: totals of nobody, on screen and in files, as for letters."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.delivery.dispatch import texts as dispatcher
from portevoix.delivery.models import LinkTotal, TextReceipt
from portevoix.delivery.services import texting
from portevoix.delivery.types import SaidReceipt, SaidReply
from portevoix.kernel import clock
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.selectors import reports
from portevoix.people.models import PhoneNumber
from tests.delivery.operator import CAMPAIGN, TUESDAY, Telephones, configure, textable
from tests.mailings.screens import browser, read, words
from tests.mailings.test_texts import page, sent, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def telephones(settings: Any, campaign: None) -> Iterator[Telephones]:
    with Telephones() as running, clock.stopped_at(TUESDAY):
        configure(settings, running)
        yield running


def gone(title: str = "Jeudi", people: int = 0) -> ShortMessage:
    for _one in range(people):
        textable()
    text = sent(written("À jeudi : https://a.example/x", title=title))
    dispatcher.run(seconds=60)
    return ShortMessage.objects.select_related("batch").get(pk=text.pk)


def told(text: ShortMessage) -> None:
    """Let two arrive, one go nowhere, one reader answer, one say STOP, one follow the link twice."""
    first, second, third = (
        TextReceipt.objects.filter(batch=text.batch).order_by("pk").values_list("reference", flat=True)
    )
    said = [SaidReceipt(first, True, "4", False), SaidReceipt(second, True, "4", False)]
    texting.take_in_receipts([*said, SaidReceipt(third, False, "20", False)], actor=CAMPAIGN)
    one, other = PhoneNumber.objects.order_by("pk").values_list("number", flat=True)[:2]
    answers = [SaidReply("1", one, "Oui !", TUESDAY), SaidReply("2", other, "STOP", TUESDAY)]
    texting.take_in_replies(answers, actor=CAMPAIGN)
    assert text.batch is not None
    number = LinkTotal.objects.get(batch=text.batch, target="https://a.example/x").number
    for _time in range(2):
        Client().get(f"/l/{text.batch.code}/{number}")


def test_it_tells_what_happened_over_time_in_a_chart_and_its_table() -> None:
    text = gone(people=3)
    told(text)
    screen = browser().get(page("report", text.pk))
    found = reports.report(text)
    assert {name: number for name, number, _share in found.figures} == {
        "Acceptés": 3,
        "Livrés": 2,
        "Non remis": 1,
        "Désinscriptions": 1,
        "Réponses": 1,
        "Clics": 2,
    }
    assert [one.key for one in found.series] == ["sent", "clicks", "unsubscribed"]
    said = read(screen)
    charts = said.select("section.office-card svg[role=img], section.office-card table")
    assert len(charts) >= 3
    assert "SMS acceptés" in words(screen)
    assert "Par domaine" not in words(screen)
    assert "https://a.example/x" in words(screen)


def test_it_is_given_as_a_file() -> None:
    text = gone(people=3)
    told(text)
    table = browser().get(page("report_file", text.pk, "json")).json()
    assert set(table) == {"figures", "over_time", "links"}
    assert table["links"] == [{"link": "https://a.example/x", "clicks": 2}]
    sheet = browser().get(page("report_file", text.pk, "csv"))
    assert sheet["Content-Disposition"] == f'attachment; filename="sms-{text.pk}.csv"'
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert any("https://a.example/x" in cell for row in rows for cell in row)
    assert browser().get(page("report_file", text.pk, "pdf")).status_code == 404


def test_texts_are_compared_in_a_constant_number_of_queries() -> None:
    first = gone("Première", people=3)
    told(first)
    with CaptureQueriesContext(
        connection,
    ) as few:
        reports.compare(ShortMessage.objects.gone())
    second = gone("Seconde")
    with CaptureQueriesContext(connection) as many:
        compared = reports.compare(ShortMessage.objects.gone())
    assert len(few) == len(many)
    assert [one.mailing.pk for one in compared] == [first.pk, second.pk]
    assert [round(one.bounced_percent) for one in compared] == [33, 0]


def test_they_stand_side_by_side_on_screen_and_in_a_file() -> None:
    first = gone("Première", people=3)
    told(first)
    gone("Seconde")
    member = browser()
    said = words(member.get(page("compare")))
    assert "Pour 100 SMS acceptés" in said
    assert "Première" in said
    assert "Seconde" in said
    assert "Ouvertures" not in said
    assert "Seconde" not in read(member.get(page("compare") + f"?m={first.pk}")).select_one("table").get_text()  # type: ignore[union-attr]
    rows = json.loads(member.get(page("compare_file", "json")).content)["mailings"]
    assert [row["mailing"] for row in rows] == ["Première", "Seconde"]
    assert member.get(page("compare_file", "txt")).status_code == 404


def test_what_has_not_left_has_no_report() -> None:
    text = written()
    assert browser().get(page("report", text.pk)).status_code == 404
