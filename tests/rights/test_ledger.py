from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System, Visitor
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import readers, services, tasks
from portevoix.rights.models import Ground, LedgerEntry, LedgerHead, Opinion, Proof
from portevoix.rights.purposes import Act, Basis, Purpose
from portevoix.rights.rules import Receipt
from portevoix.rights.selectors import last_receipt
from portevoix.rights.types import Fault, Verification
from tests.accounts.factories import signed_in, staff
from tests.people.factories import GroundFactory, PersonFactory
from tests.rights.ledger import falsify

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def give(person: Person, purpose: Purpose = Purpose.NEWSLETTER) -> Ground:
    return services.give(person, purpose, basis=Basis.CONSENT, evidence={"form": 1}, source="tests", actor=SYSTEM)


def withdraw(person: Person) -> None:
    services.withdraw(person, [Purpose.NEWSLETTER], evidence={"link": 1}, source="tests", actor=SYSTEM)


def verify(**receipts: Receipt) -> Verification:
    return services.verify(**receipts, actor=SYSTEM)


def acts() -> list[str]:
    return list(LedgerEntry.objects.values_list("act", flat=True))


def six_entries() -> None:
    for _number in range(3):
        person = PersonFactory()
        give(person)
        withdraw(person)


def broken() -> tuple[int, str] | None:
    found = verify().broken
    return (found.number, found.fault) if found else None


STATE = {"table": "rights_ground"}


# -- the database writes


def test_giving_and_withdrawing_are_each_an_entry_that_names_nobody() -> None:
    person = PersonFactory(reachable=True)
    withdraw(person)
    assert acts() == [Act.GIVEN, Act.WITHDRAWN]
    told = LedgerEntry.objects.get(number=2)
    assert (told.person_ref, told.purpose, told.ground_number) == (person.ref, "newsletter", person.grounds.get().pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM rights_ledgerentry AS e")
        text = cursor.fetchone()[0]
    assert person.last_name not in text
    assert person.emails.get().address not in text


@pytest.mark.parametrize(
    ("known", "act"),
    [
        ({"basis": Basis.DECLARED_AT_IMPORT}, Act.IMPORTED),
        ({"basis": Basis.REQUEST}, Act.REQUESTED),
        ({"given_at": "2026-01-01T00:00Z", "withdrawn_at": "2026-01-01T00:00Z"}, Act.REFUSED),
    ],
)
def test_an_entry_says_how_a_ground_came(known: dict[str, Any], act: Act) -> None:
    GroundFactory(person=PersonFactory(), **known)
    assert acts() == [act]


def test_raw_sql_cannot_forget_the_ledger() -> None:
    ground = GroundFactory(person=PersonFactory())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rights_ground SET withdrawn_at = now() + interval '1 day'")
        cursor.execute("UPDATE rights_ground SET withdrawn_at = NULL")
        cursor.execute("UPDATE rights_ground SET source = 'elsewhere'")
        cursor.execute("UPDATE rights_ground SET source = 'elsewhere'")
        cursor.execute("UPDATE rights_ground SET person_id = %s", [PersonFactory().pk])
        cursor.execute("DELETE FROM rights_ground")
        cursor.execute("DELETE FROM rights_ground")
    assert acts() == [Act.GIVEN, Act.WITHDRAWN, Act.REOPENED, Act.CORRECTED, Act.MOVED, Act.REMOVED]
    assert not Proof.objects.filter(pk=ground.pk).exists()
    assert broken() is None


def test_many_rows_of_one_statement_are_as_many_entries_in_one_chain() -> None:
    people = [PersonFactory() for _number in range(30)]
    Ground.objects.bulk_create(GroundFactory.build(person=person) for person in people)
    assert LedgerEntry.objects.count() == LedgerHead.objects.get().number == 30
    assert broken() is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rights_ledgerentry SET purpose = 'calls'",
        "DELETE FROM rights_ledgerentry",
        "DELETE FROM rights_ledgerentry WHERE false",
        "TRUNCATE rights_ledgerentry",
    ],
)
def test_the_database_refuses_to_change_what_is_written(statement: str) -> None:
    six_entries()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            cursor.execute(statement)
    assert LedgerEntry.objects.count() == 6


def test_what_is_rolled_back_leaves_no_entry_and_no_gap() -> None:
    person = PersonFactory()
    with transaction.atomic():
        give(person)
        transaction.set_rollback(True)
    give(person)
    assert list(LedgerEntry.objects.values_list("number", flat=True)) == [1]


