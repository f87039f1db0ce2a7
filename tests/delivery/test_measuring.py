"""What is counted of a letter: totals of nobody; a name only of who agreed when it left, and agrees as they act."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.delivery import dispatch, services
from portevoix.delivery.exceptions import UnknownMergeField
from portevoix.delivery.models import Batch, ClickHour, LinkTotal, OpenHour
from portevoix.delivery.rules import clicks, tokens
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Measuring
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.selectors import everything_about
from tests.delivery.factories import CAMPAIGN, audience, letter
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
WORDS = {
    "text": "Lisez https://ondes.example/lire puis {{ unsubscribe_url }}\n",
    "html": '<body><a href="https://ondes.example/lire">Lire</a> <a href="{{ unsubscribe_url }}">Quitter</a></body>',
}
DEEDS = [Kind.CLICKED, Kind.OPENED]


@pytest.fixture(autouse=True)
def instance(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.BASE_URL = "https://ondes.example"


def agreeing(**known: Any) -> Person:
    person: Person = PersonFactory(reachable=True, **known)
    agree(person)
    return person


def agree(person: Person) -> None:
    rights.give(person, Purpose.MEASUREMENT, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)


def disagree(person: Person) -> None:
    rights.withdraw(person, [Purpose.MEASUREMENT], evidence={}, source="tests", actor=CAMPAIGN)


def sent(measuring: Measuring = Measuring(opens=True, people=True)) -> dict[str, str]:  # noqa: B008
    """Send a letter to everybody; return what each address received, decoded."""
    services.send(letter(**WORDS), audience(), measuring=measuring, actor=CAMPAIGN)
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    found = {}
    for envelope in kept.sent:
        message = message_from_bytes(envelope.content, policy=policy.default)
        found[envelope.recipient] = "".join(part.get_content() for part in message.iter_parts())
    return found


def link_in(words: str) -> str:
    return re.findall(r'href="https://ondes\.example(/l/[^"]+)"', words)[0]


def picture_in(words: str) -> str:
    return re.findall(r'src="https://ondes\.example(/o/[^"]+)"', words)[0]


def deeds() -> list[tuple[int, str]]:
    return list(Interaction.objects.filter(kind__in=DEEDS).order_by("pk").values_list("person_id", "kind"))


def test_by_default_a_letter_holds_no_picture_and_the_same_links_for_everybody() -> None:
    agreeing()
    PersonFactory(reachable=True)
    received = sent(Measuring())
    assert all("/o/" not in words and "<img" not in words for words in received.values())
    assert len({link_in(words) for words in received.values()}) == 1


def test_only_who_agreed_has_links_of_their_own() -> None:
    measured, other, third = agreeing(), PersonFactory(reachable=True), PersonFactory(reachable=True)
    received = sent()
    links = {person: link_in(received[person.emails.get().address]) for person in (measured, other, third)}
    assert links[other] == links[third]
    assert links[measured].startswith(links[other] + "/")
    text = received[measured.emails.get().address]
    assert text.count(links[measured].rpartition("/")[2]) == 3  # text, link, picture


def test_a_click_is_a_total_by_link_and_hour_and_a_name_only_for_who_agreed(client: Client) -> None:
    measured, other = agreeing(), PersonFactory(reachable=True)
    received = sent()
    for person in (measured, other):
        answer = client.get(link_in(received[person.emails.get().address]))
        assert answer.headers["Location"] == "https://ondes.example/lire"
    assert LinkTotal.objects.get().clicks == 2
    assert ClickHour.objects.get().clicks == 2
    assert deeds() == [(measured.pk, Kind.CLICKED)]


def test_the_second_click_on_a_link_is_one_more_in_the_total_and_nothing_new_of_the_person(client: Client) -> None:
    measured = agreeing()
    link = link_in(sent()[measured.emails.get().address])
    client.get(link)
    client.get(link)
    assert LinkTotal.objects.get().clicks == 2
    assert len(deeds()) == 1


def test_openings_are_a_total_by_hour_and_nothing_of_the_browser_is_kept(client: Client) -> None:
    measured, other = agreeing(), PersonFactory(reachable=True)
    received = sent()
    with CaptureQueriesContext(connection) as queries:
        for person in (measured, other):
            answer = client.get(
                picture_in(received[person.emails.get().address]),
                headers={"user-agent": "Mouchard/7"},
                REMOTE_ADDR="203.0.113.9",
            )
            assert answer.headers["Content-Type"] == "image/gif"
    written = " ".join(query["sql"] for query in queries)
    assert "Mouchard" not in written
    assert "203.0.113.9" not in written
    assert OpenHour.objects.get().opens == 2
    assert deeds() == [(measured.pk, Kind.OPENED)]


def test_the_picture_counts_nothing_where_openings_are_not_counted(client: Client) -> None:
    agreeing()
    sent(Measuring(people=True))
    assert client.get(f"/o/{Batch.objects.get().code}").status_code == 200
    assert not OpenHour.objects.exists()


def test_whoever_takes_it_back_is_a_total_again_in_letters_that_have_left(client: Client) -> None:
    measured = agreeing()
    words = sent()[measured.emails.get().address]
    disagree(measured)
    assert client.get(link_in(words)).status_code == 302
    assert client.get(picture_in(words)).status_code == 200
    assert deeds() == []
    assert (LinkTotal.objects.get().clicks, OpenHour.objects.get().opens) == (1, 1)


def test_what_was_noted_goes_when_the_consent_goes(client: Client) -> None:
    measured, other = agreeing(), agreeing()
    received = sent()
    for person in (measured, other):
        client.get(link_in(received[person.emails.get().address]))
    disagree(measured)
    assert deeds() == [(other.pk, Kind.CLICKED)]
    assert LinkTotal.objects.get().clicks == 2


def test_whoever_agrees_after_the_letter_left_is_not_measured_in_it(client: Client) -> None:
    late = PersonFactory(reachable=True)
    words = sent()[late.emails.get().address]
    agree(late)
    client.get(link_in(words))
    assert deeds() == []


def test_who_is_restricted_is_not_measured(client: Client) -> None:
    measured = agreeing()
    words = sent()[measured.emails.get().address]
    Person.objects.filter(pk=measured.pk).update(restricted_at=clock.now())
    client.get(link_in(words))
    assert deeds() == []


@pytest.mark.parametrize("word", ["1.AAAAAAAAAAAAAAAAAAAA", "x", "99999999999999999999.x", "%00"])
def test_a_word_that_nobody_signed_is_a_click_like_any_other(client: Client, word: str) -> None:
    other = PersonFactory(reachable=True)
    link = link_in(sent()[other.emails.get().address])
    assert client.get(f"{link}/{word}").status_code == 302
    assert LinkTotal.objects.get().clicks == 1
    assert deeds() == []


def test_the_word_of_one_letter_says_nothing_in_another(client: Client) -> None:
    measured = agreeing()
    word = link_in(sent()[measured.emails.get().address]).rpartition("/")[2]
    sent(Measuring())
    second = Batch.objects.latest("pk")
    client.get(f"/l/{second.code}/1/{word}")
    assert deeds() == []


def test_the_word_of_a_reader_does_not_unsubscribe_them() -> None:
    secret = "x" * 50
    word = tokens.token_of(7, tokens.reader_key_from(secret))
    assert tokens.message_in(word, [tokens.key_from(secret)]) is None


def test_scanners_that_only_look_are_not_counted(client: Client) -> None:
    measured = agreeing()
    words = sent()[measured.emails.get().address]
    client.head(link_in(words))
    client.head(picture_in(words))
    assert LinkTotal.objects.get().clicks == 0
    assert not OpenHour.objects.exists()
    assert deeds() == []


def test_an_author_cannot_place_the_word_of_the_reader_by_hand() -> None:
    PersonFactory(reachable=True)
    with pytest.raises(UnknownMergeField):
        services.send(letter(text="{{ reader }} {{ unsubscribe_url }}", html=""), audience(), actor=CAMPAIGN)


def test_who_agreed_is_asked_once_for_many_letters() -> None:
    for _one in range(3):
        agreeing()
    services.send(letter(**WORDS), audience(), measuring=Measuring(people=True), actor=CAMPAIGN)
    with CaptureQueriesContext(connection) as queries:
        dispatch.run(MemoryTransport, connections=1)
    asked = [query["sql"] for query in queries if "'measurement'" in query["sql"] and "rights_ground" in query["sql"]]
    assert len(asked) == 1


def test_the_database_refuses_to_note_a_deed_without_agreement() -> None:
    person = PersonFactory(reachable=True)
    for kind in DEEDS:
        with pytest.raises(IntegrityError, match="without their agreement"), transaction.atomic():
            Interaction.objects.create(person=person, kind=kind)
    Interaction.objects.create(person=person, kind=Kind.MAILED)


def test_a_persons_own_deeds_are_in_their_copy_and_go_with_them(client: Client) -> None:
    measured = agreeing()
    client.get(link_in(sent()[measured.emails.get().address]))
    told = str(everything_about(measured))
    assert "clicked" in told


def test_clicks_of_two_hours_are_apart(client: Client) -> None:
    other = PersonFactory(reachable=True)
    link = link_in(sent()[other.emails.get().address])
    with clock.stopped_at(clock.now() + timedelta(hours=2)):
        client.get(link)
    client.get(link)
    assert sorted(ClickHour.objects.values_list("clicks", flat=True)) == [1, 1]
    assert LinkTotal.objects.get().clicks == 2


def test_a_letter_without_page_holds_no_picture() -> None:
    plain = letter(html="")
    assert clicks.measured(plain, Measuring(opens=True), "https://x.example/o/a") is plain
