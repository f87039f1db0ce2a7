"""The types of page: programme, press room and feeds, local pages, glossary, questions, search, other languages."""

from __future__ import annotations

import json
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from wagtail.models import Locale, Page

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.territory.models import Departement, Region
from portevoix.website.models import HomePage, Identity, LocalPage, ProgrammePage
from portevoix.website.services import make_local_pages
from tests.accounts.factories import signed_in, staff
from tests.territory.factories import DepartementFactory
from tests.website.factories import (
    ArticlePageFactory,
    FaqPageFactory,
    GlossaryPageFactory,
    HomePageFactory,
    IndexPageFactory,
    LocalPagesPageFactory,
    MeasurePageFactory,
    PressRoomPageFactory,
    ProgrammePageFactory,
    StandardPageFactory,
    ThemePageFactory,
)

pytestmark = pytest.mark.django_db


def read(client: Client, path: str, status: int = 200) -> BeautifulSoup:
    response = client.get(path, {"x": 1})
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def filled(page: Any, field: str, *blocks: tuple[str, Any]) -> Any:
    raw = [{"type": kind, "value": value} for kind, value in blocks]
    setattr(page, field, page._meta.get_field(field).stream_block.to_python(raw))
    page.save()
    return page


class TestProgramme:
    @pytest.fixture
    def programme(self, home: HomePage) -> ProgrammePage:
        programme: ProgrammePage = ProgrammePageFactory(slug="programme")
        for name, costs in (("trains", ["2100", "900.5"]), ("schools", [None, "0"])):
            theme = ThemePageFactory(parent=programme, slug=name)
            for n, cost in enumerate(costs):
                MeasurePageFactory(parent=theme, slug=f"{name}-{n}", title=f"{name} {n}", cost=cost, lead="It helps.")
        return programme

    def test_it_adds_up_what_is_costed(self, client: Client, programme: ProgrammePage) -> None:
        assert client.get("/programme/?x=1").context["total"] == Decimal("3000.5")
        rows = read(client, "/programme/").select("tbody tr")
        assert [row.th.get_text(strip=True) for row in rows] == ["trains 0", "trains 1", "schools 1"]  # type: ignore[union-attr]

    def test_each_measure_has_its_address_and_leads_to_the_next(self, client: Client, programme: ProgrammePage) -> None:
        page = read(client, "/programme/trains/trains-1/")
        assert page.select_one("[rel=prev]")["href"] == "/programme/trains/trains-0/"  # type: ignore[index]
        assert page.select_one("[rel=next]")["href"] == "/programme/schools/schools-0/"  # type: ignore[index]
        assert "900,5 millions" in page.get_text(" ").replace("\xa0", " ")

    def test_a_measure_that_costs_nothing_says_so(self, client: Client, programme: ProgrammePage) -> None:
        assert "Rien" in read(client, "/programme/schools/schools-1/").select_one(".key-facts").text  # type: ignore[union-attr]

    def test_more_measures_cost_no_more_queries(
        self, client: Client, programme: ProgrammePage, django_assert_max_num_queries: Any
    ) -> None:
        theme = programme.get_children().first()
        for n in range(20):
            MeasurePageFactory(parent=theme, slug=f"more-{n}", cost="1")
        client.get("/programme/?x=1")
        with django_assert_max_num_queries(26):
            client.get("/programme/?x=1")


