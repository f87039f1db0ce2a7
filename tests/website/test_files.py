"""What is not a page: pictures, theme, what robots read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction

from portevoix.website.models import HomePage
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
