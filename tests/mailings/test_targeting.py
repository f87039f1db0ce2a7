"""To whom a message goes: segments, minus segments."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import ChangedMeanwhile, NoSegment, NotADraft, SegmentOfOpinions
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import resending, sending, targeting
from portevoix.mailings.types import Again
from portevoix.rights.purposes import Purpose
from portevoix.segments import selectors as segments
from portevoix.segments.models import Segment
from tests.accounts.factories import staff
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.mailings.screens import address, browser, read, words
from tests.people.factories import reachable
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def rennes() -> Segment:
    reachable("rennes@mail.example", in_rennes=True, first_name="Anne")
    return SegmentFactory(name="Rennes", tree=tree(rule("departement", departement="35")))


@pytest.fixture
def brest() -> Segment:
    reachable("brest@mail.example", in_brest=True, first_name="Yann")
    return SegmentFactory(name="Brest", tree=tree(rule("departement", departement="29")))


@pytest.fixture
def everybody() -> Segment:
    return SegmentFactory(name="Tous", tree=tree())


def received(mailing: Mailing) -> set[str]:
    send(mailing)
    return {envelope.recipient for envelope in deliver().sent}


def test_it_goes_to_whom_one_of_several_segments_finds_and_once(
    rennes: Segment, brest: Segment, everybody: Segment
) -> None:
    reachable("ailleurs@mail.example")
    mailing = targeting.target(MailingFactory(), [rennes, brest], [], actor=CAMPAIGN)
    assert received(mailing) == {"rennes@mail.example", "brest@mail.example"}
    mailing.refresh_from_db()
    assert mailing.segment_name == "Rennes + Brest"


def test_whoever_is_in_a_segment_left_out_gets_nothing(rennes: Segment, brest: Segment, everybody: Segment) -> None:
    reachable("ailleurs@mail.example")
    mailing = targeting.target(MailingFactory(), [everybody], [brest], actor=CAMPAIGN)
    assert received(mailing) == {"rennes@mail.example", "ailleurs@mail.example"}
    mailing.refresh_from_db()
    assert mailing.segment_name == "Tous − Brest"


def test_a_segment_that_finds_everybody_counts_as_such_on_either_side(
    rennes: Segment, brest: Segment, everybody: Segment
) -> None:
    found = segments.people_of_some([rennes, everybody], [], CAMPAIGN)
    assert found.count() == 2
    named = SegmentFactory(tree=tree(rule("segment", segment=everybody.pk)))
    for unwanted in (everybody, named):
        assert segments.people_of_some([rennes], [unwanted], CAMPAIGN).count() == 0
    assert segments.people_of_some([], [], CAMPAIGN).count() == 0


def test_a_segment_on_both_sides_is_left_out(rennes: Segment, brest: Segment) -> None:
    mailing = targeting.target(MailingFactory(), [rennes, brest], [rennes], actor=CAMPAIGN)
    assert received(mailing) == {"brest@mail.example"}


def test_the_audience_is_one_statement_and_so_is_its_reach(rennes: Segment, brest: Segment, everybody: Segment) -> None:
    mailing = targeting.target(MailingFactory(), [rennes, everybody], [brest], actor=CAMPAIGN)
    people = selectors.people_of(mailing, CAMPAIGN)
    with CaptureQueriesContext(connection) as queries:
        selectors.reach(people, Purpose.NEWSLETTER)
    assert len(queries) == 1


def test_a_mandate_over_one_departement_stays_within_it(rennes: Segment, brest: Segment) -> None:
    mailing = targeting.target(MailingFactory(), [rennes, brest], [], actor=CAMPAIGN)
    assert selectors.people_of(mailing, staff(Role.ORGANISER, "35")).count() == 1


def test_opinions_are_asked_about_on_neither_side(rennes: Segment) -> None:
    opinions = SegmentFactory(tree=tree(rule("support", least=4, most=5)))
    for included, excluded in (([rennes, opinions], []), ([rennes], [opinions])):
        mailing = targeting.target(MailingFactory(), included, excluded, actor=CAMPAIGN)
        with pytest.raises(SegmentOfOpinions):
            selectors.people_of(mailing, CAMPAIGN)


def test_an_audience_that_changed_since_it_was_confirmed_is_shown_again(rennes: Segment, brest: Segment) -> None:
    mailing = targeting.target(MailingFactory(), [rennes, brest], [], actor=CAMPAIGN)
    confirmed = letters.confirmation(mailing, CAMPAIGN)
    targeting.target(mailing, [rennes], [], actor=CAMPAIGN)
    with pytest.raises(ChangedMeanwhile):
        sending.send(mailing, confirmed, actor=CAMPAIGN)


def test_what_has_left_keeps_its_audience(rennes: Segment) -> None:
    mailing = send(MailingFactory(segment=rennes))
    with pytest.raises(NotADraft):
        targeting.target(mailing, [], [], actor=CAMPAIGN)


def test_without_any_segment_nobody_is_meant() -> None:
    mailing = targeting.target(MailingFactory(), [], [], actor=CAMPAIGN)
    with pytest.raises(NoSegment):
        selectors.people_of(mailing, CAMPAIGN)


def test_the_screen_counts_what_was_chosen(rennes: Segment, brest: Segment, everybody: Segment) -> None:
    mailing = MailingFactory(segment=everybody)
    client = browser()
    client.post(address("targets", mailing.pk), {"included": [everybody.pk], "excluded": [brest.pk]})
    page = client.get(address("targets", mailing.pk))
    assert "Tous − Brest" in words(page)
    checked = {box["name"]: box["value"] for box in read(page).find_all("input", checked=True)}
    assert checked == {"included": str(everybody.pk), "excluded": str(brest.pk)}
    assert read(page).find(class_="reach-total").strong.text == "1"  # type: ignore[union-attr]


def test_what_is_sent_again_is_meant_for_the_same_segments(rennes: Segment, brest: Segment, everybody: Segment) -> None:
    mailing = targeting.target(MailingFactory(), [everybody, rennes], [brest], actor=CAMPAIGN)
    copy = resending.resend(send(mailing), Again(), "Encore", actor=CAMPAIGN)
    assert str(selectors.targets_of(copy)) == str(selectors.targets_of(mailing)) == "Tous + Rennes − Brest"


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.DATA_OFFICER])
def test_only_writers_choose(role: Role) -> None:
    with pytest.raises(NotAllowed):
        targeting.target(MailingFactory(), [], [], actor=staff(role))
