"""What is not a page: pictures, theme, what robots read."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, Locale

from portevoix.website.models import HomePage
from portevoix.website.rules.naming import short_name
from tests.website.factories import PictureFactory, StandardPageFactory, wagtail_roots

pytestmark = pytest.mark.django_db


def test_robots_are_told_where_the_map_is_and_where_not_to_go(client: Client, home: HomePage) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /gestion/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


def test_the_site_map_lists_published_pages_only(client: Client, home: HomePage) -> None:
    StandardPageFactory(slug="programme")
    StandardPageFactory(slug="secret", draft=True)
    text = client.get("/sitemap.xml").content.decode()
    assert "http://testserver/programme/" in text
    assert "secret" not in text


def test_the_site_map_lists_every_language_and_each_page_names_its_versions(client: Client, home: HomePage) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    page = StandardPageFactory(slug="programme")
    alone = StandardPageFactory(slug="seule")
    for original in (home, page):
        original.copy_for_translation(english).get_latest_revision().publish()
    draft = alone.copy_for_translation(english)
    found = entries(client.get("/sitemap.xml").content)
    versions = {"fr": "http://testserver/programme/", "en": "http://testserver/en/programme/"}
    assert found[versions["fr"]] == found[versions["en"]] == {**versions, "x-default": versions["fr"]}
    assert found["http://testserver/seule/"] == {}
    assert draft.full_url not in found


def test_the_site_map_takes_no_query_more_for_each_page(
    client: Client, home: HomePage, django_assert_max_num_queries: Any
) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    home.copy_for_translation(english).get_latest_revision().publish()
    for _ in range(8):
        StandardPageFactory().copy_for_translation(english).get_latest_revision().publish()
    with django_assert_max_num_queries(16):
        assert len(entries(client.get("/sitemap.xml").content)) == 18


def entries(content: bytes) -> dict[str, dict[str, str]]:
    """Return the addresses of a map, each with its versions by language."""
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    return {
        str(url.findtext("s:loc", namespaces=names)): {
            str(link.get("hreflang")): str(link.get("href")) for link in url.findall("x:link", names)
        }
        for url in ElementTree.fromstring(content).findall("s:url", names)
    }


def test_an_old_browser_finds_the_icon_where_it_looks_for_it(client: Client, home: HomePage) -> None:
    assert client.get("/favicon.ico", follow=True).content[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ricochet", "Ricochet"),
        ("Ensemble pour Valmer", "Ensemble"),
        ("Le Pays nous", "Le Pays nous"),
        ("Anticonstitutionnellement vôtre", "Anticonstitutionnellement"),
    ],
)
def test_a_long_name_is_cut_between_words_under_an_icon(name: str, short: str) -> None:
    assert short_name(name) == short


def test_a_rendition_is_served_and_can_do_nothing_but_be_seen(client: Client) -> None:
    rendition = PictureFactory().get_rendition("width-100")
    response = client.get(rendition.url)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/png"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "max-age" in response.headers["Cache-Control"]
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_an_original_is_not_served(client: Client, home: HomePage) -> None:
    original = PictureFactory().file.name
    assert original.startswith("original_images/")
    assert client.get(f"/media/{original}").status_code == 404


def test_a_path_out_of_the_pictures_leads_nowhere(client: Client, home: HomePage, settings: Any) -> None:
    (Path(settings.MEDIA_ROOT) / "images").mkdir(parents=True, exist_ok=True)
    (Path(settings.MEDIA_ROOT) / "secret.txt").write_text("people")
    for path in ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt"]:
        assert client.get(f"/media/images/{path}").status_code in {400, 404}


def test_a_document_that_a_page_links_to_is_open(client: Client) -> None:
    wagtail_roots()
    document = Document(title="Press kit", file=ContentFile(b"%PDF-1.4", name="kit.pdf"))
    document.save()
    assert document.url == f"/documents/{document.pk}/kit.pdf"
    response = client.get(document.url)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"%PDF-1.4"  # type: ignore[attr-defined]


def test_a_document_kept_for_the_team_asks_for_its_login(client: Client) -> None:
    wagtail_roots()
    collection = Collection.get_first_root_node().add_child(instance=Collection(name="Team"))
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    document = Document(title="Diary", file=ContentFile(b"%PDF-1.4", name="diary.pdf"), collection=collection)
    document.save()
    assert client.get(document.url).status_code == 302


def test_staff_cannot_upload_an_svg(settings: Any) -> None:
    assert "svg" not in settings.WAGTAILIMAGES_EXTENSIONS
