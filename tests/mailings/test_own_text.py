"""The text part: taken from the blocks, or written by hand and kept apart."""

from __future__ import annotations

import pytest

from portevoix.delivery.exceptions import StrayMark, UnclosedCondition, UnknownMergeField
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import EmptyLetter, NotADraft
from portevoix.mailings.models import Mailing, OwnText
from portevoix.mailings.services import plain_texts
from tests.mailings.factories import CAMPAIGN, MailingFactory, body, send
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing() -> Mailing:
    made: Mailing = MailingFactory(blocks=[("text", "<p>Ce que disent les blocs.</p>")])
    return made


def text_of(mailing: Mailing) -> str:
    return letters.compose(mailing).text


def test_what_the_author_wrote_takes_the_place_of_what_the_blocks_say(mailing: Mailing) -> None:
    plain_texts.write_plain_text(mailing, "Bonjour {{ first_name|à vous }},\r\n\r\nLe mien.\r\n", actor=CAMPAIGN)
    assert text_of(mailing).startswith("Bonjour {{ first_name|à vous }},\n\nLe mien.\n\n———")
    assert "Ce que disent les blocs" in letters.compose(mailing).html


def test_who_writes_and_the_way_out_stay_below_it(mailing: Mailing) -> None:
    plain_texts.write_plain_text(mailing, "Le mien.", actor=CAMPAIGN)
    assert "Association des Ondes, 12 rue des Ondes" in text_of(mailing)
    assert "{{ unsubscribe_url }}" in text_of(mailing)


def test_a_change_of_the_blocks_leaves_it_and_makes_it_stale(mailing: Mailing) -> None:
    own = plain_texts.write_plain_text(mailing, "Le mien.", actor=CAMPAIGN)
    assert not selectors.is_stale(own, letters.derived_text(mailing))
    mailing.body = body(("text", "<p>Autre chose.</p>"))
    mailing.save()
    assert text_of(mailing).startswith("Le mien.")
    assert selectors.is_stale(own, letters.derived_text(mailing))
    again = plain_texts.write_plain_text(mailing, "Le mien, relu.", actor=CAMPAIGN)
    assert not selectors.is_stale(again, letters.derived_text(mailing))


def test_it_may_be_given_up(mailing: Mailing) -> None:
    plain_texts.write_plain_text(mailing, "Le mien.", actor=CAMPAIGN)
    assert plain_texts.derive_plain_text(mailing, actor=CAMPAIGN)
    assert text_of(mailing).startswith("Ce que disent les blocs.")
    assert not plain_texts.derive_plain_text(mailing, actor=CAMPAIGN)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("{{ prenom }}", UnknownMergeField),
        ("{{ if commune }} x", UnclosedCondition),
        ("x {{ end }}", StrayMark),
        ("  \n ", EmptyLetter),
    ],
)
def test_what_is_malformed_is_refused_and_nothing_is_kept(mailing: Mailing, words: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        plain_texts.write_plain_text(mailing, words, actor=CAMPAIGN)
    assert not OwnText.objects.exists()


def test_what_has_left_is_evidence(mailing: Mailing) -> None:
    PersonFactory(reachable=True)
    plain_texts.write_plain_text(mailing, "Le mien.", actor=CAMPAIGN)
    send(mailing)
    with pytest.raises(NotADraft):
        plain_texts.write_plain_text(mailing, "Un autre.", actor=CAMPAIGN)
    with pytest.raises(NotADraft):
        plain_texts.derive_plain_text(mailing, actor=CAMPAIGN)
