"""What is agreed to is what was read: forms that change while they are open, and what a version keeps."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client

from portevoix.actions.counter import FREE
from portevoix.actions.models import (
    ActionPage,
    ContactPage,
    EventPage,
    FormVersion,
    MembershipPage,
    OpenLetterPage,
    Participation,
    PetitionPage,
    PledgePage,
    ProxyPage,
    SignUpPage,
    SponsorshipPage,
    SurveyPage,
    VolunteerPage,
    WritePage,
)
from portevoix.intake.models import Submission
from portevoix.kernel import clock
from portevoix.rights.models import Wording
from portevoix.rights.purposes import WORDINGS, Purpose
from tests.actions.factories import fill, open_letter, petition, published
from tests.territory.factories import election

pytestmark = pytest.mark.django_db
SIGNED = {"email": "maelle@mail.example", "first_name": "Maëlle", "last_name": "Le Bihan", "agreement": "on"}


def form_of(response: Any) -> Tag:
    found = BeautifulSoup(response.content, "html.parser").select_one("form.form-card")
    assert found is not None
    return found


def hidden(form: Tag) -> dict[str, Any]:
    return {str(field["name"]): field.get("value", "") for field in form.select("input[type=hidden]")}


def changed(page: ActionPage, **said: str) -> None:
    for name, value in said.items():
        setattr(page, name, value)
    page.save_revision().publish()


@pytest.mark.parametrize("what", [{"text": "<p>Il faut un avion.</p>"}, {"addressee": "la préfète"}, {"title": "Non"}])
def test_a_form_that_changed_while_it_was_open_takes_nothing_and_loses_nothing(what: dict[str, str]) -> None:
    page, client = petition(), Client()
    opened = hidden(form_of(client.get(page.url)))
    changed(page, **what)
    refused = client.post(page.url, {**opened, **SIGNED, "handed": "on", "is_public": "on"})
    assert refused.status_code == 422
    again = form_of(refused)
    assert "Ce formulaire a changé" in again.get_text()
    assert not Participation.objects.exists()
    assert again.select_one("[name=first_name]")["value"] == "Maëlle"
    assert not again.select("input[checked]"), "nobody agreed to these words yet"
    assert client.post(page.url, {**hidden(again), **SIGNED}).status_code == 302
    content = Participation.objects.get().version.content
    assert what.items() <= content.items()


def test_a_page_that_was_kept_before_the_change_shows_the_form_again() -> None:
    page, client = petition(), Client()
    kept = form_of(client.get(page.url))
    PetitionPage.objects.filter(pk=page.pk).update(text="<p>Autre chose.</p>")  # as no publication would
    assert client.post(page.url, {**hidden(kept), **SIGNED}).status_code == 422
    assert not Participation.objects.exists()


@pytest.mark.parametrize("purpose", [Purpose.NEWSLETTER, Purpose.PARTICIPATION])
def test_who_opened_the_form_before_the_words_of_consent_changed_reads_the_new_ones_first(
    monkeypatch: pytest.MonkeyPatch, purpose: Purpose
) -> None:
    page, client = petition(), Client()
    opened = hidden(form_of(client.get(page.url)))
    monkeypatch.setitem(WORDINGS, purpose, {"fr": "J’accepte tout autre chose."})
    refused = client.post(page.url, {**opened, **SIGNED, "newsletter": "on"})
    assert refused.status_code == 422
    assert not Submission.objects.exists()
    again = form_of(refused)
    assert "Ce formulaire a changé" in again.get_text()
    assert "J’accepte tout autre chose." in again.get_text()
    assert again.select_one("[name=last_name]")["value"] == "Le Bihan"
    assert not again.select("input[checked]"), "nobody agreed to these words yet"
    assert client.post(page.url, {**hidden(again), **SIGNED, "newsletter": "on"}).status_code == 302
    proof = Submission.objects.get().wordings[purpose]
    assert Wording.objects.get(pk=proof).text == "J’accepte tout autre chose."


def test_words_that_a_form_does_not_ask_for_do_not_trouble_it(monkeypatch: pytest.MonkeyPatch) -> None:
    page, client = petition(), Client()
    opened = hidden(form_of(client.get(page.url)))
    monkeypatch.setitem(WORDINGS, Purpose.TEXTS, {"fr": "J’accepte tout autre chose."})
    assert client.post(page.url, {**opened, **SIGNED}).status_code == 302


def test_a_form_begun_elsewhere_is_of_the_version_that_our_own_page_shows() -> None:
    page, client = petition(), Client()
    shown = form_of(client.post(f"/agir/{page.pk}/", {"email": "maelle@mail.example"}))
    assert client.post(page.url, {**hidden(shown), **SIGNED}).status_code == 302


def test_who_is_asked_to_work_first_still_sends_what_they_read() -> None:
    page, client = petition(), Client()
    for one in range(FREE):
        assert fill(client, page, email=f"n{one}@mail.example", first_name="A", last_name="B").status_code == 302
    asked = client.post(page.url, {**hidden(form_of(client.get(page.url))), **SIGNED})
    assert asked.status_code == 429
    changed(page, text="<p>Autre chose.</p>")
    refused = client.post(page.url, {**hidden(form_of(asked)), **SIGNED})
    assert refused.status_code == 422
    assert "Ce formulaire a changé" in form_of(refused).get_text()


def test_the_version_keeps_the_text_and_who_signed_first_once_for_all_who_read_them() -> None:
    page, client = open_letter(("Jeanne Abgrall", "maire")), Client()
    for number in range(2):
        fill(client, page, email=f"{number}@mail.example", first_name="A", last_name="B")
    content = FormVersion.objects.get().content
    assert (content["title"], content["text"]) == (page.title, page.text)
    assert content["first_signatories"] == [["Jeanne Abgrall", "maire"]]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (SponsorshipPage, {"candidate": "Noémie Orsenval"}),
        (MembershipPage, {"organisation": "Ricochet", "dues": "10 €"}),
    ],
)
def test_the_version_names_whom_one_presents_and_what_one_joins(kind: type[ActionPage], said: dict[str, str]) -> None:
    page = kind(title="Adhérer", slug="adherer", **said)
    assert {**said, "title": page.title}.items() <= page.content_asked().items()


def pages() -> dict[type[ActionPage], dict[str, Any]]:
    vote = {"election": election(clock.today().replace(year=clock.today().year + 1))}
    signed = {"addressee": "le maire", "text": "<p>Il faut un bus.</p>", "goal": 10}
    return {
        ContactPage: {},
        EventPage: {
            "starts_at": clock.now().replace(year=clock.today().year + 1, day=1),
            "place": "Ici",
            "capacity": 3,
        },
        MembershipPage: {"organisation": "Ricochet", "statement": "Oui."},
        OpenLetterPage: signed,
        PetitionPage: signed,
        PledgePage: vote,
        ProxyPage: vote,
        SignUpPage: {},
        SponsorshipPage: {"candidate": "Noémie Orsenval"},
        SurveyPage: {"shows_results": True},
        VolunteerPage: {},
        WritePage: {"subject": "Le train"},
    }


def test_a_page_is_the_same_for_who_began_its_form_elsewhere_whatever_its_type() -> None:
    kinds = pages()
    leaves = {kind for kind in ActionPage.__subclasses__() for kind in (kind.__subclasses__() or [kind])}
    known = {leaf for kind in leaves for leaf in (kind.__subclasses__() or [kind])}
    assert set(kinds) == known, "a new type of page is tested here too"
    for number, (kind, said) in enumerate(kinds.items()):
        page = published(kind(title=f"Page {number}", slug=f"page-{number}", **said))
        own = BeautifulSoup(Client().get(page.url).content, "html.parser").select_one("main")
        brought = BeautifulSoup(Client().post(f"/agir/{page.pk}/", {}).content, "html.parser").select_one("main")
        assert own is not None
        assert brought is not None
        assert own.get_text().split() == brought.get_text().split(), kind