def test_erasing_a_person_is_written_and_edits_nothing() -> None:
    person = PersonFactory(reachable=True)
    ref = person.ref
    before = list(LedgerEntry.objects.values())
    services.erase(person, actor=SYSTEM)
    assert acts() == [Act.GIVEN, Act.REMOVED, Act.ERASED]
    assert list(LedgerEntry.objects.values())[:1] == before
    assert LedgerEntry.objects.get(act=Act.ERASED).person_ref == ref
    assert not Proof.objects.exists()
    assert broken() is None


# -- the keeper sees


def test_a_whole_ledger_is_found_whole_block_after_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "BLOCK", 4)
    six_entries()
    steps: list[tuple[int, int]] = []
    found = services.verify(progress=lambda done, total: steps.append((done, total)), actor=SYSTEM)
    assert (found.entries, found.broken, steps) == (6, None, [(4, 6), (6, 6)])


def test_an_empty_ledger_is_whole() -> None:
    assert verify().broken is None


@pytest.mark.parametrize(
    ("statement", "number", "fault"),
    [
        ("UPDATE rights_ledgerentry SET purpose = 'calls' WHERE number = 3", 3, Fault.ALTERED),
        ("UPDATE rights_ledgerentry SET at = at + interval '1 microsecond' WHERE number = 3", 3, Fault.ALTERED),
        ("UPDATE rights_ledgerentry SET withdrawn_at = NULL WHERE number = 2", 2, Fault.ALTERED),
        ("UPDATE rights_ledgerentry SET person_ref = gen_random_uuid() WHERE number = 6", 6, Fault.ALTERED),
        ("UPDATE rights_ledgerentry SET evidence = sha256('x') WHERE number = 1", 1, Fault.ALTERED),
        ("UPDATE rights_ledgerentry SET hash = sha256('x') WHERE number = 4", 4, Fault.ALTERED),
        ("DELETE FROM rights_ledgerentry WHERE number = 1", 1, Fault.MISSING),
        ("DELETE FROM rights_ledgerentry WHERE number = 4", 4, Fault.MISSING),
        ("DELETE FROM rights_ledgerentry WHERE number > 4", 5, Fault.CUT),
        ("DELETE FROM rights_ledgerentry", 1, Fault.CUT),
        ("TRUNCATE rights_ledgerentry", 1, Fault.CUT),
    ],
)
def test_whatever_is_changed_or_removed_is_found_at_its_place(statement: str, number: int, fault: Fault) -> None:
    six_entries()
    falsify(statement)
    assert broken() == (number, fault)


def test_two_entries_that_changed_places_are_found() -> None:
    six_entries()
    falsify("UPDATE rights_ledgerentry SET number = CASE number WHEN 2 THEN -3 ELSE -2 END WHERE number IN (2, 3)")
    falsify("UPDATE rights_ledgerentry SET number = -number WHERE number < 0")
    assert broken() == (2, Fault.ALTERED)


COPY = """
INSERT INTO rights_ledgerentry (number, at, act, person_ref, ground_number, purpose, channel, basis, hash)
SELECT %s, at, act, person_ref, ground_number, purpose, channel, basis, hash FROM rights_ledgerentry WHERE number = 3
"""


@pytest.mark.parametrize("number", [7, 0])
def test_an_entry_that_the_database_did_not_write_itself_is_found(number: int) -> None:
    six_entries()
    falsify(COPY, number)
    assert broken() == (number, Fault.STRAY)


def test_an_entry_pushed_in_between_is_found() -> None:
    six_entries()
    falsify("UPDATE rights_ledgerentry SET number = -number - 1 WHERE number > 3")
    falsify("UPDATE rights_ledgerentry SET number = -number WHERE number < 0")
    falsify(COPY, 4)
    assert broken() == (4, Fault.ALTERED)


def test_a_head_that_is_gone_or_moved_back_is_found() -> None:
    six_entries()
    falsify("UPDATE rights_ledgerhead SET number = 5", table="rights_ledgerhead")
    assert broken() == (5, Fault.ALTERED)
    LedgerHead.objects.all().delete()
    assert broken() == (0, Fault.HEADLESS)
    with pytest.raises(DatabaseError, match="head of the ledger is missing"), transaction.atomic():
        give(PersonFactory())


