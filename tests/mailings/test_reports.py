"""The report of a mailing and several side by side: totals of nobody, on screen and in files."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from portevoix.accounts.types import Role
from portevoix.delivery.models import Bounce, ClickHour, LinkTotal, Message
from portevoix.delivery.types import Outcome
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.mailings.exceptions import NotADraft, OpensNotAllowed
from portevoix.mailings.models import Mailing, Measure
from portevoix.mailings.selectors import reports
from portevoix.mailings.services import measuring
from tests.mailings.factories import CAMPAIGN, MailingFactory, body, deliver, send
from tests.mailings.screens import address, browser, read, words
from tests.people.factories import reachable

pytestmark = pytest.mark.django_db
LINKED = body(("text", '<p><a href="https://ondes.example/lire">Lire</a></p>'))


@pytest.fixture
def counting(settings: Settings) -> None:
    mail = settings.INSTANCE.mail.model_copy(update={"count_opens": True})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})


def sent(**words: Any) -> Mailing:
    mailing = send(MailingFactory(body=LINKED, **words))
    deliver()
    return Mailing.objects.select_related("batch").get(pk=mailing.pk)


def follow(client: Client, mailing: Mailing, times: int = 1) -> None:
    assert mailing.batch is not None
    number = read_link(mailing).number
    for _time in range(times):
        client.get(f"/l/{mailing.batch.code}/{number}")


def read_link(mailing: Mailing) -> LinkTotal:
    """Return the link of the letter's own words; its head leads to the site."""
    return LinkTotal.objects.get(batch=mailing.batch, target="https://ondes.example/lire")


def test_it_tells_what_happened_hour_by_hour_without_gaps(client: Client) -> None:
    for number in range(3):
        reachable(f"p{number}@mail.example")
    mailing = sent()
    follow(client, mailing, 2)
    with clock.stopped_at(clock.now() + timedelta(hours=3)):
        follow(client, mailing)
        told = reports.report(mailing)
    series = {one.key: [bar.value for bar in one.chart.bars] for one in told.series}
    assert told.step == "hour"
    assert series["clicks"] == [2, 0, 0, 1]
    assert sum(series["sent"]) == 3
    assert "opens" not in series


def test_after_two_days_it_tells_day_by_day(client: Client) -> None:
    reachable("p@mail.example")
    mailing = sent()
    follow(client, mailing)
    with clock.stopped_at(clock.now() + timedelta(days=3)):
        follow(client, mailing, 3)
        told = reports.report(mailing)
    series = {one.key: [bar.value for bar in one.chart.bars] for one in told.series}
    assert told.step == "day"
    assert series["clicks"] == [1, 0, 0, 3]


def test_the_hour_that_clocks_repeat_is_two_bars(client: Client) -> None:
    reachable("p@mail.example")
    mailing = sent()
    link = read_link(mailing)
    Message.objects.update(done_at=datetime(2028, 10, 28, 23, 30, tzinfo=UTC))
    for hour in (0, 1, 2):  # 2 h, 2 h again, 3 h in Paris
        ClickHour.objects.create(link=link, hour=datetime(2028, 10, 29, hour, tzinfo=UTC), clicks=hour + 1)
    Mailing.objects.update(sent_at=datetime(2028, 10, 28, 23, tzinfo=UTC))
    with clock.stopped_at(datetime(2028, 10, 29, 12, tzinfo=UTC)):
        told = reports.report(Mailing.objects.select_related("batch").get(pk=mailing.pk))
    clicks = next(one for one in told.series if one.key == "clicks")
    assert [bar.value for bar in clicks.chart.bars] == [0, 1, 2, 3]


def test_domains_of_fewer_than_five_readers_are_put_together() -> None:
    for number in range(5):
        reachable(f"p{number}@grand.example")
    reachable("seule@petit.example")
    reachable("seul@infime.example")
    mailing = sent()
    found = [(one.name, one.messages) for one in reports.report(mailing).domains]
    assert found == [("grand.example", 5), ("", 2)]


def test_what_was_refused_and_came_back_is_counted_by_domain_and_kind() -> None:
    for number in range(5):
        reachable(f"p{number}@grand.example")
    mailing = send(MailingFactory(body=LINKED))
    deliver({"p0@grand.example": (Outcome.REFUSED, 550, "5.1.1 no such user")})
    told = reports.report(Mailing.objects.select_related("batch").get(pk=mailing.pk))
    assert [(one.sent, one.refused, one.bounced) for one in told.domains] == [(4, 1, 1)]
    assert sum(number for _name, number in told.setbacks) == Bounce.objects.count() == 1


