"""The public copy of a letter: as it left, to nobody in particular."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.mailings import letters
from portevoix.mailings.exceptions import NotADraft
from portevoix.mailings.models import Archive, Mailing
from portevoix.mailings.services import archiving
from portevoix.mailings.types import State
from tests.accounts.factories import staff
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.mailings.screens import address, browser, words
from tests.people.factories import reachable

pytestmark = pytest.mark.django_db
BLOCKS = [
    ("heading", "Bonjour {{ first_name|à vous }}"),
    ("text", '<p>De {{ commune|chez vous }}, <a href="https://a.example/x">venez</a>.</p>'),
]


def published(*, is_listed: bool = True, is_indexed: bool = True) -> Archive:
    reachable("maelle@mail.example", first_name="Maëlle", in_rennes=True)
    mailing = MailingFactory(subject="{{ first_name|Bonjour }}, un train", blocks=BLOCKS)
    archiving.publish(mailing, is_listed=is_listed, is_indexed=is_indexed, actor=CAMPAIGN)
    send(mailing)
    return Archive.objects.get()


def page_of(archive: Archive) -> str:
    response = Client().get(reverse("archive:letter", args=[archive.code]))
    assert response.status_code == 200
    return response.content.decode()


def test_everybody_reads_it_with_the_words_for_a_reader_without_a_name() -> None:
    page = page_of(published())
    text = " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())
    assert "Bonjour à vous" in text
    assert "De chez vous" in text
    for personal in ("Maëlle", "Rennes", "unsubscribe", "{{", "parce que vous"):
        assert personal not in page


def test_its_links_are_not_counted_and_it_asks_no_other_host() -> None:
    page = page_of(published())
    links = {link["href"] for link in BeautifulSoup(page, "html.parser").find_all("a")}
    assert "https://a.example/x" in links
    assert not any("/l/" in link for link in links)
    assert "https://ondes.example" + reverse("archive:list") in links
    assert "<script" not in page


def test_its_address_is_in_the_letter_in_both_parts() -> None:
    archive = published()
    message = message_from_bytes(deliver().sent[0].content, policy=policy.default)
    # The link is counted like any other of the letter; where it leads is the public copy.
    batch = archive.mailing.batch
    assert batch is not None
    targets = list(batch.links.values_list("target", flat=True))
    assert f"https://ondes.example/lettres/{archive.code}/" in targets
    for kind in ("plain", "html"):
        assert "navigateur" in message.get_body((kind,)).get_content()  # type: ignore[attr-defined]


def test_a_draft_is_nobodys_reading() -> None:
    mailing = MailingFactory()
    archive = archiving.publish(mailing, is_listed=True, is_indexed=True, actor=CAMPAIGN)
    assert Client().get(reverse("archive:letter", args=[archive.code])).status_code == 404
    assert not Archive.objects.listed().exists()


def test_a_letter_that_was_not_opened_to_all_has_no_page() -> None:
    reachable("a@mail.example")
    send(MailingFactory())
    assert not Archive.objects.exists()
    assert "navigateur" not in deliver().sent[0].content.decode()


def test_the_list_shows_what_is_listed() -> None:
    archive = published()
    page = Client().get(reverse("archive:list"))
    assert archive.subject == "Bonjour, un train"
    assert reverse("archive:letter", args=[archive.code]) in page.content.decode()
    Archive.objects.update(is_listed=False)
    assert archive.code not in Client().get(reverse("archive:list")).content.decode()
    assert page_of(archive)


def test_search_engines_are_kept_out_where_it_is_asked() -> None:
    archive = published(is_indexed=False)
    answer = Client().get(reverse("archive:letter", args=[archive.code]))
    assert answer["X-Robots-Tag"] == "noindex"
    Archive.objects.update(is_indexed=True)
    assert "X-Robots-Tag" not in Client().get(reverse("archive:letter", args=[archive.code]))


def test_nothing_runs_on_its_page() -> None:
    answer = Client().get(reverse("archive:letter", args=[published().code]))
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies


def test_it_may_be_shown_after_it_left_and_taken_away_again() -> None:
    reachable("a@mail.example")
    mailing = send(MailingFactory(blocks=BLOCKS))
    archive = archiving.publish(mailing, is_listed=True, is_indexed=True, actor=CAMPAIGN)
    assert "à vous" in page_of(archive)
    archiving.unpublish(mailing, actor=CAMPAIGN)
    assert Client().get(reverse("archive:letter", args=[archive.code])).status_code == 404


def test_what_waits_for_its_hour_stays_the_letter_that_was_confirmed() -> None:
    mailing = MailingFactory()
    Mailing.objects.update(state=State.SCHEDULED)
    for act in (
        lambda: archiving.publish(mailing, is_listed=True, is_indexed=True, actor=CAMPAIGN),
        lambda: archiving.unpublish(mailing, actor=CAMPAIGN),
    ):
        with pytest.raises(NotADraft):
            act()


def test_opening_a_letter_to_all_changes_the_letter_that_is_confirmed() -> None:
    mailing = MailingFactory()
    before = letters.digest(letters.compose(mailing), mailing)
    archiving.publish(mailing, is_listed=True, is_indexed=True, actor=CAMPAIGN)
    assert letters.digest(letters.compose(mailing), mailing) != before


def test_the_screen_opens_and_closes_it() -> None:
    mailing = MailingFactory()
    client = browser()
    client.post(address("archive", mailing.pk), {"is_public": "on", "is_listed": "on"})
    archive = Archive.objects.get()
    assert (archive.is_listed, archive.is_indexed) == (True, False)
    assert archive.code in words(client.get(address("archive", mailing.pk)))
    client.post(address("archive", mailing.pk), {})
    assert not Archive.objects.exists()


def test_only_writers_open_letters_to_all() -> None:
    with pytest.raises(NotAllowed):
        archiving.publish(MailingFactory(), is_listed=True, is_indexed=True, actor=staff(Role.READER))