FORGE = """
WITH RECURSIVE anew AS (
    SELECT number, sha256(sha256('') || convert_to({canonical}, 'UTF8')) AS hash
    FROM rights_ledgerentry WHERE number = 1
    UNION ALL
    SELECT e.number, sha256(anew.hash || convert_to(e.entry, 'UTF8'))
    FROM anew JOIN (SELECT *, {canonical} AS entry FROM rights_ledgerentry) AS e ON e.number = anew.number + 1
)
UPDATE rights_ledgerentry AS e SET hash = anew.hash FROM anew WHERE anew.number = e.number
"""


def test_a_ledger_written_anew_with_its_hashes_is_found_by_a_receipt_kept_elsewhere() -> None:
    six_entries()
    kept = Receipt.read(verify().receipt)
    falsify("UPDATE rights_ledgerentry SET purpose = 'calls' WHERE number = 2")
    falsify(FORGE.format(canonical=readers.CANONICAL))
    LedgerHead.objects.update(hash=LedgerEntry.objects.get(number=6).hash)
    falsify("UPDATE rights_ground SET purpose = 'calls' WHERE id = (SELECT min(id) FROM rights_ground)", **STATE)
    assert broken() is None, "nothing inside the database can tell"
    for found in (verify(kept=kept), verify(since=kept)):
        assert found.broken is not None
        assert (found.broken.number, found.broken.fault) == (6, Fault.OTHER_RECEIPT)


def test_a_receipt_for_entries_that_were_cut_off_with_the_head_is_found() -> None:
    six_entries()
    kept = Receipt.read(verify().receipt)
    falsify("DELETE FROM rights_ledgerentry WHERE number > 4")
    LedgerHead.objects.update(number=4, hash=LedgerEntry.objects.get(number=4).hash)
    falsify("DELETE FROM rights_ground WHERE id = (SELECT max(id) FROM rights_ground)", **STATE)
    assert broken() is None
    found = verify(kept=kept).broken
    assert found is not None
    assert (found.number, found.fault) == (6, Fault.MISSING)


def test_since_a_receipt_only_what_came_after_is_read() -> None:
    six_entries()
    kept = Receipt.read(verify().receipt)
    give(PersonFactory())
    steps: list[tuple[int, int]] = []
    found = services.verify(since=kept, progress=lambda done, total: steps.append((done, total)), actor=SYSTEM)
    assert (found.entries, steps) == (7, [(1, 1)])


def test_only_the_keepers_verify() -> None:
    for actor in (Visitor(), staff(Role.ORGANISER)):
        with pytest.raises(NotAllowed):
            services.verify(actor=actor)


def test_every_night_the_ledger_is_held_against_the_receipt_of_the_night_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    six_entries()
    tasks.verify()
    assert last_receipt() == readers.head()
    falsify("DELETE FROM rights_ledgerentry WHERE number > 4")
    LedgerHead.objects.update(number=4, hash=LedgerEntry.objects.get(number=4).hash)
    tasks.verify()
    assert "broken" in caplog.text
    assert Entry.objects.latest("id").detail["broken"] == 6
    assert last_receipt().number == 6  # type: ignore[union-attr]


# -- the console


