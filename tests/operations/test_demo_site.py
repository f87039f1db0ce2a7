"""The demo's public site: complete, linked, accessible, and built once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from wagtail.models import Page

from portevoix.operations.demo.site import build_site
from portevoix.website.models import Identity, Picture
from tests.website.factories import wagtail_roots


@dataclass
class Visit:
    """What a visitor of the whole site met: pages by address, and how every link and picture answered."""

    pages: dict[str, BeautifulSoup] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    built_again: bool = False


@pytest.fixture(scope="module")
def kept() -> list[Visit]:
    """The visit of the first test, for the others: building the site takes seconds."""
    return []


@pytest.fixture
def visit(db: None, kept: list[Visit]) -> Visit:
    """Build the site and visit all of it."""
    if not kept:
        kept.append(_visit_everything())
    return kept[0]


def _visit_everything() -> Visit:
    found, client = Visit(), Client()
    wagtail_roots()
    home = build_site(hostname="testserver")
    for page in home.get_descendants(inclusive=True).live().specific():
        address = urlsplit(page.full_url).path
        found.pages[address] = BeautifulSoup(client.get(address).content, "html.parser")
    links = [str(link["href"]) for page in found.pages.values() for link in page.find_all("a", href=True)]
    pictures = [
        str(picture["src"]) for page in found.pages.values() for picture in page.select("img, source[src], track")
    ]
    for address in {link.partition("#")[0] for link in [*links, *pictures] if link.startswith("/")}:
        response = client.get(address)
        found.answers[address] = response.status_code
        if response.streaming:
            list(response.streaming_content)  # type: ignore[attr-defined]  # closes the file
    Identity.load().full_clean()
    before = Page.objects.count(), Picture.objects.count()
    Page.objects.filter(pk=home.pk).update(title="Ours")
    build_site(hostname="testserver")
    after = Page.objects.count(), Picture.objects.count()
    found.built_again = before != after or Page.objects.get(pk=home.pk).title != "Ours"
    return found


def test_every_page_opens_and_has_one_title(visit: Visit) -> None:
    assert len(visit.pages) >= 12
    assert {address: len(page.find_all("h1")) for address, page in visit.pages.items()} == dict.fromkeys(visit.pages, 1)


def test_every_link_and_picture_leads_somewhere(visit: Visit) -> None:
    assert len(visit.answers) >= 25
    assert {address: status for address, status in visit.answers.items() if status != 200} == {}


def test_every_picture_has_an_alternative(visit: Visit) -> None:
    pictures = [picture for page in visit.pages.values() for picture in page.find_all("img")]
    assert len(pictures) >= 15
    assert all("alt" in picture.attrs for picture in pictures)


def test_every_page_is_described_to_search_engines(visit: Visit) -> None:
    for address, page in visit.pages.items():
        described = page.find("meta", {"name": "description"})
        assert described is not None
        assert len(str(described["content"])) > 20, address


def test_no_value_is_missing_on_any_page(visit: Visit) -> None:
    for address, page in visit.pages.items():
        assert not re.search(r"\bNone\b|page:|picture:", page.get_text(" ")), address


def test_french_typography_is_minded(visit: Visit) -> None:
    """No plain space before ; : ! ? » or after «, where a line could break."""
    for address, page in visit.pages.items():
        assert page.main is not None
        texts = [str(text) for text in page.main.find_all(string=True)]
        assert [text for text in texts if re.search(r"\w [;:!?»]|« ", text)] == [], address


def test_the_programme_has_eight_measures(visit: Visit) -> None:
    assert len(visit.pages["/programme/"].select(".measure-card")) == 8


def test_every_page_says_that_the_campaign_is_invented(visit: Visit) -> None:
    for address, page in visit.pages.items():
        assert page.footer is not None
        assert "imagina" in page.footer.text, address


def test_a_campaign_that_has_a_site_is_left_alone(visit: Visit) -> None:
    assert not visit.built_again


def test_the_demo_shows_a_film_with_its_captions_and_its_text(visit: Visit) -> None:
    film = visit.pages["/noemie-orsenval/"].select_one(".recording")
    assert film is not None
    assert [track["kind"] for track in film.find_all("track")] == ["captions"]
    assert film.select_one(".recording__text") is not None
    files = [str(one["src"]) for one in film.select("source, track")]
    assert [visit.answers[address] for address in files] == [200, 200]
