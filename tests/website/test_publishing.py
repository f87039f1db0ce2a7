"""What a publication makes stale: the pages that show what has changed, and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from wagtail.models import Locale, Page

from portevoix.kernel import clock
from portevoix.territory.models import Departement, Region
from portevoix.website import freshness
from portevoix.website.models import ArticlePage, HomePage, Identity, LocalPage
from portevoix.website.rules import UNSHOWN
from portevoix.website.tasks import publish_scheduled
from tests.architecture.house import ROOT
from tests.website.factories import (
    ArticlePageFactory,
    IndexPageFactory,
    LegalPageFactory,
    LocalPagesPageFactory,
    MeasurePageFactory,
    PictureFactory,
    PressRoomPageFactory,
    ProgrammePageFactory,
    StandardPageFactory,
    ThemePageFactory,
)
from tests.website.test_page_types import filled

pytestmark = pytest.mark.django_db

FEEDS = {f"/news/flux/{form}/" for form in ("rss", "atom", "json")}
LISTS = {"/", "/news/", *FEEDS}


@dataclass
class Site:
    """A site of every type of page, and what its visitors are given."""

    committing: Callable[..., AbstractContextManager[Any]]
    pages: dict[str, Page] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    def __getitem__(self, address: str) -> Any:
        return self.pages[address]

    def state(self, address: str) -> str:
        response = self.client.get(address)
        return response.headers.get("X-Page-Cache", str(response.status_code))

    def visit(self) -> set[str]:
        """Return the addresses whose page was made anew."""
        return {address for address in (*self.pages, *FEEDS) if self.state(address) != "hit"}

    def stale_after(self, change: Callable[[], object]) -> set[str]:
        """Return the addresses that a change made stale."""
        self.visit()
        freshness.advance()  # made anew: what was missing, a picture's sizes for one, is there by now
        assert self.visit()
        assert not self.visit()
        with self.committing(execute=True):
            change()
        return self.visit()

    def edit(self, address: str, **values: object) -> set[str]:
        """Publish a new version of a page."""
        page = self[address].specific_class.objects.get(pk=self[address].pk)
        for name, value in values.items():
            setattr(page, name, value)
        return self.stale_after(lambda: page.save_revision().publish())


@pytest.fixture
def site(home: HomePage, django_capture_on_commit_callbacks: Any) -> Site:
    freshness.advance()
    region = Region.objects.get_or_create(code="75", defaults={"name": "Nouvelle-Aquitaine"})[0]
    creuse, gironde = [
        Departement.objects.get_or_create(code=code, defaults={"name": name, "region": region})[0]
        for code, name in (("23", "Creuse"), ("33", "Gironde"))
    ]
    filled(home, "body", ("news", {"title": "What is new"}))
    news = IndexPageFactory(slug="news", in_menu=True)
    programme = ProgrammePageFactory(slug="programme", in_menu=True)
    theme = ThemePageFactory(slug="trains", parent=programme)
    places = LocalPagesPageFactory(slug="places", in_menu=True)
    english = home.copy_for_translation(Locale.objects.get_or_create(language_code="en")[0])
    english.save_revision().publish()
    text = StandardPageFactory(slug="text")
    its_translation = text.copy_for_translation(english.locale)
    its_translation.save_revision().publish()
    pages = [
        *(home, news, programme, theme, places, english, text, its_translation),
        ArticlePageFactory(slug="stone", parent=news, departement=creuse),
        ArticlePageFactory(slug="wave", parent=news, kind="release"),
        MeasurePageFactory(slug="more", parent=theme),
        StandardPageFactory(slug="other"),
        LegalPageFactory(slug="legal"),
        PressRoomPageFactory(slug="press"),
        *(add(places, LocalPage(title=one.name, slug=one.code, departement=one)) for one in (creuse, gironde)),
    ]
    found = Site(django_capture_on_commit_callbacks)
    found.pages = {page.get_url() or "": Page.objects.get(pk=page.pk).specific for page in pages}
    assert {"/", "/en/", "/en/text/", "/news/stone/", "/places/23/", "/programme/trains/more/"} <= set(found.pages)
    return found


def add(parent: Page, page: Page) -> Page:
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    return page


class TestAnArticle:
    """Of the département 23, among the latest."""

    STONE = LISTS | {"/news/stone/", "/places/23/"}

    def test_edited_is_new_wherever_it_is_shown(self, site: Site) -> None:
        assert site.edit("/news/stone/", title="Another title") == self.STONE

    def test_new_is_shown_where_it_belongs(self, site: Site) -> None:
        article = ArticlePage(title="New", slug="new", departement_id="33", live=False)
        add(site["/news/"], article)
        assert site.stale_after(lambda: article.save_revision().publish()) == LISTS | {"/places/33/"}

    def test_that_is_a_release_is_new_for_the_press(self, site: Site) -> None:
        assert site.edit("/news/wave/", lead="More") == LISTS | {"/news/wave/", "/press/"}

    def test_unpublished_is_gone_everywhere(self, site: Site) -> None:
        assert site.stale_after(site["/news/stone/"].unpublish) == self.STONE
        assert site.client.get("/news/stone/").status_code == 404

    def test_deleted_is_gone_everywhere(self, site: Site) -> None:
        assert site.stale_after(site["/news/stone/"].delete) == self.STONE

    def test_moved_is_at_its_new_place_alone(self, site: Site) -> None:
        other = IndexPageFactory(slug="older")
        stale = site.stale_after(lambda: Page.objects.get(pk=site["/news/stone/"].pk).move(other, pos="last-child"))
        assert stale == self.STONE
        assert site.client.get("/older/stone/").status_code == 200

    def test_at_another_address_is_no_more_at_the_old_one(self, site: Site) -> None:
        assert site.edit("/news/stone/", slug="pebble") == self.STONE
        answer = site.client.get("/news/stone/")
        assert (answer.status_code, answer.headers["Location"]) == (301, "/news/pebble/")
        assert b"/news/pebble/" in site.client.get("/").content

    def test_of_another_departement_leaves_one_place_for_the_other(self, site: Site) -> None:
        assert site.edit("/news/stone/", departement_id="33") == self.STONE | {"/places/33/"}

    def test_whose_hour_has_come_is_shown_where_it_belongs(self, site: Site) -> None:
        article = ArticlePage(title="New", slug="new", departement_id="33", live=False)
        add(site["/news/"], article)
        article.go_live_at = clock.now() - timedelta(minutes=1)
        article.save_revision(approved_go_live_at=article.go_live_at)
        assert site.stale_after(publish_scheduled) == LISTS | {"/places/33/"}

    def test_whose_hour_has_passed_is_gone_everywhere(self, site: Site) -> None:
        ArticlePage.objects.filter(slug="stone").update(expire_at=clock.now() - timedelta(minutes=1))
        assert site.stale_after(publish_scheduled) == self.STONE

    def test_in_draft_is_nobodys_business(self, site: Site) -> None:
        article = ArticlePage.objects.get(slug="stone")
        article.title = "Not yet"
        assert site.stale_after(article.save_revision) == set()
        assert site.stale_after(freshness.ask_again) == set()

    def test_kept_for_the_team_is_gone_everywhere(self, site: Site) -> None:
        """Every list leaves out what is kept for the team, so that every page asks what is."""
        staff = Client()
        staff.force_login(get_user_model().objects.create_superuser("root", password="x" * 20))
        screen = f"/gestion/pages/{site['/news/stone/'].pk}/privacy/"
        assert site.stale_after(lambda: staff.post(screen, {"restriction_type": "login"})) >= self.STONE
        assert site.client.get("/news/stone/").status_code == 302


class TestAPage:
    def test_of_text_is_shown_by_itself_alone(self, site: Site) -> None:
        assert site.edit("/other/", title="Another title", lead="More") == {"/other/"}

    def test_at_the_top_is_shown_by_itself_alone(self, site: Site) -> None:
        """Its headline is on no other page, and its address is the same."""
        assert site.edit("/", headline="Another one") == {"/"}

    def test_in_the_menu_whose_words_change_leaves_the_menu_alone(self, site: Site) -> None:
        assert site.edit("/places/", lead="More") == {
            "/places/",
            "/places/23/",
            "/places/33/",
        }  # they name it at the top

    def test_in_the_menu_under_another_title_is_in_every_menu(self, site: Site) -> None:
        assert site.edit("/programme/", title="What we will do") >= set(site.pages) - {"/en/", "/en/text/"}

    def test_that_comes_into_the_menu_is_in_every_menu(self, site: Site) -> None:
        assert site.edit("/other/", show_in_menus=True) >= set(site.pages) - {"/en/", "/en/text/"}

    def test_of_the_law_that_goes_leaves_every_footer(self, site: Site) -> None:
        assert site.stale_after(site["/legal/"].unpublish) >= set(site.pages) - {"/en/", "/en/text/"}

    def test_of_one_language_leaves_the_other_alone(self, site: Site) -> None:
        assert site.edit("/en/text/", lead="More") == {"/en/text/"}

    def test_whose_translation_goes_links_to_it_no_more(self, site: Site) -> None:
        assert site.stale_after(site["/en/text/"].unpublish) == {"/text/", "/en/text/"}

    def test_that_is_a_measure_is_new_in_its_programme(self, site: Site) -> None:
        assert site.edit("/programme/trains/more/", title="Still more") == {
            *("/programme/", "/programme/trains/", "/programme/trains/more/")
        }

    def test_that_is_a_theme_is_new_above_and_below(self, site: Site) -> None:
        """Its measures stand under its title."""
        assert site.edit("/programme/trains/", title="Railways") == {
            *("/programme/", "/programme/trains/", "/programme/trains/more/")
        }

    def test_of_a_place_is_new_in_the_list_of_places(self, site: Site) -> None:
        page = LocalPage(title="Creuse again", slug="again", departement_id="23", live=False)
        add(site["/places/"], page)
        assert site.stale_after(lambda: page.save_revision().publish()) == {"/places/"}


class TestTheRest:
    def test_a_picture_is_new_where_it_is_shown(self, site: Site) -> None:
        picture = PictureFactory()
        site.edit("/other/", picture=picture)
        filled(site["/text/"], "body", ("picture", {"image": {"image": picture.pk, "alt_text": "A"}, "caption": ""}))
        freshness.advance()
        assert site.stale_after(lambda: PictureFactory()) == set()
        picture.title = "Another"
        assert site.stale_after(picture.save) == {"/text/"}

    def test_the_brand_is_on_every_page(self, site: Site) -> None:
        identity = Identity.load()
        identity.slogan = "Together"
        assert site.stale_after(identity.save) == {*site.pages, *FEEDS}

    def test_an_act_elsewhere_in_the_back_office_leaves_the_site_alone(self, site: Site) -> None:
        assert site.stale_after(freshness.ask_again) == set()

    def test_what_nobody_can_judge_makes_everything_stale(self, site: Site) -> None:
        assert site.stale_after(freshness.advance) == {*site.pages, *FEEDS}

    def test_one_change_of_many_that_nobody_can_judge_is_enough(self, site: Site) -> None:
        def changes() -> None:
            freshness.ask_again()
            freshness.advance()
            freshness.ask_again()

        assert site.stale_after(changes) == {*site.pages, *FEEDS}

    def test_what_still_holds_is_not_asked_twice(self, site: Site, django_assert_num_queries: Any) -> None:
        assert site.stale_after(freshness.ask_again) == set()
        with django_assert_num_queries(0):
            assert site.visit() == set()


def test_no_page_shows_what_a_kept_page_does_not_ask_for_again() -> None:
    """Else it would stay stale for ten minutes; ``rules.caching`` says what is left out."""
    folders = [ROOT / "portevoix" / room / "templates" / room for room in ("website", "actions", "kernel")]
    templates = [path for folder in folders for path in folder.rglob("*.html") if "office" not in path.parts]
    assert len(templates) > 50, "the census read nothing"
    names = "|".join(sorted(name.removesuffix("_id") for name in UNSHOWN))
    shown = re.compile(rf"page\.(?:{names})\b")
    assert [str(path) for path in templates if shown.search(path.read_text("utf-8"))] == []
