"""Segments are saved, found and counted within the territory of who asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System, Visitor
from portevoix.journal.models import Entry
from portevoix.people.models import Tag
from portevoix.rights.types import HANDLERS
from portevoix.segments import rules, selectors, services
from portevoix.segments.exceptions import InUse, InvalidTree
from portevoix.segments.models import Segment, Snapshot
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
    for raw, people, reached in ((tree(rule("departement", departement="35")), 3, 1), (tree(), 4, 2)):
        found = selectors.reach(rules.read(raw), SYSTEM)
        assert (found.people, found.reached) == (people, reached)


def test_counting_and_finding_take_one_statement_each() -> None:
    question = rules.read(tree(rule("email"), tree(rule("near", commune="35238", km=30), rule("phone"), match="any")))
    with CaptureQueriesContext(connection) as queries:
        selectors.count(question, SYSTEM)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        selectors.reach(question, SYSTEM)
    assert len(queries) == 1


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
    assert selectors.reach(rules.read(tree()), SYSTEM).reached == 1


def test_the_table_of_reach_tells_each_way_and_why_not() -> None:
    PersonFactory(reachable=True)
    PersonFactory()
    with translation.override("en"):
        email, *_others, post = selectors.reach_rows(selectors.reach(rules.read(tree()), SYSTEM))
    assert (email.channel, email.reached, email.share, email.reasons) == ("e-mail", 1, "50.00", [("never agreed", 1)])
    assert (post.reached, post.share, sum(number for _reason, number in post.reasons)) == (0, "0", 2)


def test_a_sample_is_of_ten_at_most_within_ones_territory_and_stays_the_same() -> None:
    PersonFactory.create_batch(12, in_rennes=True)
    PersonFactory(in_brest=True)
    rennes = staff(Role.LOCAL_LEAD, "35")
    sample = selectors.sample(rules.read(tree()), rennes)
    assert len(sample) == 10
    assert {str(person.commune) for person in sample} == {"Rennes"}
    assert selectors.sample(rules.read(tree()), rennes) == sample


# trees past the commands


def stored(tree_text: str) -> int:
    """Store a tree as raw SQL does, past every command."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_segment (name, tree) VALUES (%s, %s::jsonb) RETURNING id", ["Par SQL", tree_text]
        )
        return int(cursor.fetchone()[0])


def test_a_tree_200_levels_deep_stored_by_sql_is_refused_in_one_sentence() -> None:
    pk = stored('{"match":"all","parts":[' * 200 + "]}" * 200)
    segment = Segment.objects.get(pk=pk)
    with translation.override("fr"):
        assert "50 niveaux" in selectors.sentences([segment])[pk]
        with pytest.raises(InvalidTree, match="50 niveaux"):
            selectors.people_of(segment, SYSTEM)
        with pytest.raises(InvalidTree, match="50 niveaux"):
            services.save(name="Fond", tree=segment.tree, actor=SYSTEM)


def test_a_tree_that_could_not_even_be_read_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="segment_tree_has_a_bottom"), transaction.atomic():
        stored('{"match":"all","parts":[' * 500 + "]}" * 500)


# segments about segments


def about(other: Segment) -> dict[str, Any]:
    return tree(rule("segment", segment=other.pk))


def test_a_circle_of_segments_is_not_saved_and_its_way_is_told() -> None:
    one = services.save(name="Un", tree=tree(), actor=SYSTEM)
    two = services.save(name="Deux", tree=about(one), actor=SYSTEM)
    three = services.save(name="Trois", tree=tree(tree(rule("segment", segment=two.pk))), actor=SYSTEM)
    with translation.override("fr"), pytest.raises(InvalidTree, match=r"«.Un.» → «.Trois.» → «.Deux.» → «.Un.»"):
        services.save(segment=one, name="Un", tree=about(three), actor=SYSTEM)
    with pytest.raises(InvalidTree):
        services.save(segment=one, name="Un", tree=about(one), actor=SYSTEM)
    one.refresh_from_db()
    assert one.tree == tree()


