"""The demo's letters: well formed, one really sent, written once."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from wagtail.images.permissions import permission_policy

from portevoix.accounts.models import User
from portevoix.delivery import selectors as outbox
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing, Template
from portevoix.mailings.types import State
from portevoix.operations.demo.accounts import build_accounts
from portevoix.operations.demo.mailings import build_mailings
from portevoix.operations.demo.site import build_site
from portevoix.website.models import Picture
from tests.mailings.factories import deliver
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    build_site(hostname="ondes.example", port=443)
    PersonFactory.create_batch(2, reachable=True)


def test_one_letter_is_really_sent_and_the_other_waits() -> None:
    sent, waiting, _last = build_mailings()
    assert len(deliver().sent) == 2
    sent.refresh_from_db()
    assert (sent.state, sent.recipients, waiting.state) == (State.SENDING, 2, State.DRAFT)


def test_one_of_them_is_kept_as_a_template() -> None:
    build_mailings(send=False)
    assert Template.objects.get().subject == "Il manquait quatre cents chaises"


def test_they_are_written_once() -> None:
    assert len(build_mailings(send=False)) == 3
    assert build_mailings() == []
    assert deliver().sent == []


def test_each_is_light_and_can_be_sent_as_it_is() -> None:
    for mailing in build_mailings(send=False):
        letter = letters.compose(mailing)
        outbox.sample(letter)
        assert len(letter.html.encode()) < 60_000
        assert letter.html.count("<img ") >= 1
        assert [hint.what for hint in letters.hints(mailing)] == []


def test_who_writes_letters_in_the_demo_may_choose_pictures() -> None:
    build_accounts(is_demo=True)
    author = User.objects.get(username="communication")
    picture = Picture.objects.first()
    assert permission_policy.user_has_permission_for_instance(author, "choose", picture)


def test_they_wear_the_sites_colours() -> None:
    mailing = build_mailings(send=False)[0]
    assert "#4326e0" in letters.compose(mailing).html
    assert Mailing.objects.count() == 3
