"""Foreign content: known by its address, loaded from one address only, asked about while a page shows it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from wagtail.fields import StreamField
from wagtail.models import Locale, Page, PageViewRestriction, Site

from portevoix.actions.counter import PAUSE
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.website.blocks import ForeignBlock
from portevoix.website.models import (
    Answer,
    ArticlePage,
    ForeignUse,
    HomePage,
    LandingPage,
    LegalPage,
    LocalPage,
    MeasurePage,
    PressRoomPage,
    Question,
    StandardPage,
)
from portevoix.website.models.site_page import SitePage
from portevoix.website.rules import choices
from portevoix.website.rules.sources import recognise
from portevoix.website.views.choosing import MOST
from tests.territory.factories import DepartementFactory
from tests.website.factories import LegalPageFactory

#: Every type of page on which an editor may put content of another site.
KINDS = [
    model
    for model in apps.get_models()
    if issubclass(model, SitePage)
    and any(isinstance(one, StreamField) and "foreign" in one.stream_block.child_blocks for one in model._meta.fields)
]
REQUIRED = {"headline": "A page", "role": "Candidate", "number": 1}
MAP = "https://www.openstreetmap.org/#map=16/46.1710/1.8710"
TUBE = "https://tube.ricochet.example/w/9cQvGfRzVv2sBqvQvY7bE1"
FILM = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("address", "loaded"),
    [
        (FILM, "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=follow", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://vimeo.com/12345678", "https://player.vimeo.com/video/12345678?dnt=1"),
        (TUBE, "https://tube.ricochet.example/videos/embed/9cQvGfRzVv2sBqvQvY7bE1"),
        (
            "https://x.com/ricochet/status/1234567890123456789",
            "https://platform.twitter.com/embed/Tweet.html?id=1234567890123456789&dnt=true&lang=fr",
        ),
        (
            "https://umap.openstreetmap.fr/fr/map/gares_1234",
            "https://umap.openstreetmap.fr/fr/map/gares_1234",
        ),
    ],
)
def test_an_address_leads_to_the_one_that_is_loaded(address: str, loaded: str) -> None:
    content = recognise(address)
    assert content is not None
    assert content.address == loaded
    assert loaded.startswith(f"https://{content.host}/")


def test_a_map_is_drawn_around_its_place() -> None:
    content = recognise("https://www.openstreetmap.org/#map=16/46.1710/1.8710")
    assert content is not None
    assert "marker=46.17100%2C1.87100" in content.address


@pytest.mark.parametrize(
    "address",
    [
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/",
        "https://www.youtube.com/watch?v=../../x",
        "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        "javascript:alert(1)",
        "https://evil.example/page",
        "https://evil.example;script-src/w/9cQvGfRzVv2sBqvQvY7bE1",
        "https://tube.example:8443/w/9cQvGfRzVv2sBqvQvY7bE1",
        "https://user@localhost/w/9cQvGfRzVv2sBqvQvY7bE1",
        "https://x.com/ricochet",
        "https://vimeo.com/ondemand",
        "https://umap.openstreetmap.fr/",
        "https://www.openstreetmap.org/#map=16/999/1.8",
        "https://[::1/w/x",
    ],
)
def test_any_other_address_is_refused(address: str) -> None:
    assert recognise(address) is None


def test_a_block_with_an_unknown_address_says_what_to_do() -> None:
    block = ForeignBlock()
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"title": "A film", "address": "https://evil.example/", "summary": ""}))


def test_a_choice_is_read_as_it_was_written() -> None:
    marks = {"b.example": choices.REFUSED, "a.example": choices.BY_NAME, "c.example": choices.WITH_ALL}
    assert choices.read(choices.written(marks)) == marks
    assert choices.read(choices.written({})) == {}


@pytest.mark.parametrize("cookie", ["", "v0~+a.example", "~", "junk", f"{choices.VERSION}~a.example~+a;b~+~?c.example"])
def test_what_is_no_answer_of_ours_answers_nothing(cookie: str) -> None:
    assert choices.read(cookie) == {}


def test_a_cookie_has_room_for_the_latest_answers_only() -> None:
    marks = {f"site-{number}.example": choices.REFUSED for number in range(choices.MOST + 5)}
    kept = choices.read(choices.written(marks))
    assert len(kept) == choices.MOST
    assert "site-64.example" in kept


@pytest.mark.parametrize(
    ("mark", "by_name", "accepted", "becomes"),
    [
        ("", True, True, choices.BY_NAME),
        ("", False, True, choices.WITH_ALL),
        ("", False, False, choices.REFUSED),
        (choices.BY_NAME, False, True, choices.BY_NAME),
        (choices.WITH_ALL, True, True, choices.BY_NAME),
        (choices.BY_NAME, False, False, choices.REFUSED),
        (choices.REFUSED, False, True, choices.WITH_ALL),
    ],
)
def test_the_latest_answer_about_a_site_is_the_one_that_holds(
    mark: str, by_name: bool, accepted: bool, becomes: str
) -> None:
    before = {"other.example": choices.REFUSED} | ({"a.example": mark} if mark else {})
    agreed = ["a.example"] if accepted else []
    after = choices.after(before, answered=["a.example"], accepted=agreed, by_name=by_name)
    assert after == {"other.example": choices.REFUSED, "a.example": becomes}


def test_a_browser_that_refuses_everywhere_has_what_was_accepted_by_its_name_alone() -> None:
    marks = {"a.example": choices.BY_NAME, "b.example": choices.WITH_ALL, "c.example": choices.REFUSED}
    assert choices.allowed(marks, refuses_everywhere=False) == {"a.example", "b.example"}
    assert choices.allowed(marks, refuses_everywhere=True) == {"a.example"}


def showing(*addresses: str, slug: str = "film", kind: type[SitePage] = StandardPage) -> Any:
    own = {field: value for field, value in REQUIRED.items() if field in {one.name for one in kind._meta.fields}}
    page: Any = kind(title="A page", slug=slug, live=False, **own)
    if kind is LocalPage:
        page.departement = DepartementFactory()
    Page.objects.get(pk=Site.objects.get(is_default_site=True).root_page_id).add_child(instance=page)
    blocks = [("foreign", {"title": "The film", "address": address, "summary": ""}) for address in addresses]
    page.body = page._meta.get_field("body").stream_block.to_python(
        [{"type": kind, "value": value} for kind, value in blocks]
    )
    page.save()
    page.save_revision().publish()
    return page


def marks_of(client: Client) -> dict[str, str]:
    return choices.read(client.cookies[choices.COOKIE].value)


def asked_in(client: Client) -> set[str]:
    """Return the hosts that this browser would be asked about."""
    banner = read(client, "/").select_one("[data-consent]")
    assert banner is not None
    assert banner["data-consent"] == choices.VERSION
    return set(str(banner["data-consent-hosts"]).split()) - set(marks_of(client))


def words_of(page: BeautifulSoup, selector: str) -> str:
    found = page.select_one(selector)
    assert found is not None
    return " ".join(found.get_text().split())


def read(client: Client, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path, {"x": 1}).content, "html.parser")


@pytest.mark.django_db
class TestPages:
    def test_nothing_is_asked_while_nothing_is_shown(self, client: Client, home: HomePage) -> None:
        page = read(client, "/")
        assert page.select("[data-consent]") == []
        assert page.select("script[src*=consent]") == []
        assert "aucun cookie" in page.footer.text.lower()  # type: ignore[union-attr]

    def test_a_draft_asks_nothing(self, client: Client, home: HomePage) -> None:
        StandardPage.objects.get(pk=showing(FILM).pk).unpublish()
        assert read(client, "/").select("[data-consent]") == []
        assert not ForeignUse.objects.exists()

    def test_the_question_is_on_every_page_as_soon_as_one_shows_another_site(
        self, client: Client, home: HomePage
    ) -> None:
        showing(FILM)
        banner = read(client, "/").select_one("[data-consent]")
        assert banner is not None
        assert banner.has_attr("hidden")  # without scripts nothing loads, and nothing is asked
        said = [button.text for button in banner.select("button")]
        assert said == ["Tout refuser", "Tout accepter"]
        looks = {" ".join(button["class"]) for button in banner.select("button")}
        assert len(looks) == 1  # to refuse is as easy to see as to accept

    @pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
    def test_only_the_page_that_shows_it_may_load_it(
        self, client: Client, home: HomePage, kind: type[SitePage]
    ) -> None:
        showing(FILM, TUBE, kind=kind)
        answer = client.get("/film/")
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-src https://tube.ricochet.example https://www.youtube-nocookie.com" in policy
        assert b'data-foreign="www.youtube-nocookie.com"' in answer.content
        assert "frame-src" not in client.get("/").headers["Content-Security-Policy"]

    def test_the_types_of_pages_that_may_show_another_site_are_all_tried(self) -> None:
        assert {PressRoomPage, LandingPage, MeasurePage, ArticlePage, StandardPage} <= set(KINDS)

    def test_who_writes_a_page_sees_it_in_the_preview(self, home: HomePage, rf: RequestFactory) -> None:
        for kind in (PressRoomPage, StandardPage):
            page = showing(FILM, kind=kind, slug=kind.__name__.lower())
            request = rf.get("/")
            request.user = AnonymousUser()
            previewed = page.serve_preview(request, "")
            assert previewed._csp_update == {"frame-src": ["https://www.youtube-nocookie.com"]}

    def test_the_page_itself_loads_nothing_of_it(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        page = read(client, "/film/")
        assert page.select("iframe, object, embed") == []
        assert [tag["src"] for tag in page.select("[src]") if "youtube" in str(tag["src"])] == []
        assert page.select_one(f'a[href="{FILM}"]') is not None

    def test_the_legal_pages_say_which_sites_and_which_cookies(self, client: Client, home: HomePage) -> None:
        LegalPageFactory(slug="cookies", kind=LegalPage.Kind.COOKIES)
        LegalPageFactory(slug="privacy", kind=LegalPage.Kind.PRIVACY)
        before = read(client, "/cookies/").get_text(" ")
        assert choices.COOKIE not in before
        assert "portevoix_session" in before
        showing(FILM)
        after = read(client, "/cookies/").get_text(" ")
        assert choices.COOKIE in after
        assert "182 jours" in after.replace("\xa0", " ")
        assert "YouTube" in after
        assert "YouTube" in read(client, "/privacy/").get_text(" ")


@pytest.mark.django_db
class TestAnswers:
    def test_an_answer_is_kept_by_the_browser_alone(self, client: Client, home: HomePage) -> None:
        showing(FILM, TUBE)
        response = client.post("/mes-choix/", {"answer": "some", "accepted_hosts": ["tube.ricochet.example"]})
        assert response.status_code == 204
        cookie = response.cookies[choices.COOKIE]
        assert marks_of(client) == {"tube.ricochet.example": "+", "www.youtube-nocookie.com": "-"}
        assert cookie["max-age"] == 182 * 24 * 3600
        assert cookie["samesite"] == "Lax"

    def test_the_proof_counts_answers_and_names_nobody(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        for answer in ("all", "none", "none"):
            client.post("/mes-choix/", {"answer": answer, "way_answered": "banner"})
        counted = Answer.objects.values_list("is_accepted", "number", "way").order_by("is_accepted")
        assert list(counted) == [(False, 2, "banner"), (True, 1, "banner")]
        fields = {field.name for field in Answer._meta.get_fields()}
        assert fields == {"id", "question", "hour", "way", "language", "host", "is_accepted", "number"}
        assert Answer.objects.filter(hour__minute=0, hour__second=0).count() == 2

    @pytest.mark.parametrize(("language", "prefix"), [("fr", ""), ("en", "/en")])
    def test_the_words_that_are_kept_are_those_that_were_shown(
        self, client: Client, home: HomePage, language: str, prefix: str
    ) -> None:
        in_english = Locale.objects.get_or_create(language_code="en")[0]
        home.copy_for_translation(in_english, copy_parents=True).save_revision().publish()
        page = showing(FILM, TUBE)
        page.copy_for_translation(in_english).save_revision().publish()
        client.post(f"{prefix}/mes-choix/", {"answer": "none", "way_answered": "block"})
        assert set(Answer.objects.values_list("language", flat=True)) == {language}
        said = Question.objects.get().words[language]
        kept = {way: [" ".join(line.split()) for line in lines] for way, lines in said.items()}
        shown = {
            "banner": words_of(read(client, f"{prefix}/"), "[data-consent]"),
            "page": words_of(read(client, f"{prefix}/mes-choix/"), "main"),
            "block": words_of(read(client, f"{prefix}/film/"), "main"),
        }
        assert set(kept) == set(shown)
        for way, lines in kept.items():
            assert len(lines) > 3
            assert [line for line in lines if line not in shown[way]] == []
        banner = read(client, f"{prefix}/").select_one("[data-consent]")
        assert banner is not None
        told = [" ".join(tag.get_text().split()) for tag in banner.select("h2, p, li, button, a")]
        assert told == kept["banner"]  # and nothing more than that was said

    def test_other_words_are_another_question(self) -> None:
        assert choices.version_of(["a.example"], {"fr": "oui"}) != choices.version_of(["a.example"], {"fr": "non"})

    def test_only_what_was_answered_is_counted(self, client: Client, home: HomePage) -> None:
        showing(FILM, TUBE)
        tube = "tube.ricochet.example"
        asked = {"answer": "some", "way_answered": "block", "answered_hosts": [tube], "accepted_hosts": [tube]}
        response = client.post("/mes-choix/", asked)
        banner = read(client, "/film/").select_one("[data-consent]")
        assert banner is not None
        # Of the version that the page's script reads, or the film would never show.
        assert response.cookies[choices.COOKIE].value == f"{banner['data-consent']}~+{tube}"
        assert banner["data-consent-hosts"] == f"{tube} www.youtube-nocookie.com"
        assert list(Answer.objects.values_list("host", "is_accepted")) == [(tube, True)]

    def test_an_accepted_source_stays_so_while_another_is_refused(self, client: Client, home: HomePage) -> None:
        showing(FILM, TUBE)
        film, tube = "www.youtube-nocookie.com", "tube.ricochet.example"
        asked = {"answer": "some", "way_answered": "block"}
        client.post("/mes-choix/", {**asked, "answered_hosts": [tube], "accepted_hosts": [tube]})
        Answer.objects.all().delete()
        client.post("/mes-choix/", {**asked, "answered_hosts": [film]})
        assert marks_of(client) == {tube: "+", film: "-"}
        assert list(Answer.objects.values_list("host", "is_accepted")) == [(film, False)]

    def test_one_source_withdrawn_asks_nobody_anew_and_is_refused_still_when_it_comes_back(
        self, client: Client, home: HomePage
    ) -> None:
        showing(FILM)
        there = showing(MAP, slug="map")
        client.post("/mes-choix/", {"answer": "none", "way_answered": "banner"})
        there.unpublish()
        assert asked_in(client) == set()
        client.post("/mes-choix/", {"answer": "none", "way_answered": "banner"})
        there.save_revision().publish()
        assert asked_in(client) == set()
        showing(TUBE, slug="tube")
        assert asked_in(client) == {"tube.ricochet.example"}

    def test_who_refuses_all_refuses_what_was_withdrawn_too(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        there = showing(MAP, slug="map")
        client.post("/mes-choix/", {"answer": "all", "way_answered": "banner"})
        there.unpublish()
        client.post("/mes-choix/", {"answer": "none"})
        assert set(marks_of(client).values()) == {"-"}
        assert len(marks_of(client)) == 2

    def test_a_page_behind_a_password_asks_those_only_who_may_read_it(self, client: Client, home: HomePage) -> None:
        kept = showing(FILM)
        closed = PageViewRestriction.objects.create(page=kept, restriction_type="password", password="word")
        assert read(client, "/").select("[data-consent]") == []
        LegalPageFactory(slug="cookies", kind=LegalPage.Kind.COOKIES)
        assert "YouTube" not in read(client, "/cookies/").get_text(" ")
        client.cookies["portevoix_session"] = "invented"
        assert read(client, "/").select("[data-consent]") == []
        del client.cookies["portevoix_session"]
        address = f"/_util/authenticate_with_password/{closed.pk}/{kept.pk}/"
        client.post(address, {"password": "word", "return_url": "/film/"})
        assert read(client, "/film/").select_one("[data-consent]") is not None
        assert client.post("/mes-choix/", {"answer": "all", "way_answered": "banner"}).status_code == 204

    def test_another_source_is_another_question(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        client.post("/mes-choix/", {"answer": "all"})
        showing(TUBE, slug="tube")
        client.post("/mes-choix/", {"answer": "all"})
        assert Question.objects.count() == 2

    def test_what_was_not_asked_about_cannot_be_accepted(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        client.post("/mes-choix/", {"answer": "some", "accepted_hosts": ["evil.example"]})
        assert not Answer.objects.exists()

    def test_a_form_leads_back_and_nowhere_else(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        asked = {"answer": "none", "next": "/mes-choix/?fait"}
        assert client.post("/mes-choix/", asked).headers["Location"] == "/mes-choix/?fait"
        for foreign in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            assert client.post("/mes-choix/", {**asked, "next": foreign}).headers["Location"] == "/"

    def test_another_site_cannot_answer_for_a_visitor(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        response = client.post("/mes-choix/", {"answer": "all"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
        assert not Answer.objects.exists()

    def test_the_page_of_choices_shows_what_was_accepted(self, client: Client, home: HomePage) -> None:
        showing(FILM, TUBE)
        client.post("/mes-choix/", {"answer": "some", "accepted_hosts": ["tube.ricochet.example"]})
        boxes = {box["value"]: box.has_attr("checked") for box in read(client, "/mes-choix/").select("[type=checkbox]")}
        assert boxes == {"tube.ricochet.example": True, "www.youtube-nocookie.com": False}

    def test_a_browser_that_refuses_everywhere_is_told_that_it_is_obeyed(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        client.post("/mes-choix/", {"answer": "all", "way_answered": "banner"})
        assert read(client, "/mes-choix/").select("[checked]") != []
        page = client.get("/mes-choix/", headers={"Sec-GPC": "1"}).content.decode()
        assert "Global Privacy Control" in page
        assert BeautifulSoup(page, "html.parser").select("[checked]") == []
        assert client.get("/.well-known/gpc.json").json()["gpc"] is True

    def test_without_other_sites_there_is_nothing_to_answer(self, client: Client, home: HomePage) -> None:
        response: Any = client.post("/mes-choix/", {"answer": "all"})
        assert response.status_code == 200
        assert not response.cookies

    def test_a_storm_of_answers_writes_little_and_refusing_stays_possible(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        said = [client.post("/mes-choix/", {"answer": "all"}).status_code for _one in range(MOST + 20)]
        assert said == [204] * MOST + [429] * 20
        assert Entry.objects.filter(command="website.answer").count() == MOST
        refused = client.post("/mes-choix/", {"answer": "all"})
        assert "Attendez une demi-minute" in refused.content.decode()
        assert choices.COOKIE not in refused.cookies
        obeyed = client.post("/mes-choix/", {"answer": "none"})
        assert (obeyed.status_code, marks_of(client)) == (204, {"www.youtube-nocookie.com": "-"})
        assert Entry.objects.filter(command="website.answer").count() == MOST

    def test_after_a_storm_whoever_waits_is_heard_and_others_never_waited(self, client: Client, home: HomePage) -> None:
        showing(FILM)
        for _one in range(MOST):
            client.post("/mes-choix/", {"answer": "all"})
        assert client.post("/mes-choix/", {"answer": "all"}).status_code == 429
        assert Client(REMOTE_ADDR="192.0.2.9").post("/mes-choix/", {"answer": "all"}).status_code == 204
        with clock.stopped_at(clock.now() + PAUSE):
            assert client.post("/mes-choix/", {"answer": "all"}).status_code == 204
