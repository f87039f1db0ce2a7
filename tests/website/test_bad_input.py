"""What the site takes in and must not swallow: each is refused, with its test here or where this says.

Pictures (a drawing with a script, fifty megapixels, a bomb, a file that lies): ``test_media``. Paths: ``test_files``.
Addresses of other sites: ``test_sources``. Looks: ``test_looks``. Where one is led after signing in:
``accounts.test_signing``. Public forms (another site's post, floods): ``actions.test_views`` and
``actions.test_robots``; a double post: ``actions.test_double_posts``. A flood of addresses: ``audience.test_counter``
and ``test_page_cache``. Behind nginx: ``operations.test_nginx``.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail import blocks
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.documents.forms import get_document_form
from wagtail.documents.models import Document

from portevoix.website.blocks import ButtonBlock, SourceBlock
from portevoix.website.blocks.story import TEXT_FEATURES
from portevoix.website.models import HomePage, Identity
from tests.actions.factories import sign_up_page
from tests.website.factories import StandardPageFactory, wagtail_roots
from tests.website.test_page_types import filled

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
HOSTILE_ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>1</script>",
]


def draft(text: str, **link: Any) -> str:
    """Return what the editor's browser posts for one paragraph, all of it a link where one is given."""
    entity = {"0": {"type": "LINK", "mutability": "MUTABLE", "data": link}} if link else {}
    ranges = [{"offset": 0, "length": len(text), "key": 0}] if link else []
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": ranges}
    return json.dumps({"blocks": [block], "entityMap": entity})


def taken(posted: str) -> str:
    """Return what the field of rich text keeps of a post."""
    return str(DraftailRichTextArea(features=TEXT_FEATURES).value_from_datadict({"text": posted}, {}, "text"))


class TestWords:
    def test_a_script_typed_as_words_is_words(self, client: Client, home: HomePage) -> None:
        kept = taken(draft(SCRIPT))
        filled(StandardPageFactory(slug="text"), "body", ("text", kept))
        page = BeautifulSoup(client.get("/text/").content, "html.parser")
        prose = page.select_one(".prose")
        assert prose is not None
        assert SCRIPT in prose.get_text()
        assert not prose.find_all(["script", "img"])

    @pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
    def test_a_link_that_acts_leads_nowhere(self, address: str) -> None:
        link = BeautifulSoup(taken(draft("Read", url=address)), "html.parser").a
        assert link is None or not link.get("href")

    def test_a_part_that_no_field_knows_is_left_out(self) -> None:
        posted = json.loads(draft("Read", url="https://valmer.example/", onclick="alert(1)", style="x"))
        posted["entityMap"]["0"]["data"]["target"] = "_top"
        assert "onclick" not in taken(json.dumps(posted))
        posted["entityMap"]["0"]["type"] = "EMBED"
        assert "<embed" not in taken(json.dumps(posted))

    @pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
    @pytest.mark.parametrize("block", [ButtonBlock(), SourceBlock()], ids=["button", "source"])
    def test_a_button_or_a_source_has_the_address_of_a_page(self, block: blocks.StructBlock, address: str) -> None:
        value = block.to_python({"label": "Read", "title": "Figures", "page": None, "address": address})
        with pytest.raises(ValidationError):
            block.clean(value)

    def test_titles_are_words_for_readers_and_for_machines(self, client: Client, home: HomePage) -> None:
        StandardPageFactory(slug="text", title=f"</title></script>{SCRIPT}", lead=SCRIPT, seo_title=SCRIPT)
        page = BeautifulSoup(client.get("/text/").content, "html.parser")
        scripts = page.find_all("script")
        assert all(script.get("src") or script.get("type") == "application/ld+json" for script in scripts)
        assert not page.find_all("img", src="x")

    def test_what_is_searched_for_is_words(self, client: Client, home: HomePage) -> None:
        page = BeautifulSoup(client.get("/recherche/", {"q": f'">{SCRIPT}'}).content, "html.parser")
        assert not page.find_all("img", src="x")
        assert all(script.get("src") for script in page.find_all("script"))

    @pytest.mark.parametrize(
        "asked", ["\x00", "'; DROP TABLE people_person; --", "%", "a" * 100_000, "&|!():*<->'", "🌊"]
    )
    def test_the_search_takes_any_words(self, client: Client, home: HomePage, asked: str) -> None:
        assert client.get("/recherche/", {"q": asked}).status_code == 200
        assert client.get("/recherche/", {"q": "a", "page": asked[:500]}).status_code == 200


