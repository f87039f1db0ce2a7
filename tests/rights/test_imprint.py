"""What the law has a campaign say of itself: each side's own word counts, and what is missing is known."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, Staff, System
from portevoix.delivery import letters
from portevoix.journal.models import Entry
from portevoix.rights.models import Imprint
from portevoix.rights.rules.imprint import REQUIRED, missing, put_together
from portevoix.rights.selectors.imprint import imprint, legal_facts
from portevoix.rights.services.imprint import declare_imprint
from portevoix.rights.types import LegalFacts, LegalForm
from tests.accounts.factories import UserFactory

WHOLE = LegalFacts(
    publisher="Ensemble pour Valmer",
    publisher_form=LegalForm.FINANCING,
    publisher_address="3 place du Marché, 00000 Valmer",
    publisher_phone="01 99 00 11 22",
    publisher_email="bonjour@valmer.example",
    director="Ada Lorme",
    data_officer_email="donnees@valmer.example",
    host_name="Une machine à nous",
    host_address="1 rue du Serveur, 00000 Valmer",
    host_phone="01 99 00 33 44",
    host_country="FR",
)


def configure(settings: Any, section: str, **values: Any) -> None:
    """Write values into a table of the instance's file."""
    changed = getattr(settings.INSTANCE, section).model_copy(update=values)
    settings.INSTANCE = settings.INSTANCE.model_copy(update={section: changed})


def test_nothing_is_missing_where_all_is_said() -> None:
    assert missing(WHOLE) == []


@pytest.mark.parametrize("name", REQUIRED)
def test_each_fact_that_the_law_wants_is_missed(name: str) -> None:
    assert missing(replace(WHOLE, **{name: "  "})) == [name]


def test_the_campaigns_word_wins_for_what_is_its_own_and_the_hosts_for_what_is_the_hosts() -> None:
    file = {"publisher": "From the file", "director": "From the file", "host_name": "The host", "host_country": "DE"}
    said = {"publisher": "The campaign", "host_name": "Somebody else", "host_phone": "01", "host_country": "US"}
    facts = put_together(file, said)
    assert (facts.publisher, facts.director) == ("The campaign", "From the file")
    assert (facts.host_name, facts.host_phone, facts.host_country) == ("The host", "01", "DE")


def test_the_country_is_the_campaigns_where_the_file_names_no_host() -> None:
    assert put_together({"host_country": "FR"}, {"host_country": "IS"}).host_country == "IS"
    assert put_together({"host_country": "FR"}, {}).host_country == "FR"


@pytest.mark.django_db
class TestDeclaring:
    def test_what_is_declared_is_what_letters_and_pages_say(self, settings: Any) -> None:
        configure(settings, "legal", publisher="From the file", publisher_address="", host_name="")
        assert legal_facts().publisher == "From the file"
        declare_imprint(WHOLE, actor=System("tests"))
        assert legal_facts() == WHOLE
        assert letters.sender()["publisher"] == "Ensemble pour Valmer"

    def test_the_form_begins_from_the_file(self, settings: Any) -> None:
        configure(settings, "legal", publisher="From the file")
        assert imprint().publisher == "From the file"

    def test_declaring_again_changes_the_one_row_and_the_journal_says_which_facts(self) -> None:
        declare_imprint(WHOLE, actor=System("tests"))
        declare_imprint(replace(WHOLE, director="Somebody"), actor=System("tests"))
        assert Imprint.objects.count() == 1
        assert Entry.objects.filter(command="rights.declare_imprint").latest("pk").detail == {"changed": ["director"]}

    def test_what_is_no_address_is_refused_and_nothing_is_kept(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            declare_imprint(replace(WHOLE, publisher_email="nowhere"), actor=System("tests"))
        assert "publisher_email" in refusal.value.message_dict
        assert not Imprint.objects.exists()

    def test_there_is_one_imprint(self) -> None:
        with pytest.raises(IntegrityError):
            Imprint.objects.create(pk=2)

    @pytest.mark.parametrize("role", [Role.ORGANISER, Role.TREASURER, Role.READER])
    def test_other_roles_do_not_declare(self, role: Role) -> None:
        with pytest.raises(NotAllowed):
            declare_imprint(WHOLE, actor=Staff(UserFactory(role=role)))


def test_every_fact_has_its_column_or_is_the_elections_name() -> None:
    columns = {field.name for field in Imprint._meta.concrete_fields}
    assert {field.name for field in fields(LegalFacts)} == columns - {"id"}
