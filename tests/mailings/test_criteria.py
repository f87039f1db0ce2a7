"""Segments that ask what readers did: known only of those who agreed, and the sentence says so."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation

from portevoix.accounts.types import System
from portevoix.mailings.criteria import ClickedMailing, OpenedMailing
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import measuring
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.purposes import Basis, Purpose
from portevoix.segments import selectors as segments
from portevoix.segments.models import Segment
from portevoix.segments.types import Names
from tests.mailings.factories import CAMPAIGN, MailingFactory, body, deliver, send
from tests.people.factories import reachable
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db
ACTOR = System("tests")


def agreeing(address: str) -> Person:
    person = reachable(address)
    rights.give(person, Purpose.MEASUREMENT, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)
    return person


def found(segment: Segment) -> set[int]:
    return set(segments.people_of(segment, ACTOR).values_list("pk", flat=True))


def asked(mailing: Mailing, *, did: bool, match: str = "all") -> Segment:
    part = rule("clicked_mailing", mailing=mailing.pk, did=did)
    segment: Segment = SegmentFactory(tree=tree(part if match == "all" else {"match": match, "parts": [part]}))
    return segment


@pytest.fixture
def clicked(client: Client) -> tuple[Mailing, Person, Person, Person]:
    """A mailing, who clicked, who did not, and of whom nothing can be known."""
    who, idle, unknown = agreeing("a@mail.example"), agreeing("b@mail.example"), reachable("c@mail.example")
    mailing = MailingFactory(body=body(("text", '<p><a href="https://ondes.example/lire">Lire</a></p>')))
    measuring.set_measure(mailing, opens=False, people=True, actor=CAMPAIGN)
    send(mailing)
    letters = {one.recipient: one.content.decode().replace("=\r\n", "") for one in deliver().sent}
    for address in ("a@mail.example", "c@mail.example"):
        link = re.findall(r"https://ondes\.example(/l/\w+/1(?:/[\w.-]+)?)", letters[address])[0]
        assert client.get(link).status_code == 302
    return mailing, who, idle, unknown


def test_who_clicked_and_who_did_not_are_both_among_those_who_agreed(
    clicked: tuple[Mailing, Person, Person, Person],
) -> None:
    mailing, who, idle, _unknown = clicked
    assert found(asked(mailing, did=True)) == {who.pk}
    assert found(asked(mailing, did=False)) == {idle.pk}


def test_whoever_takes_it_back_is_on_neither_side(clicked: tuple[Mailing, Person, Person, Person]) -> None:
    mailing, who, idle, _unknown = clicked
    for person in (who, idle):
        rights.withdraw(person, [Purpose.MEASUREMENT], evidence={}, source="tests", actor=CAMPAIGN)
    assert found(asked(mailing, did=True)) == found(asked(mailing, did=False)) == set()


def test_whoever_agreed_later_is_not_said_to_have_done_nothing(
    clicked: tuple[Mailing, Person, Person, Person],
) -> None:
    mailing, _who, idle, unknown = clicked
    rights.give(unknown, Purpose.MEASUREMENT, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)
    assert found(asked(mailing, did=False)) == {idle.pk}


@pytest.mark.parametrize(
    ("did", "said"), [(True, "connu seulement de celles qui ont accepté"), (False, "parmi celles qui ont accepté")]
)
@pytest.mark.parametrize("match", ["all", "none"])
def test_the_sentence_says_whom_it_cannot_know(did: bool, said: str, match: str) -> None:
    segment = asked(MailingFactory(title="Gare"), did=did, match=match)
    with translation.override("fr"):
        sentence = segments.sentences([segment])[segment.pk]
    assert said in sentence
    assert "Gare" in sentence


@pytest.mark.parametrize("criterion", [ClickedMailing, OpenedMailing])
@pytest.mark.parametrize("did", [True, False])
def test_its_contrary_says_that_of_others_nothing_is_known(
    criterion: type[ClickedMailing | OpenedMailing], did: bool
) -> None:
    with translation.override("fr"):
        assert "n’ont jamais accepté qu’on le sache" in criterion(mailing=1, did=did).negation(Names())
