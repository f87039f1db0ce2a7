"""Screens of the composer: live views, plain text, templates, checks, tests to the team, approval."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from portevoix.mailings import letters
from portevoix.mailings.exceptions import NoApprovalAsked
from portevoix.mailings.models import Answer, Approval, ApprovalRule, Mailing, OwnText, Template
from portevoix.mailings.services import approving, plain_texts
from portevoix.mailings.types import State
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver
from tests.mailings.screens import address, browser, confirmed, filled_in, member, read, words
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def posted(client: Client, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(address("preview_on_add"), filled_in(**changes)).json()
    return answer


def shown(client: Client, mode: str, reader: str = "known") -> str:
    return client.get(address("preview_on_add"), {"mode": mode, "reader": reader}).content.decode()


# ------------------------------------------------------------------------------------------ beside the editor


def test_what_is_being_written_is_shown_in_each_way() -> None:
    client = browser()
    assert posted(client)["is_available"]
    assert "prefers-color-scheme" not in shown(client, "day") + shown(client, "dark")
    assert "prefers-color-scheme: dark" in shown(client, "html")
    assert "@media all" in shown(client, "dark")
    assert "<PRE>LES PETITS" in shown(client, "text").upper()
    assert "Camille" in shown(client, "day")
    assert not Mailing.objects.exists()


def test_a_reader_of_whom_nothing_is_known_sees_their_own_letter() -> None:
    client = browser()
    posted(client)
    assert "Bonjour à vous." in shown(client, "day", "unknown")


def test_what_to_look_at_is_told_while_one_writes() -> None:
    client = browser()
    posted(client, preheader="")
    assert "Ligne d’aperçu" in shown(client, "hints")
    posted(client, preheader="Quarante lignes, un carnet.")
    assert "Ligne d’aperçu" not in shown(client, "hints")


@pytest.mark.parametrize("field", ["subject", "body-0-value"])
def test_what_keeps_the_letter_from_being_shown_is_said_in_a_sentence(field: str) -> None:
    answer = posted(browser(), **{field: "{{ if commune }} sans fin"})
    assert not answer["is_valid"]
    assert [fault for fault in answer["faults"] if "jamais refermée" in fault]


def test_the_panel_has_four_frames_that_run_nothing() -> None:
    page = read(browser().get(address("add")))
    frames = page.select("[data-letter-views-target=view] iframe")
    assert [frame.parent["data-mode"] for frame in frames] == ["day", "day", "dark", "text"]
    assert all("allow-scripts" not in frame["sandbox"] for frame in frames)
    assert all(frame["title"] for frame in frames)


# ------------------------------------------------------------------------------------------ plain text


def test_the_plain_text_is_written_kept_and_given_up() -> None:
    mailing, client = MailingFactory(), browser()
    page = read(client.get(address("text", mailing.pk)))
    assert "Les petits trains" in page.find("textarea").get_text()
    client.post(address("text", mailing.pk), {"words": "Le mien."})
    assert OwnText.objects.get().written_by == User.objects.get()
    assert "Écrit à la main" in words(client.get(address("text", mailing.pk)))
    client.post(address("text", mailing.pk), {"words": "x", "derive": "1"})
    assert not OwnText.objects.exists()


def test_a_malformed_plain_text_is_refused_beside_it_and_stays_typed() -> None:
    mailing, client = MailingFactory(), browser()
    page = read(client.post(address("text", mailing.pk), {"words": "Bonjour {{ prenom }}"}))
    assert "n’existe pas" in page.get_text()
    assert "Bonjour {{ prenom }}" in page.find("textarea").get_text()
    assert not OwnText.objects.exists()


def test_a_stale_plain_text_says_so_on_every_screen_before_sending() -> None:
    PersonFactory(reachable=True)
    mailing, client = MailingFactory(), browser()
    plain_texts.write_plain_text(mailing, "Le mien.", actor=CAMPAIGN)
    Mailing.objects.filter(pk=mailing.pk).update(body=json.dumps([{"type": "heading", "value": "Autre"}]))
    for screen in ("text", "look", "send", "checks"):
        assert "avant la dernière modification de la lettre" in words(client.get(address(screen, mailing.pk))), screen


# ------------------------------------------------------------------------------------------ templates


def test_a_draft_begins_from_a_template_of_the_product() -> None:
    client = browser()
    assert "Bienvenue" in words(client.get(address("templates")))
    page = read(client.get(address("add_from", "fr-welcome")))
    assert page.find("input", {"name": "subject"})["value"] == "Bienvenue, {{ first_name|et merci }}"
    assert "Merci d’être là" in str(page) or "Merci d\\u2019\\u00eatre l\\u00e0" in str(page)
    assert not Mailing.objects.exists()
    assert client.get(address("add_from", "fr-rien")).status_code == 404


def test_the_look_of_a_template_runs_nothing() -> None:
    response = browser().get(address("template_look", "fr-news"))
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert browser_of_reader().get(address("template_look", "fr-news")).status_code in {302, 403}


def browser_of_reader() -> Client:
    client = Client()
    client.force_login(member(Role.READER))
    return client


def test_a_message_is_kept_as_a_template_once_under_each_name() -> None:
    mailing, client = MailingFactory(title="La nôtre"), browser()
    assert read(client.get(address("save_template", mailing.pk))).find("input", {"name": "name"})["value"] == "La nôtre"
    client.post(address("save_template", mailing.pk), {"name": "La nôtre", "purpose": "Les lundis"})
    again = client.post(address("save_template", mailing.pk), {"name": "La nôtre"})
    assert "Un modèle porte déjà ce nom" in words(again)
    saved = Template.objects.get()
    page = read(client.get(address("add_from", saved.pk)))
    assert page.find("input", {"name": "title"})["value"] == "La nôtre"
    client.post(address("delete_template", saved.pk))
    assert not Template.objects.exists()


# ------------------------------------------------------------------------------------------ checks and tests


def test_outside_links_are_listed_and_asked_only_when_one_wants_it() -> None:
    mailing = MailingFactory(blocks=[("text", '<p>Un <a href="https://192.168.1.9/x">lien</a></p>')])
    client = browser()
    page = read(client.get(address("checks", mailing.pk)))
    assert [one.get_text() for one in page.select(".outside li")] == ["https://192.168.1.9/x"]
    assert "non demandée" in words(client.post(address("ask_links", mailing.pk)))
    assert client.get(address("ask_links", mailing.pk)).status_code == 405


def test_a_letter_that_cannot_leave_says_why_on_the_page_of_checks() -> None:
    assert "a besoin d’un objet" in words(browser().get(address("checks", MailingFactory(subject=" ").pk)))


def test_a_test_is_sent_to_those_one_ticks() -> None:
    mailing, client = MailingFactory(), browser()
    me, other = User.objects.get(), member()
    page = read(client.get(address("tests", mailing.pk)))
    assert [box["value"] for box in page.select("input[name=members]") if box.has_attr("checked")] == [str(me.pk)]
    response = client.post(address("tests", mailing.pk), {"members": [me.pk, other.pk]}, follow=True)
    assert "Un essai est en route vers 2 personnes." in words(response)
    assert {one.recipient for one in deliver().sent} == {me.email, other.email}


def test_a_test_to_nobody_is_refused() -> None:
    response = browser().post(address("tests", MailingFactory().pk), {})
    assert read(response).select(".errorlist")
    assert deliver().sent == []


# ------------------------------------------------------------------------------------------ approval


@pytest.fixture
def rule() -> None:
    ApprovalRule.objects.create(is_asked=True)
    PersonFactory(reachable=True)


def test_the_director_sets_the_rule() -> None:
    client = browser(Role.DIRECTOR)
    assert "n’est pas demandée" in words(client.get(address("approval_rule")))
    client.post(address("approval_rule"), {"is_asked": "1"})
    assert ApprovalRule.objects.get().is_asked
    client.post(address("approval_rule"), {"is_asked": "0"})
    assert not ApprovalRule.objects.get().is_asked


def test_a_letter_goes_from_its_author_to_its_reader_to_its_audience(rule: None) -> None:
    mailing, author, reader = MailingFactory(title="Lettre 9"), browser(), browser(Role.DIRECTOR)
    held = read(author.get(address("send", mailing.pk)))
    assert held.find("form", class_="confirmation") is None
    assert "personne n’a approuvé" in held.get_text()
    author.post(address("ask_approval", mailing.pk), {"request": "Le chiffre est-il juste ?"})
    assert "attend votre approbation" in words(reader.get("/gestion/"))
    seen = read(reader.get(address("approval", mailing.pk)))
    assert "Le chiffre est-il juste ?" in seen.get_text()
    digest = seen.find("input", {"name": "digest"})["value"]
    reader.post(address("answer_approval", mailing.pk), {"digest": digest, "approve": "1", "word": "Oui."})
    assert Approval.objects.get().state == Answer.APPROVED
    author.post(address("send", mailing.pk), confirmed(author, mailing))
    mailing.refresh_from_db()
    assert mailing.state == State.SENDING


def test_the_author_has_nothing_to_answer_with(rule: None) -> None:
    mailing, author = MailingFactory(), browser()
    author.post(address("ask_approval", mailing.pk))
    page = read(author.get(address("approval", mailing.pk)))
    assert page.find("button", {"name": "approve"}) is None
    answer = author.post(address("answer_approval", mailing.pk), {"digest": "x", "approve": "1"}, follow=True)
    assert "ne peut pas la donner" in words(answer)


def test_what_must_change_is_said_to_the_author(rule: None) -> None:
    mailing, author, reader = MailingFactory(), browser(), browser(Role.DIRECTOR)
    author.post(address("ask_approval", mailing.pk))
    silent = reader.post(address("answer_approval", mailing.pk), {"digest": "x", "refuse": "1"}, follow=True)
    assert "Dites en un mot" in words(silent)
    reader.post(address("answer_approval", mailing.pk), {"digest": "x", "refuse": "1", "word": "Le chiffre."})
    assert "Le chiffre." in words(author.get(address("approval", mailing.pk)))


def test_a_confirmation_posted_by_hand_does_not_pass_by(rule: None) -> None:
    mailing, author = MailingFactory(), browser()
    digest = letters.digest(letters.compose(mailing), mailing)
    answer = author.post(address("send", mailing.pk), {"digest": digest, "count": "1", "is_sure": "1"}, follow=True)
    assert "Personne n’a approuvé celui-ci" in words(answer)
    mailing.refresh_from_db()
    assert mailing.is_draft


def test_without_the_rule_nobody_is_asked_for_anything() -> None:
    PersonFactory(reachable=True)
    mailing, author = MailingFactory(), browser()
    assert confirmed(author, mailing)
    with pytest.raises(NoApprovalAsked):
        approving.ask_approval(mailing, actor=CAMPAIGN)
    assert "peut partir" in words(author.get(address("approval", mailing.pk)))