def test_a_circle_made_by_sql_is_refused_when_it_is_asked() -> None:
    one = SegmentFactory(name="Un")
    two = SegmentFactory(name="Deux", tree=about(one))
    Segment.objects.filter(pk=one.pk).update(tree=about(two))
    one.refresh_from_db()
    for segment in (one, two):
        with pytest.raises(InvalidTree, match="→"):
            selectors.people_of(segment, SYSTEM)


def test_a_segment_that_is_gone_is_a_fault_of_who_names_it() -> None:
    with pytest.raises(InvalidTree):
        services.save(name="Perdu", tree=tree(rule("segment", segment=404)), actor=SYSTEM)


def test_what_others_ask_about_is_not_deleted() -> None:
    one = services.save(name="Un", tree=tree(), actor=SYSTEM)
    two = services.save(name="Deux", tree=about(one), actor=SYSTEM)
    with pytest.raises(InUse) as fault:
        services.delete(one, actor=SYSTEM)
    assert fault.value.by == ["Deux"]
    services.save(segment=two, name="Deux", tree=tree(), actor=SYSTEM)
    services.delete(one, actor=SYSTEM)
    assert Segment.objects.get() == two


def test_the_database_itself_keeps_what_is_used() -> None:
    one = services.save(name="Un", tree=tree(), actor=SYSTEM)
    services.save(name="Deux", tree=about(one), actor=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segments_segment WHERE id = %s", [one.pk])
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


# snapshots


def test_a_snapshot_keeps_who_was_found_at_that_moment_and_another_is_made_to_refresh_it() -> None:
    first = PersonFactory(in_rennes=True)
    segment = SegmentFactory(name="Rennes", tree=tree(rule("commune", commune="35238")))
    snapshot = services.freeze(segment, actor=staff(Role.ORGANISER))
    second = PersonFactory(in_rennes=True)
    first.commune = None
    first.save()
    again = services.freeze(segment, actor=SYSTEM)
    assert (snapshot.count, [member.person for member in snapshot.members.all()]) == (1, [first])
    assert (again.count, [member.person for member in again.members.all()]) == (1, [second])
    assert [one.left for one in selectors.snapshots(segment, SYSTEM)] == [1, 1]
    assert [one.left for one in selectors.snapshots(segment, staff(Role.LOCAL_LEAD, "35"))] == [1, 0]
    assert Entry.objects.filter(command="segments.freeze").values_list("count", flat=True)[0] == 1


def test_freezing_is_two_statements_whatever_the_number() -> None:
    PersonFactory.create_batch(5)
    segment = SegmentFactory()
    with CaptureQueriesContext(connection) as queries:
        assert services.freeze(segment, actor=SYSTEM).count == 5
    assert len([query for query in queries if "segments_snapshotmember" in query["sql"]]) == 1


def test_an_erased_person_leaves_the_snapshots_and_the_count_of_that_day_stays() -> None:
    person = PersonFactory()
    snapshot = services.freeze(SegmentFactory(), actor=SYSTEM)
    assert HANDLERS["segments.snapshotmember"].export(person.pk)[0]["snapshot__name"] == snapshot.name
    person.delete()
    snapshot.refresh_from_db()
    assert (snapshot.members.count(), snapshot.count) == (0, 1)


def test_merged_people_are_in_a_snapshot_once() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    both, one = services.freeze(SegmentFactory(), actor=SYSTEM), services.freeze(SegmentFactory(), actor=SYSTEM)
    one.members.filter(person=kept).delete()
    HANDLERS["segments.snapshotmember"].merge(kept.pk, absorbed.pk)
    assert [member.person for member in both.members.all()] == [kept]
    assert [member.person for member in one.members.all()] == [kept]


def test_a_snapshot_that_is_asked_about_is_kept_with_its_segment() -> None:
    frozen = SegmentFactory()
    snapshot = services.freeze(frozen, actor=SYSTEM)
    asking = services.save(name="Qui y était", tree=tree(rule("snapshot", snapshot=snapshot.pk)), actor=SYSTEM)
    for delete in (
        lambda: services.delete(frozen, actor=SYSTEM),
        lambda: services.delete_snapshot(snapshot, actor=SYSTEM),
    ):
        with pytest.raises(InUse):
            delete()
    services.delete(asking, actor=SYSTEM)
    services.delete(frozen, actor=SYSTEM)
    assert not Snapshot.objects.exists()
