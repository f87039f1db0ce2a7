"""The page on cookies says what the site sets: a walk as a visitor, and one as a member of the team who signs in, set
just what it lists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pyotp
import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.admin import staticfiles
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

import portevoix
from portevoix.accounts import gate
from portevoix.kernel import clock
from portevoix.website.models import HomePage, LegalPage
from portevoix.website.models.cookies import WRITTEN_BY_SCRIPTS, cookies_set
from tests.accounts.factories import TotpFactory, somebody_with_a_password
from tests.actions.factories import sign_up_page
from tests.website.factories import LegalPageFactory, StandardPageFactory
from tests.website.test_sources import FILM, showing

pytestmark = pytest.mark.django_db

DOORS = ["/", "/recherche/?q=page", "/mes-choix/", "/mes-donnees/", "/mes-droits/", "/nowhere/", "/robots.txt"]


def told(client: Client) -> set[str]:
    """Return the cookies of visitors that the page lists."""
    page = BeautifulSoup(Client().get("/cookies/", {"x": 1}).content, "html.parser")
    rows = [[" ".join(cell.get_text().split()) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert len(rows) >= 4
    return {name for name, _use, _term, receiver in rows if "équipe" not in receiver}


class Walk:
    """A visitor who follows every link of the site and sends every form that asks for a password or a choice."""

    def __init__(self) -> None:
        self.client = Client()
        self.seen: set[str] = set()
        self.cookies: set[str] = set()

    def go(self, *addresses: str) -> Walk:
        waiting = list(addresses)
        while waiting:
            address = waiting.pop()
            if address in self.seen:
                continue
            self.seen.add(address)
            page = self._read(self.client.get(address))
            waiting += [link for tag in page.select("a[href]") if (link := str(tag["href"])).startswith("/")]
            for form in page.select("form[method=post]:has([type=password])"):
                self._send(form, password="sesame")
        return self

    def answer(self) -> Walk:
        self._read(self.client.post("/mes-choix/", {"answer": "all"}))
        return self

    def _send(self, form: Any, **said: str) -> None:
        hidden = {str(field["name"]): str(field.get("value", "")) for field in form.select("[type=hidden]")}
        response = self.client.post(form["action"], {**hidden, **said})
        assert response.status_code == 302, "the password was not taken"
        self._read(response)
        self._read(self.client.get(response.headers["Location"]))

    def _read(self, response: Any) -> BeautifulSoup:
        self.cookies |= set(response.cookies)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return BeautifulSoup(response.content, "html.parser")
        for close in response._resource_closers:  # a file; closing the response would close the database's connection
            close()
        return BeautifulSoup("", "html.parser")


class Office(Walk):
    """A member of the team, who signs in and opens every screen that the menu and the first screen lead to."""

    def sign_in(self, name: str, code: str) -> None:
        self._read(self.client.get("/gestion/login/"))
        asked = self.client.post("/gestion/login/", {"username": name, "password": "a long enough phrase"})
        self._read(asked)
        self._read(self.client.get(asked.headers["Location"]))
        entered = self.client.post(asked.headers["Location"], {"code": code})
        assert entered.headers["Location"] == "/gestion/"
        self._read(entered)

    def fail_with_a_passkey(self) -> None:
        self._read(self.client.post("/gestion/connexion/cle/options/"))
        self._read(self.client.post("/gestion/connexion/cle/", {"credential": "{}"}))

    def go(self, *addresses: str) -> Office:
        menu = [address for address in addresses for address in self._links(address)]
        for address in {link for link in menu if "logout" not in link} - self.seen:
            self.seen.add(address)
            self.cookies |= set(self.client.get(address).cookies)
        return self

    def _links(self, address: str) -> list[str]:
        response = self.client.get(address)
        self._read(response)
        return [f"/gestion/{rest}" for rest in re.findall(r"/gestion/([a-z/-]+/)[\"&\\]", response.content.decode())]


@pytest.fixture
def site(home: HomePage) -> HomePage:
    LegalPageFactory(slug="cookies", kind=LegalPage.Kind.COOKIES)
    LegalPageFactory(slug="confidentialite", kind=LegalPage.Kind.PRIVACY)
    return home


def closed_page(**of_page: Any) -> StandardPageFactory:
    page = StandardPageFactory(slug="reserve", **of_page)
    PageViewRestriction.objects.create(page=page, restriction_type="password", password="sesame")
    return page


def closed_file() -> Any:
    collection = Collection.get_first_root_node().add_child(name="Presse")  # type: ignore[union-attr]
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="password", password="sesame")
    return get_document_model().objects.create(
        title="Photos", collection=collection, file=ContentFile(b"%PDF-1.4", name="photos.pdf")
    )


def test_a_site_without_passwords_and_other_sites_sets_nothing(client: Client, site: HomePage) -> None:
    sign_up_page()
    walk = Walk().go(*DOORS, "/rejoindre/", "/cookies/", "/confidentialite/")
    assert len(walk.seen) > 9
    assert walk.cookies == told(client) == set()


def test_a_page_behind_a_password_sets_what_the_page_says(client: Client, site: HomePage) -> None:
    closed_page()
    assert told(client) == {"portevoix_session"}
    walk = Walk().go(*DOORS, "/reserve/")
    assert walk.cookies == {"portevoix_session"}
    assert "aucun cookie" not in client.get("/confidentialite/").content.decode()
    after = walk.client.get("/reserve/").content.decode()
    assert "Mot de passe demandé" not in after
    assert "Aucun cookie" not in after


def test_before_the_password_nothing_is_set(client: Client, site: HomePage) -> None:
    closed_page()
    response = client.get("/reserve/")
    assert "Mot de passe demandé" in response.content.decode()
    assert not response.cookies
    form = BeautifulSoup(response.content, "html.parser").select_one("form[method=post]")
    assert form is not None
    wrong = client.post(str(form["action"]), {"password": "guess", "return_url": "/reserve/"})
    assert wrong.status_code == 200
    assert "field__error" in wrong.content.decode()
    assert not wrong.cookies


def test_another_site_cannot_send_the_password_for_a_visitor(client: Client, site: HomePage) -> None:
    closed_page()
    form = BeautifulSoup(client.get("/reserve/").content, "html.parser").select_one("form[method=post]")
    assert form is not None
    said = {"password": "sesame", "return_url": "/reserve/"}
    assert client.post(str(form["action"]), said, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_files_behind_a_password_set_what_the_page_says(client: Client, site: HomePage) -> None:
    document = closed_file()
    assert told(client) == {"portevoix_session"}
    assert Walk().go(document.url).cookies == {"portevoix_session"}


def test_a_draft_behind_a_password_is_not_told(client: Client, site: HomePage) -> None:
    closed_page(draft=True)
    assert told(client) == set()


def test_an_answer_about_other_sites_is_told_as_it_is_set(client: Client, site: HomePage) -> None:
    showing(FILM)
    closed_page()
    assert Walk().go(*DOORS, "/reserve/").answer().cookies == told(client) == {"portevoix_choix", "portevoix_session"}


def test_the_session_behind_a_password_ends_with_the_browser(client: Client, site: HomePage) -> None:
    closed_page()
    walk = Walk().go("/reserve/")
    assert walk.client.cookies["portevoix_session"]["max-age"] == ""


def test_signing_in_and_the_office_set_what_the_page_says(client: Client, site: HomePage) -> None:
    said = {row.name for row in cookies_set(asks=False) if not row.is_for_visitors} - WRITTEN_BY_SCRIPTS
    factor, walk = TotpFactory(user=somebody_with_a_password()), Office()
    walk.sign_in(factor.user.username, pyotp.TOTP(gate.unsealed(factor.secret)).at(clock.now()))
    walk.go("/gestion/")
    assert len(walk.seen) > 20
    walk.client.post("/gestion/logout/")
    walk.fail_with_a_passkey()
    assert walk.cookies == said
    shown = BeautifulSoup(client.get("/cookies/").content, "html.parser").select("tbody th code")
    assert said <= {tag.get_text() for tag in shown}


def test_a_cookie_stays_as_long_as_the_page_says(site: HomePage) -> None:
    factor, walk = TotpFactory(user=somebody_with_a_password()), Office()
    walk.sign_in(factor.user.username, pyotp.TOTP(gate.unsealed(factor.secret)).at(clock.now()))
    days = {row.name: row.days for row in cookies_set(asks=False)}
    stays = {name: float(cookie["max-age"] or 0) / 86400 for name, cookie in walk.client.cookies.items()}
    assert stays == {name: pytest.approx(days[name]) for name in stays}
    assert "portevoix_device" in stays


def test_every_line_of_ours_that_sets_a_cookie_takes_its_name_from_where_the_list_takes_it() -> None:
    """The walk cannot take every way; the names can be counted."""
    ours = Path(portevoix.__file__).parent
    found = {
        ast.unparse(call.args[0])
        for file in ours.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("set_cookie", "set_signed_cookie")
    }
    listed = (ours / "website/models/cookies.py").read_text("utf-8")
    assert found == {"choices.COOKIE", "rules.DEVICE_COOKIE"}
    assert "choices.COOKIE," in listed
    assert "signing.DEVICE_COOKIE," in listed


def test_what_the_back_office_s_scripts_write_is_what_wagtail_s_scripts_name() -> None:
    scripts = Path(staticfiles.__file__).parent / "static/wagtailadmin/js"
    written = "".join(file.read_text("utf-8") for file in scripts.rglob("*.js"))
    assert WRITTEN_BY_SCRIPTS
    assert all(name in written for name in WRITTEN_BY_SCRIPTS)