def test_the_screen_has_a_table_beside_each_chart_and_names_nobody(client: Client) -> None:
    reachable("maelle@mail.example")
    mailing = sent()
    follow(client, mailing)
    page = browser(Role.READER).get(address("report", mailing.pk))
    said = words(page)
    assert "https://ondes.example/lire" in said
    assert "maelle" not in page.content.decode()
    drawn = read(page)
    charts = drawn.find_all("figure", class_="office-chart")
    assert len(charts) == 2
    assert all(chart.find("table") for chart in charts)


def test_a_draft_has_no_report() -> None:
    mailing = MailingFactory()
    assert browser().get(address("report", mailing.pk)).status_code == 404
    assert browser().get(address("report_file", mailing.pk, "csv")).status_code == 404


def test_the_files_hold_what_the_screen_does_and_leave_a_line_in_the_journal(client: Client) -> None:
    reachable("maelle@mail.example")
    mailing = sent()
    follow(client, mailing, 2)
    member = browser(Role.READER)
    told = json.loads(member.get(address("report_file", mailing.pk, "json")).content)
    assert {"link": "https://ondes.example/lire", "clicks": 2} in told["links"]
    file = member.get(address("report_file", mailing.pk, "csv"))
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert {"table": "links", "line": "https://ondes.example/lire", "column": "clicks", "value": "2"} in rows
    assert "maelle" not in file.content.decode()
    assert Entry.objects.filter(command="disclosure.export_totals").count() == 2
    assert member.get(address("report_file", mailing.pk, "exe")).status_code == 404


def test_mailings_are_compared_in_a_constant_number_of_queries(client: Client) -> None:
    reachable("p@mail.example")
    first, second = sent(title="Première"), sent(title="Seconde")
    follow(client, second)
    with CaptureQueriesContext(connection) as two:
        compared = reports.compare(Mailing.objects.gone())
    third = sent(title="Troisième")
    with CaptureQueriesContext(connection) as three:
        reports.compare(Mailing.objects.gone())
    assert [one.mailing.pk for one in compared] == [first.pk, second.pk]
    assert [one.clicks_percent for one in compared] == [0, 100]
    assert [one.opens_percent for one in compared] == [None, None]
    assert len(two) == len(three)
    assert third.pk


def test_the_bars_of_a_comparison_count_for_a_hundred_letters_as_its_table_does(client: Client) -> None:
    reachable("p@mail.example")
    reachable("q@mail.example")
    reachable("r@mail.example")
    follow(client, sent(title="Première"))
    (row,) = reports.compare(Mailing.objects.gone())
    (bar,) = reports.chart_of([row], "clicks").bars
    assert (bar.value, f"{row.clicks_percent:.2f}") == (Decimal("33.33"), "33.33")
    shown = browser(Role.READER).get(address("compare")).content.decode()
    assert "Clics, pour 100\xa0lettres" in shown
    assert "33,33</td>" in shown


def test_the_comparison_shows_those_that_were_chosen_and_gives_them_as_a_file() -> None:
    reachable("p@mail.example")
    first, second = sent(title="Première"), sent(title="Seconde")
    member = browser(Role.READER)
    assert "Seconde" in words(member.get(address("compare")))
    rows = json.loads(member.get(address("compare_file", "json") + f"?m={first.pk}").content)["mailings"]
    assert [row["mailing"] for row in rows] == ["Première"]
    strange = member.get(address("compare") + f"?m={second.pk}&m=x&m=999999999999999999999")
    assert strange.status_code == 200


def test_openings_are_counted_only_where_host_and_author_both_chose_so(counting: None, client: Client) -> None:
    reachable("p@mail.example")
    mailing = MailingFactory(body=LINKED)
    measuring.set_measure(mailing, opens=True, people=False, actor=CAMPAIGN)
    kept = send(mailing)
    letter = deliver().sent[0].content.decode()
    assert "/o/" in letter
    assert "ouvert" in letter.replace("=\r\n", "")
    assert kept.batch is not None
    client.get(f"/o/{kept.batch.code}")
    told = reports.report(Mailing.objects.select_related("batch").get(pk=kept.pk))
    assert told.opens == 1


def test_an_instance_that_counts_none_refuses_and_what_was_chosen_before_has_no_effect() -> None:
    mailing = MailingFactory()
    with pytest.raises(OpensNotAllowed):
        measuring.set_measure(mailing, opens=True, people=False, actor=CAMPAIGN)
    Measure.objects.create(mailing=mailing, opens=True, people=False)
    reachable("p@mail.example")
    send(mailing)
    assert "/o/" not in deliver().sent[0].content.decode()


def test_what_is_measured_is_chosen_on_a_draft_alone() -> None:
    mailing = MailingFactory(body=LINKED)
    author = browser()
    author.post(address("rules", mailing.pk), {"people": "on"})
    assert Measure.objects.get(mailing=mailing).people is True
    reachable("p@mail.example")
    send(mailing)
    with pytest.raises(NotADraft):
        measuring.set_measure(mailing, opens=False, people=False, actor=CAMPAIGN)
