"""A letter that thanks whoever confirmed: where the campaign turned it on, to those who agreed to news, once."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, Visitor
from portevoix.actions import services, tasks
from portevoix.actions.models import SignUpPage
from portevoix.actions.types import Filled
from portevoix.correspondence import services as standards
from portevoix.correspondence.exceptions import NotOptional
from portevoix.correspondence.models import TurnedOn
from portevoix.correspondence.types import Words
from portevoix.delivery.models import Batch, LinkTotal, Message
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import Submission
from portevoix.intake.types import SignUp
from portevoix.kernel import clock
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import sign_up_page
from tests.mailings.factories import deliver
from tests.territory.factories import DepartementFactory, election

pytestmark = pytest.mark.django_db
ADDRESS = "/gestion/lettres/actions.welcome/allumer/"
NEWS = frozenset({Purpose.NEWSLETTER})


def turn(on: bool = True) -> None:
    standards.turn("actions.welcome", on=on, actor=staff(Role.COMMUNICATIONS))


def sign_up(purposes: Any = NEWS, language: str = "fr") -> Submission:
    form = SignUp(email="maelle@mail.example", purposes=purposes, language=language, source="/rejoindre/")
    page = SignUpPage.objects.first() or sign_up_page()
    submission = services.take_part(page, Filled(form), actor=Visitor()).submission
    tasks.ask_to_confirm()
    deliver()
    return submission


def confirm(submission: Submission) -> list[EmailMessage]:
    services.confirm(confirmation_token(submission), actor=Visitor())
    read = [message_from_bytes(one.content, policy=policy.default) for one in deliver().sent]
    return [one for one in read if isinstance(one, EmailMessage)]


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_no_letter_thanks_anybody_until_the_campaign_wants_it() -> None:
    assert confirm(sign_up()) == []
    assert Batch.objects.count() == 1


def test_whoever_confirms_and_agreed_to_news_is_thanked_and_can_leave() -> None:
    turn()
    (sent,) = confirm(sign_up())
    assert sent["Subject"] == "Merci, et bienvenue"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent["Auto-Submitted"] is None
    assert "Me désinscrire en un clic" in plain(sent)
    assert Batch.objects.latest("id").purpose == Purpose.NEWSLETTER


def test_a_link_of_ones_own_is_not_among_those_that_are_counted() -> None:
    turn()
    (sent,) = confirm(sign_up())
    assert "/preferences/" in plain(sent)
    assert LinkTotal.objects.exists()
    assert not LinkTotal.objects.filter(target__contains="/preferences/").exists()


def test_it_speaks_the_language_of_the_form() -> None:
    turn()
    (sent,) = confirm(sign_up(language="en"))
    assert sent["Subject"] == "Thank you, and welcome"


def test_whoever_agreed_to_no_news_is_not_written_to() -> None:
    turn()
    assert confirm(sign_up(frozenset({Purpose.CALLS}))) == []


def test_a_link_followed_again_thanks_nobody_twice() -> None:
    turn()
    submission = sign_up()
    assert len(confirm(submission)) == 1
    assert confirm(submission) == []


def test_turned_off_it_leaves_no_more() -> None:
    turn()
    turn(on=False)
    assert confirm(sign_up()) == []


def test_it_says_the_campaigns_own_words() -> None:
    turn()
    ours = Words(
        subject="Ravie, {{ first_name|à vous }} !", title="Bonjour", opening="C’est {{ site }}.", button="Voir"
    )
    standards.edit("actions.welcome", "fr", ours, actor=staff(Role.COMMUNICATIONS))
    (sent,) = confirm(sign_up())
    assert sent["Subject"] == "Ravie, à vous !"
    assert "Me désinscrire en un clic" in plain(sent)


def test_in_electoral_silence_it_waits_as_all_news_do() -> None:
    turn()
    now = clock.now()
    silences = election(date(2028, 4, 23), departements=(DepartementFactory(code="35").pk,)).silences
    silences.update(begins_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=9))
    assert confirm(sign_up()) == []
    waiting = Message.objects.get(purpose=Purpose.NEWSLETTER)
    assert (waiting.state, waiting.not_before) == ("queued", now + timedelta(hours=9))


def test_the_screens_turn_it_on_and_off_and_say_so() -> None:
    client = signed_in(Role.COMMUNICATIONS)
    assert "Elle ne part pas." in client.get("/gestion/lettres/").content.decode()
    assert client.post(ADDRESS, {"leaves": "yes"}).status_code == 302
    assert TurnedOn.objects.get().key == "actions.welcome"
    assert "Elle part." in client.get("/gestion/lettres/").content.decode()
    assert "Désactiver" in client.get("/gestion/lettres/actions.welcome/fr/").content.decode()
    client.post(ADDRESS, {"leaves": "no"})
    assert not TurnedOn.objects.exists()


def test_a_letter_that_somebody_waits_for_always_leaves() -> None:
    client = signed_in(Role.DIRECTOR)
    assert client.post(ADDRESS.replace("welcome", "confirm"), {"leaves": "no"}).status_code == 404
    with pytest.raises(NotOptional):
        standards.turn("actions.confirm", on=False, actor=staff())


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.READER, Role.DATA_OFFICER])
def test_only_who_writes_for_the_campaign_turns_it_on(role: Role) -> None:
    with pytest.raises(NotAllowed):
        standards.turn("actions.welcome", on=True, actor=staff(role))
