"""Tasks: whose they are, who sees them, done by one click and undone by another."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import User
from portevoix.accounts.types import Role, Staff
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.paths import selectors
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible
from portevoix.paths.forms import TaskForm
from portevoix.paths.models import Reminding, Task
from portevoix.paths.services import tasking
from portevoix.paths.types import TaskDraft
from portevoix.people.exceptions import OutOfSight, Restricted
from tests.accounts.factories import MandateFactory, UserFactory, signed_in, staff
from tests.paths.factories import SYSTEM, PathFactory, TaskFactory
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
TODAY = date(2028, 1, 10)


def me(browser: Client) -> User:
    return User.objects.get(pk=browser.session["_auth_user_id"])


def draft(**more) -> TaskDraft:  # type: ignore[no-untyped-def]
    return TaskDraft(**{"title": "Call back", "due_on": TODAY, **more})


def test_a_task_is_given_changed_and_taken_away_and_the_journal_holds_no_word_of_it() -> None:
    person, user = PersonFactory(), UserFactory()
    given = draft(title="Call Maëlle", person_id=person.pk, assignee_id=user.pk, note="Ill since May")
    task = tasking.write(None, given, actor=staff())
    tasking.write(task, draft(title="Write", assignee_id=user.pk), seen=1, actor=staff())
    task.refresh_from_db()
    assert (task.title, task.person, task.version) == ("Write", person, 2)
    with pytest.raises(MovedMeanwhile):
        tasking.write(task, draft(), seen=1, actor=staff())
    tasking.remove(task, actor=staff())
    lines = str(list(Entry.objects.values_list("detail", "about_kind", "about_id")))
    assert "Maëlle" not in lines
    assert "May" not in lines


def test_a_task_about_somebody_is_given_to_who_may_see_them() -> None:
    person = PersonFactory(in_brest=True)
    far, near = UserFactory(role=Role.LOCAL_LEAD, departement="35"), UserFactory(role=Role.LOCAL_LEAD, departement="29")
    with pytest.raises(NotPossible):
        tasking.write(None, draft(person_id=person.pk, assignee_id=far.pk), actor=SYSTEM)
    assert tasking.write(None, draft(person_id=person.pk, assignee_id=near.pk), actor=SYSTEM).assignee == near
    with pytest.raises(OutOfSight):
        tasking.write(None, draft(person_id=person.pk), actor=Staff(far))


def test_who_sees_a_task_is_who_sees_the_person_and_of_others_who_does_or_gave_it() -> None:
    lead = staff(Role.LOCAL_LEAD, "35")
    near, far = TaskFactory(person=PersonFactory(in_rennes=True)), TaskFactory(person=PersonFactory(in_brest=True))
    mine, given = TaskFactory(assignee_id=int(lead.ident)), TaskFactory(author_id=int(lead.ident))
    others = TaskFactory(assignee=UserFactory())
    assert set(Task.objects.visible_to(lead)) == {near, mine, given}
    assert set(Task.objects.visible_to(staff(Role.DIRECTOR))) == {near, far, mine, given, others}
    assert not Task.objects.visible_to(Staff(UserFactory(mandate=None))).exists()
    browser = signed_in(Role.LOCAL_LEAD, "35")
    for task in (far, others):
        assert browser.get(f"/gestion/taches/{task.pk}/").status_code == 404
        assert browser.post(f"/gestion/taches/{task.pk}/faite/").status_code == 404
        with pytest.raises(OutOfSight):
            tasking.tick(task, is_done=True, actor=lead)


def test_a_task_of_ones_own_about_somebody_out_of_sight_since_is_not_shown_any_more() -> None:
    browser = signed_in(Role.LOCAL_LEAD, "35")
    TaskFactory(person=PersonFactory(in_brest=True), assignee=me(browser), title="Hidden")
    assert "Hidden" not in browser.get("/gestion/taches/").content.decode()


def test_one_click_ticks_a_task_and_another_undoes_it() -> None:
    browser = signed_in(Role.ORGANISER)
    task = TaskFactory(assignee=me(browser))
    browser.post(f"/gestion/taches/{task.pk}/faite/", {"done": "1"})
    task.refresh_from_db()
    assert task.is_done
    assert task.done_by == me(browser).get_username()
    assert not tasking.tick(task, is_done=True, actor=SYSTEM)
    browser.post(f"/gestion/taches/{task.pk}/faite/", {"done": "0"})
    task.refresh_from_db()
    assert (task.is_done, task.done_by) == (False, "")


def test_who_only_reads_ticks_nothing() -> None:
    with pytest.raises(NotAllowed):
        tasking.tick(TaskFactory(person=PersonFactory()), is_done=True, actor=staff(Role.READER))


def test_ones_own_tasks_are_told_apart_by_the_day_and_the_hour_of_paris() -> None:
    actor = staff()
    user = int(actor.ident)
    late, hour, today, later = (
        TaskFactory(assignee_id=user, due_on=day, due_at=at)
        for day, at in (
            (TODAY - timedelta(days=1), None),
            (TODAY, time(9, 0)),
            (TODAY, None),
            (TODAY + timedelta(days=1), time(0, 0)),
        )
    )
    with clock.stopped_at(datetime(2028, 1, 10, 9, 30, tzinfo=clock.PARIS)):
        agenda = selectors.agenda(user, actor)
        assert (agenda.late, agenda.today, agenda.later) == ([late, hour], [today], [later])
        assert hour.is_late
        assert not today.is_late
    with clock.stopped_at(datetime(2028, 1, 9, 23, 30, tzinfo=clock.PARIS)):
        assert selectors.agenda(user, actor).late == []


def test_the_list_of_many_tasks_costs_as_many_queries_as_one_of_few() -> None:
    browser = signed_in()
    user, step = me(browser), PathFactory().steps.first()
    counts = []
    for number in (1, 30):
        for _one in range(number):
            TaskFactory(assignee=user, person=PersonFactory(in_rennes=True), step=step, due_on=clock.today())
        browser.get("/gestion/taches/")
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/gestion/taches/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_form_gives_a_task_about_a_person_and_shows_it_on_their_record_as_text() -> None:
    browser, person = signed_in(Role.ORGANISER), PersonFactory(in_rennes=True)
    said = {"title": "<script>x</script>", "due_on": "2028-01-10", "due_at": "18:30", "assignee": me(browser).pk}
    answer = browser.post(f"/gestion/taches/personnes/{person.pk}/", said)
    assert answer["Location"] == f"/gestion/personnes/{person.pk}/"
    task = Task.objects.get()
    assert (task.person, task.due_at, task.author) == (person, time(18, 30), me(browser))
    page = browser.get(f"/gestion/personnes/{person.pk}/").content.decode()
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    browser.post(f"/gestion/taches/{task.pk}/faite/", {"done": "1", "from": "record"})
    assert "<script>x" not in browser.get(f"/gestion/personnes/{person.pk}/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"due_on": "9999-12-31"}, {"due_on": "31/02/2028"}, {"title": ""}, {"due_at": "25:00"}]
)
def test_what_is_no_task_is_not_kept(wrong: dict[str, str]) -> None:
    browser = signed_in()
    assert browser.post("/gestion/taches/nouvelle/", {"title": "T", "due_on": "2028-01-10", **wrong}).status_code == 200
    assert not Task.objects.exists()


def test_the_first_page_says_how_many_wait_and_names_nobody() -> None:
    browser = signed_in()
    TaskFactory(assignee=me(browser), due_on=clock.today(), title="Very private", person=PersonFactory())
    page = browser.get("/gestion/").content.decode()
    assert "/gestion/taches/" in page
    assert "1 tâche pour aujourd" in page or "1 task for today" in page
    assert "Very private" not in page


def test_one_chooses_for_oneself_whether_to_be_reminded() -> None:
    browser = signed_in(Role.READER)
    browser.post("/gestion/taches/rappels/", {"wanted": "0"})
    assert Reminding.objects.get(user=me(browser)).is_wanted is False
    browser.post("/gestion/taches/rappels/", {"wanted": "1"})
    assert Reminding.objects.get(user=me(browser)).is_wanted is True


def test_a_task_is_given_to_nobody_who_only_reads_or_has_left() -> None:
    reader, gone = UserFactory(role=Role.READER), UserFactory(is_active=False)
    for user in (reader, gone):
        with pytest.raises(NotPossible, match="ne fait que lire"):
            tasking.write(None, draft(assignee_id=user.pk), actor=SYSTEM)
        with pytest.raises(NotPossible, match="ne fait que lire"):
            tasking.write(None, draft(assignee_id=user.pk, person_id=PersonFactory().pk), actor=SYSTEM)
    person = PersonFactory(in_rennes=True)
    mixed = UserFactory(role=Role.READER)
    MandateFactory(user=mixed, role=Role.LOCAL_LEAD, departement_code="29")
    with pytest.raises(NotPossible, match="ne peut pas voir"):  # sees them, and only reads there
        tasking.write(None, draft(assignee_id=mixed.pk, person_id=person.pk), actor=SYSTEM)
    offered = TaskForm(staff(), None).fields["assignee"].queryset
    assert not offered.filter(pk__in=[reader.pk, gone.pk]).exists()
    assert not TaskForm(staff(), person).fields["assignee"].queryset.filter(pk=mixed.pk).exists()
    assert offered.filter(pk=mixed.pk).exists()


def test_a_task_about_whose_data_is_only_kept_is_left_as_it_is() -> None:
    person = PersonFactory()
    task, organiser = TaskFactory(person=person), staff(Role.ORGANISER)
    person.restricted_at = clock.now()
    person.save()
    for act in (
        lambda: tasking.write(None, draft(person_id=person.pk), actor=organiser),
        lambda: tasking.write(task, draft(), actor=organiser),
        lambda: tasking.tick(task, is_done=True, actor=organiser),
        lambda: tasking.remove(task, actor=organiser),
    ):
        with pytest.raises(Restricted):
            act()
    assert tasking.tick(task, is_done=True, actor=staff(Role.DATA_OFFICER))
    browser = signed_in(Role.ORGANISER)
    page = browser.post(f"/gestion/taches/{task.pk}/faite/", {"done": "0"}, follow=True)
    assert "limitées" in page.content.decode()
    task.refresh_from_db()
    assert task.is_done
