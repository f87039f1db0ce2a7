"""The line above every page: when it is there, where it leads, and that it goes when it says that it goes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Locale, Page

from portevoix.kernel import clock
from portevoix.website import freshness
from portevoix.website.middleware import LIFETIME
from portevoix.website.models import Banner, HomePage
from tests.website.factories import StandardPageFactory

NOON = datetime.fromisoformat("2027-04-09T12:00:00+02:00")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("starts", "ends", "is_up", "changes"),
    [
        (None, None, True, None),
        (NOON, None, True, None),
        (NOON + SECOND, None, False, NOON + SECOND),
        (None, NOON, False, None),
        (None, NOON + SECOND, True, NOON + SECOND),
        (NOON + SECOND, NOON + HOUR, False, NOON + SECOND),
        (NOON - HOUR, NOON + HOUR, True, NOON + HOUR),
        (NOON - HOUR, NOON - SECOND, False, None),
    ],
)
def test_it_is_up_from_its_first_moment_to_its_last(
    starts: datetime | None, ends: datetime | None, is_up: bool, changes: datetime | None
) -> None:
    banner = Banner(text="Dimanche, on vote", starts_at=starts, ends_at=ends)
    assert (banner.is_up(NOON), banner.next_change(NOON)) == (is_up, changes)


def test_without_a_sentence_it_is_never_up() -> None:
    assert not Banner(starts_at=NOON - HOUR).is_up(NOON)
    assert Banner(ends_at=NOON + HOUR).next_change(NOON) is None


def line(client: Client, path: str = "/") -> Any:
    return BeautifulSoup(client.get(path).content, "html.parser").select_one(".top-line")


def put_up(**facts: Any) -> Banner:
    banner = Banner.load()
    for name, value in {"text": "Dimanche, on vote", **facts}.items():
        setattr(banner, name, value)
    banner.full_clean()
    banner.save()
    freshness.advance()
    return banner


def words_in(*others: tuple[str, str, str]) -> str:
    names = ("language", "text", "label")
    return json.dumps([{"type": "words", "value": dict(zip(names, one, strict=True))} for one in others])


def in_english(text: str, label: str) -> str:
    return words_in(("en", text, label))


def translated(page: Page, locale: Locale, **said: Any) -> None:
    copy = page.specific.copy_for_translation(locale, copy_parents=True)
    for name, value in said.items():
        setattr(copy, name, value)
    copy.save_revision().publish()


@pytest.mark.django_db
class TestPages:
    def test_every_page_shows_it_with_its_link(self, client: Client, home: HomePage) -> None:
        page = StandardPageFactory(slug="voter")
        put_up(page=page, label="Comment faire")
        for path in ("/", "/voter/", "/nowhere/"):
            shown = line(client, path)
            assert "Dimanche, on vote" in shown.get_text()
            assert (shown.a["href"], shown.a.get_text()) == ("/voter/", "Comment faire")

    def test_it_does_not_lead_to_a_draft(self, client: Client, home: HomePage) -> None:
        put_up(page=StandardPageFactory(slug="voter", draft=True), label="Comment faire")
        assert line(client).a is None

    def test_it_speaks_the_language_of_the_page_and_leads_to_its_translation(
        self, client: Client, home: HomePage
    ) -> None:
        french, english = StandardPageFactory(slug="voter"), Locale.objects.create(language_code="en")
        translated(home, english)
        translated(french, english, slug="vote")
        put_up(page=french, label="Comment faire", others=in_english("Sunday, we vote", "How to"))
        for path, sentence, address, words in (
            ("/", "Dimanche, on vote", "/voter/", "Comment faire"),
            ("/en/", "Sunday, we vote", "/en/vote/", "How to"),
        ):
            shown = line(client, path)
            assert sentence in shown.get_text()
            assert (shown.a["href"], shown.a.get_text(), shown.a.get("hreflang")) == (address, words, None)

    def test_it_leads_to_a_page_that_is_not_translated_and_says_so(self, client: Client, home: HomePage) -> None:
        translated(home, Locale.objects.create(language_code="en"))
        put_up(page=StandardPageFactory(slug="voter"), label="Comment faire", others=in_english("We vote", "How to"))
        shown = line(client, "/en/")
        assert (shown.a["href"], shown.a["hreflang"]) == ("/voter/", "fr")

    def test_a_language_without_words_shows_none(self, client: Client, home: HomePage) -> None:
        translated(home, Locale.objects.create(language_code="en"))
        put_up()
        assert line(client, "/en/") is None

    @pytest.mark.parametrize(
        "others",
        [
            [("en", "We vote", "How to")],  # words of a link that leads nowhere
            [("en", "We vote", ""), ("en", "Let us vote", "")],
        ],
    )
    def test_words_that_make_no_sense_are_refused(self, home: HomePage, others: list[tuple[str, str, str]]) -> None:
        with pytest.raises(ValidationError) as refusal:
            put_up(others=words_in(*others))
        assert "others" in refusal.value.message_dict

    def test_none_is_shown_while_there_is_none(self, client: Client, home: HomePage) -> None:
        assert line(client) is None

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"starts_at": NOON, "ends_at": NOON}, "ends_at"),
            ({"starts_at": NOON, "ends_at": NOON - HOUR}, "ends_at"),
            ({"label": "Comment faire"}, "label"),
        ],
    )
    def test_dates_and_links_that_make_no_sense_are_refused(
        self, home: HomePage, wrong: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(ValidationError) as refusal:
            put_up(**wrong)
        assert field in refusal.value.message_dict

    def test_a_link_without_words_is_refused(self, home: HomePage) -> None:
        with pytest.raises(ValidationError):
            put_up(page=home)

    def test_a_kept_page_goes_with_it_at_that_very_second(self, client: Client, home: HomePage) -> None:
        now = clock.now()
        put_up(ends_at=now + 60 * SECOND)
        with clock.stopped_at(now):
            assert line(client) is not None
        with clock.stopped_at(now + 59 * SECOND):
            kept = client.get("/")
            assert (kept.headers["X-Page-Cache"], b"top-line" in kept.content) == ("hit", True)
        with clock.stopped_at(now + 60 * SECOND):
            assert line(client) is None

    def test_a_kept_page_makes_room_for_it_at_that_very_second(self, client: Client, home: HomePage) -> None:
        now = clock.now()
        put_up(starts_at=now + 60 * SECOND)
        with clock.stopped_at(now):
            assert line(client) is None
        with clock.stopped_at(now + 60 * SECOND):
            assert line(client) is not None

    def test_a_banner_of_later_keeps_pages_no_longer_than_others(self, client: Client, home: HomePage) -> None:
        now = clock.now()
        put_up(ends_at=now + 2 * LIFETIME)
        with clock.stopped_at(now):
            client.get("/")
        with clock.stopped_at(now + LIFETIME - SECOND):
            assert client.get("/").headers["X-Page-Cache"] == "hit"
        with clock.stopped_at(now + LIFETIME):
            assert client.get("/").headers["X-Page-Cache"] == "miss"
