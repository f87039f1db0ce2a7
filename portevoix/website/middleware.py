"""The full-page cache: a page of the site, once made, leaves again without template, query or session.

Only anonymous GETs of Wagtail's own pages are kept (``rules``); each process keeps its own copies in memory. When
``freshness`` says that rows have changed, a kept page asks the database again what it was made from, and stays if every
answer is the same; after any other change, and in doubt, all are stale. The audience counter sits outside, so that
cached pages count.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeGuard

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils import translation
from wagtail.models import Page

from portevoix.kernel import clock
from portevoix.kernel.pages import PublicPage
from portevoix.kernel.questions import Columns, Questions, noted
from portevoix.website import freshness, rules
from portevoix.website.models import Banner
from portevoix.website.types import StoredPage

Key = tuple[str, str, str, str]

#: A form's signed moment is good for hours; a page with a form is made anew well before.
LIFETIME = timedelta(minutes=10)
MOST_BYTES = 32 * 1024 * 1024
SMALLEST_COMPRESSED = 500
SHOWN = Columns(ignored=rules.UNSHOWN, zero_or_not=rules.ZERO_OR_NOT)

#: Not kept: they belong to one answer.
OWN_HEADERS = {"content-length", "date", "set-cookie", "content-encoding"}


def language_named_by(path: str) -> str:
    """Return the language in front of an address. Django would take ``/en-images/`` for English, and find no page."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class PageLanguage:
    """Speak the language that the address names, and no other: the same page for everybody, whatever they prefer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = language_named_by(request.path_info)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            return self.get_response(request)


class Shelf:
    """Pages kept by one process, the least recently asked for thrown away first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._pages: OrderedDict[Key, StoredPage] = OrderedDict()
        self._lock = Lock()
        self._most_bytes = most_bytes
        self._bytes = 0

    def get(self, key: Key) -> StoredPage | None:
        """Return the page if it is not too old."""
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            if page.expires_at <= clock.now():
                self._remove(key)
                return None
            self._pages.move_to_end(key)
            return page

    def forget(self, key: Key) -> None:
        """Throw a page away."""
        with self._lock:
            self._remove(key)

    def put(self, key: Key, page: StoredPage) -> None:
        """Keep a page, at the price of the ones asked for least."""
        with self._lock:
            self._remove(key)
            self._pages[key] = page
            self._bytes += page.weight
            while self._bytes > self._most_bytes:
                self._remove(next(iter(self._pages)))

    def _remove(self, key: Key) -> None:
        if page := self._pages.pop(key, None):
            self._bytes -= page.weight


class PageCache:
    """Serve kept pages, keep new ones, and throw all of them away after an act of staff."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.shelf = Shelf()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = rules.page_key(request.META, settings.SESSION_COOKIE_NAME)
        # Read before the page is made: what is published meanwhile makes this very page stale.
        generation = freshness.generation() if key else None
        if key and generation and (kept := self._fresh(key, generation)):
            request.counted_as = request.path  # type: ignore[attr-defined]  # read by the audience counter
            return answer(kept, request)
        if key is None:
            return self._watched(request, self.get_response(request))
        began_at = clock.now()
        with noted(SHOWN) as questions:
            response = self._watched(request, self.get_response(request))
        if not self._may_keep(response, request):
            return response
        if generation is None:
            freshness.advance()  # the instance's first page: the file does not exist yet
            return response
        kept = keep(response, generation, questions, until=good_until(request, began_at))
        self.shelf.put(key, kept)
        return answer(kept, request, state="miss")

    def _fresh(self, key: Key, generation: freshness.Generation) -> StoredPage | None:
        """Return a kept page that may leave: nothing has changed, or nothing that it was made from."""
        page = self.shelf.get(key)
        if page is None or page.generation == generation:
            return page
        if freshness.are_rows_alone(page.generation, generation) and page.questions.still_hold():
            page = replace(page, generation=generation)
            self.shelf.put(key, page)
            return page
        self.shelf.forget(key)
        return None

    def _watched(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Tell the counter which page was seen, and every process what staff have just changed."""
        view_name = request.resolver_match.view_name if request.resolver_match else ""
        if view_name == "wagtail_serve":
            request.counted_as = request.path  # type: ignore[attr-defined]
        if rules.changes_the_site(view_name, request.method or "", response.status_code) and is_back_office(request):
            tell = freshness.ask_again if rules.changes_rows_alone(view_name) else freshness.advance
            tell()
        return response

    @staticmethod
    def _may_keep(response: HttpResponseBase, request: HttpRequest) -> TypeGuard[HttpResponse]:
        view_name = request.resolver_match.view_name if request.resolver_match else ""
        return isinstance(response, HttpResponse) and rules.may_keep(
            view_name, response.status_code, response.headers, sets_cookie=bool(response.cookies)
        )


def is_back_office(request: HttpRequest) -> bool:
    """Tell whether staff asked: a cookie alone, which anybody can make, says nothing."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def good_until(request: HttpRequest, began_at: datetime) -> datetime:
    """Return how long a page made from that moment on may be kept: what ends is not shown a second more.

    A banner that calls to vote goes before the silence of the eve does (code électoral, art. L. 49); a form that has
    closed takes nothing.
    """
    banner: Banner = Banner.load(request)  # read already to make the page, as is the page itself
    found = Page.route_for_request(request, request.path)
    changes = [banner.next_change(began_at)]
    if found is not None and isinstance(found[0], PublicPage):
        changes.append(found[0].next_change(began_at))
    return min([began_at + LIFETIME, *(change for change in changes if change)])


def keep(
    response: HttpResponse, generation: freshness.Generation, questions: Questions, *, until: datetime
) -> StoredPage:
    """Take what of an answer can be given again."""
    body = response.content
    headers = {name: value for name, value in response.headers.items() if name.lower() not in OWN_HEADERS}
    headers["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers["Vary"] = "Accept-Encoding"
    # A browser asks again each time, and is told in a hundred bytes when nothing has changed.
    headers.setdefault("Cache-Control", "public, max-age=0, must-revalidate")
    compressed = gzip.compress(body, 9) if len(body) >= SMALLEST_COMPRESSED else None
    return StoredPage(body, compressed, headers, generation, until, questions)


def answer(page: StoredPage, request: HttpRequest, *, state: str = "hit") -> HttpResponse:
    """Give a kept page: not again if the browser has it, and compressed if it can read that."""
    # For nginx, which takes it away: until the end of this second it may answer by itself (« portevoix nginx »).
    headers = {**page.headers, "X-Page-Cache": state, "X-Accel-Expires": f"@{int(clock.now().timestamp())}"}
    if request.META.get("HTTP_IF_NONE_MATCH") == page.headers["ETag"]:
        return HttpResponseNotModified(headers=headers)
    body = page.body
    if page.compressed and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        body = page.compressed
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    return HttpResponse(body, headers=headers)
