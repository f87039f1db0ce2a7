"""A name that its owner takes back leaves the kept page at once, by whichever way they take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portevoix.accounts.types import System, Visitor
from portevoix.actions import services
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose
from portevoix.rights.services import answers, requests
from portevoix.rights.types import Asked, RequestKind, RequestWay
from portevoix.website import freshness
from tests.accounts.factories import staff
from tests.actions.factories import participation, petition

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


def asked(person: Person, kind: RequestKind) -> None:
    told = Asked(kind=kind, way=RequestWay.LETTER, received_on=clock.today())
    answers.answer_request(requests.enter_request(person, told, actor=staff()).pk, actor=staff())


def expired_and_swept(person: Person) -> None:
    Ground.objects.filter(person=person).update(withdrawn_at=clock.now())
    services.forget_ended(actor=CAMPAIGN)


WAYS: dict[str, Callable[[Person], object]] = {
    "withdraws": lambda one: rights.withdraw(
        one, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=Visitor()
    ),
    "chooses": lambda one: rights.choose(one, set(), source="preferences", actor=Visitor()),
    "objects": lambda one: asked(one, RequestKind.OBJECTION),
    "is restricted": lambda one: asked(one, RequestKind.RESTRICTION),
    "is erased": lambda one: rights.erase(one, actor=CAMPAIGN),
    "is forgotten": lambda one: rights.forget_all([one.pk], actor=CAMPAIGN),
    "ends by itself": expired_and_swept,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_name_leaves_the_kept_page_with_whoever(way: str, django_capture_on_commit_callbacks: Any) -> None:
    page, client = petition(), Client()
    person = participation(page, first_name="Paul", last_name="Riou", is_public=True).person
    freshness.advance()
    assert "Paul" in client.get(page.url).content.decode()
    assert client.get(page.url).headers["X-Page-Cache"] == "hit"
    with django_capture_on_commit_callbacks(execute=True):
        WAYS[way](person)
    assert "Paul" not in client.get(page.url).content.decode()
