"""A canary names the export that a file found outside comes from, also from a part, in any order and case."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.disclosure import selectors, tasks
from portevoix.disclosure.exceptions import Unreadable
from portevoix.disclosure.models import Canary, Export
from portevoix.disclosure.rules import canaries
from portevoix.disclosure.selectors import ALL_FIELDS
from portevoix.disclosure.services.exporting import begin_export
from portevoix.disclosure.services.leaks import identify_leak, raise_alarm
from portevoix.journal.models import Entry
from portevoix.people.models import Person
from tests.accounts.factories import UserFactory, staff
from tests.disclosure.factories import DOMAIN, ordered, rows_of, with_canaries, written
from tests.people.factories import PersonFactory, PhoneFactory, reachable

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _domain(settings: Settings) -> None:
    with_canaries(settings)


def people(number: int = 30) -> None:
    for n in range(number):
        person = reachable(f"membre{n}@mail.example", last_name=f"{'QWERTY'[n % 6]}uéméneur{n}", in_rennes=True)
        PhoneFactory(person=person, number=f"+3367000{n:04d}")


def leak() -> tuple[Export, list[dict[str, str]]]:
    """Return an export and its rows as they were downloaded; another export holds the same people."""
    people()
    actor = staff()
    export = written(actor, ("last_name", "email"))
    written(staff(), ("last_name", "email"))
    return export, rows_of(export, actor, with_invented=True)


def text(rows: list[dict[str, str]], separator: str = ";") -> bytes:
    return "\n".join(separator.join(row.values()) for row in rows).encode()


def named(content: bytes) -> list[int]:
    return [finding.export.pk for finding in identify_leak(file=io.BytesIO(content), actor=System("tests")).findings]


def spreadsheet(rows: list[dict[str, str]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        cells = "".join(f"<si><t>{cell}</t></si>" for row in rows for cell in row.values())
        archive.writestr("xl/sharedStrings.xml", f"<sst>{cells}</sst>")
    return file.getvalue()


FORMS: list[Callable[[list[dict[str, str]]], bytes]] = [
    text,
    lambda rows: text(list(reversed(rows))),
    lambda rows: text(rows).upper(),
    lambda rows: text([row for row in rows if row["email"].endswith(DOMAIN)][:1]),
    lambda rows: text(rows, "\t").decode().encode("utf-16"),
    lambda rows: "".join(f"<{row['email']}>," for row in rows).encode(),
    spreadsheet,
]


@pytest.mark.parametrize("form", FORMS, ids=["whole", "reversed", "capitals", "one row", "utf-16", "Cc line", "xlsx"])
def test_a_copy_names_its_export_and_no_other(form: Callable[[list[dict[str, str]]], bytes]) -> None:
    export, rows = leak()
    assert named(form(rows)) == [export.pk]


def test_an_address_alone_names_its_export() -> None:
    export, _rows = leak()
    canary = export.canaries.first()
    assert canary is not None
    traces = identify_leak(text=f"  {canary.mailbox.upper()} ", actor=System("tests"))
    [finding] = traces.findings
    assert (finding.export, finding.found, finding.hidden) == (export, 1, 3)


def test_a_canary_across_two_blocks_of_a_large_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portevoix.disclosure.readers.leaked.BLOCK", 700)
    export, rows = leak()
    for shift in range(0, 60, 7):
        assert named(b"x" * (670 + shift) + b" " + text(rows)) == [export.pk]


def test_a_file_without_canaries_says_so_and_hints_at_exports_of_the_same_people() -> None:
    export, rows = leak()
    cleaned = [row for row in rows if not row["email"].endswith(DOMAIN)][:10]
    traces = identify_leak(file=io.BytesIO(text(cleaned)), actor=System("tests"))
    assert (traces.findings, traces.known) == ([], 10)
    assert {pk.pk: number for pk, number in traces.shared}[export.pk] == 10


def test_a_mobile_number_alone_names_its_export_unless_somebody_real_has_it() -> None:
    people()
    export = ordered(staff(), ("last_name", "email", "mobile_number"))
    first, second = export.canaries.all()[:2]
    Canary.objects.filter(pk=first.pk).update(mobile="+33639980001")
    Canary.objects.filter(pk=second.pk).update(mobile="+33639980002")
    assert named(b"06 39 98 00 01") == [export.pk]
    PhoneFactory(person=PersonFactory(), number="+33639980002")
    assert named(b"06 39 98 00 02") == []


def test_a_canary_looks_like_its_neighbours() -> None:
    people(40)
    actor = staff()
    export = written(actor, ALL_FIELDS)
    rows = rows_of(export, actor, with_invented=True)
    invented = [row for row in rows if row["email"].endswith(DOMAIN)]
    real = next(row for row in rows if row["email"].endswith("mail.example"))
    assert len(invented) == 3
    for row in invented:
        assert {name for name, cell in row.items() if cell} == {name for name, cell in real.items() if cell}
        assert (row["primary_city"], row["email_opt_in"]) == (real["primary_city"], real["email_opt_in"])
        assert row["mobile_number"].startswith("+33")


def test_canaries_stand_where_their_name_belongs() -> None:
    people(40)
    actor = staff()
    export = written(actor, ("last_name", "email"))
    rows = rows_of(export, actor, with_invented=True)
    in_order = list(Person.objects.order_by("sort_key").values_list("last_name", flat=True))
    for canary in export.canaries.all():
        at = next(number for number, row in enumerate(rows) if row["email"] == canary.mailbox)
        before = [row["last_name"] for row in rows[:at] if not row["email"].endswith(DOMAIN)]
        assert len(before) == canary.place
        assert before == in_order[: canary.place]


def test_the_same_canaries_come_back_when_the_file_is_written_again() -> None:
    people()
    export = ordered(staff(), ALL_FIELDS)
    first = list(tasks._rows(begin_export(export.pk, actor=tasks.ACTOR)))
    again = list(tasks._rows(begin_export(export.pk, actor=tasks.ACTOR)))
    assert first == again


def test_no_canary_is_in_two_exports() -> None:
    people()
    for _time in range(5):
        ordered(staff())
    mailboxes = list(Canary.objects.values_list("mailbox", flat=True))
    assert len(mailboxes) == len(set(mailboxes)) == 15


def test_canaries_are_not_counted_as_people_and_become_none() -> None:
    export, rows = leak()
    assert (export.people, len(rows)) == (30, 33)
    assert Person.objects.count() == 30


def sent_from(settings: Settings, sender: str) -> None:
    with_canaries(settings, "")
    mail = settings.INSTANCE.mail.model_copy(update={"sender": sender})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})


def test_without_a_domain_of_their_own_invented_people_are_at_the_campaigns(settings: Settings) -> None:
    sent_from(settings, "bonjour@campagne.example")
    export, rows = leak()
    mailboxes = {canary.mailbox for canary in export.canaries.all()}
    assert all(mailbox.endswith("@campagne.example") for mailbox in mailboxes)
    assert mailboxes < {row["email"] for row in rows}
    assert named(text(rows)) == [export.pk]


def test_an_invented_address_is_nobodys_at_the_campaigns_own_domain(settings: Settings) -> None:
    sent_from(settings, "bonjour@campagne.example")
    taken = canaries.invent(random.Random(1), "campagne.example")
    UserFactory(email=taken.mailbox)
    assert selectors.not_taken([taken], "email") == []


def test_where_the_sender_has_no_domain_the_name_tells_and_no_address_is_made_up(settings: Settings) -> None:
    sent_from(settings, "campagne@localhost")
    export, rows = leak()
    assert [row for row in rows if "invalid" in row["email"]] == []
    assert named(text(rows)) == [export.pk]


@pytest.mark.parametrize(
    "fields",
    [
        ("first_name", "last_name"),
        ("last_name", "primary_address1"),
        ("primary_address1", "primary_zip"),
        ("mobile_number",),
        ("phone_number", "first_name"),
        ("last_name", "mobile_number", "tag_list"),
    ],
)
@pytest.mark.parametrize("form", [text, spreadsheet, lambda rows: text(rows).upper()], ids=["csv", "xlsx", "capitals"])
def test_a_file_without_addresses_names_its_export_too(
    fields: tuple[str, ...], form: Callable[[list[dict[str, str]]], bytes]
) -> None:
    people()
    actor = staff()
    export, other = written(actor, fields), written(staff(), fields)
    rows = rows_of(export, actor, with_invented=True)
    assert (len(rows), export.people) == (33, 30)
    assert named(form(rows)) == [export.pk]
    [finding] = identify_leak(file=io.BytesIO(form(rows)), actor=System("tests")).findings
    assert (finding.found, finding.hidden) == (3, 3)
    assert other.canaries.count() == 3


def test_a_name_that_somebody_real_bears_proves_nothing() -> None:
    people()
    export = ordered(staff(), ("first_name", "last_name"))
    canary = export.canaries.first()
    assert canary is not None
    found = f"x;{canary.family_name.upper()};y".encode()
    assert named(found) == [export.pk]
    PersonFactory(last_name=canary.family_name)
    assert named(found) == []


def test_a_file_of_columns_that_tell_nobody_apart_is_not_marked_and_the_journal_says_so() -> None:
    people()
    export = ordered(staff(), ("primary_zip", "tag_list"))
    assert not export.canaries.exists()
    assert Entry.objects.get(command="disclosure.order_export").detail["canaries"] == 0


def test_a_message_to_a_canary_raises_the_alarm_in_the_journal() -> None:
    export, _rows = leak()
    canary = export.canaries.first()
    assert canary is not None
    call_command("canary_mail", canary.mailbox.upper())
    call_command("canary_mail", canary.mailbox)
    entry = Entry.objects.filter(command="disclosure.raise_alarm").latest("pk")
    assert (entry.about_id, entry.count, entry.detail) == (str(export.pk), 2, {})
    canary.refresh_from_db()
    assert canary.times_heard == 2


def test_a_message_to_no_canary_names_nothing() -> None:
    assert raise_alarm("quelqu.un@boite.example", actor=System("tests")) is None
    assert Entry.objects.get(command="disclosure.raise_alarm").about_id == ""


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COMMUNICATIONS, Role.READER])
def test_who_exports_does_not_look_for_leaks(role: Role) -> None:
    with pytest.raises(NotAllowed):
        identify_leak(text="a@b.example", actor=staff(role))


def test_looking_is_in_the_journal_and_keeps_nothing_of_the_file() -> None:
    export, rows = leak()
    named(text(rows))
    entry = Entry.objects.get(command="disclosure.identify_leak")
    assert entry.detail == {"exports": [export.pk], "seen": len(rows)}


def test_the_command_names_the_export_who_when_and_why(tmp_path: Path) -> None:
    export, rows = leak()
    found = tmp_path / "trouve.csv"
    found.write_bytes(text(rows))
    said = io.StringIO()
    call_command("identify_leak", str(found), stdout=said)
    for fact in (f"Export {export.pk}", export.asker, "canvassing", "3"):
        assert fact in said.getvalue()
    as_json = io.StringIO()
    call_command("identify_leak", str(found), "--json", stdout=as_json)
    assert [one["export"] for one in json.loads(as_json.getvalue())["exports"]] == [export.pk]


def test_what_cannot_be_looked_into_is_said(tmp_path: Path) -> None:
    people()
    export = written(staff())
    with pytest.raises(Unreadable), export.path.open("rb") as file:
        identify_leak(file=file, actor=System("tests"))
    with pytest.raises(CommandError):
        call_command("identify_leak", str(export.path))
