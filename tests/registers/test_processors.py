"""Whom the configuration names is in the register, described or not; where data go is judged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.registers import readers
from portevoix.registers.models import Processor
from portevoix.registers.selectors import processors as selectors
from portevoix.registers.selectors.record import record
from portevoix.registers.services import processors as services
from portevoix.registers.types import Service, Verdict
from tests.accounts.factories import signed_in, staff
from tests.registers.factories import ProcessorFactory
from tests.registers.test_record import configure, text

pytestmark = pytest.mark.django_db
PAGE = "/gestion/registres/sous-traitants/"


def line(name: str) -> selectors.Line:
    return next(one for one in selectors.processor_lines() if one.name == name)


def test_the_configured_host_and_mail_server_are_there_before_anybody_describes_them(settings: Any) -> None:
    configure(settings, "legal", host_name="Serveurs de Loire", host_country="FR")
    configure(settings, "mail", host="smtp.example", security="tls")
    assert {one.name for one in selectors.undescribed()} == {"Serveurs de Loire", "smtp.example"}
    assert line("smtp.example").faults
    told = text(record(), "Sous-traitants")
    assert "smtp.example" in told
    assert "Serveurs de Loire" in told


def test_a_mail_server_on_this_machine_is_nobody_else(settings: Any) -> None:
    configure(settings, "mail", host="localhost")
    assert [one.service for one in selectors.found()] == [Service.HOST]


def test_describing_one_takes_the_flag_away_until_the_configuration_changes(settings: Any) -> None:
    configure(settings, "mail", host="smtp.example")
    ProcessorFactory(name="Postier", service=Service.MAIL, served="smtp.example")
    assert Service.MAIL not in {one.service for one in selectors.undescribed()}
    assert line("Postier").faults == []
    configure(settings, "mail", host="smtp.other.example")
    assert Service.MAIL in {one.service for one in selectors.undescribed()}
    assert len(line("Postier").faults) == 1


def test_the_form_begins_with_what_the_configuration_says(settings: Any) -> None:
    configure(settings, "legal", host_name="Serveurs de Loire", host_country="BE", host_phone="01 99 00 00 00")
    page = BeautifulSoup(signed_in().get(f"{PAGE}nouveau/?service=host").content, "html.parser")
    assert page.select_one("[name=name]")["value"] == "Serveurs de Loire"  # type: ignore[index]
    assert page.select_one("[name=country] [selected]")["value"] == "BE"  # type: ignore[index]
    assert "01 99 00 00 00" in page.select_one("[name=contact]")["value"]  # type: ignore[index]


def test_an_inadequate_country_without_safeguards_is_a_red_line() -> None:
    american = ProcessorFactory(name="Grand Nuage", american=True)
    assert line("Grand Nuage").verdict is Verdict.FORBIDDEN
    page = BeautifulSoup(signed_in().get(PAGE).content, "html.parser")
    red = page.select_one(".register-processor--forbidden")
    assert red is not None
    assert "Grand Nuage" in red.get_text()
    assert "art. 44" in red.get_text().replace("\xa0", " ")
    american.condition = "Certifié, vu le 12 novembre 2026"
    american.save()
    assert line("Grand Nuage").verdict is Verdict.ON_CONDITION
    assert "CLOUD Act" in line("Grand Nuage").reached_by[0]


def test_the_graver_of_two_countries_counts() -> None:
    ProcessorFactory(name="Mixte", country="FR", data_country="CN")
    ProcessorFactory(name="Autre", country="US", data_country="FR", safeguards="Clauses types")
    assert line("Mixte").is_forbidden
    assert line("Autre").verdict is Verdict.SAFEGUARDED


def test_a_contract_that_is_not_recorded_is_said() -> None:
    ProcessorFactory(name="Sans papier", without_contract=True)
    with translation.override("fr"):
        assert "Aucun contrat" in line("Sans papier").faults[0]


def test_an_old_list_of_countries_asks_to_be_checked() -> None:
    assert not selectors.is_stale()
    later = readers.countries().checked_on + timedelta(days=200)
    with clock.stopped_at(clock.now() + (later - clock.today())):
        assert selectors.is_stale()
        assert "à vérifier" in signed_in().get(PAGE).content.decode()


def test_describing_and_ending_are_in_the_journal_by_field_names_only() -> None:
    actor = staff(Role.DATA_OFFICER)
    said = {"name": "Nuage", "country": "FR", "data_country": "FR", "contact": "Anaëlle Quidam"}
    made = services.describe_processor(None, actor=actor, **said)
    services.end_processor(made, actor=actor)
    lines = Entry.objects.filter(command__startswith="registers.").order_by("id")
    assert [one.command for one in lines] == ["registers.describe_processor", "registers.end_processor"]
    assert lines[0].detail == {"fields": ["contact", "country", "data_country", "name"]}
    assert "Quidam" not in str([one.detail for one in lines])
    assert made not in Processor.objects.at_work()
    assert Processor.objects.filter(pk=made.pk).exists()


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.READER, Role.COMMUNICATIONS])
def test_other_roles_describe_nobody(role: Role) -> None:
    with pytest.raises(NotAllowed):
        services.describe_processor(None, actor=staff(role), name="x", country="FR", data_country="FR")


@pytest.mark.parametrize(
    "columns",
    [
        {"country": "France"[:2].lower()},
        {"data_country": ""},
        {"parent_country": "1A"},
        {"name": ""},
        {"ended_on": date(2020, 1, 1)},
    ],
)
def test_the_database_refuses_what_is_not_a_processor(columns: dict[str, Any]) -> None:
    made = ProcessorFactory()
    (name, value), *_rest = columns.items()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE registers_processor SET {name} = %s WHERE id = %s", [value, made.pk])


def test_one_service_is_described_once_and_the_screen_says_so() -> None:
    ProcessorFactory(name="Premier", service=Service.MAIL, served="smtp.example")
    browser = signed_in()
    said = {"name": "Second", "service": "mail", "served": "smtp.example", "country": "FR", "data_country": "FR"}
    answer = browser.post(f"{PAGE}nouveau/", said)
    assert answer.status_code == 400
    assert "déjà" in answer.content.decode()
    assert Processor.objects.count() == 1
    # Correcting the first one is no clash with itself.
    answer = browser.post(f"{PAGE}{Processor.objects.get().pk}/", {**said, "name": "Premier corrigé"})
    assert answer.status_code == 302
    assert Processor.objects.get().name == "Premier corrigé"


def test_a_country_that_does_not_exist_is_refused_by_the_form() -> None:
    said = {"name": "Nulle part", "service": "other", "country": "ZZ", "data_country": "FR"}
    assert signed_in().post(f"{PAGE}nouveau/", said).status_code == 400
    assert not Processor.objects.exists()


def test_a_processor_of_one_use_is_named_for_that_use_only() -> None:
    ProcessorFactory(name="Imprimerie des Trois Ponts", purposes=["letters"])
    document = record()
    assert "Trois Ponts" in text(document, "Courriers par la poste")
    assert "Trois Ponts" not in text(document, "Appels")
    assert "Trois Ponts" not in text(document, "fichier des personnes")


def test_two_people_do_not_correct_over_each_other() -> None:
    made = ProcessorFactory(name="Nuage")
    browser, page = signed_in(), f"{PAGE}{made.pk}/"
    seen = browser.get(page).context["form"].initial["seen"]
    said = {"service": "other", "country": "FR", "data_country": "FR", "seen": seen}
    assert browser.post(page, {**said, "name": "Nuage corrigé"}).status_code == 302
    answer = browser.post(page, {**said, "name": "Nuage écrasé"})
    assert answer.status_code == 400
    assert "entre-temps" in answer.content.decode()
    assert Processor.objects.get().name == "Nuage corrigé"