def run(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_console_gives_a_receipt_and_takes_it_back() -> None:
    six_entries()
    told = json.loads(run("rights_verify", "--json"))
    assert (told["entries"], told["broken"]) == (6, None)
    assert told["receipt"] in run("rights_verify", "--receipt", told["receipt"], "--since", told["receipt"])
    with pytest.raises(CommandError, match="xyz"):
        run("rights_verify", "--receipt", "xyz")


def test_the_console_ends_with_one_on_a_broken_ledger_and_tells_where() -> None:
    six_entries()
    falsify("DELETE FROM rights_ledgerentry WHERE number = 4")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("rights_verify", "--json", stdout=out)
    told = json.loads(out.getvalue())["broken"]
    assert (end.value.code, told["number"], told["fault"]) == (1, 4, "missing")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("rights_verify", stdout=out, stderr=out)
    assert "✗" in out.getvalue()


# -- the state is what the ledger says


def state() -> list[dict[str, Any]]:
    return list(Ground.objects.order_by("pk").values())


def some_state() -> list[dict[str, Any]]:
    six_entries()
    give(PersonFactory(), Purpose.CALLS)
    GroundFactory(person=PersonFactory(), basis=Basis.DECLARED_AT_IMPORT, evidence={"file": "a.csv", "row": 3})
    return state()


@pytest.mark.parametrize(
    ("statement", "fate"),
    [
        ("UPDATE rights_ground SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL", {"different": 3}),
        ("UPDATE rights_ground SET evidence = '{}', source = 'x' WHERE purpose = 'calls'", {"different": 1}),
        ("UPDATE rights_ground SET basis = 'consent' WHERE basis <> 'consent'", {"different": 1}),
        ("DELETE FROM rights_ground", {"missing": 5}),
    ],
)
def test_a_corrupted_state_is_shown_then_rebuilt(statement: str, fate: dict[str, int]) -> None:
    before = some_state()
    falsify(statement, table="rights_ground")
    corrupted = state()
    shown = services.rebuild(dry_run=True, actor=SYSTEM)
    assert (shown.counts, len(shown.differences), state()) == (fate, shown.total, corrupted)
    services.rebuild(dry_run=False, actor=SYSTEM)
    assert state() == before
    assert LedgerEntry.objects.count() == 8, "rebuilding adds nothing to the ledger"
    assert services.rebuild(dry_run=True, actor=SYSTEM).total == 0


def test_a_ground_that_the_ledger_does_not_know_is_withdrawn_and_the_ledger_learns_of_it() -> None:
    some_state()
    falsify(
        "INSERT INTO rights_ground (person_id, purpose, channel, basis, source, evidence, withdrawal, given_at) "
        "VALUES (%s, 'newsletter', 'email', 'consent', 'forged', '{}', '{}', %s)",
        PersonFactory().pk,
        clock.now(),
        table="rights_ground",
    )
    assert services.rebuild(dry_run=False, actor=SYSTEM).counts == {"unknown": 1}
    assert not Ground.objects.get(source="forged").is_live
    assert acts()[-1] == Act.WITHDRAWN
    assert services.rebuild(dry_run=True, actor=SYSTEM).total == 0
    assert broken() is None


def test_what_a_ground_let_be_kept_ends_with_it_when_it_had_been_reopened_behind_the_ledger() -> None:
    person = PersonFactory()
    opinion, measurement = give(person, Purpose.OPINION), give(person, Purpose.MEASUREMENT)
    services.withdraw(
        person, [Purpose.OPINION, Purpose.MEASUREMENT], evidence={"link": 1}, source="tests", actor=SYSTEM
    )
    falsify("UPDATE rights_ground SET withdrawn_at = NULL, withdrawal = '{}'", table="rights_ground")
    Opinion.objects.create(person=person, ground=opinion, support_level=5, source="tests")
    Interaction.objects.create(person=person, kind=Kind.CLICKED, source="tests")
    services.rebuild(dry_run=False, actor=SYSTEM)
    assert not Opinion.objects.exists()
    assert not Interaction.objects.filter(kind=Kind.CLICKED).exists()
    assert not Ground.objects.filter(pk__in=[opinion.pk, measurement.pk], withdrawn_at=None).exists()


def test_a_proof_lost_in_both_places_leaves_its_digest() -> None:
    some_state()
    falsify("UPDATE rights_ground SET evidence = '{}' WHERE purpose = 'calls'", table="rights_ground")
    Proof.objects.update(evidence={})
    assert services.rebuild(dry_run=False, actor=SYSTEM).counts["unproven"] == 1
    ground = Ground.objects.get(purpose=Purpose.CALLS)
    digest = LedgerEntry.objects.get(ground_number=ground.pk).evidence
    assert ground.evidence == {"lost": bytes(digest).hex()}  # type: ignore[arg-type]


def test_rebuilding_brings_nothing_of_an_erased_person_back() -> None:
    person = PersonFactory(reachable=True)
    services.erase(person, actor=SYSTEM)
    assert services.rebuild(dry_run=False, actor=SYSTEM).total == 0
    assert not Ground.objects.exists()


def test_the_console_shows_what_it_would_rebuild() -> None:
    some_state()
    assert "✓" in run("rights_rebuild", "--dry-run")
    falsify("UPDATE rights_ground SET basis = 'consent' WHERE basis <> 'consent'", table="rights_ground")
    assert "(basis)" in run("rights_rebuild", "--dry-run")
    assert json.loads(run("rights_rebuild", "--json"))["counts"] == {"different": 1}


def test_a_break_is_on_the_first_page_of_those_who_keep_the_ledger_and_of_nobody_else() -> None:
    six_entries()
    falsify("DELETE FROM rights_ledgerentry WHERE number = 4")
    verify()
    for role, is_alarmed in ((Role.DATA_OFFICER, True), (Role.READER, False)):
        page = signed_in(role).get("/gestion/").content.decode()
        assert ("Écriture 4" in page) is is_alarmed
