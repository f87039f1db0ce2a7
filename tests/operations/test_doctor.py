from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.operations.management.health import Finding, Level, examine
from portevoix.rights import services as rights
from portevoix.rights.models import Suppression
from tests.people.factories import GroundFactory, PersonFactory
from tests.rights.ledger import falsify

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_server(settings: Settings) -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        yield server


@pytest.fixture
def _worker() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [clock.now()])


def found(about: str) -> list[Finding]:
    return [finding for finding in examine() if finding.about == about]


def faults() -> set[str]:
    return {finding.about for finding in examine() if finding.level is Level.FAULT}


@pytest.mark.usefixtures("_worker")
def test_a_healthy_instance_has_no_fault(settings: Settings) -> None:
    settings.IS_SECURE, settings.BASE_URL = True, "https://campagne.example"
    assert faults() <= {"checks"}
    assert {finding.about for finding in examine()} >= {
        *("address", "disk", "mail", "checks", "database", "migrations", "worker", "schedule"),
    }


def test_an_instance_that_is_not_a_demo_needs_https() -> None:
    assert [finding.level for finding in found("address")] == [Level.FAULT]


def test_a_lost_key_of_the_erased_is_a_fault_until_it_is_put_back(settings: Settings) -> None:
    rights.erase(PersonFactory(reachable=True), actor=System("tests"))
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    assert [finding.level for finding in found("erased")] == [Level.FAULT]
    settings.SECRET_KEY_FALLBACKS = [former]
    assert [finding.level for finding in found("erased")] == [Level.GOOD]


def test_fingerprints_from_before_keys_were_noted_are_not_called_safe() -> None:
    rights.erase(PersonFactory(reachable=True), actor=System("tests"))
    Suppression.objects.update(key="")
    assert [finding.level for finding in found("erased")] == [Level.WARNING]


def test_a_missing_worker_is_a_fault() -> None:
    assert [finding.level for finding in found("worker")] == [Level.FAULT]


def test_a_silent_mail_server_is_a_fault(settings: Settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody.getsockname()[1]
        assert [finding.level for finding in found("mail")] == [Level.FAULT]


def test_a_folder_that_cannot_be_written_is_a_fault(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "absent"
    assert [finding.level for finding in found("disk")] == [Level.FAULT]


def test_a_pending_migration_is_a_fault() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'journal'")
    assert [finding.level for finding in found("migrations")] == [Level.FAULT]


@pytest.mark.usefixtures("_worker")
def test_a_late_periodic_job_is_a_warning() -> None:
    hours_ago = clock.now() - timedelta(hours=2)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES (%s, %s)",
            ["operations.rescue_jobs", hours_ago.timestamp()],
        )
    late = [finding for finding in found("schedule") if finding.level is Level.WARNING]
    assert [finding.text.split()[0] for finding in late] == ["operations.rescue_jobs"]


def test_failed_and_old_jobs_are_warnings() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
            "VALUES ('default', 't', '{}', 'failed'), ('default', 't', '{}', 'todo')"
        )
    with clock.stopped_at(clock.now() + timedelta(hours=1)):
        assert [finding.level for finding in found("jobs")] == [Level.WARNING, Level.WARNING]


def test_a_broken_ledger_is_a_fault_and_a_whole_one_is_not() -> None:
    GroundFactory(person=PersonFactory())
    rights.verify(actor=System("tests"))
    assert [finding.level for finding in found("ledger")] == [Level.GOOD]
    falsify("DELETE FROM rights_ledgerentry")
    rights.verify(actor=System("tests"))
    (finding,) = found("ledger")
    assert finding.level is Level.FAULT
    assert "1" in finding.text


def test_the_command_speaks_to_programs_and_exits_with_one_for_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("doctor", json=True)
    assert end.value.code == 1
    findings = json.loads(capsys.readouterr().out)
    assert {"about": "worker", "level": "fault"}.items() <= next(
        finding.items() for finding in findings if finding["about"] == "worker"
    )


def test_the_command_speaks_to_people_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("doctor")
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("✗ processus") for line in lines)
    assert any(line.startswith("✓ base de données") and "PostgreSQL" in line for line in lines)
