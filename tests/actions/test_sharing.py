"""Passing an action on: links, codes of one's own, printed codes, and forms on other sites."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client
from wagtail.models import Locale

from portevoix.accounts.types import Role, System
from portevoix.actions import rules, services
from portevoix.actions.models import ActionPage, ContactPage, OriginMark, Participation, ShareCode, SharePage
from portevoix.actions.types import Origin
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.knowledge.lists import Lists
from portevoix.auditor.engine.rules import personal
from portevoix.auditor.engine.rules.reading import Reading
from portevoix.auditor.engine.types import Form, FormField
from portevoix.conf.instance import Legal
from portevoix.intake.links import confirmation_token
from portevoix.people.models import Relationship
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from portevoix.rights.services.merging import merge
from portevoix.website import freshness
from portevoix.website.models import Identity, LegalPage
from tests.accounts.factories import signed_in
from tests.actions.factories import code_of, fill, participation, petition, published, sign_up_page, survey
from tests.auditor.seen import SITE, capture
from tests.website.factories import LegalPageFactory

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


def message_page() -> ContactPage:
    return published(ContactPage(title="Nous écrire", slug="ecrire"))


def shown(client: Client, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).content, "html.parser")


def brought(page: Any, by: Participation, number: int) -> Participation:
    origin = Origin(recruiter=code_of(by))
    return participation(page, email=f"ami{number}@mail.example", origin=origin)


def own_page(taken: Participation) -> BeautifulSoup:
    return shown(Client(), f"/confirmer/{confirmation_token(taken.submission)}/")


# Links


def test_every_way_to_share_is_a_plain_link_that_tells_the_other_site_nothing_of_the_reader() -> None:
    page = petition(share_text="Signez & partagez")
    block = shown(Client(), page.url).select_one("[data-sharing]")
    links = block.select("a")
    assert len(links) >= 8
    for link in links:
        if link["href"].startswith("https:"):
            assert link["rel"] == ["noopener", "noreferrer"]
    assert not block.select("img, iframe, script[src^=http]")
    whatsapp = next(link["href"] for link in links if "wa.me" in link["href"])
    [said] = parse_qs(urlsplit(whatsapp).query)["text"]
    assert said.startswith("Signez & partagez http")
    assert "utm_source=whatsapp" in said


def test_words_of_an_editor_cannot_leave_their_place_in_a_link() -> None:
    links = rules.share_links(
        "https://c.example/p/", 'a"&body=x\n<b>', subject="s&cc=x@y", labels={"email": "", "sms": ""}
    )
    mail = next(one.url for one in links if one.key == "email")
    assert parse_qs(urlsplit(mail).query).keys() == {"subject", "body"}
    assert all('"' not in one.url and "<" not in one.url and "\n" not in one.url for one in links)


def test_a_share_page_shares_another_page_and_the_home_page_by_default() -> None:
    page = petition()
    target = published(SharePage(title="Partagez", slug="partagez", share_text="À lire", target=page))
    assert "/ligne-7/" in shown(Client(), target.url).select_one("[data-share-address]")["value"]
    home = published(SharePage(title="Relayez", slug="relayez", share_text="À lire"))
    assert "ligne-7" not in shown(Client(), home.url).select_one("[data-share-address]")["value"]


# Links of one's own


def test_whoever_confirmed_has_a_link_of_their_own_that_says_nothing_of_them() -> None:
    taken = participation(petition(), first_name="Maëlle")
    address = own_page(taken).select_one("[data-share-address]")["value"]
    [code] = parse_qs(urlsplit(address).query)["par"]
    assert code == code_of(taken)
    assert re.fullmatch(r"[a-z2-9]{10}", code)
    assert str(taken.person.ref) not in address


def test_who_comes_by_somebodys_link_is_counted_for_them_once_confirmed() -> None:
    page = petition()
    recruiter = participation(page)
    response = fill(
        Client(), page, f"?par={code_of(recruiter)}", email="ami@mail.example", first_name="A", last_name="B"
    )
    assert response.status_code == 302
    taken = Participation.objects.get(confirmed_at=None)
    assert (taken.recruiter, taken.share_code) == (None, code_of(recruiter))
    services.confirm(confirmation_token(taken.submission), actor=CAMPAIGN)
    taken.refresh_from_db()
    assert (taken.recruiter, taken.share_code) == (recruiter.person, "")
    assert not Relationship.objects.exists()


def test_how_many_came_is_said_from_three_on_and_never_who() -> None:
    page = petition()
    recruiter = participation(page)
    for number in range(2):
        brought(page, recruiter, number)
    assert not own_page(recruiter).select(".passing__brought")
    brought(page, recruiter, 3)
    said = own_page(recruiter)
    assert "3 personnes ont participé grâce à vous" in " ".join(said.get_text(" ").split())
    assert "ami" not in said.select_one(".passing__brought").get_text()
    assert not shown(Client(), page.url).select(".passing__brought")


def test_nobody_recruits_themselves() -> None:
    page = petition()
    taken = participation(page)
    again = participation(page, origin=Origin(recruiter=code_of(taken)))
    assert again.recruiter is None


@pytest.mark.parametrize("code", ["", "zzzzzzzzzz", "<script>", "1" * 300, "é"])
def test_a_code_of_nobodys_is_left_aside(code: str) -> None:
    taken = participation(petition(), origin=Origin(recruiter=code))
    assert taken.recruiter is None


def test_a_code_recruits_for_its_own_action_only() -> None:
    recruiter = participation(petition())
    other = survey({"label": "Le bus ?", "kind": "yes_no"})
    assert brought(other, recruiter, 1).recruiter is None


def test_who_takes_their_part_back_recruits_nobody_any_more_and_their_code_is_gone() -> None:
    page = petition()
    recruiter = participation(page)
    code = code_of(recruiter)
    rights.withdraw(recruiter.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    assert participation(page, email="ami@mail.example", origin=Origin(recruiter=code)).recruiter is None
    services.forget_ended(actor=CAMPAIGN)
    assert not ShareCode.objects.filter(code=code).exists()


def test_signing_again_keeps_ones_link_and_who_brought_one() -> None:
    page = petition()
    recruiter = participation(page)
    first = brought(page, recruiter, 1)
    code = code_of(first)
    again = participation(page, email="ami1@mail.example")
    assert again.recruiter == recruiter.person
    assert code_of(again) == code


def test_joining_alone_gives_no_link_since_nothing_is_kept_of_it_but_the_request() -> None:
    participation(sign_up_page())
    assert not ShareCode.objects.exists()


def test_two_records_of_one_person_keep_one_code() -> None:
    page = petition()
    kept, absorbed = participation(page, email="un@mail.example"), participation(page, email="deux@mail.example")
    code = code_of(kept)
    merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
    assert ShareCode.objects.get().code == code


def test_a_link_of_ones_own_finds_the_kept_page() -> None:
    page = petition()
    freshness.advance()
    client = Client()
    client.get(page.url)
    assert client.get(f"{page.url}?par=abcdefghij&utm_source=x").headers["X-Page-Cache"] == "hit"


def test_the_counter_is_made_anew_as_soon_as_somebody_confirms(django_capture_on_commit_callbacks: Any) -> None:
    page = petition()
    freshness.advance()
    assert "0 signature" in shown(Client(), page.url).select_one(".counter").get_text()
    with django_capture_on_commit_callbacks(execute=True):
        participation(page)
    assert "1 signature" in shown(Client(), page.url).select_one(".counter").get_text()


# The screen of the team


def test_the_printed_code_holds_the_address_and_where_it_stands() -> None:
    page = petition()
    client = signed_in(Role.COMMUNICATIONS)
    screen = shown(client, f"/gestion/actions/{page.pk}/partage/?lieu=Marché des Lices")
    assert "utm_source=marche-des-lices&utm_medium=qr" in screen.select_one(".actions-address").get_text()
    assert f"{page.full_url}?utm_source=whatsapp&utm_medium=partage" in screen.get_text()
    svg = client.get(f"/gestion/actions/{page.pk}/partage/code/svg/?lieu=x")
    assert svg["Content-Type"] == "image/svg+xml"
    assert b"<script" not in svg.content
    png = client.get(f"/gestion/actions/{page.pk}/partage/code/png/?fichier")
    assert png.content.startswith(b"\x89PNG")
    assert "attachment" in png["Content-Disposition"]
    assert client.get(f"/gestion/actions/{page.pk}/partage/code/pdf/").status_code == 404


def test_the_form_for_another_site_is_plain_and_asks_for_no_agreement() -> None:
    LegalPageFactory(kind=LegalPage.Kind.PRIVACY, slug="vie")
    page = petition(title="Sauvons <b>la</b> ligne")
    screen = shown(signed_in(Role.COMMUNICATIONS), f"/gestion/actions/{page.pk}/partage/")
    snippet = BeautifulSoup(screen.select_one("#snippet").get_text(), "html.parser")
    assert not snippet.select("script, iframe, img, link, style, input[type=checkbox]")
    assert [field["name"] for field in snippet.select("input")] == ["email", "first_name", "last_name", "postcode"]
    assert "Sauvons <b>la</b> ligne" in snippet.get_text()
    assert f"/agir/{page.pk}/" in snippet.form["action"]


def of_a_form(found: Tag) -> Form:
    """Read a form as the auditor does."""
    fields = tuple(FormField(str(one["name"]), str(one.get("type", "text"))) for one in found.select("input"))
    links = tuple(f"{link['href']} {link.get_text()}" for link in found.select("a[href]"))
    text = " ".join(found.get_text(" ").split())
    return Form(SITE, str(found["action"]), str(found["method"]), fields, text, links)


@pytest.mark.parametrize("make", [petition, sign_up_page, message_page], ids=["petition", "sign-up", "contact"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_auditor_finds_nothing_on_an_allys_page_but_whose_form_it_is(
    settings: Any, tmp_path: Path, make: Callable[[], ActionPage], language: str
) -> None:
    settings.BASE_URL = "https://www.campagne.example"
    LegalPageFactory(kind=LegalPage.Kind.PRIVACY, slug="vie")
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": Legal(publisher="Comité de la Petite Ligne")})
    page = make()
    Locale.objects.filter(pk=page.locale_id).update(language_code=language)
    screen = shown(signed_in(Role.COMMUNICATIONS), f"/gestion/actions/{page.pk}/partage/")
    form = BeautifulSoup(screen.select_one("#snippet").get_text(), "html.parser").form
    assert form
    assert form.select_one("a[href]")["href"].endswith("/vie/")  # type: ignore[index]
    assert "Comité de la Petite Ligne" in form.get_text(), "the controller is named"
    assert ("Base juridique" if language == "fr" else "Legal basis") in form.get_text()
    site = capture(none={"forms": (of_a_form(form),)})
    assert {one.rule for one in personal.find(Reading(site, Knowledge(Lists(tmp_path))))} == {"form-to-third-party"}
    assert "mène chez un tiers" in screen.get_text()


@pytest.mark.parametrize("is_drafted", [False, True], ids=["none", "a draft"])
def test_without_a_page_on_privacy_there_is_no_form_for_another_site_and_the_screen_says_why(is_drafted: bool) -> None:
    if is_drafted:
        LegalPageFactory(kind=LegalPage.Kind.PRIVACY, slug="vie", draft=True)
    page = petition()
    screen = shown(signed_in(Role.COMMUNICATIONS), f"/gestion/actions/{page.pk}/partage/")
    assert screen.select_one("#snippet") is None
    assert f"/agir/{page.pk}/" not in str(screen)
    assert "votre site n’a aucune page publiée sur les données personnelles" in screen.get_text()


def test_the_form_for_another_site_names_the_controller_by_the_site_where_no_publisher_is_told() -> None:
    LegalPageFactory(kind=LegalPage.Kind.PRIVACY, slug="vie")
    page, identity = petition(), Identity.load()
    identity.name = "Ensemble pour la ligne"
    identity.save()
    screen = shown(signed_in(Role.COMMUNICATIONS), f"/gestion/actions/{page.pk}/partage/")
    assert "Ensemble pour la ligne." in screen.select_one("#snippet").get_text()  # type: ignore[union-attr]


# A form begun on another site


def test_a_form_begun_elsewhere_comes_filled_in_with_nothing_ticked_and_nothing_written() -> None:
    page = petition()
    told = {
        "email": "maelle@mail.example",
        "first_name": "Maëlle",
        "agreement": "on",
        "newsletter": "on",
        "handed": "on",
    }
    response = Client().post(
        f"/agir/{page.pk}/?utm_source=integration&utm_medium=site",
        told,
        headers={"sec-fetch-site": "cross-site", "referer": "https://allies.example/page?q=1"},
    )
    form = BeautifulSoup(response.content, "html.parser").select_one("form.form-card")
    assert form.select_one("[name=email]")["value"] == "maelle@mail.example"
    assert form.select_one("[name=first_name]")["value"] == "Maëlle"
    assert not form.select("input[checked]")
    assert form["action"].startswith(page.url)
    assert form.select_one("[name=from]")["value"] == "https://allies.example/"
    assert not Participation.objects.exists()
    assert not OriginMark.objects.exists()
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]


def test_what_another_site_sends_is_words_never_markup() -> None:
    response = Client().post(f"/agir/{petition().pk}/", {"first_name": '"><script>alert(1)</script>'})
    assert b"<script>alert" not in response.content


def test_another_site_still_cannot_send_our_own_form() -> None:
    page = petition()
    assert (
        Client().post(page.url, {"email": "a@b.example"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    )


def test_following_the_address_of_that_form_leads_to_the_page() -> None:
    page = petition()
    response = Client().get(f"/agir/{page.pk}/?utm_source=integration&next=https://evil.example")
    assert (response.status_code, response["Location"]) == (302, f"{page.url}?utm_source=integration")
    assert Client().get("/agir/999999/").status_code == 404
