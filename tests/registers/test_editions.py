"""Versions of the record: kept when the wording changes, never changed, compared."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.people.models import CustomField
from portevoix.registers import tasks
from portevoix.registers.models import Edition
from portevoix.registers.selectors import editions
from portevoix.registers.services.editions import keep_edition
from portevoix.registers.types import named
from tests.accounts.factories import signed_in
from tests.people.factories import PersonFactory
from tests.registers.test_record import configure

KEEPER = System("tests")


@pytest.mark.django_db
def test_a_version_is_kept_when_the_wording_changes_and_only_then(settings: Any) -> None:
    tasks.keep_edition()
    tasks.keep_edition()
    PersonFactory()
    tasks.keep_edition()
    assert Edition.objects.count() == 1
    configure(settings, "legal", publisher="Une autre association")
    tasks.keep_edition()
    assert Edition.objects.count() == 2
    (change,) = editions.changes(Edition.objects.latest("pk"))
    assert change.come == [named("Responsable de traitement", "Une autre association")]


@pytest.mark.django_db
def test_the_record_as_of_a_day_is_the_one_of_that_evening(settings: Any) -> None:
    with clock.stopped_at(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        keep_edition(actor=KEEPER)
    # 23:30 in Paris, on the first of June.
    with clock.stopped_at(datetime(2026, 6, 1, 21, 30, tzinfo=UTC)):
        configure(settings, "legal", publisher="Une autre association")
        keep_edition(actor=KEEPER)
    first, second = Edition.objects.order_by("pk")
    assert editions.as_of(datetime(2026, 2, 28).date()) is None  # noqa: DTZ001
    assert editions.as_of(datetime(2026, 5, 31).date()) == first  # noqa: DTZ001
    assert editions.as_of(datetime(2026, 6, 1).date()) == second  # noqa: DTZ001
    browser = signed_in()
    page = "/gestion/registres/traitements/"
    assert browser.get(page, {"le": "2026-05-31"})["Location"] == f"/gestion/registres/versions/{first.pk}/"
    assert browser.get(page, {"le": "2026-02-28"}).status_code == 404
    assert browser.get(page, {"le": "n'importe quoi"}).status_code == 200
    shown = browser.get(f"/gestion/registres/versions/{second.pk}/").content.decode()
    assert "<ins>" in shown
    assert "Une autre association" in shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registers_edition SET content = '{}'",
        "UPDATE registers_edition SET digest = 'x'",
        "DELETE FROM registers_edition",
        "TRUNCATE registers_edition",
    ],
)
def test_nobody_changes_a_version_not_even_by_sql(statement: str) -> None:
    keep_edition(actor=KEEPER)
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_a_version_is_compared_with_any_other() -> None:
    for number in range(3):
        CustomField.objects.create(key=f"champ{number}", label=f"Champ {number}", kind="text")
        keep_edition(actor=KEEPER)
    first, _second, third = Edition.objects.order_by("pk")
    shown = signed_in().get(f"/gestion/registres/versions/{third.pk}/", {"depuis": first.pk})
    assert shown.context["former"] == first
    (change,) = shown.context["changes"]
    assert "Champ 2" in change.come[0]


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_look_at_once_keep_one_version() -> None:
    start = threading.Barrier(2)

    def keep() -> None:
        start.wait()
        keep_edition(actor=KEEPER)
        connection.close()

    workers = [threading.Thread(target=keep) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Edition.objects.count() == 1
