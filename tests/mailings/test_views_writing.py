"""Screens of authors: write, see, and be told what is wrong."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from portevoix.accounts.models import User
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import State
from tests.mailings.factories import MailingFactory, deliver, send
from tests.mailings.screens import address, browser, filled_in, read, words
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def test_a_letter_is_written_and_kept() -> None:
    segment, client = SegmentFactory(), browser()
    response = client.post(address("add"), filled_in(segment=segment.pk))
    mailing = Mailing.objects.get()
    assert response["Location"] == address("edit", mailing.pk)
    assert (mailing.title, mailing.segment) == ("Lettre", segment)
    assert [block.block_type for block in mailing.body] == ["heading", "text"]
    assert mailing.created_by == User.objects.get()


@pytest.mark.parametrize(("button", "screen"), [("look", "look"), ("send", "send"), ("save", "edit"), ("test", "edit")])
def test_each_button_leads_where_it_says(button: str, screen: str) -> None:
    response = browser().post(address("add"), filled_in(**{f"action-{button}": button}))
    assert response["Location"] == address(screen, Mailing.objects.get().pk)


def test_saving_with_a_test_sends_it_to_whoever_writes() -> None:
    client = browser()
    response = client.post(address("add"), filled_in(**{"action-test": "test"}), follow=True)
    mine = User.objects.get().email
    assert f"Un essai est en route vers {mine}." in words(response)
    assert {envelope.recipient for envelope in deliver().sent} == {mine}


def test_words_of_headers_are_put_on_one_line() -> None:
    browser().post(address("add"), filled_in(subject="Un\r\ntrain", sender_name="Noémie\nOrsenval"))
    mailing = Mailing.objects.get()
    assert (mailing.subject, mailing.sender_name) == ("Un train", "Noémie Orsenval")


@pytest.mark.parametrize("field", ["subject", "preheader", "body-0-value"])
def test_an_unknown_field_is_named_beside_its_place_and_nothing_is_kept(field: str) -> None:
    response = browser().post(address("add"), filled_in(**{field: "Bonjour {{ prenom }}"}))
    # Errors of blocks are told to the editor in JSON.
    page = re.sub(r"\\u([0-9a-f]{4})", lambda sign: chr(int(sign[1], 16)), response.content.decode())
    assert "Le champ «\xa0prenom\xa0» n’existe pas" in page
    assert not Mailing.objects.exists()


def test_a_draft_is_changed_and_shown_again() -> None:
    mailing, client = MailingFactory(), browser()
    client.post(address("edit", mailing.pk), filled_in(subject="Après"))
    mailing.refresh_from_db()
    assert mailing.subject == "Après"


def test_the_editor_of_what_was_sent_shows_its_results() -> None:
    PersonFactory(reachable=True)
    mailing, client = send(MailingFactory()), browser()
    assert client.get(address("edit", mailing.pk))["Location"] == address("results", mailing.pk)
    response = client.post(address("edit", mailing.pk), filled_in(subject="Autre"))
    assert response["Location"] == address("results", mailing.pk)
    mailing.refresh_from_db()
    assert mailing.subject != "Autre"


def test_what_was_sent_is_copied_to_a_new_draft() -> None:
    PersonFactory(reachable=True)
    mailing, client = send(MailingFactory(title="Lettre n° 3")), browser()
    page = read(client.get(address("copy", mailing.pk)))
    assert page.find("input", {"name": "title"})["value"] == "Lettre n° 3 (copie)"
    assert page.find("input", {"name": "subject"})["value"] == mailing.subject
    assert "Les petits trains" in str(page)
    client.post(address("add"), filled_in())
    assert Mailing.objects.filter(state=State.DRAFT).count() == 1


def test_only_drafts_are_deleted() -> None:
    PersonFactory(reachable=True)
    gone, draft, client = send(MailingFactory()), MailingFactory(), browser()
    assert client.post(address("delete", gone.pk)).status_code in {302, 403}
    client.post(address("delete", draft.pk))
    assert list(Mailing.objects.all()) == [gone]


def test_the_editor_explains_the_fields() -> None:
    said = words(browser().get(address("add")))
    assert "{{ first_name|à vous }}" in said
    assert "{{ commune|… }}" in said


def test_the_preview_shows_the_letter_to_an_invented_reader() -> None:
    mailing = MailingFactory(subject="{{ first_name|Bonjour }}, un train", preheader="Pour {{ first_name|vous }}")
    page = read(browser().get(address("look", mailing.pk)))
    assert "Camille, un train" in page.find(class_="inbox-line").get_text()
    assert "Pour Camille" in page.find(class_="inbox-line").get_text()
    assert "Bonjour Camille." in page.find("pre").get_text()
    frames = page.find_all("iframe")
    assert len(frames) == 3
    assert all("".join(frame["sandbox"]) == "" for frame in frames)


def test_the_letter_runs_nothing_and_asks_nobody() -> None:
    response = browser().get(address("letter", MailingFactory().pk))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-same-origin" in policy
    assert "allow-scripts" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "Bonjour Camille." in response.content.decode()


def test_the_live_preview_shows_what_is_being_written() -> None:
    client = browser()
    assert client.post(address("preview_on_add"), filled_in(subject="Pas encore")).json()["is_valid"] is True
    page = client.get(address("preview_on_add"), {"mode": "html"})
    assert "Bonjour Camille." in page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]
    text = client.get(address("preview_on_add"), {"mode": "text"})
    assert "Bonjour Camille." in text.content.decode()
    assert not Mailing.objects.exists()


def test_a_letter_that_cannot_be_shown_says_why() -> None:
    mailing = MailingFactory(blocks=[("button", {"label": "x", "page": None, "address": "javascript:x"})])
    client = browser()
    assert "« javascript:x » n’est pas permis" in words(client.get(address("look", mailing.pk)))
    assert "« javascript:x » n’est pas permis" in words(client.get(address("letter", mailing.pk)))


def test_markup_in_a_subject_stays_words_on_every_screen() -> None:
    PersonFactory(reachable=True)
    evil = "<script>alert(1)</script>"
    mailing, client = MailingFactory(subject=evil, title=evil), browser()
    screens = ["look", "letter", "send", "edit"]
    pages = [client.get(address(screen, mailing.pk)).content.decode() for screen in screens]
    gone = send(mailing)
    pages += [client.get(address(screen, gone.pk)).content.decode() for screen in ("results", "progress")]
    pages += [client.get(address("index")).content.decode(), client.get(reverse("wagtailadmin_home")).content.decode()]
    scripts = [script.get_text() for page in pages for script in BeautifulSoup(page, "html.parser").find_all("script")]
    assert len(scripts) > 10
    assert "alert(1)" not in scripts
