"""The campaign shortens what the law allows, says why, and no rule once set is rewritten."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.journal.models import Entry
from portevoix.rights.exceptions import TermRefused
from portevoix.rights.models import RetentionRule
from portevoix.rights.purposes import RULES
from portevoix.rights.selectors import retention as selectors
from portevoix.rights.services import retention
from tests.accounts.factories import staff
from tests.rights.retaining import (
    REASON,
    gave,
    person,
    run,
    set_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_night")]


@pytest.mark.parametrize("code", sorted(RULES))
def test_no_rule_is_longer_than_the_law_by_any_way(code: str) -> None:
    most = RULES[code].most
    assert RULES[code].months <= most
    assert set_term(code, most).months == most
    with pytest.raises(TermRefused, match=str(most)):
        set_term(code, most + 1)
    with pytest.raises(IntegrityError, match="retention_within_the_law"), transaction.atomic():
        RetentionRule.objects.create(code=code, months=most + 1, reason=REASON, by="x")


def test_a_rule_needs_a_reason_in_the_form_and_in_the_database() -> None:
    with pytest.raises(TermRefused):
        set_term("newsletter", 12, reason="  non  ")
    with pytest.raises(IntegrityError, match="retention_has_a_reason"), transaction.atomic():
        RetentionRule.objects.create(code="newsletter", months=1, reason="         ", by="x")


@pytest.mark.parametrize(
    "statement", ["UPDATE rights_retentionrule SET months = 1", "DELETE FROM rights_retentionrule"]
)
def test_a_rule_once_set_is_never_rewritten(statement: str) -> None:
    set_term("newsletter", 24)
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_last_rule_counts_and_the_former_stays_with_its_reason() -> None:
    set_term("newsletter", 24)
    set_term("newsletter", 6)
    assert selectors.terms_in_force()["newsletter"] == 6
    assert RetentionRule.objects.count() == 2
    gave(person(), days=240)
    assert run().counts == {"grounds.newsletter": 1, "people.lapsed": 1}


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.ORGANISER, Role.TREASURER, Role.READER])
def test_only_directors_and_the_officer_set_terms(role: Role) -> None:
    with pytest.raises(NotAllowed):
        retention.set_term("newsletter", 12, reason=REASON, actor=staff(role))


def test_the_reason_stays_out_of_the_journal() -> None:
    set_term("newsletter", 12, reason="À cause de Maëlle Quéméneur, qui l’a demandé.")
    assert "Maëlle" not in str(Entry.objects.get(command="rights.set_term").detail)
