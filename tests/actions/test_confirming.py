"""The letter that asks to confirm a form: one for all who wait, to each their own link, and never lost."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services, tasks
from portevoix.actions.models import Participation
from portevoix.actions.services import asking
from portevoix.actions.types import Filled
from portevoix.correspondence import services as standards
from portevoix.correspondence.types import Words
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import UnknownMergeField
from portevoix.delivery.models import Batch, Message
from portevoix.delivery.types import Letter
from portevoix.intake.links import submission_of
from portevoix.intake.types import SignUp
from portevoix.kernel import jobs
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.purposes import Channel, Purpose
from tests.accounts.factories import staff
from tests.actions.factories import fill, participation, petition, sign_up_page
from tests.mailings.factories import deliver
from tests.people.factories import reachable

pytestmark = pytest.mark.django_db


def send(email: str, *, page: Any = None, language: str = "fr", name: str = "") -> Participation:
    sign_up = SignUp(email=email, purposes=frozenset(), language=language, source="/rejoindre/", first_name=name)
    return services.take_part(page or sign_up_page(), Filled(sign_up), actor=Visitor())


def received() -> dict[str, list[tuple[str, str]]]:
    """Return the subject and the words of what each address received."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in deliver().sent:
        letter = message_from_bytes(one.content, policy=policy.default)
        words = letter.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
        found.setdefault(one.recipient, []).append((str(letter["Subject"]), words))
    return found


def form_of(words: str) -> int:
    """Return which form the link of a letter confirms."""
    token = re.search(r"/confirmer/(\S+)/", words)
    assert token, words
    return submission_of(token[1]).pk


def test_all_who_wait_are_written_to_by_one_letter_each_with_their_own_link() -> None:
    page = sign_up_page()
    taken = [send(f"{number}@mail.example", page=page) for number in range(5)]
    tasks.ask_to_confirm()
    assert (Batch.objects.count(), Message.objects.count()) == (1, 5)
    letters = received()
    for number, one in enumerate(taken):
        ((_subject, words),) = letters[f"{number}@mail.example"]
        assert form_of(words) == one.submission_id


def test_a_letter_costs_no_statement_more_for_each_who_waits() -> None:
    page = sign_up_page()
    counts = []
    for number in (1, 20):
        for one in range(number):
            send(f"{number}-{one}@mail.example", page=page)
        with CaptureQueriesContext(connection) as queries:
            asking.ask_to_confirm(actor=System("tests"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_each_is_written_to_in_the_language_of_the_form() -> None:
    page = sign_up_page()
    send("fr@mail.example", page=page)
    send("en@mail.example", page=page, language="en")
    tasks.ask_to_confirm()
    letters = received()
    assert "Un clic" in letters["fr@mail.example"][0][0]
    assert "One click" in letters["en@mail.example"][0][0]


def test_who_sends_two_forms_at_once_receives_the_link_of_each() -> None:
    taken = [send("maelle@mail.example", page=page) for page in (sign_up_page(), petition())]
    tasks.ask_to_confirm()
    letters = received()["maelle@mail.example"]
    assert {form_of(words) for _subject, words in letters} == {one.submission_id for one in taken}


def test_of_many_forms_at_once_the_first_three_have_their_letter_and_the_others_none() -> None:
    page = sign_up_page()
    taken = [send("maelle@mail.example", page=page, name=f"Maëlle {number}") for number in range(6)]
    tasks.ask_to_confirm()
    letters = received()["maelle@mail.example"]
    assert sorted(form_of(words) for _subject, words in letters) == sorted(one.submission_id for one in taken[:3])


def test_nobody_is_written_to_twice_for_one_form() -> None:
    send("maelle@mail.example")
    tasks.ask_to_confirm()
    tasks.ask_those_left()
    assert Message.objects.count() == 1


def test_a_form_asks_for_its_letter_once_it_is_kept(django_capture_on_commit_callbacks: Any) -> None:
    page = sign_up_page()
    with django_capture_on_commit_callbacks(execute=True):
        assert fill(Client(), page, newsletter="on").status_code == 302
        assert waiting() == 0
    assert waiting() == 1


def test_a_queue_that_is_lost_after_the_form_is_kept_is_nobodys_fault(
    django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    page = sign_up_page()
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION procrastinate_defer_jobs_v1 RENAME TO lost")
    with django_capture_on_commit_callbacks(execute=True):
        assert fill(Client(), page, newsletter="on").status_code == 302
    assert "on_commit()" in caplog.text
    assert Participation.objects.get().is_letter_due, "the minute's own job asks"


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'actions.ask_to_confirm'")
        return int(cursor.fetchone()[0])


def test_what_a_server_that_died_never_asked_for_is_written_within_the_minute() -> None:
    send("maelle@mail.example")
    assert "actions.ask_those_left" in {planned.name for planned in jobs.schedule() if planned.cron == "* * * * *"}
    tasks.ask_those_left()
    assert set(received()) == {"maelle@mail.example"}


def test_the_letter_is_in_the_campaigns_words() -> None:
    words = Words(subject="Bonjour", title="Bonjour", opening="Ouvrez {{ site }}", button="Je confirme")
    standards.edit("actions.confirm", "fr", words, actor=staff(Role.DIRECTOR))
    send("maelle@mail.example")
    tasks.ask_to_confirm()
    ((subject, text),) = received()["maelle@mail.example"]
    assert subject == "Bonjour"
    assert form_of(text)


def test_who_is_erased_before_the_letter_leaves_gets_none() -> None:
    taken = send("maelle@mail.example")
    rights.erase(taken.person, actor=System("tests"))
    tasks.ask_to_confirm()
    assert received() == {}


def test_a_form_that_is_gone_leads_to_the_page_of_ones_data() -> None:
    taken = send("maelle@mail.example")
    tasks.ask_to_confirm()
    taken.delete()
    ((_subject, words),) = received()["maelle@mail.example"]
    assert "/confirmer/" not in words
    assert "/mes-donnees/" in words


def test_the_outbox_holds_nobodys_link() -> None:
    send("maelle@mail.example")
    tasks.ask_to_confirm()
    batch = Batch.objects.get()
    assert "/confirmer/" not in batch.text + batch.html


def test_news_cannot_hold_the_link_that_confirms_a_form() -> None:
    reachable("known@mail.example")
    letter = Letter(
        subject="x",
        text="{{ confirmation_url }} {{ unsubscribe_url }}",
        sender_name="x",
        sender_address="x@ricochet.example",
    )
    audience = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    with pytest.raises(UnknownMergeField):
        delivery.send(letter, audience, actor=System("tests"))


def test_who_confirmed_already_waits_for_no_letter() -> None:
    participation(petition())
    tasks.ask_to_confirm()
    assert not Message.objects.exists()
