"""Screens of senders: confirm, follow, stop, read totals; a second click does nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portevoix.accounts.types import Role
from portevoix.delivery.types import Outcome
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import sending
from portevoix.people.models import Person
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.mailings.screens import address, browser, confirmed, read, words
from tests.people.factories import PersonFactory, reachable
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def test_the_send_screen_says_to_whom_and_why_not_the_others() -> None:
    PersonFactory.create_batch(2, reachable=True)
    PersonFactory(with_email=True)
    said = words(browser().get(address("send", MailingFactory(segment=SegmentFactory(name="Bretagne")).pk)))
    assert "2 personnes le recevront" in said
    assert "Le segment « Bretagne » compte 3 personnes." in said
    assert "n’ont jamais accepté de la recevoir 1" in said
    assert "J’ai relu cette lettre, et je l’envoie à 2 personnes." in said


def test_nothing_leaves_without_the_box_ticked() -> None:
    PersonFactory(reachable=True)
    mailing, client = MailingFactory(), browser()
    answer = confirmed(client, mailing)
    del answer["is_sure"]
    assert "Cochez la case pour confirmer." in words(client.post(address("send", mailing.pk), answer))
    assert Mailing.objects.get().is_draft


def test_a_second_click_sends_nothing_more_and_shows_the_results() -> None:
    PersonFactory.create_batch(2, reachable=True)
    mailing, client = MailingFactory(), browser()
    answer = confirmed(client, mailing)
    first = client.post(address("send", mailing.pk), answer)
    second = client.post(address("send", mailing.pk), answer, follow=True)
    assert first["Location"] == address("results", mailing.pk)
    assert second.redirect_chain == [(address("results", mailing.pk), 302)]
    assert "Ce message est déjà parti" in words(second)
    assert len(deliver().sent) == 2


def test_a_letter_changed_by_a_colleague_is_shown_again_instead_of_sent() -> None:
    PersonFactory(reachable=True)
    mailing, client = MailingFactory(), browser()
    answer = confirmed(client, mailing)
    Mailing.objects.update(subject="Tout autre chose")
    response = client.post(address("send", mailing.pk), answer, follow=True)
    assert "a changé depuis que vous l’avez regardé" in words(response)
    assert Mailing.objects.get().is_draft


def test_what_keeps_a_letter_here_is_said_instead_of_the_form() -> None:
    client = browser()
    assert "Choisissez le segment" in words(client.get(address("send", MailingFactory(segment=None).pk)))
    nobody = words(client.get(address("send", MailingFactory().pk)))
    assert "il n’y a rien à envoyer" in nobody


def test_the_send_screen_of_what_was_sent_shows_its_results() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    assert browser().get(address("send", mailing.pk))["Location"] == address("results", mailing.pk)


def test_a_test_is_sent_from_the_preview() -> None:
    client, mailing = browser(), MailingFactory()
    response = client.post(address("test", mailing.pk))
    assert response["Location"] == address("look", mailing.pk)
    assert len(deliver().sent) == 1


def test_the_results_ask_for_themselves_again_until_the_last_letter_has_left() -> None:
    PersonFactory.create_batch(2, reachable=True)
    mailing, client = send(MailingFactory()), browser()
    during = client.get(address("progress", mailing.pk))
    moving = read(during).find(id="outcome")
    assert moving is not None
    assert moving["hx-get"] == address("progress", mailing.pk)
    assert "2 sur 2 attendent encore" in words(during)
    deliver()
    after = client.get(address("progress", mailing.pk))
    assert "Acceptés 2" in words(after)
    assert "hx-get" not in after.content.decode()


def test_the_stop_button_stops() -> None:
    PersonFactory.create_batch(2, reachable=True)
    mailing, client = send(MailingFactory()), browser()
    assert "Arrêter définitivement" in words(client.get(address("results", mailing.pk)))
    response = client.post(address("stop", mailing.pk), follow=True)
    assert "Arrêté : 2 lettres ont été retenues." in words(response)
    assert "Arrêté avant la fin." in words(response)
    assert "Arrêter l’envoi" not in words(response)
    assert deliver().sent == []


def test_stopping_what_is_over_is_refused_kindly() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    sending.stop(mailing, actor=CAMPAIGN)
    response = browser().post(address("stop", mailing.pk), follow=True)
    assert "il n’y a rien à arrêter" in words(response)


def test_the_results_show_totals_and_nobody() -> None:
    reachable("oui@mail.example", first_name="Bérénice", last_name="Kervadec")
    reachable("non@mail.example")
    mailing = send(MailingFactory(blocks=[("text", '<p><a href="https://a.example/x">ici</a></p>')]))
    deliver({"non@mail.example": (Outcome.REFUSED, 550, "no")})
    page = browser().get(address("results", mailing.pk))
    said = words(page)
    assert "acceptés par le serveur du destinataire 1 50,0 %" in said
    assert "refusés par le serveur du destinataire 1 50,0 %" in said
    assert "https://a.example/x 0" in said
    for person in Person.objects.all():
        assert person.last_name not in page.content.decode()
        assert person.emails.get().address not in page.content.decode()


def test_the_first_page_of_the_back_office_shows_the_last_messages() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory(title="Lettre n° 3"))
    MailingFactory(title="Brouillon caché")
    page = browser(Role.READER).get(reverse("wagtailadmin_home"))
    assert "Lettre n° 3" in words(page)
    assert address("results", mailing.pk) in page.content.decode()
    assert "Brouillon caché" not in words(page)
