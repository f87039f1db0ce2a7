"""Who opens which screen, and the list that compares."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from portevoix.accounts.types import Role
from portevoix.delivery.types import Outcome
from tests.accounts.factories import UserFactory
from tests.mailings.factories import MailingFactory, deliver, send
from tests.mailings.screens import address, browser, read, words
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db

SCREENS = ["edit", "copy", "look", "letter", "send", "results", "progress"]


@pytest.mark.parametrize("screen", SCREENS)
def test_a_visitor_is_asked_to_sign_in(screen: str) -> None:
    response = Client().get(address(screen, MailingFactory().pk))
    assert response.status_code == 302
    assert "login" in response["Location"]


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.DIRECTOR, {"edit", "copy", "send"}),
        (Role.COMMUNICATIONS, {"edit", "copy", "send"}),
        (Role.ORGANISER, set()),
        (Role.READER, set()),
        (Role.DATA_OFFICER, set()),
    ],
)
def test_only_direction_and_communications_write_and_send(role: Role, opens: set[str]) -> None:
    mailing, client = MailingFactory(), browser(role)
    for screen in ("edit", "copy", "send"):
        status = client.get(address(screen, mailing.pk)).status_code
        assert (status == 200) == (screen in opens), screen


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.DATA_OFFICER])
def test_everybody_with_a_role_reads_totals(role: Role) -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    client = browser(role)
    assert mailing.title in words(client.get(address("index")))
    assert "Stop" not in words(client.get(address("results", mailing.pk)))
    assert read(client.get(address("results", mailing.pk))).find(class_="departure") is not None


def test_somebody_without_role_sees_nothing() -> None:
    user = UserFactory(mandate=None)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    for screen in ("look", "letter"):
        assert client.get(address(screen, MailingFactory().pk)).status_code in {302, 403}


@pytest.mark.parametrize("act", ["send", "test", "stop"])
def test_a_reader_cannot_post_what_they_do_not_see(act: str) -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory()) if act == "stop" else MailingFactory()
    before = mailing.state
    response = browser(Role.READER).post(address(act, mailing.pk), {"is_sure": "1", "digest": "x", "count": "1"})
    assert response.status_code in {302, 403}
    mailing.refresh_from_db()
    assert mailing.state == before


@pytest.mark.parametrize("act", ["test", "stop"])
def test_what_changes_something_is_not_done_by_following_a_link(act: str) -> None:
    assert browser().get(address(act, MailingFactory().pk)).status_code == 405


@pytest.mark.parametrize("screen", ["look", "letter", "send", "results", "progress"])
def test_a_mailing_that_is_not_there_is_not_found(screen: str) -> None:
    assert browser().get(address(screen, 987654)).status_code == 404


def test_results_of_a_draft_are_not_found() -> None:
    assert browser().get(address("results", MailingFactory().pk)).status_code == 404


def test_the_menu_offers_messages_to_who_may_see_them() -> None:
    page = browser(Role.READER).get(reverse("wagtailadmin_home"))
    assert address("index") in page.content.decode()


def test_the_list_compares_what_became_of_each() -> None:
    reachable("oui@mail.example")
    reachable("non@mail.example")
    send(MailingFactory(title="Partie"))
    deliver({"non@mail.example": (Outcome.REFUSED, 550, "no")})
    MailingFactory(title="À écrire")
    rows = {
        row.find("a").get_text(strip=True): [" ".join(cell.get_text(" ").split()) for cell in row.find_all("td")]
        for row in read(browser().get(address("index"))).select("table.listing tbody tr")
    }
    assert rows["Partie"][3:] == ["2", "1", "1", "0 0,0 %", "0 0,0 %"]
    assert rows["À écrire"][3:] == ["—"] * 5


def test_the_list_leads_to_the_editor_or_to_the_results() -> None:
    PersonFactory(reachable=True)
    gone, draft = send(MailingFactory()), MailingFactory()
    page = browser().get(address("index")).content.decode()
    assert address("results", gone.pk) in page
    assert address("edit", draft.pk) in page
    assert address("edit", gone.pk) not in page


def test_the_list_is_searched_and_filtered() -> None:
    MailingFactory(title="Trains")
    MailingFactory(title="Loyers", subject="Un toit")
    client = browser()
    assert "Loyers" not in words(client.get(address("index_results"), {"q": "train"}))
    assert "Loyers" in words(client.get(address("index_results"), {"q": "toit"}))
    assert "Loyers" not in words(client.get(address("index_results"), {"state": "sent"}))
