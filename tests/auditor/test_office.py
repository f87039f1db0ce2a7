"""Audits in the back office: what each screen shows, to whom, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from portevoix.accounts.types import Role
from portevoix.auditor import rules, services
from portevoix.auditor.engine import words
from portevoix.auditor.engine.types import Evidence, Status
from portevoix.auditor.models import Audit, AuditedSite
from portevoix.auditor.types import Answer, Fault, Rhythm, Why
from portevoix.kernel import clock
from portevoix.operations.management.health import Level, examine
from tests.accounts.factories import signed_in
from tests.auditor.factories import JPEG, NO_HSTS, TRACKER, WORKER, AuditedSiteFactory, audited, browse_with, report

pytestmark = pytest.mark.django_db
SITES = "/gestion/audits/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _browser(settings: Settings) -> None:
    browse_with(settings, "/bin/true")


def shown(client: Client, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def words_of(soup: BeautifulSoup) -> str:
    return " ".join(soup.get_text(" ", strip=True).split()).replace("\N{NO-BREAK SPACE}", " ")


def page_of(site: AuditedSite) -> str:
    return reverse("auditor:site", args=[site.pk])


def test_what_the_server_lacks_is_said_with_what_to_install(settings: Settings, tmp_path: Path) -> None:
    browse_with(settings, "/nowhere/chromium")
    told = words_of(shown(signed_in(), SITES))
    assert "sudo apt install chromium-headless-shell" in told
    assert "aucun audit ne peut être fait" in told
    keys = settings.INSTANCE.audit.model_copy(update={"browser": "/bin/true", "lists": str(tmp_path)})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"audit": keys})
    soup = shown(signed_in(), SITES)
    assert "portevoix audit --update-lists" in words_of(soup)
    assert "third-party-web" in words_of(soup)
    assert soup.select_one(f'form[action="{reverse("auditor:ask_own")}"] button'), "an audit can be made all the same"


def test_an_audit_under_way_shows_the_time_and_then_what_it_found() -> None:
    site = AuditedSiteFactory(own=True)
    audit = services.begin(site.pk, Why.ASKED, actor=WORKER)
    assert audit is not None
    Audit.objects.filter(pk=audit.pk).update(began_at=clock.now() - timedelta(seconds=12))
    client = signed_in()
    for address, watched in (
        (SITES, reverse("auditor:clock_own")),
        (page_of(site), reverse("auditor:clock", args=[site.pk])),
    ):
        soup = shown(client, address)
        assert "Un audit est en cours" in words_of(soup)
        progress = soup.select_one(f'[hx-get="{watched}"] progress')
        assert progress is not None
        assert 12 <= int(str(progress["value"])) < 20
        assert int(str(progress["max"])) >= 60
        answer = client.get(watched)
        assert "HX-Refresh" not in answer
        assert "depuis 1" in answer.content.decode()
    services.keep(audit, Answer(report()), actor=WORKER)
    assert client.get(reverse("auditor:clock", args=[site.pk]))["HX-Refresh"] == "true"
    assert client.get(reverse("auditor:clock_own"))["HX-Refresh"] == "true"


def test_before_the_first_audit_the_page_says_so_and_offers_one() -> None:
    soup = shown(signed_in(), SITES)
    assert "Il n’a pas encore été audité" in words_of(soup)
    assert soup.select_one(f'form[action="{reverse("auditor:ask_own")}"] button')


def test_the_list_shows_the_five_criteria_of_our_site_and_of_those_that_are_watched() -> None:
    audited(AuditedSiteFactory(own=True), report(TRACKER))
    watched = AuditedSiteFactory(name="Voisins")
    audited(watched, report())
    soup = shown(signed_in(Role.COMMUNICATIONS), SITES)
    own, others = soup.select(".office-card")
    assert [mark.get_text() for mark in own.select(".audit-mark")] == ["non conforme", *["conforme"] * 4]
    assert [mark.get_text() for mark in others.select(".audit-mark")] == ["conforme"] * 5
    assert others.select_one(f'a[href="{page_of(watched)}"]')


def test_a_failing_criterion_shows_the_page_the_cause_the_way_to_mend_it_and_the_picture() -> None:
    site = AuditedSiteFactory(own=True)
    audit = audited(site, report(TRACKER, NO_HSTS))
    soup = shown(signed_in(Role.DATA_OFFICER), page_of(site))
    card = soup.select_one('section[aria-labelledby="consent"]')
    assert card is not None
    told = words_of(card)
    said = words.said(TRACKER, "fr")
    place = str(rules.place_to_mend(TRACKER.rule))
    for expected in (said.title, said.mend, place, "https://voisins.example/", "app.js", said.article):
        assert expected.replace("\N{NO-BREAK SPACE}", " ") in told, expected
    picture = card.select_one("img")
    assert picture is not None
    assert picture["src"] == reverse("auditor:picture", args=[audit.pk, "none-0"])
    assert picture["alt"]
    light = soup.select_one('section[aria-labelledby="transparency"] details.audit-light')
    assert light is not None
    assert "HSTS" in words_of(light)


def test_another_sites_page_does_not_say_where_in_our_product_to_mend_it() -> None:
    site = AuditedSiteFactory()
    audited(site, report(TRACKER))
    assert str(rules.place_to_mend(TRACKER.rule)) not in words_of(shown(signed_in(), page_of(site)))


def test_a_refusals_finding_shows_the_button_that_was_pressed() -> None:
    site = AuditedSiteFactory()
    audited(
        site, report(replace(TRACKER, rule="tracker-after-refusal", evidence=(Evidence("x", "refuse", "https://y/"),)))
    )
    card = shown(signed_in(), page_of(site)).select_one('section[aria-labelledby="consent"]')
    assert card is not None
    assert [str(one["src"]).split("/")[-2] for one in card.select("img")] == ["refuse-choice"]


def test_the_page_says_what_changed_and_how_it_was_before() -> None:
    site = AuditedSiteFactory()
    before = audited(site, report())
    audited(site, report(TRACKER))
    soup = shown(signed_in(), page_of(site))
    changes = soup.select_one('section[aria-labelledby="changes"]')
    assert changes is not None
    assert "conforme → non conforme" in words_of(changes)
    assert "Google" in words_of(changes)
    rows = soup.select(".audit-history tbody tr")
    assert [bool(row.get("aria-current")) for row in rows] == [True, False]
    old = reverse("auditor:audit", args=[before.pk])
    assert rows[1].select_one(f'a[href="{old}"]')
    assert "Rien trouvé" in words_of(shown(signed_in(), old))


def test_what_is_known_of_owners_and_from_where_stands_in_the_tables() -> None:
    site = AuditedSiteFactory()
    audited(site, report(TRACKER))
    told = words_of(shown(signed_in(), page_of(site)))
    assert "SEC, 2026-11-30" in told
    assert "source inconnue : notoriété, non vérifiée" in told
    assert "inconnue : liste officielle non lue" in told
    assert "119, dont 7 avec une source" in told


def test_without_a_browser_everything_is_unknown_and_the_reason_is_said(settings: Settings) -> None:
    browse_with(settings, "/absent")
    site = AuditedSiteFactory(own=True)
    audited(site, fault=Fault.NO_BROWSER)
    for address in (SITES, page_of(site)):
        soup = shown(signed_in(), address)
        assert "Aucun navigateur n’est installé sur ce serveur." in words_of(soup)
        assert "sudo apt install chromium-headless-shell" in words_of(soup)
        assert not [form for form in soup.select("form") if "maintenant" in str(form.get("action"))]
    assert {one.get_text() for one in soup.select(".audit-history .audit-mark")} == {"inconnu"}
    answer = signed_in().post(reverse("auditor:ask_own"), follow=True)
    assert "Aucun navigateur" in answer.content.decode()


def test_the_doctor_says_what_audits_lack(settings: Settings) -> None:
    browse_with(settings, "/absent")
    [found] = [one for one in examine() if one.about == "auditor"]
    assert found.level is Level.WARNING
    assert "chromium-headless-shell" in found.text
    browse_with(settings, "/bin/true")
    keys = settings.INSTANCE.audit.model_copy(update={"lists": "/absent"})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"audit": keys})
    [found] = [one for one in examine() if one.about == "auditor"]
    assert "--update-lists" in found.text
    assert "third-party-web" in found.text


def test_a_site_is_watched_changed_and_forgotten_by_its_forms() -> None:
    client = signed_in(Role.COMMUNICATIONS)
    said = {"name": "Voisins", "url": "voisins.example/", "rhythm": "daily"}
    client.post(reverse("auditor:watch"), said)
    site = AuditedSite.objects.get(is_own=False)
    assert (site.url, site.rhythm) == ("https://voisins.example", Rhythm.DAILY)
    assert site.asked_by is not None
    client.post(
        reverse("auditor:change", args=[site.pk]), {"name": "Voisines", "rhythm": "monthly", "url": "https://x.example"}
    )
    site.refresh_from_db()
    assert (site.name, site.url, site.rhythm) == ("Voisines", "https://voisins.example", Rhythm.MONTHLY)
    assert client.post(reverse("auditor:watch"), said).status_code == 400
    client.post(reverse("auditor:stop", args=[site.pk]))
    assert not AuditedSite.objects.filter(pk=site.pk).exists()


@pytest.mark.parametrize(
    "url", ["ftp://voisins.example", "javascript:alert(1)", "file:///etc/passwd", "x", "https://me:secret@a.example"]
)
def test_only_the_web_is_watched(url: str) -> None:
    answer = signed_in().post(reverse("auditor:watch"), {"name": "x", "url": url, "rhythm": "daily"})
    assert answer.status_code == 400
    assert not AuditedSite.objects.exists()


def test_the_own_site_is_neither_changed_nor_forgotten() -> None:
    own = AuditedSiteFactory(own=True)
    assert signed_in().get(reverse("auditor:change", args=[own.pk])).status_code == 404
    assert signed_in().post(reverse("auditor:stop", args=[own.pk])).status_code == 404


def test_asking_is_a_post_and_says_that_it_waits() -> None:
    site = AuditedSiteFactory()
    client = signed_in()
    address = reverse("auditor:ask", args=[site.pk])
    assert client.get(address).status_code == 405
    assert "L’audit commence" in client.post(address, follow=True).content.decode()


def test_pictures_and_data_are_given_to_those_who_see_the_page() -> None:
    audit = audited(AuditedSiteFactory())
    picture = reverse("auditor:picture", args=[audit.pk, "none-0"])
    data = reverse("auditor:json", args=[audit.pk])
    answer = signed_in().get(picture)
    assert (answer.content, answer["Content-Type"]) == (JPEG, "image/jpeg")
    assert signed_in().get(data).json()["url"] == "https://voisins.example/"
    for address in (picture, data):
        assert signed_in(Role.ORGANISER).get(address).status_code in {302, 403}


def test_what_a_hostile_site_says_of_itself_is_never_markup() -> None:
    evil = replace(TRACKER, subject=EVIL, evidence=(Evidence(EVIL, "none", EVIL, EVIL, EVIL),))
    site = AuditedSiteFactory(name=EVIL)
    audited(site, report(), pages=(EVIL,), browser=EVIL)
    audited(site, report(evil), pages=(EVIL,), browser=EVIL)
    for address in (SITES, page_of(site)):
        assert EVIL not in signed_in().get(address).content.decode()


def test_the_first_page_says_which_criteria_our_site_fails() -> None:
    audited(AuditedSiteFactory(own=True), report(TRACKER, personal=Status.FAIL))
    told = words_of(shown(signed_in(), "/gestion/"))
    assert "Le site ne respecte pas des critères de l’audit : Accord avant les cookies et traceurs" in told
    assert "critères de l’audit" not in words_of(shown(signed_in(Role.TREASURER), "/gestion/"))


def test_the_list_costs_the_same_whatever_is_watched() -> None:
    client = signed_in()
    for _number in range(2):
        audited(AuditedSiteFactory())
    client.get(SITES)
    with CaptureQueriesContext(connection) as few:
        client.get(SITES)
    for _number in range(8):
        audited(AuditedSiteFactory())
    with CaptureQueriesContext(connection) as many:
        client.get(SITES)
    assert len(many) == len(few)


def test_every_rule_has_a_place_where_it_is_mended() -> None:
    assert rules.place_to_mend("notice-without-phone") == rules.PLACES["notice"]
    assert rules.place_to_mend("notice-other-host") == rules.PLACES["notice-other-host"]
    assert rules.place_to_mend("no-refusal-first-layer") == rules.PLACES["no-refusal"]
    assert rules.place_to_mend("fingerprint-before-choice") == rules.PLACES[""]
