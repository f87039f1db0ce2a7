"""The accessibility statement claims what the law lets it claim, from the result of an audit and from nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from portevoix.website.models import HomePage, LegalPage
from portevoix.website.rules import compliance_of
from tests.website.factories import LegalPageFactory

AUDITED = {"audited_on": date(2026, 11, 3), "auditor": "Atelier Mercure"}


def statement(client: Client, **facts: Any) -> str:
    LegalPageFactory(slug="accessibilite", kind=LegalPage.Kind.ACCESSIBILITY, **facts)
    page = BeautifulSoup(client.get("/accessibilite/", {"x": 1}).content, "html.parser")
    return " ".join(page.get_text(" ").split())


@pytest.mark.parametrize(
    ("rate", "claimed"),
    [(None, "none"), (0, "none"), (49, "none"), (50, "partial"), (99, "partial"), (100, "full")],
)
def test_what_may_be_claimed_follows_from_the_criteria_met(rate: int | None, claimed: str) -> None:
    assert compliance_of(rate) == claimed


@pytest.mark.django_db
class TestTheStatement:
    def test_without_an_audit_nothing_is_claimed(self, client: Client, home: HomePage) -> None:
        said = statement(client)
        assert "réputé non conforme au RGAA 4.1" in said
        assert "Aucun audit n’a encore été fait" in said

    def test_an_audit_below_half_is_said_as_it_is(self, client: Client, home: HomePage) -> None:
        said = statement(client, **AUDITED, rate=40)
        assert "Ce site n’est pas conforme au RGAA 4.1" in said
        assert "conformité partielle" not in said
        assert "conformité totale" not in said
        assert "L’audit du 3 novembre 2026 par Atelier Mercure montre que 40 % des critères" in said

    @pytest.mark.parametrize(("rate", "claim"), [(50, "en conformité partielle"), (100, "en conformité totale")])
    def test_the_rest_is_claimed_once_shown(self, client: Client, home: HomePage, rate: int, claim: str) -> None:
        assert f"Ce site est {claim} avec le RGAA 4.1" in statement(client, **AUDITED, rate=rate)

    def test_nothing_is_said_of_tests_that_they_do_not_do(self, client: Client, home: HomePage) -> None:
        said = statement(client)
        assert "chaque type de page" not in said
        assert "ne trouvent qu’une partie des défauts" in said

    def test_a_result_needs_the_day_of_its_audit(self, home: HomePage) -> None:
        page = LegalPageFactory(kind=LegalPage.Kind.ACCESSIBILITY)
        page.rate = 100
        with pytest.raises(ValidationError) as refusal:
            page.full_clean()
        assert "audited_on" in refusal.value.message_dict

    @pytest.mark.parametrize("wrong", [{"rate": 100, "audited_on": None}, {"rate": 101, **AUDITED}])
    def test_the_database_holds_no_claim_without_an_audit(self, home: HomePage, wrong: dict[str, Any]) -> None:
        page = LegalPageFactory(kind=LegalPage.Kind.ACCESSIBILITY)
        with pytest.raises(IntegrityError), transaction.atomic():
            LegalPage.objects.filter(pk=page.pk).update(**wrong)
