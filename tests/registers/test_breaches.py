"""Breaches: the 72 hours, what may never be changed, what must be said, who is reminded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import Notice
from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.registers import tasks
from portevoix.registers.exceptions import LacksWords, Stale
from portevoix.registers.forms import AmendmentForm, MomentField, StatementForm
from portevoix.registers.models import Breach, Notification, Statement
from portevoix.registers.selectors import breaches as selectors
from portevoix.registers.services import breaches as services
from portevoix.registers.types import Addressee, Risk, Spared
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.people.factories import PersonFactory
from tests.registers.factories import breach, judged, statement
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db
KEEPER = System("tests")
PAGE = "/gestion/registres/violations/"


def notify(made: Breach, addressee: Addressee = Addressee.AUTHORITY, **more: Any) -> Notification:
    said = {"made_at": clock.now(), "told": "Tout ce que nous savons.", **more}
    return services.notify_breach(made, addressee=addressee, actor=KEEPER, **said)


def amend(made: Breach, **said: Any) -> Statement:
    version = selectors.case_of(made).now.version
    aware_at = selectors.case_of(made).now.aware_at
    return services.amend_breach(
        made, **{"version": version, "reason": "on en sait plus", "aware_at": aware_at, **said}, actor=KEEPER
    )


def test_a_breach_runs_until_the_authority_is_told() -> None:
    made = breach()
    assert [case.breach for case in selectors.running()] == [made]
    notify(made)
    assert selectors.running() == []


def test_a_breach_judged_harmless_need_not_be_told_but_is_kept() -> None:
    made = breach(risk=Risk.NONE, risk_reasons="Le fichier était chiffré.")
    assert selectors.running() == []
    assert [case.breach for case in selectors.cases()] == [made]


def test_amending_keeps_what_was_said_and_tells_what_changed() -> None:
    made = breach(persons=10)
    amend(made, **{**statement(persons=25), "aware_at": selectors.case_of(made).now.aware_at})
    last, first = selectors.history(made)
    assert (first.statement.persons, last.statement.persons) == (10, 25)
    with translation.override("fr"):
        assert [(old, new) for _label, old, new in selectors.history(made)[0].changes] == [("10", "25")]


def test_two_people_do_not_amend_over_each_other() -> None:
    made = breach()
    amend(made, **statement(persons=5))
    with pytest.raises(Stale):
        services.amend_breach(made, version=1, reason="moi aussi", actor=KEEPER, **statement(persons=7))
    assert selectors.case_of(made).now.persons == 5


def test_a_breach_is_closed_only_when_nothing_lacks() -> None:
    made = breach()
    with pytest.raises(LacksWords):
        amend(made, **statement(is_closed=True))
    with pytest.raises(LacksWords, match="CNIL"):
        amend(made, **judged(Risk.HIGH, is_closed=True))
    notify(made)
    with pytest.raises(LacksWords):
        amend(made, **judged(Risk.HIGH, is_closed=True))
    notify(made, Addressee.PERSONS, persons=12)
    assert amend(made, **judged(Risk.HIGH, is_closed=True)).is_closed


def test_silence_towards_people_has_its_article_and_its_reason() -> None:
    made = breach()
    notify(made)
    silent = judged(Risk.HIGH, is_closed=True, spared=Spared.UNREADABLE)
    with pytest.raises(IntegrityError), transaction.atomic():
        amend(made, **silent)
    assert amend(made, **silent, spared_reasons="Le fichier était chiffré.").is_closed


def test_a_late_notification_says_why() -> None:
    made = breach(aware_at=clock.now() - timedelta(hours=73))
    with pytest.raises(LacksWords):
        notify(made)
    notify(made, delay_reason="La portée n’était pas connue.")
    assert selectors.case_of(made).was_late
    # A complement comes when it comes (art. 33(4)).
    notify(made, told="La suite.")
    assert len(selectors.case_of(made).notifications) == 2


@pytest.mark.parametrize(("hours", "is_refused"), [(71, False), (72, False), (73, True)])
def test_the_database_itself_counts_the_hours_across_a_change_of_the_clock(hours: int, is_refused: bool) -> None:
    # From the Saturday before the clock goes back; a day of that week-end has 25 hours.
    aware_at = datetime(2026, 10, 24, 8, tzinfo=UTC)
    with clock.stopped_at(aware_at + timedelta(hours=100)):
        made = breach(aware_at=aware_at)
        sql = (
            "INSERT INTO registers_notification (breach_id, addressee, made_at, reference, told, delay_reason, at, by)"
            " VALUES (%s, 'authority', %s, '', 'x', '', %s, 'sql')"
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'Europe/Paris'")
            values = [made.pk, aware_at + timedelta(hours=hours), clock.now()]
            if is_refused:
                with pytest.raises(DatabaseError, match="72 hours"), transaction.atomic():
                    cursor.execute(sql, values)
            else:
                cursor.execute(sql, values)
    assert Notification.objects.count() == (0 if is_refused else 1)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE registers_statement SET aware_at = now()",
        "DELETE FROM registers_statement",
        "TRUNCATE registers_statement",
        "UPDATE registers_breach SET recorded_at = now()",
        "DELETE FROM registers_breach",
        "TRUNCATE registers_breach CASCADE",
        "UPDATE registers_notification SET reference = 'x'",
        "DELETE FROM registers_notification",
        "TRUNCATE registers_notification",
    ],
)
def test_nothing_of_a_breach_is_changed_or_removed_not_even_by_sql(attack: str) -> None:
    notify(breach())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert (Breach.objects.count(), Statement.objects.count(), Notification.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "columns",
    [
        {"nature": []},
        {"risk": "high", "risk_reasons": ""},
        {"spared": "unreadable", "spared_reasons": ""},
        {"is_closed": True},
        {"began_at": datetime(2026, 1, 2, tzinfo=UTC), "stopped_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"aware_at": datetime(2999, 1, 1, tzinfo=UTC)},
    ],
)
def test_the_database_refuses_a_statement_that_cannot_be(columns: dict[str, Any]) -> None:
    made = breach()
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.create(breach=made, version=2, at=clock.now(), by="sql", **{**statement(), **columns})


def test_what_is_still_to_come_did_not_happen() -> None:
    tomorrow = clock.now() + timedelta(days=1)
    with pytest.raises(LacksWords):
        breach(aware_at=tomorrow)
    made = breach()
    with pytest.raises(LacksWords):
        notify(made, made_at=tomorrow)
    with pytest.raises(LacksWords):
        notify(made, made_at=clock.now() - timedelta(days=9))


def moments_of(hours: float) -> list[str]:
    """Run the round that many hours after a breach was known; return the subjects of letters owed."""
    return [notice.subject for notice in Notice.objects.order_by("pk")]


def test_directors_and_data_officers_are_reminded_once_an_hour_told(django_assert_num_queries: Any) -> None:
    known = datetime(2026, 10, 24, 8, tzinfo=UTC)
    for role in (Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER, Role.COMMUNICATIONS):
        UserFactory(role=role)
    with clock.stopped_at(known):
        breach(aware_at=known)
    expected = 0
    for hours, letters in ((23, 0), (24, 2), (25, 0), (48, 2), (59, 0), (60, 2), (73, 2), (100, 0)):
        with clock.stopped_at(known + timedelta(hours=hours)):
            tasks.remind_of_breaches()
            tasks.remind_of_breaches()
        expected += letters
        assert Notice.objects.count() == expected, hours
        Notice.objects.update(sent_at=known)
    with translation.override("fr"):
        assert "72" in Notice.objects.latest("pk").subject


def test_nobody_is_reminded_of_what_was_told_or_closed() -> None:
    UserFactory()
    told, harmless = breach(), breach(risk=Risk.NONE, risk_reasons="Chiffré.")
    notify(told)
    with clock.stopped_at(clock.now() + timedelta(hours=80)):
        tasks.remind_of_breaches()
    assert harmless.pk
    assert not Notice.objects.exists()


def test_after_a_long_stop_of_the_worker_only_the_last_hour_is_told_of() -> None:
    UserFactory()
    breach(aware_at=clock.now() - timedelta(hours=80))
    tasks.remind_of_breaches()
    (notice,) = Notice.objects.all()
    assert "passées" in notice.subject or "over" in notice.subject


def test_a_letter_that_waits_holds_back_the_next_one_and_loses_none() -> None:
    UserFactory()
    known = clock.now() - timedelta(hours=25)
    breach(aware_at=known)
    tasks.remind_of_breaches()
    with clock.stopped_at(known + timedelta(hours=49)):
        tasks.remind_of_breaches()
        assert Notice.objects.count() == 1
        Notice.objects.update(sent_at=clock.now())
        tasks.remind_of_breaches()
        assert Notice.objects.count() == 2


def test_the_reminder_names_no_one_and_leads_to_the_breach() -> None:
    UserFactory()
    made = breach(title="Fuite de Zébulon Introuvable", aware_at=clock.now() - timedelta(hours=30))
    tasks.remind_of_breaches()
    notice = Notice.objects.get()
    assert "Zébulon" not in notice.subject + notice.body
    assert notice.path == reverse("registers:breach", args=[made.pk])


def test_the_journal_says_how_grave_and_never_what_was_written() -> None:
    made = breach(title="Fuite de Zébulon", circumstances="Zébulon a tout envoyé.")
    amend(made, **judged())
    notify(made)
    lines = Entry.objects.filter(command__startswith="registers.")
    assert lines.count() == 3
    assert "Zébulon" not in str([(one.detail, one.about_id) for one in lines])


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.LOCAL_LEAD, Role.READER, Role.TREASURER])
def test_other_roles_record_nothing(role: Role) -> None:
    departement = "35" if role == Role.LOCAL_LEAD else ""
    with pytest.raises(NotAllowed):
        services.record_breach(actor=staff(role, departement), **statement())


def test_an_hour_that_comes_twice_is_the_first_one_and_one_that_does_not_exist_is_refused() -> None:
    field = MomentField()
    # On 25 October 2026 2:30 comes twice in Paris: the first one is still summer time, two hours ahead.
    assert field.clean("2026-10-25T02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert field.clean("2026-11-24T02:30") == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    form = StatementForm({"aware_at": "2026-03-29T02:30"})
    assert not form.is_valid()
    assert "skipped" in {error.code for error in form.errors.as_data()["aware_at"]}


def test_a_repeated_hour_is_shown_with_its_offset() -> None:
    with translation.override("fr"):
        assert "(+0200)" in selectors.moment(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
        assert "(+0100)" in selectors.moment(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
        assert "(" not in selectors.moment(datetime(2026, 11, 25, 1, 30, tzinfo=UTC))


def test_people_are_counted_by_a_segment() -> None:
    PersonFactory.create_batch(3)
    segment = SegmentFactory()
    browser = signed_in()
    shown = browser.get(f"{PAGE}nouvelle/", {"compter": f"segment:{segment.pk}"})
    assert shown.context["form"].initial["persons"] == 3
    for nonsense in ("segment:999", "export:1", "x", "segment:", "segment:" + "9" * 40, "person:1"):
        assert browser.get(f"{PAGE}nouvelle/", {"compter": nonsense}).status_code == 200


def test_a_breach_is_recorded_amended_and_told_by_the_screens() -> None:
    browser = signed_in(Role.DATA_OFFICER)
    said = {
        "title": "<script>alert(1)</script>",
        "aware_at": f"{clock.now().astimezone(clock.PARIS) - timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "nature": ["confidentiality"],
        "circumstances": "{{ settings.SECRET_KEY }} <b>gras</b>",
    }
    assert browser.post(f"{PAGE}nouvelle/", said).status_code == 302
    page = f"{PAGE}{Breach.objects.get().pk}/"
    shown = browser.get(page).content.decode()
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "{{ settings.SECRET_KEY }} &lt;b&gt;gras" in shown
    assert browser.get("/gestion/").content.decode().count("la CNIL n’est pas prévenue") == 1
    answer = browser.post(f"{page}modifier/", {**said, "version": 1, "reason": "", "persons": 3})
    assert answer.status_code == 400
    answer = browser.post(f"{page}modifier/", {**said, "version": 1, "reason": "compté", "persons": 3})
    assert answer.status_code == 302
    answer = browser.post(f"{page}modifier/", {**said, "version": 1, "reason": "trop tard"})
    assert answer.status_code == 400
    assert "entre-temps" in answer.content.decode()
    now = f"{clock.now().astimezone(clock.PARIS):%Y-%m-%dT%H:%M}"
    told = {"addressee": "authority", "made_at": now, "told": "x", "reference": "CNIL-1"}
    assert browser.post(f"{page}prevenus/", {**told, "told": ""}).status_code == 400
    assert browser.post(f"{page}prevenus/", told).status_code == 302
    assert "CNIL-1" in browser.get(page).content.decode()
    assert "la CNIL n’est pas prévenue" not in browser.get("/gestion/").content.decode()


def test_amending_begins_with_what_is_known() -> None:
    made = breach(persons=7)
    form = signed_in().get(f"{PAGE}{made.pk}/modifier/").context["form"]
    assert isinstance(form, AmendmentForm)
    assert form.initial["persons"] == 7
    assert form.initial["version"] == 1


def test_the_list_costs_the_same_for_many_breaches(django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        amend(breach(), **statement())
    with django_assert_max_num_queries(3):
        assert len(selectors.cases()) == 5
