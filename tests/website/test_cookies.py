"""The page on cookies says what the site sets: a walk through the site, as a visitor, sets nothing it leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from portevoix.website.models import HomePage, LegalPage
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
