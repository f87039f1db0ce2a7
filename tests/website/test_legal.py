"""The public pages are written from the registers: who hosts, who processes, what for, how long."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.auditor.engine.words.patterns import NOTICE, POLICY
from portevoix.registers.selectors import public
from portevoix.registers.types import Service
from portevoix.rights.purposes import TERMS
from portevoix.website.models import HomePage, LegalPage
from tests.accounts.factories import signed_in
from tests.registers.factories import ProcessorFactory
from tests.registers.test_record import configure
from tests.website.factories import LegalPageFactory

pytestmark = pytest.mark.django_db


def shown(client: Client, path: str) -> str:
    """Read a page as it is now: an unknown parameter passes by the page cache."""
    return BeautifulSoup(client.get(path, {"x": 1}).content, "html.parser").get_text(" ").replace("\xa0", " ")


@pytest.fixture
def privacy(home: HomePage) -> LegalPage:
    page: LegalPage = LegalPageFactory(slug="privacy", kind=LegalPage.Kind.PRIVACY)
    return page


def test_every_use_is_told_with_its_ground_and_its_limit(client: Client, privacy: LegalPage) -> None:
    told = shown(client, "/privacy/")
    assert len(public.uses()) == len(TERMS) + 1
    for use in public.uses():
        for words in (use.ground, use.kept):
            assert words.replace("\xa0", " ") in told


def test_the_auditor_finds_in_our_own_pages_all_that_it_asks_of_others(
    client: Client, privacy: LegalPage, settings: Any
) -> None:
    LegalPageFactory(slug="notice", kind=LegalPage.Kind.NOTICE)
    configure(
        settings,
        "legal",
        **{"publisher": "Association Élan commun", "publisher_address": "12 rue des Ondes, 00000 Villedeau"},
        **{"publisher_phone": "01 99 00 12 34", "publisher_email": "bonjour@elan.example", "director": "Noa Orsenval"},
        **{"host_name": "Serveurs de Loire", "host_address": "3 rue des Machines, 00000 Villedeau"},
        **{"host_phone": "01 99 00 00 00", "host_country": "FR", "data_officer_email": "donnees@elan.example"},
    )
    policy, notice = shown(client, "/privacy/"), shown(client, "/notice/")
    assert [item for item, pattern in POLICY.items() if not pattern.search(policy)] == []
    assert [item for item, pattern in NOTICE.items() if not pattern.search(notice)] == []


def test_processors_are_named_and_a_law_that_reaches_them_too(
    client: Client, privacy: LegalPage, settings: Any
) -> None:
    configure(settings, "legal", host_name="Serveurs de Loire", host_country="FR")
    assert "Elles ne quittent pas l’Union européenne" in shown(client, "/privacy/")
    ProcessorFactory(name="Grand Nuage", owned_abroad=True)
    told = shown(client, "/privacy/")
    assert "Grand Nuage" in told
    assert "CLOUD Act" in told


def test_what_leaves_europe_is_not_said_to_stay(client: Client, privacy: LegalPage, settings: Any) -> None:
    ProcessorFactory(name="Grand Nuage", american=True, safeguards="Clauses types")
    told = shown(client, "/privacy/")
    assert "ne quittent pas" not in told
    assert "Certaines quittent l’Union européenne" in told


def test_of_a_server_whose_place_is_unknown_nothing_is_promised(
    client: Client, privacy: LegalPage, settings: Any
) -> None:
    configure(settings, "mail", host="smtp.example")
    told = shown(client, "/privacy/")
    assert "smtp.example" in told
    assert "ne quittent pas" not in told
    ProcessorFactory(name="Postier", service=Service.MAIL, served="smtp.example")
    assert "smtp.example" not in shown(client, "/privacy/")


def test_the_notice_names_the_country_of_the_host_and_who_answers(
    client: Client, home: HomePage, settings: Any
) -> None:
    legal = {"host_name": "Serveurs de Loire", "host_country": "BE", "data_officer_email": "donnees@x.example"}
    configure(settings, "legal", **legal)
    LegalPageFactory(slug="legal")
    told = shown(client, "/legal/")
    assert "Belgique" in told
    assert "donnees@x.example" in told


def test_a_processor_with_markup_in_its_name_stays_words(client: Client, privacy: LegalPage) -> None:
    ProcessorFactory(name="<img src=x onerror=alert(1)>")
    assert b"<img src=x" not in client.get("/privacy/").content


def test_a_processor_described_in_the_back_office_is_on_the_cached_page_at_once(
    client: Client, privacy: LegalPage, django_capture_on_commit_callbacks: Any
) -> None:
    assert b"Grand Nuage" not in client.get("/privacy/").content
    said = {"name": "Grand Nuage", "service": "other", "country": "FR", "data_country": "FR"}
    with django_capture_on_commit_callbacks(execute=True):
        assert signed_in().post("/gestion/registres/sous-traitants/nouveau/", said).status_code == 302
    assert b"Grand Nuage" in client.get("/privacy/").content
