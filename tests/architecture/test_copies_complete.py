"""Whoever asks is given every column that is about them: what is left out of the copy is named, with its reason."""

from __future__ import annotations

from portevoix.disclosure.selectors import IDENTITY
from portevoix.people.models import Person
from portevoix.rights.types import HANDLERS

ELSE = "about another person, or who of the team did it: their own data"
MACHINE = "a number by which machines find rows; it says nothing of the person"
TEXTS = "which text was shown; the text itself is with the consent"


def _of_the_file(columns: str) -> dict[str, str]:
    return dict.fromkeys(columns.split(), "the whole file’s, not the person’s")


#: Columns of the record itself that the copy has not under their own name.
NOT_OF_THE_RECORD = {
    "id": MACHINE,
    "ref": "a random number that letters name the person by",
    "sort_key": "the name, without accents",
    "commune": "given by its name",
}
#: Columns of tables with a handler that the copy has not; keys to the row itself and to its person go without saying.
LEFT_OUT: dict[str, dict[str, str]] = {
    "journeys.call": {"step": MACHINE, "attempts": MACHINE, "due_at": MACHINE, "code": MACHINE},
    "journeys.mark": {"key": MACHINE},
    "journeys.trip": {"version": MACHINE, "step": MACHINE},
    "actions.linkwanted": {"address": "an address that anybody typed, for minutes, before it is looked up"},
    "actions.participation": {
        "submission": "given with the submissions",
        "version": TEXTS,
        "letter": "given with the messages",
        "is_letter_due": MACHINE,
        "share_code": ELSE,
        "recruiter": ELSE,
    },
    "actions.enquiry": {"answerer": ELSE},
    "actions.enquiryanswer": {"by": ELSE, "is_sent": MACHINE},
    "actions.membershipapplication": {"decided_by": ELSE},
    "actions.proxy": {"partner": ELSE},
    "paths.place": {"point_person": ELSE, "enrolment": MACHINE, "version": MACHINE},
    "paths.passage": {"step": "given by its name", "by": ELSE},
    "paths.task": {
        "step": MACHINE,
        "assignee": ELSE,
        "author": ELSE,
        "author_name": ELSE,
        "done_by": ELSE,
        "version": MACHINE,
    },
    "intake.submission": {"wordings": TEXTS},
    "intake.arrival": dict.fromkeys(
        (
            *("sha256", "declares_grounds", "declares_opinions", "staged", "is_read", "is_grouped", "merged"),
            *("closed_at", "extras", "counts"),
        ),
        "the whole file’s, not the person’s",
    ),
    "delivery.message": {
        "ground": "given with the consents",
        **dict.fromkeys(("priority", "attempts", "not_before", "run", "code"), MACHINE),
    },
    "delivery.bounce": {"message": MACHINE},
    "delivery.textreceipt": {"message": MACHINE, "reference": MACHINE, "code": MACHINE},
    "delivery.textreply": {"reference": MACHINE},
    "delivery.contact": {"ground": "given with the consents"},
    "disclosure.export": dict.fromkeys(
        (
            *("state", "end", "asker_kind", "asker_id", "asker", "about_kind", "about_id", "people", "written"),
            *("recalls", "failures", "size", "seed", "shown_at", "created_at", "moved_at", "ended_at", "downloads"),
            *("recalled_at", "asker_departements"),
        ),
        "the whole file’s, not the person’s",
    ),
    "people.consultation": {"reader_id": ELSE, "reader": "when, and in which role, is owed; not the name (C-579/21)"},
    "rights.request": {
        "digest": MACHINE,
        "assignee": ELSE,
        "days_paused": "follows from the days",
        "lifting_told_at": "given with the letters",
        "last_reminder": MACHINE,
        "reminded_on": MACHINE,
    },
    "people.candidate": {"second": ELSE, "search": MACHINE},
    "rights.merge": {"absorbed_number": MACHINE, "by": ELSE},
    "people.bulkchange": {"row_id": MACHINE},
    "people.relationship": {"other": ELSE},
    "people.note": {"author": ELSE, "author_name": ELSE},
    "people.attachment": {"author_name": ELSE},
    "rights.opinion": dict.fromkeys(("ground", "purpose", "channel"), "given with the consents"),
    "people.interaction": {"about_kind": MACHINE, "about_id": MACHINE, "by": ELSE},
    "rights.ground": {"is_held": "follows from the restriction, which is given"},
}


def test_every_column_of_the_record_is_in_the_copy_or_says_why_not() -> None:
    columns = {field.name for field in Person._meta.concrete_fields}
    assert len(columns) > 15
    assert columns - set(IDENTITY) == set(NOT_OF_THE_RECORD)


def test_every_column_of_a_table_about_a_person_is_in_the_copy_or_says_why_not() -> None:
    seen = 0
    missing: dict[str, set[str]] = {}
    for label, handler in HANDLERS.items():
        given = {path.partition("__")[0] for path in handler.exported} | {
            handler.path.partition("__")[0].removesuffix("_id")
        }
        columns = {
            field.name
            for field in handler.model._meta.concrete_fields
            if not field.primary_key and field.name != "person" and field.name not in given
        }
        seen += len(handler.model._meta.concrete_fields)
        if columns != set(LEFT_OUT.get(label, {})):
            missing[label] = columns ^ set(LEFT_OUT.get(label, {}))
    assert seen > 200
    assert missing == {}
