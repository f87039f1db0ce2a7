"""The demo's petition and letter: signed by invented people who can be reached, once."""

from __future__ import annotations

import pytest

from portevoix.actions.models import OpenLetterPage, Participation, PetitionPage
from portevoix.actions.selectors.origins import conversion
from portevoix.actions.selectors.signatures import handing, shown_of
from portevoix.delivery.models import Message
from portevoix.operations.demo.actions import build_actions
from portevoix.operations.demo.signatures import build_signatures
from portevoix.operations.demo.site import build_site
from tests.people.factories import reachable
from tests.website.factories import wagtail_roots

pytestmark = pytest.mark.django_db


def test_the_demo_is_signed_without_filling_its_mailbox_and_only_once() -> None:
    wagtail_roots()
    build_site(hostname="testserver")
    for number in range(30):
        reachable(f"{number}@mail.example", first_name="Maëlle", last_name="Le Bihan")
    signed = build_signatures()
    assert signed == Participation.objects.count() == 60
    assert build_signatures() == 0
    assert not Message.objects.exists()
    page, letter = PetitionPage.objects.get(), OpenLetterPage.objects.get()
    assert 15 < shown_of(page)["count"] <= 30
    assert 0 < handing(page).named < handing(page).total
    assert any(one.quality for one in shown_of(letter)["signatories"])
    assert conversion(page, 30).sent == 30


def test_the_other_actions_of_the_demo_keep_nobody_from_signing() -> None:
    wagtail_roots()
    build_site(hostname="testserver")
    for number in range(30):
        reachable(f"{number}@mail.example", first_name="Maëlle", last_name="Le Bihan")
    build_actions()
    assert build_signatures() == 60
