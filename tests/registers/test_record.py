"""The record is generated: what is added to the product is in it, without anybody typing it twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.utils import translation

from portevoix.accounts.rules import MASKS
from portevoix.accounts.types import Fact, Role, System
from portevoix.people.models import CustomField, Note
from portevoix.registers.selectors import measures as facts
from portevoix.registers.selectors.measures import measures
from portevoix.registers.selectors.public import uses
from portevoix.registers.selectors.reach import reach
from portevoix.registers.selectors.record import record
from portevoix.registers.types import Document, Held
from portevoix.rights.purposes import TERMS, Channel, Purpose, Status
from portevoix.rights.selectors import retention as retention_terms
from portevoix.rights.selectors.closing import kept
from portevoix.rights.services import retention
from portevoix.rights.types import HANDLERS
from tests.accounts.factories import signed_in
from tests.people.factories import GroundFactory, PersonFactory
from tests.registers.factories import ProcessorFactory

pytestmark = pytest.mark.django_db


def text(document: Document, title: str = "") -> str:
    return "\n".join(
        " | ".join(row)
        for section in document.sections
        if title in section.title
        for block in section.blocks
        for row in [[section.title], block.heads, *block.rows]
    )


def configure(settings: Any, section: str, **values: Any) -> None:
    changed = getattr(settings.INSTANCE, section).model_copy(update=values)
    settings.INSTANCE = settings.INSTANCE.model_copy(update={section: changed})


def test_every_purpose_is_a_treatment_with_its_article_and_its_limit() -> None:
    document = record()
    titles = {section.title.lower() for section in document.sections}
    assert len(Purpose) > 5
    with translation.override("fr"):
        for purpose in Purpose:
            assert str(purpose.label).lower() in titles
        for purpose, terms in TERMS.items():
            told = text(document, str(purpose.label)[1:])
            assert terms.article in told
            assert f"{terms.retention.months} mois" in told


def test_a_purpose_whose_terms_change_changes_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = replace(TERMS[Purpose.CALLS], article="RGPD art. 98")
    monkeypatch.setitem(TERMS, Purpose.CALLS, terms)
    assert "RGPD art. 98" in text(record(), "Appels")


def test_a_term_that_the_campaign_shortens_is_the_one_that_the_record_and_the_site_tell() -> None:
    retention.set_term("calls", 7, reason="Une campagne courte suffit.", actor=System("tests"))
    with translation.override("fr"):
        assert "7 mois" in text(record(), "Appels")
        assert any("7 mois" in str(use) for use in uses())


def test_a_field_given_to_people_is_in_the_record_and_one_taken_away_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    label = Note._meta.label_lower
    before = text(record(), "fichier des personnes")
    handler = HANDLERS[label]
    monkeypatch.setitem(HANDLERS._items, label, replace(handler, exported=["text"]))
    after = text(record(), "fichier des personnes")
    assert before != after
    monkeypatch.delitem(HANDLERS._items, label)
    gone = text(record(), "fichier des personnes")
    assert str(Note._meta.verbose_name_plural).capitalize() not in gone


def test_every_table_that_leads_to_people_is_in_the_record() -> None:
    told = text(record(), "fichier des personnes").lower()
    assert len(HANDLERS) > 15
    with translation.override("fr"):
        missing = [
            name for name, one in HANDLERS.items() if str(one.model._meta.verbose_name_plural).lower() not in told
        ]
    assert missing == []


def test_a_field_of_the_campaigns_own_is_in_the_record_until_it_is_retired() -> None:
    field = CustomField.objects.create(key="vélo", label="Vient à vélo", kind="yes_no")
    assert "Vient à vélo" in text(record())
    CustomField.objects.filter(pk=field.pk).update(retired_at="2026-11-01T00:00Z")
    assert "Vient à vélo" not in text(record())


def test_a_mask_changes_recipients_and_what_each_role_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    with translation.override("fr"):
        organiser = str(Role.ORGANISER.label)
    assert organiser in text(record(), "Appels")
    monkeypatch.setitem(MASKS, Role.ORGANISER, frozenset({Fact.PHONE}))
    document = record()
    assert organiser not in text(document, "Appels")
    assert organiser in text(document, "Nouvelles de la campagne par e-mail")
    assert f"{organiser} | vu | masqué | vu | vu" in text(document, "Qui voit quoi")


def test_opinions_go_to_who_may_record_them_and_name_their_table() -> None:
    told = text(record(), "Opinion") + text(record(), "opinion")
    with translation.override("fr"):
        assert str(Role.COMMUNICATIONS.label) not in told
    assert "Opinions politiques" in told


def test_people_are_counted_by_order_of_size_from_live_grounds() -> None:
    for _ in range(12):
        person = PersonFactory()
        GroundFactory(person=person, purpose=Purpose.CALLS, channel=Channel.PHONE)
    assert "de 10 à 100 personnes" in text(record(), "Appels")
    assert "12" not in text(record(), "Appels")


def test_what_is_not_configured_is_said(settings: Any) -> None:
    configure(settings, "legal", publisher="", data_officer_email="", director="Noémie Orsenval")
    told = text(record(), "Qui en répond")
    assert "Pas encore dit (Paramètres, Mise en route)\xa0: Responsable de traitement." in told
    assert "Mise en route)\xa0: Délégué à la protection des données." in told
    assert "Noémie Orsenval" in told
    assert "Mise en route)\xa0: Représenté par" not in told


def test_measures_say_what_is_true_on_this_instance(settings: Any) -> None:
    def state(label: str) -> Held:
        with translation.override("en"):
            return next(one.held for one in measures() if label in one.label)

    settings.SECOND_FACTOR_REQUIRED, settings.IS_SECURE = True, True
    assert state("Second factor") is Held.YES
    assert state("(TLS)") is Held.YES
    settings.SECOND_FACTOR_REQUIRED, settings.IS_SECURE = False, False
    assert state("Second factor") is Held.NO
    assert state("(TLS)") is Held.NO
    configure(settings, "mail", host="smtp.example", security="none")
    assert state("mail server") is Held.NO
    configure(settings, "mail", security="starttls")
    assert state("mail server") is Held.YES
    assert state("Backups") is Held.UNKNOWN


@pytest.mark.parametrize(
    ("host", "options", "is_near"),
    [
        *(("/run/postgresql", {}, True), ("", {}, True), ("localhost", {}, True)),
        *(("db.example", {}, False), ("db.example", {"sslmode": "prefer"}, False)),
        ("db.example", {"sslmode": "verify-full"}, True),
    ],
)
def test_a_database_elsewhere_needs_an_encrypted_connection(host: str, options: dict[str, str], is_near: bool) -> None:
    assert facts.database_is_near({"HOST": host, "OPTIONS": options}) is is_near


def test_a_guard_that_sleeps_in_the_database_is_seen() -> None:
    def held() -> list[Held]:
        with translation.override("en"):
            return [one.held for one in measures() if one.label in {"Journal of who did what"}]

    assert held() == [Held.YES]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER journal_append_only")
    assert held() == [Held.NO]


def test_every_guard_named_here_exists() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        known = {name for (name,) in cursor.fetchall()}
    assert {name for names in facts.GUARDS.values() for name in names} <= known


def test_who_can_reach_the_data_names_the_machines_and_the_laws() -> None:
    ProcessorFactory(name="Nuage franc", owned_abroad=True)
    told = text(reach())
    assert "Nuage franc" in told
    assert "CLOUD Act" in told


def test_who_is_known_to_be_european_through_and_through_is_said_so(settings: Any) -> None:
    configure(settings, "legal", host_name="Serveurs de Loire")
    ProcessorFactory(name="Serveurs de Loire", service="host", served="Serveurs de Loire", parent_country="FR")
    told = text(reach(), "États")
    assert "Aucune loi étrangère connue" in told


def test_the_page_shows_what_the_record_says_and_lets_nothing_through(settings: Any) -> None:
    configure(settings, "legal", publisher="<script>alert(1)</script>")
    ProcessorFactory(name='"><img src=x onerror=alert(1)>')
    page = BeautifulSoup(signed_in().get("/gestion/registres/traitements/").content, "html.parser")
    assert page.find("img", src="x") is None
    main = page.find("main") or page
    assert "<script>alert(1)</script>" in main.get_text()
    for section in record().sections:
        assert section.title in main.get_text()


# -- terms are told from where they are applied


def test_figures_of_audience_have_the_term_that_the_job_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "25 mois" in text(record(), "audience")
    monkeypatch.setattr("portevoix.audience.services.MONTHS", 13)
    told = text(record(), "audience")
    assert "13 mois" in told
    assert "25 mois" not in told


def test_the_file_has_the_terms_in_force_of_every_kind_of_person() -> None:
    told = text(record(), "fichier")
    months = retention_terms.terms_in_force()
    kinds = [status for status in Status if status in months]
    assert len(kinds) > 5
    with translation.override("fr"):
        assert [one for one in kinds if f"{one.label}\u00a0: {months[one]} mois" not in told] == []
        label = Status.BOUND.label
    retention.set_term("bound", 7, reason="La campagne garde moins longtemps.", actor=System("tests"))
    assert f"{label}\u00a0: 7 mois" in text(record(), "fichier")


def test_a_request_has_the_term_in_force() -> None:
    retention.set_term("service", 1, reason="La campagne garde moins longtemps.", actor=System("tests"))
    with translation.override("fr"):
        title = str(Purpose.SERVICE.label)[1:]
    assert "1 mois au plus" in text(record(), title)


def test_the_record_says_of_every_table_what_the_screen_of_terms_says(settings: Any) -> None:
    configure(settings, "disclosure", export_days=3)
    told = text(record(), "Combien de temps")
    with translation.override("fr"):
        lines = kept()
        assert len(lines) > 20
        assert [line.tables for line in lines if str(line.term).lower() not in told.lower()] == []
    assert "le fichier\u00a0: 3 jours" in told.lower()
    assert "3 jours" in text(record(), "Exports")


@pytest.mark.parametrize(
    ("constant", "days", "title", "told"),
    [
        ("portevoix.accounts.services.signing.KEPT", 100, "Comptes", "100 jours après la session"),
        ("portevoix.disclosure.wagtail_hooks.LIFETIME", 90, "Sécurité", "90 jours"),
        ("portevoix.rights.wagtail_hooks.FORGOTTEN_AFTER", 2, "Sécurité", "48 heures après le dernier échec"),
    ],
)
def test_a_term_of_the_code_that_changes_changes_the_record(
    monkeypatch: pytest.MonkeyPatch, constant: str, days: int, title: str, told: str
) -> None:
    assert told not in text(record(), title)
    monkeypatch.setattr(constant, timedelta(days=days))
    assert told in text(record(), title)
