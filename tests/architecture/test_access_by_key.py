"""Who gets in by a key: every address of the interface for programs, tried by every role, against one table.

A new address needs its line: the failure prints the line as it is found, for whoever answers for it to read and paste.
"""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from portevoix.accounts.types import OVER_ONE_DEPARTEMENT, Role
from portevoix.api.types import SCOPES
from portevoix.api.views.interface import ROOT, document
from portevoix.people.models import Consultation, Interaction
from tests.accounts.factories import signed_in
from tests.api.factories import Program, program
from tests.architecture.test_access import COLUMNS
from tests.architecture.test_urls import addresses, is_keyed
from tests.architecture.world import everything_about
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db
NUMBER = 7_000_001
TABLE = """
                             dir dpo com tre org loc rea
GET key                       x   x   x   x   x   x   x
GET people                    x   x   ·   ·   x   ·   ·
GET people/1                  x   x   x   x   x   x   x
GET people/1/consents         x   x   x   x   x   x   x
GET people/1/opinions         x   x   ·   ·   x   x   ·
GET purposes                  x   x   x   x   x   x   x
GET segments                  x   x   x   x   x   x   x
GET segments/1                x   x   x   x   x   x   x
PATCH people/1                x   x   ·   ·   x   x   ·
POST people                   x   ·   ·   ·   x   x   ·
POST people/1/consents        x   x   ·   ·   ·   ·   ·
POST people/1/contacts        x   x   ·   ·   x   x   ·
POST people/1/tags            x   x   ·   ·   x   x   ·
POST people/1/withdrawals     x   x   ·   ·   ·   ·   ·
POST people/gone              x   x   x   x   x   x   x
POST people/search            x   x   x   x   x   x   x
PUT people/1/opinions         x   x   ·   ·   x   x   ·
"""


def operations() -> list[tuple[str, str, str]]:
    """Return each act of the document: its method, its address for the first person, and its scope."""
    found = []
    for path, acts in document()["paths"].items():
        for method, act in acts.items():
            found.append((method.upper(), path.removeprefix(f"{ROOT}/").replace("{pk}", "1"), act.get("x-scope", "")))
    return sorted(found)


def expected() -> dict[str, set[Role]]:
    """Read the table."""
    rows = [row for row in TABLE.splitlines()[2:] if row.strip()]
    return {
        row[:28].strip(): {role for role, mark in zip(COLUMNS, row[28:].split(), strict=True) if mark == "x"}
        for row in rows
    }


def held_by(role: Role) -> Program:
    return program(role, "35" if role in OVER_ONE_DEPARTEMENT else "")


@pytest.mark.parametrize("role", COLUMNS)
def test_every_address_opens_for_the_keys_of_the_roles_of_the_table_and_for_no_other(role: Role) -> None:
    PersonFactory(pk=1, in_rennes=True)
    SegmentFactory(pk=1)
    held, table, found = held_by(role), expected(), {}
    for method, path, _scope in operations():
        with transaction.atomic():
            status = held.ask(method, path, None if method == "GET" else {}).status_code
            transaction.set_rollback(True)
        assert status not in {401, 404, 405, 500}, (method, path, status)
        found[f"{method} {path}"] = status != 403
    wrong = [f"{name} {is_open}" for name, is_open in found.items() if (role in table.get(name, set())) != is_open]
    assert wrong == [], f"as {role} finds them:\n" + "\n".join(wrong)
    assert set(table) == set(found)


def test_the_document_names_every_address_that_there_is_and_no_other() -> None:
    told = {path.replace("{pk}", "1") for path in document()["paths"]}
    there = {path.rstrip("/") for path, item in addresses(get_resolver()) if is_keyed(item)}
    assert len(told) > 10
    assert there - told == {ROOT, f"{ROOT}/x"}  # what is not there
    assert told - there == set()


def test_every_scope_opens_an_address_and_every_address_of_persons_has_one() -> None:
    assert {scope for _method, _path, scope in operations()} == {*SCOPES, ""}
    assert {path for _method, path, scope in operations() if not scope} == {"key", "purposes"}


def test_without_a_key_with_a_session_or_without_nothing_opens() -> None:
    PersonFactory(pk=1)
    tried, opened = 0, []
    for client in (Client(), signed_in(Role.DIRECTOR), Client(enforce_csrf_checks=True)):
        for method, path, _scope in operations():
            answer = client.generic(method, f"{ROOT}/{path}", b"{}", content_type="application/json")
            tried += 1
            if answer.status_code != 401 or answer.cookies:
                opened.append((method, path, answer.status_code))
    assert tried > 30
    assert opened == []


def test_to_the_key_of_a_local_lead_a_person_of_another_departement_does_not_exist() -> None:
    everything_about(NUMBER, "Voisinelle", in_brest=True)
    held, tried = held_by(Role.LOCAL_LEAD), 0
    lead = {method_path for method_path, roles in expected().items() if Role.LOCAL_LEAD in roles}
    bodies = {"PATCH": {"version": "x"}, "PUT": {"version": "none"}, "POST": {"add": ["Vu"]}}
    for method, path, _scope in operations():
        said = {} if path.endswith("/contacts") else bodies.get(method)
        answer = held.ask(method, path.replace("/1", f"/{NUMBER}"), said)
        assert b"Voisinelle" not in answer.content
        if "people/1" in path and f"{method} {path}" in lead:
            tried += 1
            assert answer.status_code == 404, (method, path)
    assert tried == 7


def test_every_address_that_tells_of_persons_writes_who_read_them() -> None:
    person, held, shown = everything_about(NUMBER, "Voisinelle", in_rennes=True), held_by(Role.DIRECTOR), 0
    asked = {"POST": {"email": person.emails.get().address}}
    for method, path, _scope in operations():
        with transaction.atomic():
            answer = held.ask(method, path.replace("/1", f"/{NUMBER}"), asked.get(method))
            if answer.status_code == 200 and b"Voisinelle" in answer.content:
                shown += 1
                mark = Interaction.objects.filter(person=person, kind="exported", by__endswith="(API: Site)")
                assert Consultation.objects.filter(person=person).exists() or mark.exists(), (method, path)
            transaction.set_rollback(True)
    assert shown == 3
