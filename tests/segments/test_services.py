"""Segments are saved, found and counted within the territory of who asks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System, Visitor
from portevoix.journal.models import Entry
from portevoix.people.models import Tag
from portevoix.segments import rules, selectors, services
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment
from tests.accounts.factories import staff
from tests.people.factories import EmailFactory, PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def test_saving_keeps_the_tree_in_its_normal_form_and_says_so_in_the_journal() -> None:
    segment = services.save(name="Joignables", tree=tree(rule("phone")), actor=staff(Role.ORGANISER))
    segment.refresh_from_db()
    assert segment.tree == tree(rule("phone", kind=""))
    entry = Entry.objects.get(command="segments.save")
    assert (entry.about_id, entry.count, entry.detail) == (str(segment.pk), 1, {"made": True})


def test_changing_keeps_the_segment() -> None:
    segment = SegmentFactory()
    services.save(segment=segment, name="Autre nom", tree=tree(rule("email")), actor=SYSTEM)
    assert Segment.objects.get().name == "Autre nom"


def test_a_tree_that_is_no_question_is_not_saved() -> None:
    with pytest.raises(InvalidTree):
        services.save(name="Faux", tree=tree(rule("unheard_of")), actor=SYSTEM)
    assert not Segment.objects.exists()


@pytest.mark.parametrize("role", [Role.READER, Role.LOCAL_LEAD, Role.DATA_OFFICER])
def test_those_who_do_not_write_segments_are_refused(role: Role) -> None:
    segment, actor = SegmentFactory(), staff(role, "35" if role == Role.LOCAL_LEAD else "")
    with pytest.raises(NotAllowed):
        services.save(name="Non", tree=tree(), actor=actor)
    with pytest.raises(NotAllowed):
        services.delete(segment, actor=actor)


def test_deleting() -> None:
    services.delete(SegmentFactory(), actor=staff(Role.COMMUNICATIONS))
    assert not Segment.objects.exists()
    assert Entry.objects.get(command="segments.delete").about_kind == "segments.segment"


def test_a_local_lead_finds_only_their_departement() -> None:
    rennes = PersonFactory(in_rennes=True, with_email=True)
    PersonFactory(in_brest=True, with_email=True)
    PersonFactory(with_email=True)
    segment = SegmentFactory(tree=tree(rule("email")))
    assert set(selectors.people_of(segment, staff(Role.LOCAL_LEAD, "35"))) == {rennes}
    assert selectors.count(segment.question, SYSTEM) == 3
    assert selectors.count(segment.question, Visitor()) == 0


def test_reach_counts_those_who_agreed_and_can_be_written_to() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    PersonFactory(with_email=True, in_rennes=True)
    bouncing = PersonFactory(in_rennes=True, reachable=True)
    bouncing.emails.update(status="bouncing")
    PersonFactory(reachable=True)
    question = rules.read(tree(rule("departement", departement="35")))
    assert selectors.reach(question, SYSTEM) == selectors.Reach(count=3, by_email=1)
    assert selectors.reach(rules.read(tree()), SYSTEM) == selectors.Reach(count=4, by_email=2)


def test_counting_and_finding_take_one_statement_each() -> None:
    question = rules.read(tree(rule("email"), tree(rule("near", commune="35238", km=30), rule("phone"), match="any")))
    with CaptureQueriesContext(connection) as queries:
        selectors.count(question, SYSTEM)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        selectors.reach(question, SYSTEM)
    assert len(queries) == 2


def test_sentences_of_many_segments_cost_a_query_a_table() -> None:
    tags = [Tag.objects.create(name=f"tag {number}") for number in range(6)]
    PersonFactory(in_rennes=True)
    segments = [SegmentFactory(tree=tree(rule("tag", tag=tag.pk), rule("commune", commune="35238"))) for tag in tags]
    with CaptureQueriesContext(connection) as queries:
        said = selectors.sentences(segments)
    assert len(queries) == 2
    assert "tag 3" in said[segments[3].pk]
    assert "Rennes (35)" in said[segments[3].pk]


def test_a_segment_that_asks_about_something_unknown_is_listed_with_its_fault() -> None:
    broken = SegmentFactory(tree=tree(rule("gone_with_an_old_version")))
    assert "gone_with_an_old_version" in selectors.sentences([broken])[broken.pk]
    with pytest.raises(InvalidTree):
        selectors.people_of(broken, SYSTEM)


def test_a_person_with_two_addresses_is_reached_once() -> None:
    person = PersonFactory(reachable=True)
    EmailFactory(person=person, is_primary=False)
    assert selectors.reach(rules.read(tree()), SYSTEM).by_email == 1
