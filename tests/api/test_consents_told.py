"""What somebody agreed to and took back, told to a program: the words, the ground, the days; each reading noted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portevoix.accounts.types import Role
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Consultation, Person
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.rights.selectors import current_wording
from tests.api.factories import program
from tests.api.test_keys import code
from tests.people.factories import GroundFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_a_history_says_purpose_channel_ground_words_days_and_where_from() -> None:
    person, words = PersonFactory(), current_wording(Purpose.NEWSLETTER, "fr")
    given = clock.now() - timedelta(days=3)
    GroundFactory(person=person, wording=words, given_at=given, source="actions:3", evidence={"form": "page 3"})
    GroundFactory(person=person, purpose=Purpose.CALLS, channel=Channel.PHONE, basis=Basis.DECLARED_AT_IMPORT)
    calls, news = program(Role.READER).get(f"people/{person.pk}/consents")["consents"]
    assert (calls["purpose"], calls["basis"], calls["wording"]) == ("calls", "declared_at_import", None)
    assert (news["purpose"], news["channel"], news["basis"], news["source"]) == (
        "newsletter",
        "email",
        "consent",
        "actions:3",
    )
    assert news["wording"] == {"id": words.pk, "language": "fr", "version": 1, "text": words.text}
    assert news["given_at"].startswith(given.strftime("%Y-%m-%dT%H:%M"))
    assert (news["withdrawn_at"], news["end"]) == (None, None)
    assert "page 3" not in str(news)  # the proof stays here


@pytest.mark.parametrize(
    ("withdrawal", "lasted", "end"),
    [
        ({"asked": "email"}, 1, "withdrawn"),
        ({"asked": "email"}, 0, "refused"),
        ({"retention": "calls"}, 1, "expired"),
        ({"replaced_by": "consent"}, 1, "replaced"),
        ({"merge": "stricter"}, 1, "merged"),
    ],
)
def test_a_ground_that_ended_says_what_ended_it(withdrawal: dict[str, str], lasted: int, end: str) -> None:
    now = clock.now()
    given = now - timedelta(days=lasted)
    person = PersonFactory()
    GroundFactory(person=person, given_at=given, withdrawn_at=now, withdrawal=withdrawal)
    told = program().get(f"people/{person.pk}/consents")["consents"][0]
    assert told["end"] == end
    assert told["withdrawn_at"]


def test_what_a_program_gives_and_takes_back_is_in_the_history() -> None:
    held, person = program(), PersonFactory()
    words = current_wording(Purpose.NEWSLETTER, "fr").pk
    proof = {"where": "appli", "on": clock.today().isoformat()}
    said = {"purpose": "newsletter", "wording": words, "how": "form", "proof": proof}
    held.send("POST", f"people/{person.pk}/consents", said)
    held.send("POST", f"people/{person.pk}/withdrawals", {"purposes": ["newsletter"], "how": "email"})
    held.send("POST", f"people/{person.pk}/consents", said, 409)
    (told,) = held.get(f"people/{person.pk}/consents")["consents"]
    assert (told["source"], told["end"], told["wording"]["id"]) == ("API: Site", "withdrawn", words)


def test_each_reading_is_a_consultation_by_the_name_of_the_key_and_a_line_of_the_journal() -> None:
    held, person = program(Role.COMMUNICATIONS), PersonFactory(reachable=True)
    held.get(f"people/{person.pk}/consents")
    held.get(f"people/{person.pk}/consents")
    name = f"{held.user.username} (API: Site)"
    assert list(Consultation.objects.values_list("person", "reader")) == [(person.pk, name)] * 2
    line = Entry.objects.filter(command="disclosure.serve_consents").first()
    assert line is not None
    assert (line.about_id, line.count, line.detail) == (str(person.pk), 1, {"purpose": "tenir le site à jour"})


def test_nothing_is_told_of_a_stranger_or_of_whoever_is_restricted() -> None:
    stranger, restricted = PersonFactory(in_brest=True, reachable=True), PersonFactory(reachable=True)
    Person.objects.filter(pk=restricted.pk).update(restricted_at=clock.now())
    lead = program(Role.LOCAL_LEAD, "35")
    assert code(lead.ask("GET", f"people/{stranger.pk}/consents")) == (404, "not-found")
    assert code(program().ask("GET", f"people/{restricted.pk}/consents")) == (403, "restricted")
    assert not Consultation.objects.exists()


def test_a_history_costs_as_many_queries_for_many_as_for_one(django_assert_max_num_queries: object) -> None:
    person, held = PersonFactory(), program()
    words, now = current_wording(Purpose.NEWSLETTER, "fr"), clock.now()
    for number in range(30):
        GroundFactory(person=person, wording=words, given_at=now - timedelta(days=number), withdrawn_at=now)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert len(held.get(f"people/{person.pk}/consents")["consents"]) == 30