class TestDocuments:
    @pytest.mark.parametrize("name", ["a.html", "a.svg", "a.xhtml", "a.js", "a.php", "a.pdf.html", "a"])
    def test_a_document_that_a_browser_would_run_is_refused(self, name: str) -> None:
        wagtail_roots()
        form = get_document_form(Document)(
            {"title": "Kit", "collection": "1"}, {"file": SimpleUploadedFile(name, b"<script>alert(1)</script>")}
        )
        form.fields.pop("collection", None)
        assert not form.is_valid()
        assert form.errors["file"]

    def test_a_page_under_the_name_of_a_document_is_read_as_its_name_says(self, client: Client) -> None:
        wagtail_roots()
        document = Document(title="Kit", file=SimpleUploadedFile("kit.txt", b"<html><script>alert(1)</script>"))
        document.save()
        answer = client.get(document.url)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "html" not in answer.headers["Content-Type"]
        assert "attachment" in answer.headers["Content-Disposition"]
        b"".join(answer.streaming_content)  # type: ignore[attr-defined]


class TestRequests:
    @pytest.mark.parametrize(
        "path",
        [
            "//evil.example/",
            "//evil.example/programme",
            "/\\evil.example",
            "/%5cevil.example/",
            "/https://evil.example",
        ],
    )
    def test_no_address_leads_to_another_site(self, client: Client, home: HomePage, path: str) -> None:
        answer = client.get(path)
        where = answer.headers.get("Location", "/")
        assert where.startswith("/")
        assert not where.startswith(("//", "/\\"))

    def test_a_page_can_be_framed_by_nobody_else(self, client: Client, home: HomePage) -> None:
        for path in ("/", "/recherche/", "/nowhere/", "/gestion/login/"):
            answer = client.get(path)
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize(
        "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b", "\x00"]
    )
    def test_another_host_is_told_nothing(self, client: Client, home: HomePage, settings: Any, host: str) -> None:
        settings.ALLOWED_HOSTS = ["testserver"]
        assert client.get("/").status_code == 200  # kept by now
        answer = client.get("/", headers={"host": host})
        assert answer.status_code == 400
        assert b"evil" not in answer.content

    def test_a_forwarded_host_counts_for_nothing(self, client: Client, home: HomePage) -> None:
        answer = client.get("/?x=1", headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"})
        assert answer.status_code == 200
        assert b"evil" not in answer.content

    @pytest.mark.parametrize(
        "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
    )
    def test_another_site_posts_to_no_page(self, client: Client, headers: dict[str, str]) -> None:
        assert client.post(sign_up_page().url, {}, headers=headers).status_code == 403

    def test_the_back_office_takes_no_post_without_its_token(self, home: HomePage) -> None:
        from django.contrib.auth import get_user_model

        staff = Client(enforce_csrf_checks=True)
        staff.force_login(get_user_model().objects.create_superuser("root", password="x" * 20))
        before = Identity.load().name
        assert staff.post("/gestion/settings/website/identity/1/", {"name": "Stolen"}).status_code == 403
        assert Identity.load().name == before

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
    def test_a_page_is_read_or_posted_to_and_nothing_else_happens(
        self, client: Client, home: HomePage, method: str
    ) -> None:
        answer = client.generic(method, "/", b"<script>alert(1)</script>", "text/html")
        assert answer.status_code in {200, 403, 405}
        assert b"alert(1)" not in answer.content
