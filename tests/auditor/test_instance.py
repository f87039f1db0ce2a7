"""Audits inside an instance: when they are made, what is kept, who is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import Notice
from portevoix.accounts.types import Role, Staff
from portevoix.auditor import rules, selectors, services, tasks
from portevoix.auditor.engine.types import Criterion, Status
from portevoix.auditor.exceptions import NotPossible
from portevoix.auditor.models import Audit, AuditedSite, AuditPicture
from portevoix.auditor.types import Answer, Fault, Rhythm, Turn, Why
from portevoix.kernel import clock, jobs
from portevoix.operations.management import light
from tests.accounts.factories import UserFactory, staff
from tests.auditor.factories import (
    NO_HSTS,
    TRACKER,
    WORKER,
    AuditedSiteFactory,
    audited,
    browse_with,
    report,
)
from tests.website.factories import StandardPageFactory

pytestmark = pytest.mark.django_db
NIGHT = datetime(2027, 1, 15, 3, 0, tzinfo=UTC)  # four o'clock in France


def waiting(name: str) -> list[dict[str, object]]:
    """Return the arguments of the jobs of a name that wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [name])
        return [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in cursor.fetchall()]


# ---- when


@pytest.mark.parametrize(
    ("now", "rhythm", "due"),
    [
        (NIGHT - timedelta(hours=8), Rhythm.DAILY, NIGHT),
        (NIGHT - timedelta(minutes=1), Rhythm.DAILY, NIGHT),
        (NIGHT, Rhythm.DAILY, NIGHT + timedelta(days=1)),
        (NIGHT, Rhythm.WEEKLY, NIGHT + timedelta(days=7)),
        (NIGHT, Rhythm.MONTHLY, NIGHT + timedelta(days=28)),
    ],
)
def test_a_site_is_due_by_night(now: datetime, rhythm: Rhythm, due: datetime) -> None:
    assert rules.due_after(rhythm, now) == due


