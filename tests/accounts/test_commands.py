from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from portevoix.accounts import commands
from portevoix.accounts.commands import COMMANDS, command, may, note
from portevoix.accounts.exceptions import NoActor, NotAllowed
from portevoix.accounts.types import Actor, Role, Staff, System, Visitor
from portevoix.journal.models import Entry
from tests.accounts.factories import MandateFactory, UserFactory, staff

pytestmark = pytest.mark.django_db


@command("tests.greet", label="Greet", roles={Role.ORGANISER})
def greet(name: str, *, actor: Actor) -> str:
    note(count=3, field="name")
    if not name:
        raise ValueError("nobody to greet")
    return f"Bonjour {name}"


def greet_and_fail(name: str, *, actor: Actor) -> None:
    with transaction.atomic():
        greet(name, actor=actor)
        raise ValueError("they left at once")


@command("tests.receive_guests", label="Receive guests", roles={Role.ORGANISER})
def receive_guests(names: list[str], *, actor: Actor, undone: str = "") -> None:
    for name in names:
        with suppress(ValueError):
            greet(name, actor=actor) if name != undone else greet_and_fail(name, actor=actor)
    note(count=len(names))


@pytest.fixture(autouse=True, scope="module")
def _forget_the_test_commands():
    yield
    COMMANDS.pop("tests.greet", None)
    COMMANDS.pop("tests.receive_guests", None)


def test_an_act_leaves_one_journal_line_with_who_and_how_many() -> None:
    actor = staff(Role.ORGANISER)
    assert greet("Anne", actor=actor) == "Bonjour Anne"
    entry = Entry.objects.get(command="tests.greet")
    assert (entry.outcome, entry.actor_label, entry.count, entry.detail) == ("done", actor.label, 3, {"field": "name"})


def test_a_refusal_is_kept_in_the_journal() -> None:
    with pytest.raises(NotAllowed):
        greet("Anne", actor=staff(Role.READER))
    assert Entry.objects.get(command="tests.greet").outcome == "refused"


def test_a_visitor_may_not_do_what_is_not_open_to_visitors() -> None:
    with pytest.raises(NotAllowed):
        greet("Anne", actor=Visitor())


def test_the_system_is_an_actor_too() -> None:
    greet("Anne", actor=System("tests"))
    assert Entry.objects.get(command="tests.greet").actor_kind == "system"


@pytest.mark.parametrize("nobody", [None, "anne", 1])
def test_nobody_is_never_an_actor_with_all_rights(nobody: object) -> None:
    with pytest.raises(NoActor):
        greet("Anne", actor=nobody)  # type: ignore[arg-type]


def test_an_act_that_fails_leaves_no_line_saying_that_it_was_done() -> None:
    with pytest.raises(ValueError, match="nobody"):
        greet("", actor=System("tests"))
    assert not Entry.objects.filter(command="tests.greet", outcome="done").exists()


def test_acts_within_an_act_leave_their_lines_with_its_own_in_one_statement() -> None:
    with CaptureQueriesContext(connection) as asked:
        receive_guests(["Anne", "", "Zoé"], actor=System("tests"))
    assert sum("INSERT" in query["sql"] for query in asked.captured_queries) == 1
    told = list(Entry.objects.order_by("id").values_list("command", "count"))
    # Of the one that failed and was made good, nothing is told.
    assert told == [("tests.greet", 3), ("tests.greet", 3), ("tests.receive_guests", 3)]


def test_what_is_undone_within_an_act_leaves_no_line_saying_that_it_was_done() -> None:
    receive_guests(["Anne", "Zoé"], undone="Zoé", actor=System("tests"))
    told = list(Entry.objects.order_by("id").values_list("command", flat=True))
    assert told == ["tests.greet", "tests.receive_guests"]


def test_a_long_act_does_not_hold_all_the_lines_within(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST_HELD", 2)
    with CaptureQueriesContext(connection) as asked:
        receive_guests(["Anne"] * 7, actor=System("tests"))
    assert sum("INSERT" in query["sql"] for query in asked.captured_queries) == 3
    assert Entry.objects.count() == 8
    assert Entry.objects.order_by("id").values_list("command", flat=True).last() == "tests.receive_guests"


def test_a_member_of_staff_who_left_has_no_rights() -> None:
    user = UserFactory(role=Role.ORGANISER)
    user.is_active = False
    assert not may(Staff(user), "tests.greet")


def test_a_local_lead_has_a_departement() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(role=Role.LOCAL_LEAD, departement="")


@pytest.mark.parametrize(
    "statement", ["UPDATE journal_entry SET count = 0", "DELETE FROM journal_entry", "TRUNCATE journal_entry"]
)
def test_not_even_raw_sql_rewrites_the_journal(statement: str) -> None:
    greet("Anne", actor=System("tests"))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_act_reaches_no_further_than_the_mandate_that_gives_it() -> None:
    """Who organises one département and reads all of France may not change what they only read."""
    user = UserFactory(role=Role.ORGANISER, departement="35")
    MandateFactory(user=user, role=Role.READER)
    both = Staff(user)
    assert both.departements is None
    assert COMMANDS["tests.greet"].acting(both).departements == {"35"}
    assert COMMANDS["tests.greet"].acting(both) == both.within({Role.ORGANISER})
    assert COMMANDS["tests.greet"].allows(both)
    assert not replace(COMMANDS["tests.greet"], nationwide=True).allows(both)


def test_an_act_that_keeps_to_no_territory_is_for_mandates_over_france() -> None:
    nationwide = replace(COMMANDS["tests.greet"], nationwide=True)
    assert nationwide.allows(staff(Role.ORGANISER))
    assert not nationwide.allows(staff(Role.ORGANISER, "35"))
