"""Letters to the team: an invitation opens an account, a new device is told, each once."""

from __future__ import annotations

import quopri
import re

import pytest
from django.db import IntegrityError
from django.test import Client

from portevoix.accounts.models import Notice
from portevoix.accounts.services import mandates, reminding
from portevoix.accounts.types import Invitation, Role, System
from portevoix.delivery import services, tasks
from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Outcome
from portevoix.kernel import clock
from tests.accounts.factories import SignInFactory, UserFactory

pytestmark = pytest.mark.django_db
PLATFORM = System("tests")


def owed(kind: str = "new_device") -> Notice:
    session = SignInFactory(device="Firefox, Linux")
    return Notice.objects.create(user=session.user, kind=kind, sign_in=session, created_at=clock.now())


def write(**answers: tuple[Outcome, int, str]) -> MemoryTransport:
    kept = MemoryTransport(answers=answers)
    services.write_to_staff(lambda: kept, actor=PLATFORM)
    return kept


def words(kept: MemoryTransport) -> str:
    return quopri.decodestring(kept.sent[0].content).decode()


def test_whoever_is_invited_chooses_a_password_by_the_link_and_is_asked_for_a_second_factor(client: Client) -> None:
    invitation = Invitation(email="anne@campaign.example", first_name="A", last_name="O", role=Role.READER)
    user = mandates.invite(invitation, actor=PLATFORM)
    kept = write()
    assert kept.sent[0].recipient == "anne@campaign.example"
    link = re.search(r"https?://[^/]+(/gestion/password_reset/\S+)", words(kept))
    assert link
    new = "a phrase of her own"
    form = client.get(link.group(1)).headers["Location"]
    assert client.post(form, {"new_password1": new, "new_password2": new}).status_code == 302
    client.post("/gestion/login/", {"username": user.username, "password": new})
    assert client.get("/gestion/").headers["Location"] == "/gestion/acces/debut/"
    assert client.get(link.group(1)).status_code == 200, "the link works once"


def test_a_new_device_is_told_in_french_with_what_to_do() -> None:
    owed()
    told = words(write())
    assert "Firefox, Linux" in told
    assert "/gestion/acces/" in told
    assert "Bonjour" in told


def test_a_reminder_says_what_waits_and_where_once() -> None:
    user = UserFactory()
    waits = {"subject": "Trois tâches pour demain", "body": "Trois tâches attendent.", "path": "/gestion/"}
    assert reminding.remind(user, **waits, actor=PLATFORM) is True
    assert reminding.remind(user, **waits, actor=PLATFORM) is False, "one about this screen waits already"
    kept = write()
    assert [envelope.recipient for envelope in kept.sent] == [user.email]
    assert "Trois tâches attendent." in words(kept)
    assert "/gestion/\r\n" in words(kept)
    assert reminding.remind(user, **waits, actor=PLATFORM) is True, "the first has left"


def test_whoever_left_the_team_is_not_reminded() -> None:
    gone = UserFactory(is_active=False)
    assert reminding.remind(gone, subject="a", body="b", path="/gestion/", actor=PLATFORM) is False


def test_the_database_refuses_a_reminder_of_nothing() -> None:
    with pytest.raises(IntegrityError, match="reminder_says_what"):
        Notice.objects.create(user=UserFactory(), kind="reminder", created_at=clock.now())


def test_a_letter_leaves_once() -> None:
    owed()
    assert len(write().sent) == 1
    assert len(write().sent) == 0


@pytest.mark.parametrize(("outcome", "is_due"), [(Outcome.DEFERRED, True), (Outcome.REFUSED, False)])
def test_what_a_server_puts_off_is_tried_again_and_what_it_refuses_is_not(outcome: Outcome, is_due: bool) -> None:
    notice = owed()
    write(**{notice.user.email: (outcome, 450, "later")})
    assert Notice.objects.due().exists() is is_due


def test_without_a_server_everything_stays_due() -> None:
    owed()

    class Gone(MemoryTransport):
        def deliver(self, envelopes, *, committing):  # type: ignore[no-untyped-def]
            raise ServerUnavailable("gone")

    services.write_to_staff(Gone, actor=PLATFORM)
    assert Notice.objects.due().count() == 1


def test_the_worker_has_nothing_to_do_when_nothing_is_owed() -> None:
    UserFactory()
    tasks.write_to_staff()
