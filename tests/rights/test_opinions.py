"""Political opinions (RGPD art. 9): no ground, nothing kept – by screen, command or SQL – and nothing outlives it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.people.exceptions import ChangedMeanwhile
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import gate, services
from portevoix.rights.exceptions import NoGroundForOpinion
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.rights.selectors import everything_about
from portevoix.rights.services.merging import merge
from portevoix.rights.services.opinions import record_opinion
from portevoix.rights.types import Views
from tests.accounts.factories import signed_in, staff
from tests.people.factories import GroundFactory, PersonFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
FIRM = Views(5, ("école", "eau"), "premier tour")
INSERT = "INSERT INTO rights_opinion (person_id, ground_id, support_level, source) VALUES (%s, %s, 5, 'sql')"


def agreed(**known: object) -> Person:
    person: Person = PersonFactory(**known)
    services.give(person, Purpose.OPINION, basis=Basis.CONSENT, evidence={}, source="tests", actor=SYSTEM)
    return person


def holding(views: Views = FIRM) -> Person:
    person = agreed()
    record_opinion(person, views, seen=Views(), actor=SYSTEM)
    return person


def refused_by_the_database(*values: int) -> str:
    with connection.cursor() as cursor, pytest.raises(IntegrityError) as error, transaction.atomic():
        cursor.execute(INSERT, values)
    return str(error.value)


def test_what_a_person_said_is_kept_on_their_ground_and_told_without_its_values() -> None:
    person = holding()
    opinion = Opinion.objects.get(person=person)
    assert opinion.views == FIRM
    assert opinion.ground == person.grounds.get(purpose=Purpose.OPINION)
    assert Entry.objects.get(command="rights.record_opinion").detail == {
        "fields": ["support_level", "issues", "vote_intention"]
    }
    assert "école" not in str(Interaction.objects.get(kind=Kind.EDITED).detail)


@pytest.mark.parametrize(("language", "words"), [("fr", "RGPD art. 9"), ("en", "GDPR art. 9")])
def test_without_a_ground_the_command_refuses_and_says_why_in_the_readers_language(language: str, words: str) -> None:
    with translation.override(language), pytest.raises(NoGroundForOpinion) as refusal:
        record_opinion(PersonFactory(reachable=True), FIRM, seen=Views(), actor=SYSTEM)
    with translation.override(language):
        assert words in str(refusal.value)
    assert not Opinion.objects.exists()


def test_the_database_refuses_another_purpose_another_person_and_a_ground_that_ended() -> None:
    person, other = agreed(), agreed()
    ground = person.grounds.get()
    newsletter = GroundFactory(person=person)
    assert "opinion_leans_on_its_ground" in refused_by_the_database(person.pk, newsletter.pk)
    assert "opinion_leans_on_its_ground" in refused_by_the_database(other.pk, ground.pk)
    assert "without a live ground" in refused_by_the_database(person.pk, 999_999)
    services.withdraw(person, [Purpose.OPINION], evidence={}, source="tests", actor=SYSTEM)
    assert "without a live ground" in refused_by_the_database(person.pk, ground.pk)


def test_the_database_refuses_to_move_an_opinion_to_a_ground_that_ended() -> None:
    person = holding()
    ended = GroundFactory(
        person=person, purpose=Purpose.OPINION, channel=Channel.RECORD, withdrawn_at="2099-01-01T00:00:00Z"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Opinion.objects.filter(person=person).update(ground=ended)


@pytest.mark.parametrize("way", ["command", "sql", "deletion"])
def test_when_the_ground_ends_the_opinion_is_gone(way: str) -> None:
    person = holding()
    if way == "command":
        services.withdraw(person, [Purpose.OPINION], evidence={}, source="tests", actor=SYSTEM)
    elif way == "sql":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE rights_ground SET withdrawn_at = now() + interval '1 day'")
    else:
        Ground.objects.filter(person=person).delete()
    assert not Opinion.objects.exists()


def test_another_consent_that_ends_leaves_it() -> None:
    person = holding()
    GroundFactory(person=person)
    services.withdraw(person, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=SYSTEM)
    assert Opinion.objects.filter(person=person).exists()


def test_emptied_it_is_gone_and_a_level_beyond_five_never_comes_in() -> None:
    person = holding()
    record_opinion(person, Views(), seen=FIRM, actor=SYSTEM)
    assert not Opinion.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        record_opinion(person, Views(6), seen=Views(), actor=SYSTEM)


def test_nobody_writes_over_what_somebody_else_wrote_meanwhile() -> None:
    person = holding()
    with pytest.raises(ChangedMeanwhile):
        record_opinion(person, Views(1), seen=Views(), actor=SYSTEM)
    assert Opinion.objects.get().support_level == 5


@pytest.mark.parametrize("role", [Role.READER, Role.COMMUNICATIONS])
def test_others_may_not_record_nor_read_it(role: Role) -> None:
    person = holding()
    with pytest.raises(NotAllowed):
        record_opinion(person, Views(1), seen=FIRM, actor=staff(role))
    assert "premier tour" not in signed_in(role).get(f"/gestion/personnes/{person.pk}/").content.decode()


def test_the_ground_reaches_nobody() -> None:
    agreed(with_email=True)
    assert gate.admit(Person.objects.all(), purpose=Purpose.OPINION, channel=Channel.RECORD).count() == 0


def test_it_is_told_to_the_person_erased_with_them_and_kept_once_when_two_are_merged() -> None:
    kept, absorbed = holding(), holding(Views(1))
    assert everything_about(kept)["rights.opinion"][0]["support_level"] == 5
    merge(kept.pk, absorbed.pk, actor=SYSTEM)
    assert Opinion.objects.get().person == kept
    services.erase(kept, actor=SYSTEM)
    assert not Opinion.objects.exists()


# the screens


def form_of(client: object, address: str) -> dict[str, str]:
    page = BeautifulSoup(client.get(address).content, "html.parser")  # type: ignore[attr-defined]
    return {"seen": page.select_one("input[name=seen]")["value"]}


def test_the_screen_says_why_nothing_can_be_kept_then_takes_the_agreement_then_the_opinion() -> None:
    person, client = PersonFactory(), signed_in()
    page, address = f"/gestion/personnes/{person.pk}/", f"/gestion/droits/{person.pk}/opinions/"
    assert "RGPD art. 9" in client.get(page).content.decode()
    refused = client.post(address, form_of(client, address) | {"support_level": "5"})
    assert "RGPD art. 9" in refused.content.decode()
    assert not Opinion.objects.exists()
    assert "mes opinions politiques" in client.get(f"{address}accord/").content.decode()
    assert client.post(f"{address}accord/", {"asked": "in_person"}).status_code == 200, "the words were not said"
    client.post(f"{address}accord/", {"asked": "in_person", "were_words_said": "on"})
    client.post(address, form_of(client, address) | {"support_level": "5", "issues": "eau, école, eau"})
    assert Opinion.objects.get(person=person).views == Views(5, ("eau", "école"))
    assert "5 sur 5" in client.get(page).content.decode()


def test_two_people_at_once_see_both_values_and_choose() -> None:
    person, client = holding(), signed_in()
    address = f"/gestion/droits/{person.pk}/opinions/"
    sent = form_of(client, address) | {"support_level": "1", "issues": "école, eau", "vote_intention": "premier tour"}
    record_opinion(person, Views(4, FIRM.issues, FIRM.vote_intention), seen=FIRM, actor=SYSTEM)
    asked = BeautifulSoup(client.post(address, sent).content, "html.parser")
    assert "entre-temps" in asked.get_text()
    assert Opinion.objects.get().support_level == 4
    client.post(address, sent | {"seen": asked.select_one("input[name=seen]")["value"]})
    assert Opinion.objects.get().support_level == 1


def test_the_page_says_what_one_may_do_and_why_not() -> None:
    person = PersonFactory(reachable=True)
    means = BeautifulSoup(signed_in().get(f"/gestion/personnes/{person.pk}/").content, "html.parser")
    assert len(means.select(".office-means--yes")) == 1
    assert len(means.select(".office-means--no")) == 5
    person.emails.update(status="bouncing")
    again = BeautifulSoup(signed_in().get(f"/gestion/personnes/{person.pk}/").content, "html.parser")
    assert not again.select(".office-means--yes")


def test_a_mandate_that_does_not_cover_somebody_reads_no_opinion_of_theirs() -> None:
    client = signed_in(Role.LOCAL_LEAD, "35", (Role.READER, ""))
    pages = {}
    for place in ("in_rennes", "in_brest"):
        person = agreed(**{place: True})
        record_opinion(person, FIRM, seen=Views(), actor=SYSTEM)
        pages[place] = client.get(f"/gestion/personnes/{person.pk}/").content.decode()
    for told in ("5 sur 5", "école", "premier tour"):
        assert told in pages["in_rennes"]
        assert told not in pages["in_brest"]
