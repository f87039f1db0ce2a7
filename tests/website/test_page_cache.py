"""The page cache: who gets a kept page, what makes it stale, and what is never kept."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from wagtail.models import Page, PageViewRestriction

from portevoix.kernel import clock
from portevoix.kernel.questions import Questions
from portevoix.website import freshness
from portevoix.website.middleware import LIFETIME, Shelf, answer, keep
from portevoix.website.models import HomePage, Identity
from portevoix.website.types import StoredPage
from tests.website.factories import IndexPageFactory, PictureFactory, StandardPageFactory

pytestmark = pytest.mark.django_db

Committing = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _generation_file() -> None:
    freshness.advance()


def state(client: Client, address: str = "/", **headers: str) -> str | None:
    return client.get(address, headers=headers).headers.get("X-Page-Cache")


def test_a_page_is_made_once(client: Client, home: HomePage, django_assert_num_queries: Any) -> None:
    assert state(client) == "miss"
    with django_assert_num_queries(0):
        assert state(client) == "hit"


def test_a_kept_page_is_the_same_page(client: Client, home: HomePage) -> None:
    made, kept = client.get("/"), client.get("/")
    assert kept.content == made.content
    mine = {"X-Page-Cache", "X-Accel-Expires"}
    assert {k: v for k, v in kept.headers.items() if k not in mine} == {
        k: v for k, v in made.headers.items() if k not in mine
    }
    assert "Content-Security-Policy" in kept.headers


def test_a_letters_marks_find_the_kept_page(client: Client, home: HomePage) -> None:
    client.get("/")
    assert state(client, "/?utm_source=letter&utm_campaign=may") == "hit"


def test_staff_at_work_are_never_given_a_kept_page(client: Client, home: HomePage) -> None:
    client.get("/")
    client.force_login(get_user_model().objects.create_superuser("root", password="x" * 20))
    assert state(client) is None


def test_a_browser_that_has_the_page_is_told_so(client: Client, home: HomePage) -> None:
    tag = client.get("/").headers["ETag"]
    response = client.get("/", headers={"if-none-match": tag})
    assert response.status_code == 304
    assert not response.content


def test_a_page_leaves_compressed_for_those_who_can_read_it(client: Client, home: HomePage) -> None:
    plain = client.get("/").content
    response = client.get("/", headers={"accept-encoding": "br, gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Length"] == str(len(response.content))
    assert gzip.decompress(response.content) == plain


def test_another_host_has_its_own_pages(client: Client, home: HomePage) -> None:
    client.get("/")
    assert client.get("/", headers={"host": "other.example"}).headers["X-Page-Cache"] == "miss"


def test_a_page_is_made_anew_after_its_lifetime(client: Client, home: HomePage) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=clock.PARIS)
    with clock.stopped_at(start):
        client.get("/")
    with clock.stopped_at(start + LIFETIME - timedelta(seconds=1)):
        assert state(client) == "hit"
    with clock.stopped_at(start + LIFETIME):
        assert state(client) == "miss"


# ------------------------------------------------------------------------------------------- what makes pages stale
def publish(page: Page) -> None:
    page.save_revision().publish()


CHANGES: dict[str, Callable[[Page], object]] = {
    "publishing": publish,
    "unpublishing": lambda page: page.unpublish(),
    "deleting": lambda page: page.delete(),
    "moving": lambda page: page.move(IndexPageFactory(), pos="last-child"),
    "the brand": lambda page: Identity.load().save(),
    "a picture": lambda page: PictureFactory(),
    "a picture deleted": lambda page: PictureFactory().delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_the_public_sees_changes_at_once(
    client: Client, home: HomePage, django_capture_on_commit_callbacks: Committing, change: Callable[[Page], object]
) -> None:
    page = StandardPageFactory(slug="programme")
    assert [state(client), state(client)] == ["miss", "hit"]
    with django_capture_on_commit_callbacks(execute=True):
        change(page)
    assert state(client) == "miss"


def test_a_draft_changes_nothing(
    client: Client, home: HomePage, django_capture_on_commit_callbacks: Committing
) -> None:
    page = StandardPageFactory(slug="programme", title="Before")
    client.get("/programme/")
    with django_capture_on_commit_callbacks(execute=True):
        page.title = "After"
        page.save_revision()
    response = client.get("/programme/")
    assert response.headers["X-Page-Cache"] == "hit"
    assert b"Before" in response.content


def test_a_page_made_private_is_private_at_once(client: Client, home: HomePage) -> None:
    page = StandardPageFactory(slug="programme")
    assert [state(client, "/programme/"), state(client, "/programme/")] == ["miss", "hit"]
    staff = Client()
    staff.force_login(get_user_model().objects.create_superuser("root", password="x" * 20))
    answered = staff.post(f"/gestion/pages/{page.pk}/privacy/", {"restriction_type": "login"})
    assert answered.status_code == 200
    assert PageViewRestriction.objects.filter(page=page).exists()
    assert client.get("/programme/").status_code == 302


def test_another_process_makes_our_pages_stale(client: Client, home: HomePage) -> None:
    assert [state(client), state(client)] == ["miss", "hit"]
    elsewhere = "import django; django.setup(); from portevoix.website import freshness; freshness.advance()"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.test",
        "PORTEVOIX_TEST_DATA_DIR": str(settings.DATA_DIR),
    }
    subprocess.run([sys.executable, "-c", elsewhere], env=environment, check=True, timeout=60)
    assert state(client) == "miss"


def test_a_page_made_while_another_was_published_is_not_kept(
    client: Client, home: HomePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a template read before the commit must not be served after it."""
    made = HomePage.get_context

    def published_meanwhile(self: HomePage, *args: Any, **kwargs: Any) -> Any:
        freshness.advance()
        return made(self, *args, **kwargs)

    monkeypatch.setattr(HomePage, "get_context", published_meanwhile)
    client.get("/")
    monkeypatch.undo()
    assert state(client) == "miss"