def test_many_publications_are_one_audit(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browse_with(settings, "/bin/true")
    with django_capture_on_commit_callbacks(execute=True):
        page = StandardPageFactory()
        page.save_revision().publish()
        page.unpublish()
    assert len(waiting("auditor.look_at_published")) == 1
    assert waiting("auditor.audit_site") == []
    tasks.look_at_published()
    tasks.look_at_published()
    assert waiting("auditor.audit_site") == [{"site_id": None, "why": "publication"}]


def test_a_publication_that_is_undone_is_not_audited(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        StandardPageFactory()
        transaction.set_rollback(True)
    assert waiting("auditor.look_at_published") == []


def test_without_a_browser_publications_ask_for_nothing(settings: Settings) -> None:
    browse_with(settings, "/absent")
    tasks.look_at_published()
    assert waiting("auditor.audit_site") == []


def test_the_first_hour_makes_the_own_site_known_and_each_night_audits_what_is_due() -> None:
    with clock.stopped_at(NIGHT - timedelta(hours=5)):
        tasks.start_due()
        own = AuditedSite.objects.get(is_own=True)
        assert own.next_at == NIGHT
        watched = AuditedSiteFactory(next_at=NIGHT + timedelta(days=3))
        tasks.start_due()
        assert waiting("auditor.audit_site") == []
    with clock.stopped_at(NIGHT + timedelta(minutes=20)):
        tasks.start_due()
        assert waiting("auditor.audit_site") == [{"site_id": own.pk, "why": "schedule"}]
    with clock.stopped_at(NIGHT + timedelta(days=3, minutes=20)):
        tasks.start_due()
        assert {job["site_id"] for job in waiting("auditor.audit_site")} == {own.pk, watched.pk}
        own.refresh_from_db()
        assert own.next_at == NIGHT + timedelta(days=4)


def test_there_is_one_own_site_whose_address_is_the_instances(settings: Settings) -> None:
    settings.BASE_URL = "https://valmer.example"
    own = AuditedSiteFactory(own=True)
    assert own.address == "https://valmer.example"
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditedSiteFactory(own=True)


def test_an_audit_is_asked_for_once(settings: Settings) -> None:
    browse_with(settings, "/bin/true")
    site, actor = AuditedSiteFactory(), staff(Role.DATA_OFFICER)
    services.ask(site, actor=actor)
    services.ask(site, actor=actor)
    assert waiting("auditor.audit_site") == [{"site_id": site.pk, "why": "asked"}]


def test_an_audit_under_way_is_not_asked_for_again(settings: Settings) -> None:
    browse_with(settings, "/bin/true")
    site = AuditedSiteFactory()
    services.begin(site.pk, Why.ASKED, actor=WORKER)
    with pytest.raises(NotPossible):
        services.ask(site, actor=staff())
    with clock.stopped_at(clock.now() + timedelta(hours=1)):
        services.ask(site, actor=staff())  # whatever it was, it is dead


def test_without_a_browser_an_audit_is_refused_in_a_clear_sentence(settings: Settings) -> None:
    browse_with(settings, "/absent")
    with pytest.raises(NotPossible, match="Aucun navigateur"):
        services.ask(None, actor=staff())


@pytest.mark.parametrize("role", [Role.TREASURER, Role.ORGANISER, Role.LOCAL_LEAD, Role.READER])
def test_who_does_not_answer_for_the_site_asks_for_no_audit(role: Role) -> None:
    with pytest.raises(NotAllowed):
        services.ask(None, actor=staff(role, "35" if role is Role.LOCAL_LEAD else ""))


# ---- one at a time


def test_two_audits_of_a_site_are_never_under_way() -> None:
    site = AuditedSiteFactory()
    Audit.objects.create(site=site, why=Why.ASKED, began_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Audit.objects.create(site=site, why=Why.ASKED, began_at=clock.now())


def test_what_a_dead_worker_left_is_no_audit() -> None:
    left = services.begin(AuditedSiteFactory().pk, Why.SCHEDULE, actor=WORKER)
    services.begin(AuditedSiteFactory().pk, Why.SCHEDULE, actor=WORKER)
    assert left is not None
    assert not Audit.objects.filter(pk=left.pk).exists()


def test_a_site_that_is_watched_no_more_is_not_audited() -> None:
    assert services.begin(10**9, Why.SCHEDULE, actor=WORKER) is None


@pytest.mark.django_db(transaction=True)
def test_an_audit_waits_for_the_one_of_another_worker() -> None:
    site = AuditedSiteFactory()
    with psycopg.connect(**connection.get_connection_params()) as line, line.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 0)", [tasks.LOCK])
        tasks.audit_site(site.pk, "asked")
    assert waiting("auditor.audit_site") == [{"site_id": site.pk, "why": "asked"}]
    assert not Audit.objects.exists()


# ---- what is kept


def test_an_audit_keeps_its_report_its_verdicts_and_its_pictures() -> None:
    made = report(TRACKER)
    audit = audited(AuditedSiteFactory(), made)
    assert selectors.report_of(audit) == made
    assert audit.overall == "fail"
    assert dict(audit.verdicts.values_list("criterion", "status"))["consent"] == "fail"
    assert set(audit.pictures.values_list("name", flat=True)) == {"none-0", "refuse-choice"}


def test_pictures_of_the_last_two_audits_are_kept() -> None:
    site, other = AuditedSiteFactory(), AuditedSiteFactory()
    audited(other)
    first, second, third = (audited(site) for _number in range(3))
    assert set(AuditPicture.objects.filter(audit__site=site).values_list("audit", flat=True)) == {second.pk, third.pk}
    assert AuditPicture.objects.filter(audit__site=other).exists()
    assert first.report


def test_an_audit_that_could_not_be_made_is_unknown_and_says_why() -> None:
    audit = audited(AuditedSiteFactory(), fault=Fault.NO_BROWSER)
    assert (audit.overall, audit.report, audit.fault) == ("unknown", None, "no_browser")
    assert {mark.status for mark in selectors.marks(audit)} == {"unknown"}


def test_the_same_fault_night_after_night_is_one_line() -> None:
    site = AuditedSiteFactory()
    good = audited(site)
    audited(site, fault=Fault.NO_BROWSER)
    last = audited(site, fault=Fault.NO_BROWSER)
    assert list(site.audits.values_list("pk", flat=True)) == [last.pk, good.pk]
    other = audited(site, fault=Fault.TOO_LONG)
    assert site.audits.count() == 3
    assert selectors.last_fault(site) == other.get_fault_display()


def test_the_database_takes_no_verdict_without_a_report() -> None:
    audit = audited(AuditedSiteFactory(), fault=Fault.BROKE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Audit.objects.filter(pk=audit.pk).update(overall="pass")


def test_old_audits_are_forgotten_but_for_the_last_of_each_site() -> None:
    quiet, busy = AuditedSiteFactory(), AuditedSiteFactory()
    with clock.stopped_at(datetime(2026, 1, 15, 3, 0, tzinfo=UTC)):
        only, old = audited(quiet), audited(busy)
    with clock.stopped_at(datetime(2027, 3, 1, 3, 0, tzinfo=UTC)):
        new = audited(busy)
        tasks.forget_old()
    assert set(Audit.objects.values_list("pk", flat=True)) == {only.pk, new.pk}
    assert old.pk != new.pk


# ---- who is told


def test_only_what_begins_or_ceases_to_fail_is_a_turn() -> None:
    known = {"consent": "pass", "personal": "fail", "transfers": "fail", "sovereignty": "pass"}
    now = report(
        consent=Status.FAIL,
        personal=Status.PASS,
        transfers=Status.UNKNOWN,
        sovereignty=Status.PASS,
        transparency=Status.FAIL,
    )
    assert rules.turns(known, now) == [
        Turn(Criterion.CONSENT, Status.FAIL),
        Turn(Criterion.PERSONAL, Status.PASS),
    ]


def test_whoever_watches_a_site_is_written_to_when_a_criterion_turns(settings: Settings) -> None:
    user = UserFactory(role=Role.COMMUNICATIONS)
    UserFactory(role=Role.DIRECTOR)
    site = services.watch(name="Voisins", url="https://voisins.example", rhythm=Rhythm.WEEKLY, actor=Staff(user))
    audited(site, report())
    assert not Notice.objects.exists()
    audited(site, report(TRACKER))
    letter = Notice.objects.get()
    assert (letter.user, letter.path) == (user, reverse("auditor:site", args=[site.pk]))
    assert letter.subject == "Voisins\N{NO-BREAK SPACE}: un critère n’est plus respecté"
    assert "Accord avant les cookies et traceurs\N{NO-BREAK SPACE}: non conforme" in letter.body
    Notice.objects.all().delete()
    audited(site, report(TRACKER))
    assert not Notice.objects.exists()
    audited(site, report(consent=Status.UNKNOWN))
    assert not Notice.objects.exists()
    audited(site, report())
    assert Notice.objects.get().subject == "Voisins\N{NO-BREAK SPACE}: un critère est de nouveau respecté"


def test_about_our_own_site_those_are_told_who_answer_for_it() -> None:
    told = {UserFactory(role=role) for role in (Role.DIRECTOR, Role.COMMUNICATIONS, Role.DATA_OFFICER)}
    UserFactory(role=Role.TREASURER)
    UserFactory(role=Role.DIRECTOR, is_active=False)
    own = AuditedSiteFactory(own=True)
    audited(own, report())
    audited(own, report(TRACKER, NO_HSTS))
    assert {letter.user for letter in Notice.objects.all()} == told


def test_of_a_site_whose_watcher_left_those_are_told_who_answer_for_ours() -> None:
    site, officer = AuditedSiteFactory(asked_by=UserFactory(is_active=False)), UserFactory(role=Role.DATA_OFFICER)
    audited(site, report())
    audited(site, report(TRACKER))
    assert Notice.objects.get().user == officer


def test_forgetting_a_site_forgets_all_of_it_but_never_our_own() -> None:
    site, own = AuditedSiteFactory(), AuditedSiteFactory(own=True)
    audited(site)
    services.stop_watching(site, actor=staff())
    assert not AuditPicture.objects.exists()
    with pytest.raises(NotPossible):
        services.stop_watching(own, actor=staff())


def test_a_later_job_waits_for_its_moment_and_once_is_once() -> None:
    for _time in range(2):
        jobs.defer("auditor.look_at_published", once=True, later=timedelta(minutes=2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'auditor.look_at_published'")
        [(at,)] = cursor.fetchall()
    assert timedelta(minutes=1) < at - clock.now() <= timedelta(minutes=2)


# ---- by the console


def test_a_site_is_watched_by_the_console_and_refused_twice(capsys: pytest.CaptureFixture[str]) -> None:
    options = {"watch": True, "url": "voisins.example", "every": "monthly"}
    assert light.audit(options, check=lambda: None) == 0
    site = AuditedSite.objects.get()
    assert (site.url, site.rhythm, site.asked_by) == ("https://voisins.example", Rhythm.MONTHLY, None)
    assert light.audit(options, check=lambda: None) == 2
    assert "déjà surveillé" in capsys.readouterr().err


def test_what_is_due_is_audited_by_the_console_or_the_reason_is_told(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    due = AuditedSiteFactory(url="http://127.0.0.1:9", next_at=clock.now() - timedelta(days=1))
    later = AuditedSiteFactory(next_at=clock.now() + timedelta(days=1))
    options = {"watch": True, "url": "", "every": "weekly"}
    browse_with(settings, "/absent")
    assert light.audit(options, check=lambda: None) == 2
    assert "Aucun navigateur" in capsys.readouterr().err
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    browse_with(settings, program)
    assert light.audit(options, check=lambda: None) == 0
    assert list(Audit.objects.values_list("site", "overall")) == [(due.pk, "unknown")]
    due.refresh_from_db()
    assert due.next_at > clock.now()
    assert not later.audits.exists()


def test_a_site_that_is_watched_no_more_while_it_is_audited_leaves_nothing_and_breaks_nothing() -> None:
    for answer in (Answer(report(), ()), Answer(fault=Fault.NO_BROWSER.value)):
        site = AuditedSiteFactory()
        under_way = services.begin(site.pk, Why.SCHEDULE, actor=WORKER)
        assert under_way is not None
        services.stop_watching(site, actor=staff())
        assert services.keep(under_way, answer, actor=WORKER) == []
        assert not Audit.objects.filter(pk=under_way.pk).exists()
