"""Pages as a visitor, a screen reader and a search engine find them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.views.defaults import server_error
from wagtail.models import Page

from portevoix.website.blocks import ButtonBlock
from portevoix.website.models import HomePage, Identity, LegalPage, StandardPage
from tests.website.factories import (
    ArticlePageFactory,
    IndexPageFactory,
    LegalPageFactory,
    PictureFactory,
    StandardPageFactory,
)

pytestmark = pytest.mark.django_db


def soup(client: Client, address: str, status: int = 200) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def story(*blocks: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"type": kind, "value": value} for kind, value in blocks]


def filled(page: StandardPage, *blocks: tuple[str, Any]) -> StandardPage:
    page.body = StandardPage._meta.get_field("body").stream_block.to_python(story(*blocks))
    page.save()
    return page


def test_the_home_page_says_its_headline(client: Client, home: HomePage) -> None:
    page = soup(client, "/")
    assert [title.text for title in page.find_all("h1")] == ["A stone, and a wave"]


def test_a_page_has_its_landmarks_and_a_way_past_the_menu(client: Client, home: HomePage) -> None:
    StandardPageFactory(title="Programme", in_menu=True)
    page = soup(client, "/")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert [len(page.find_all(name)) for name in ("header", "main", "footer")] == [1, 1, 1]
    skip = page.select_one("a.skip-link")
    assert skip is not None
    assert page.find(id=str(skip["href"]).removeprefix("#")) is page.main
    assert all(nav.get("aria-label") or nav.get("aria-labelledby") for nav in page.find_all("nav"))


def test_a_page_holds_no_inline_script_or_style_and_asks_no_other_host(client: Client, home: HomePage) -> None:
    everything(home)
    page = soup(client, "/everything/")
    # What machines read (JSON-LD) is no script: browsers run nothing of it, and the policy minds it not.
    assert not [tag for tag in page.find_all("script") if not tag.get("src") and tag["type"] != "application/ld+json"]
    assert not page.find_all("style")
    assert not page.select("[style]")
    assert not [tag for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
    asked = [tag.get("src") or tag.get("href") for tag in page.select("[src], link[href]:not([rel=canonical])")]
    assert asked
    assert not [address for address in asked if not str(address).startswith("/")]


def test_a_page_sets_no_cookie(client: Client, home: HomePage) -> None:
    response = client.get("/")
    assert not response.cookies
    assert "Cookie" not in response.headers["Vary"]


def test_the_policy_of_a_page_has_no_exception(client: Client, home: HomePage) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_every_block_has_its_words_on_the_page(client: Client, home: HomePage) -> None:
    everything(home)
    page = soup(client, "/everything/")
    text = page.get_text(" ")
    for words in ["A heading", "Some text", "A caption", "Who said it", "Measure one", "Marceline", "Why?", "Join"]:
        assert words in text
    assert "None" not in text


def test_titles_go_down_one_step_at_a_time(client: Client, home: HomePage) -> None:
    everything(home)
    levels = [int(title.name[1]) for title in soup(client, "/everything/").main.find_all(["h1", "h2", "h3", "h4"])]  # type: ignore[union-attr]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_picture_says_what_it_shows_or_that_it_is_decoration(client: Client, home: HomePage) -> None:
    everything(home)
    pictures = soup(client, "/everything/").find_all("img")
    assert pictures
    assert all("alt" in picture.attrs for picture in pictures)
    assert "A field of blue" in [picture["alt"] for picture in pictures]


def everything(home: HomePage) -> StandardPage:
    picture = {"image": PictureFactory().pk, "decorative": False, "alt_text": "A field of blue"}
    button = {"label": "Join", "page": home.pk, "address": "", "is_main": True}
    return filled(
        StandardPageFactory(slug="everything"),
        ("heading", "A heading"),
        ("text", "<p>Some text</p>"),
        ("picture", {"image": picture, "caption": "A caption"}),
        ("quote", {"text": "Words", "author": "Who said it", "role": "", "portrait": picture}),
        ("measures", [{"title": "Measure one", "summary": "It helps", "how": "<p>Soon</p>"}]),
        ("members", [{"name": "Marceline", "role": "Figures", "portrait": picture, "text": "Counts."}]),
        ("questions", [{"question": "Why?", "answer": "<p>Because.</p>"}]),
        ("buttons", [button]),
        ("call_to_action", {"title": "Come", "text": "", "button": button}),
    )


def test_a_button_leads_to_one_place() -> None:
    block = ButtonBlock()
    for page, address in [(None, ""), (Page.objects.first(), "https://ricochet.example/")]:
        value = block.to_python({"label": "Go", "page": page and page.pk, "address": address, "is_main": False})
        with pytest.raises(ValidationError):
            block.clean(value)


def test_search_engines_and_shared_links_are_told_what_the_page_is(client: Client, home: HomePage) -> None:
    StandardPageFactory(slug="programme", title="Programme", seo_title="Eight measures", search_description="In short")
    page = soup(client, "/programme/")
    assert page.title is not None
    assert page.title.text.startswith("Eight measures")
    assert page.find("meta", {"name": "description"})["content"] == "In short"  # type: ignore[index]
    assert page.find("link", rel="canonical")["href"] == "http://testserver/programme/"  # type: ignore[index]
    assert page.find("meta", property="og:url")["content"] == "http://testserver/programme/"  # type: ignore[index]


def test_the_menu_holds_published_pages_marked_for_it(client: Client, home: HomePage) -> None:
    StandardPageFactory(title="Programme", slug="programme", in_menu=True)
    StandardPageFactory(title="Draft", in_menu=True, draft=True)
    StandardPageFactory(title="Elsewhere")
    menu = soup(client, "/programme/").select("#menu a")
    assert [link.text.strip() for link in menu] == ["Programme", "Chercher"]
    assert menu[0]["aria-current"] == "page"


def test_legal_pages_are_at_the_foot_of_every_page(client: Client, home: HomePage) -> None:
    LegalPageFactory(title="Legal notice")
    footer = soup(client, "/").footer
    assert footer is not None
    assert "Legal notice" in [link.text for link in footer.find_all("a")]


def test_the_legal_notice_is_written_from_the_facts_of_the_instance(
    client: Client, home: HomePage, settings: Any
) -> None:
    legal = settings.INSTANCE.legal.model_copy(update={"publisher": "The Ricochet society", "host_name": "A good host"})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": legal})
    LegalPageFactory(slug="legal")
    text = soup(client, "/legal/").get_text(" ")
    assert "The Ricochet society" in text
    assert "A good host" in text


def test_the_privacy_page_says_the_rights_of_people(client: Client, home: HomePage) -> None:
    LegalPageFactory(slug="privacy", kind=LegalPage.Kind.PRIVACY)
    text = soup(client, "/privacy/").get_text(" ")
    assert "RGPD" in text
    assert "CNIL" in text
    assert "aucun cookie" in text


def test_news_are_listed_the_latest_first(client: Client, home: HomePage) -> None:
    news = IndexPageFactory(slug="news")
    ArticlePageFactory(parent=news, title="Old", published_on="2026-01-02")
    ArticlePageFactory(parent=news, title="New", published_on="2026-03-04", picture=PictureFactory())
    ArticlePageFactory(parent=news, title="Draft", published_on="2026-05-06", draft=True)
    titles = [title.text.strip() for title in soup(client, "/news/").select(".card__title")]
    assert titles == ["New", "Old"]


def test_a_long_list_of_news_has_pages(client: Client, home: HomePage) -> None:
    news = IndexPageFactory(slug="news")
    for day in range(1, 15):
        ArticlePageFactory(parent=news, published_on=f"2026-01-{day:02}")
    assert len(soup(client, "/news/").select(".card")) == 12
    assert len(soup(client, "/news/?page=2").select(".card")) == 2


def test_a_missing_page_is_told_in_the_sites_own_frame(client: Client, home: HomePage) -> None:
    page = soup(client, "/nowhere/", status=404)
    assert page.h1 is not None
    assert page.h1.text == "Cette page a coulé"
    assert page.select_one(".site-header") is not None


@pytest.mark.parametrize("slug", ["en-images", "en-direct", "fr-et-fiers", "english"])
def test_a_page_whose_address_begins_like_a_language_is_found(client: Client, home: HomePage, slug: str) -> None:
    StandardPageFactory(slug=slug, title="Ce qui se voit")
    page = soup(client, f"/{slug}/")
    assert page.html
    assert page.html["lang"] == "fr"
    assert page.h1
    assert page.h1.text.strip() == "Ce qui se voit"


def test_an_error_page_needs_no_database(home: HomePage, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Quelque chose a cassé" in response.content.decode()


def test_a_home_page_costs_few_queries(client: Client, home: HomePage, django_assert_max_num_queries: Any) -> None:
    news = IndexPageFactory(in_menu=True)
    for _ in range(3):
        ArticlePageFactory(parent=news, picture=PictureFactory())
    client.get("/?x=1")  # makes the pictures
    with django_assert_max_num_queries(22):
        client.get("/?x=1")


def test_the_identity_is_on_every_page(client: Client, home: HomePage) -> None:
    identity = Identity.load()
    identity.name, identity.slogan, identity.join_page, identity.join_label = "Ricochet", "Far", home, "Join us"
    identity.footer_text = "<p>Invented.</p>"
    identity.logo = PictureFactory()
    identity.save()
    page = soup(client, "/")
    assert page.select_one(".brand").get_text(strip=True) == "Ricochet"  # type: ignore[union-attr]
    assert page.select_one(".site-header .button").text == "Join us"  # type: ignore[union-attr]
    assert "Invented." in page.footer.text  # type: ignore[union-attr]