def test_two_changes_never_have_the_same_number() -> None:
    numbers = []
    for _ in range(50):
        freshness.advance()
        numbers.append(freshness.generation())
    assert len(set(numbers)) == 50


def test_without_a_generation_nothing_is_kept(client: Client, home: HomePage) -> None:
    (settings.DATA_DIR / freshness.FILE_NAME).unlink()
    assert state(client) is None
    assert [state(client), state(client)] == ["miss", "hit"]


# --------------------------------------------------------------------------------------------- what is never kept
def test_a_preview_is_never_kept(client: Client, home: HomePage) -> None:
    staff = Client()
    staff.force_login(get_user_model().objects.create_superuser("root", password="x" * 20))
    page = StandardPageFactory(slug="programme", title="Published")
    page.title = "Draft of a title"
    page.save_revision()
    preview = staff.get(f"/gestion/pages/{page.pk}/view_draft/")
    assert b"Draft of a title" in preview.content
    assert b"Draft of a title" not in client.get("/programme/").content


@pytest.mark.parametrize("address", ["/nowhere/", "/robots.txt", "/sitemap.xml", "/gestion/login/"])
def test_what_is_not_a_page_is_not_kept(client: Client, home: HomePage, address: str) -> None:
    client.get(address)
    assert state(client, address) is None


def test_a_hit_tells_the_counter_which_page_was_seen(client: Client, home: HomePage) -> None:
    client.get("/")
    assert client.get("/").wsgi_request.counted_as == "/"  # type: ignore[attr-defined]


# --------------------------------------------------------------------------------------------------------- the shelf
def stored(size: int) -> StoredPage:
    return StoredPage(b"x" * size, None, {"ETag": "t"}, (1, 1), clock.now() + LIFETIME, Questions())


def test_a_full_shelf_forgets_what_is_asked_for_least() -> None:
    shelf = Shelf(most_bytes=2_000)
    for name in "ab":
        shelf.put(("", "", name), stored(400))
    shelf.get(("", "", "a"))
    shelf.put(("", "", "c"), stored(400))
    kept = [name for name in "abc" if shelf.get(("", "", name))]
    assert kept == ["a", "c"]


def test_a_page_larger_than_the_shelf_is_not_kept_and_harms_nothing() -> None:
    shelf = Shelf(most_bytes=1_000)
    shelf.put(("", "", "a"), stored(5_000))
    assert shelf.get(("", "", "a")) is None
    shelf.put(("", "", "b"), stored(100))
    assert shelf.get(("", "", "b"))


def test_a_cookie_is_never_given_again() -> None:
    response = HttpResponse("page")
    response.headers["Set-Cookie"] = "a=b"
    page = keep(response, (1, 1), Questions(), until=clock.now() + LIFETIME)
    assert "Set-Cookie" not in answer(page, RequestFactory().get("/")).headers