class TestNews:
    @pytest.fixture
    def news(self, home: HomePage) -> Any:
        news = IndexPageFactory(slug="news", title="News")
        ArticlePageFactory(parent=news, title="Old & <wise>", published_on="2026-01-02", lead="A & B")
        ArticlePageFactory(parent=news, title="A release", published_on="2026-03-04", kind="release")
        ArticlePageFactory(parent=news, title="Draft", draft=True)
        return news

    @pytest.mark.parametrize(
        ("name", "path"), [("flux/rss/", "./channel/item/title"), ("flux/atom/", "{*}entry/{*}title")]
    )
    def test_a_feed_lists_the_latest_first(self, client: Client, news: Any, name: str, path: str) -> None:
        response = client.get(f"/news/{name}")
        assert "xml" in response.headers["Content-Type"]
        titles = [title.text for title in ElementTree.fromstring(response.content).findall(path)]
        assert titles == ["A release", "Old & <wise>"]

    def test_a_json_feed_says_the_same(self, client: Client, news: Any) -> None:
        feed = json.loads(client.get("/news/flux/json/").content)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert [item["title"] for item in feed["items"]] == ["A release", "Old & <wise>"]
        assert feed["items"][0]["url"].startswith("http://testserver/news/")

    @pytest.mark.parametrize("address", ["/news/", "/press/"])
    def test_every_feed_says_who_writes(self, client: Client, news: Any, address: str) -> None:
        PressRoomPageFactory(slug="press")
        name = Identity.load().name
        rss, atom = (client.get(f"{address}flux/{form}/").content for form in ("rss", "atom"))
        said = json.loads(client.get(f"{address}flux/json/").content)
        assert ElementTree.fromstring(atom).findtext("{*}author/{*}name") == name  # RFC 4287, 4.1.1
        assert said["authors"] == [{"name": name}]
        assert said["items"][0]["title"] == "A release"
        assert "A release" in str(ElementTree.fromstring(rss).findtext("./channel/item/title"))

    def test_the_list_tells_readers_of_feeds_where_they_are(self, client: Client, news: Any) -> None:
        links = read(client, "/news/").select("link[rel=alternate]")
        assert [link["href"] for link in links] == ["/news/flux/rss/", "/news/flux/atom/", "/news/flux/json/"]

    def test_a_feed_is_kept_by_the_page_cache_and_renewed_by_a_publication(
        self, client: Client, news: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        from portevoix.website import freshness

        freshness.advance()
        client.get("/news/flux/rss/")
        assert client.get("/news/flux/rss/").headers["X-Page-Cache"] == "hit"
        with django_capture_on_commit_callbacks(execute=True):
            ArticlePageFactory(parent=news, title="Newest", published_on="2026-04-04").save_revision().publish()
        assert b"Newest" in client.get("/news/flux/rss/").content

    def test_the_press_room_lists_releases_only(self, client: Client, news: Any) -> None:
        PressRoomPageFactory(slug="press", contact_email="press@x.example")
        page = read(client, "/press/")
        assert [link.text for link in page.select(".releases a")] == ["A release"]
        assert page.select_one('a[href="mailto:press@x.example"]')


class TestLocalPages:
    @pytest.fixture
    def creuse(self) -> Departement:
        region = Region.objects.get_or_create(code="75", defaults={"name": "Nouvelle-Aquitaine"})[0]
        return Departement.objects.get_or_create(code="23", defaults={"name": "Creuse", "region": region})[0]

    def test_pages_are_made_once_each_with_its_names(self, home: HomePage, creuse: Departement, client: Client) -> None:
        under = LocalPagesPageFactory(slug="local")
        words = "En {departement}, {region} {autre}."
        made = make_local_pages(under, [creuse], lead=words, publish=True, actor=System("tests"))
        assert make_local_pages(under, [creuse], lead="other", actor=System("tests")) == []
        assert [page.slug for page in made] == ["23-creuse"]
        assert "En Creuse, Nouvelle-Aquitaine {autre}." in read(client, "/local/23-creuse/").text
        assert "Creuse" in read(client, "/local/").main.text  # type: ignore[union-attr]

    def test_a_departement_has_one_page_in_each_language(self, home: HomePage, creuse: Departement) -> None:
        under, other = LocalPagesPageFactory(), LocalPagesPageFactory()
        StandardPageFactory(parent=under, slug="23-creuse")
        assert [page.slug for page in make_local_pages(under, [creuse], lead="x", actor=System("tests"))] == [
            "23-creuse-1"
        ]
        assert make_local_pages(other, [creuse], lead="x", actor=System("tests")) == []
        english = Locale.objects.get_or_create(language_code="en")[0]
        home.copy_for_translation(english)
        translated = under.copy_for_translation(english)
        assert len(make_local_pages(translated, [creuse], lead="x", actor=System("tests"))) == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_who_make_them_at_once_make_it_once(self) -> None:
        HomePageFactory()
        under, creuse = LocalPagesPageFactory(), DepartementFactory()
        both = threading.Barrier(2)

        def make() -> int:
            both.wait()
            try:
                return len(make_local_pages(under, [creuse], lead="x", actor=System("tests")))
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            made = [one.result() for one in [pool.submit(make), pool.submit(make)]]
        assert sorted(made) == [0, 1]
        assert LocalPage.objects.count() == 1

    def test_they_are_drafts_unless_said(self, home: HomePage, creuse: Departement) -> None:
        under = LocalPagesPageFactory()
        make_local_pages(under, [creuse], lead="x", actor=System("tests"))
        assert not LocalPage.objects.get().live

    def test_its_news_are_on_it(self, home: HomePage, creuse: Departement, client: Client) -> None:
        under = LocalPagesPageFactory(slug="local")
        make_local_pages(under, [creuse], lead="x", publish=True, actor=System("tests"))
        ArticlePageFactory(parent=IndexPageFactory(), title="The station", departement=creuse)
        ArticlePageFactory(parent=IndexPageFactory(), title="Elsewhere")
        titles = [title.text.strip() for title in read(client, "/local/23-creuse/").select(".card__title")]
        assert titles == ["The station"]

    def test_a_local_lead_makes_none(self, home: HomePage, creuse: Departement) -> None:
        with pytest.raises(NotAllowed):
            make_local_pages(LocalPagesPageFactory(), [creuse], lead="x", actor=staff(Role.LOCAL_LEAD, "23"))

    def test_the_screen_makes_what_is_ticked(self, home: HomePage, creuse: Departement) -> None:
        under = LocalPagesPageFactory()
        said = {"under": under.pk, "lead": "x", "departements": [creuse.pk]}
        assert signed_in().post("/gestion/pages-locales/", said).status_code == 302
        assert LocalPage.objects.get().departement == creuse


class TestReference:
    def test_words_stand_in_alphabetical_order(self, home: HomePage, client: Client) -> None:
        terms = [("term", {"term": term, "meaning": "<p>x</p>"}) for term in ("Zone", "Élection", "Echo", "canton")]
        filled(GlossaryPageFactory(slug="words"), "terms", *terms)
        page = read(client, "/words/")
        assert [term.text for term in page.select(".terms dt")] == ["canton", "Echo", "Élection", "Zone"]
        assert [link.text for link in page.select(".contents a")] == ["C", "E", "Z"]

    def test_questions_are_told_to_machines_without_a_way_out_of_the_script(
        self, home: HomePage, client: Client
    ) -> None:
        attack = "</script><script>alert(1)</script>"
        group = {"title": "A", "questions": [{"question": attack, "answer": "<p>So.</p>"}]}
        filled(FaqPageFactory(slug="faq"), "groups", ("group", group))
        page = read(client, "/faq/")
        assert page.select_one("script:not([type])") is None
        told = json.loads(page.select_one('script[type="application/ld+json"]').text)  # type: ignore[union-attr]
        assert told["@graph"][0]["@type"] == "FAQPage"
        assert told["@graph"][0]["mainEntity"][0]["name"] == attack


GENDERS = [
    ("premier", "première"),
    ("premiers", "premières"),
    ("financier", "financière"),
    ("ouvriers", "ouvrières"),
    ("berger", "bergère"),
    ("retraité", "retraitée"),
    ("retraités", "retraitées"),
]


def titles_about(client: Client, asked: str) -> list[str]:
    page = BeautifulSoup(client.get("/recherche/", {"q": asked}).content, "html.parser")
    return [link.text for link in page.select(".result a")]


class TestSearch:
    @pytest.fixture(autouse=True)
    def _pages(self, home: HomePage) -> None:
        StandardPageFactory(title="Les petits trains régionaux", lead="Rouvrir des gares.")
        StandardPageFactory(title="Secret des trains", draft=True)

    @pytest.mark.parametrize("asked", ["train", "trains régional", "gare", "TRAINS"])
    def test_a_page_is_found_by_any_form_of_its_words(self, client: Client, asked: str) -> None:
        page = BeautifulSoup(client.get("/recherche/", {"q": asked}).content, "html.parser")
        assert [link.text for link in page.select(".result a")] == ["Les petits trains régionaux"]

    @pytest.mark.parametrize(
        "asked", ["écoles de Guéret", "ecole a gueret", "ÉCOLE", "l’ecole", "coeur", "cœur", "securite"]
    )
    def test_a_page_is_found_with_accents_or_without(self, client: Client, asked: str) -> None:
        StandardPageFactory(title="L’école au cœur de Guéret", lead="En sécurité.")
        page = BeautifulSoup(client.get("/recherche/", {"q": asked}).content, "html.parser")
        assert [link.text for link in page.select(".result a")] == ["L’école au cœur de Guéret"]

    @pytest.mark.parametrize("pair", GENDERS)
    def test_a_page_is_found_by_either_gender_of_its_words(self, client: Client, pair: tuple[str, str]) -> None:
        for one, other in (pair, pair[::-1]):
            StandardPageFactory(title=f"Une chose {one} ici")
            assert f"Une chose {one} ici" in titles_about(client, f"chose {other}")
            Page.objects.filter(title__startswith="Une chose").delete()

    @pytest.mark.parametrize("pair", GENDERS)
    def test_a_feminine_typed_without_accents_finds_both(self, client: Client, pair: tuple[str, str]) -> None:
        for word in pair:
            StandardPageFactory(title=f"Une chose {word} ici")
        typed = "".join(one for one in unicodedata.normalize("NFD", pair[1]) if not unicodedata.combining(one))
        assert set(titles_about(client, typed)) == {f"Une chose {word} ici" for word in pair}

    def test_a_title_stands_before_an_introduction(self, client: Client) -> None:
        StandardPageFactory(title="Autre chose", lead="Notre première mesure, ouvrière.")
        StandardPageFactory(title="Première mesure ouvrière")
        assert titles_about(client, "premier ouvrier mesure") == ["Première mesure ouvrière", "Autre chose"]

    def test_as_many_words_as_the_field_holds_may_be_asked(self, client: Client) -> None:
        for asked in (" ".join(map(str, range(60))), " ".join(f"{a}{b}er" for a in "abcdef" for b in "xyzuv")):
            assert titles_about(client, asked) == []

    def test_a_search_without_accents_is_answered_from_the_index(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                "EXPLAIN SELECT FROM wagtailsearch_indexentry WHERE title @@ to_tsquery('french_unaccented', 'ecole')"
            )
            plan = " ".join(row[0] for row in cursor.fetchall())
        assert "Bitmap Index Scan" in plan

    @pytest.mark.parametrize(
        "asked", ["", "   ", "avion", "'; DROP TABLE x; --", "a\x00b", "(((" * 60, "<script>", "& | !"]
    )
    def test_anything_may_be_asked(self, client: Client, asked: str) -> None:
        response = client.get("/recherche/", {"q": asked})
        assert response.status_code == 200
        assert b"<script>" not in response.content
        assert "no-store" in response.headers["Cache-Control"]


class TestLanguages:
    def test_a_translated_page_has_its_own_address_and_names_the_other(self, client: Client, home: HomePage) -> None:
        english = Locale.objects.get_or_create(language_code="en")[0]
        translated = home.copy_for_translation(english)
        translated.title = translated.headline = "In English"
        translated.save_revision().publish()
        page = read(client, "/en/")
        assert page.html["lang"] == "en"  # type: ignore[index]
        assert page.h1.text == "In English"  # type: ignore[union-attr]
        for path in ("/", "/en/"):
            links = {link["hreflang"]: link["href"] for link in read(client, path).select("link[hreflang]")}
            assert links == {
                "fr": "http://testserver/",
                "x-default": "http://testserver/",
                "en": "http://testserver/en/",
            }
        assert "Skip to the content" in page.text
        assert read(client, "/").html["lang"] == "fr"  # type: ignore[index]

    def test_a_page_speaks_the_language_of_its_address_whatever_the_reader_prefers(
        self, client: Client, home: HomePage
    ) -> None:
        response = client.get("/?x=1", headers={"Accept-Language": "en"})
        assert 'lang="fr"' in response.content.decode()
        assert "Accept-Language" not in response.headers.get("Vary", "")

    def test_a_site_of_one_language_says_nothing_of_others(self, client: Client, home: HomePage) -> None:
        assert read(client, "/").select("link[hreflang], .languages") == []


class TestSharing:
    def test_each_page_has_a_picture_of_its_own(self, client: Client, home: HomePage) -> None:
        StandardPageFactory(slug="one", title="Une très longue page sur les trains, les gares et le samedi")
        address = read(client, "/one/").find("meta", property="og:image")["content"]  # type: ignore[index]
        response = client.get(address)  # type: ignore[arg-type]
        assert response.status_code == 200, (address, response.headers)
        assert response.headers["Content-Type"] == "image/png"
        assert "immutable" in response.headers["Cache-Control"]
        assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(response.content[16:20], "big") == 1200
        assert int.from_bytes(response.content[20:24], "big") == 630

    def test_its_address_changes_with_the_look_and_the_old_one_leads_to_it(
        self, client: Client, home: HomePage
    ) -> None:
        before = read(client, "/").find("meta", property="og:image")["content"]  # type: ignore[index]
        identity = Identity.load()
        identity.brand = "#4326e0"
        identity.save()
        after = read(client, "/").find("meta", property="og:image")["content"]  # type: ignore[index]
        assert after != before
        assert f"http://testserver{client.get(before).headers['Location']}" == after  # type: ignore[arg-type]

    def test_a_draft_has_none(self, client: Client, home: HomePage) -> None:
        assert client.get(f"/partage/{StandardPageFactory(draft=True).pk}-abc.png").status_code == 404

    def test_a_telephone_is_told_name_colours_and_icons(self, client: Client, home: HomePage) -> None:
        manifest = json.loads(client.get("/site.webmanifest").content)
        assert manifest["theme_color"] == Identity.load().brand
        for icon in manifest["icons"]:
            assert client.get(icon["src"]).content[:4] == b"\x89PNG"
        assert client.get("/icone-9999.png").status_code == 404
