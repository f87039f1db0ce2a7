"""Versions: what is published stays, those under way finish on theirs, and what is wrong is said before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import DatabaseError

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import Faulty, NotPossible
from portevoix.journeys.forms import StartForm
from portevoix.journeys.models import Journey, Letter, Step, Trip, Version
from portevoix.journeys.services import designing, publishing
from portevoix.journeys.services.designing import Place
from portevoix.journeys.types import Trigger
from portevoix.kernel import clock
from portevoix.people.models import Person, Tag, Tagging
from portevoix.people.types import Kind
from tests.accounts.factories import staff
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step, wait, where
from tests.mailings.factories import body
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db


def tagged(version: Version, name: str = "Accueilli") -> Step:
    return step(version, "add_tag", tag=Tag.objects.get_or_create(name=name)[0].pk)


def faults(version: Version) -> str:
    with pytest.raises(Faulty) as error:
        published(version)
    return " ".join(error.value.faults)


def carries(person: Person, name: str) -> bool:
    return Tagging.objects.filter(person=person, tag__name=name).exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journeys_step SET said = '{}'",
        "UPDATE journeys_step SET kind = 'leave'",
        "DELETE FROM journeys_step",
        "UPDATE journeys_letter SET subject = 'Autre chose'",
        "DELETE FROM journeys_letter",
        "UPDATE journeys_version SET trigger = 'day'",
        "UPDATE journeys_version SET published_at = NULL",
        "INSERT INTO journeys_step (version_id, key, kind, said, branch, position, rank, passed)"
        " SELECT id, 99, 'leave', '{}', '', 9, 9, 0 FROM journeys_version",
    ],
)
def test_a_published_version_is_changed_by_nobody_raw_sql_included(change: str) -> None:
    version = drawn()
    step(version, "mail", otherwise="leave")
    published(version)
    with pytest.raises((DatabaseError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_commands_refuse_to_change_what_is_published() -> None:
    version = drawn()
    one = tagged(version)
    published(version)
    with pytest.raises(NotPossible):
        designing.change_step(one, {}, actor=SYSTEM)
    with pytest.raises(NotPossible):
        tagged(version)


def test_who_is_under_way_finishes_on_their_version_and_who_comes_later_follows_the_new_one() -> None:
    version = drawn()
    wait(version, 3)
    tagged(version, "Ancien")
    journey = published(version)
    early, late = PersonFactory(), PersonFactory()
    happens(early)
    run()
    new = designing.begin_version(journey, actor=SYSTEM)
    designing.change_step(new.steps.get(kind="add_tag"), {"tag": Tag.objects.create(name="Nouveau").pk}, actor=SYSTEM)
    published(new)
    happens(late)
    run(minutes=1)
    run(days=4)
    assert (carries(early, "Ancien"), carries(early, "Nouveau")) == (True, False)
    assert (carries(late, "Ancien"), carries(late, "Nouveau")) == (False, True)


def test_people_are_moved_to_the_new_version_by_an_act_and_nothing_is_done_twice() -> None:
    version = drawn()
    step(version, "mail", otherwise="go_on")
    wait(version, 3)
    tagged(version, "Ancien")
    journey = published(version)
    person = PersonFactory(reachable=True)
    happens(person)
    run()
    new = designing.begin_version(journey, actor=SYSTEM)
    designing.change_step(new.steps.get(kind="add_tag"), {"tag": Tag.objects.create(name="Nouveau").pk}, actor=SYSTEM)
    published(new)
    assert publishing.move_people(journey, actor=SYSTEM) == 1
    run(days=4)
    assert (carries(person, "Nouveau"), carries(person, "Ancien")) == (True, False)
    assert Trip.objects.get().version_id == new.pk


def test_a_new_version_copies_steps_branches_and_letters() -> None:
    version = drawn(again_days=9)
    asked = step(version, "condition", tree=tree(rule("tag", tag=Tag.objects.create(name="A").pk)))
    step(version, "mail", Place(parent=asked.key, branch="yes"), otherwise="leave")
    journey = published(version)
    new = designing.begin_version(journey, actor=SYSTEM)
    assert designing.begin_version(journey, actor=SYSTEM) == new
    assert [one.key for one in new.steps.all()] == [one.key for one in version.steps.all()]
    assert Letter.objects.get(step__version=new).subject == "Lettre 2"
    assert new.steps.get(kind="mail").parent == new.steps.get(kind="condition")
    assert (new.number, new.again_days) == (2, 9)


def test_what_is_wrong_is_said_in_sentences_before_it_runs() -> None:
    assert "étape" in faults(drawn())
    version = drawn()
    wait(version)
    assert "attente" in faults(version)
    version = drawn()
    step(version, "condition", tree=tree(rule("tag", tag=Tag.objects.create(name="A").pk)))
    assert "branches" in faults(version)
    version = drawn()
    designing.add_step(version, "mail", {}, Place(), actor=SYSTEM)
    assert "objet" in faults(version)
    version = drawn()
    step(version, "leave")
    tagged(version)
    assert "Personne n’arrive" in faults(version)


def test_an_automation_that_starts_itself_again_and_again_is_a_circle() -> None:
    tag = Tag.objects.create(name="Encore")
    version = drawn(Trigger.TAG, {"tag": tag.pk}, again_days=1)
    step(version, "add_tag", tag=tag.pk)
    assert "rond" in faults(version)
    version = drawn(Trigger.TAG, {"tag": tag.pk})
    step(version, "add_tag", tag=tag.pk)
    published(version)


def test_nobody_is_picked_by_political_opinions_by_any_way() -> None:
    opinion = tree(rule("support", least=5, most=5))
    segment = SegmentFactory(tree=opinion)
    version = drawn(only=opinion)
    tagged(version)
    assert "opinions" in faults(version)
    version = drawn(Trigger.SEGMENT_IN, {"segment": segment.pk})
    tagged(version)
    assert "opinions" in faults(version)
    version = drawn()
    asked = step(version, "condition", tree=tree(rule("segment", segment=segment.pk)))
    step(version, "leave", Place(parent=asked.key, branch="yes"))
    assert "opinions" in faults(version)


def test_steps_are_moved_and_removed_with_what_stands_in_their_branches() -> None:
    version = drawn()
    first, second = tagged(version, "A"), tagged(version, "B")
    designing.move_step(second, up=True, actor=SYSTEM)
    assert [one.key for one in version.steps.order_by("position")] == [second.key, first.key]
    asked = step(version, "condition", tree=tree(rule("tag", tag=Tag.objects.create(name="C").pk)))
    step(version, "leave", Place(parent=asked.key, branch="no"))
    assert designing.remove_step(asked, actor=SYSTEM) == 2
    assert version.steps.count() == 2


def test_whoever_is_on_an_archived_automation_leaves() -> None:
    version, person = drawn(), PersonFactory()
    wait(version, 3)
    tagged(version)
    journey = published(version)
    happens(person)
    run()
    publishing.archive(journey, actor=SYSTEM)
    run(minutes=1)
    assert where(person)[::2] == ("left", "archived")
    with pytest.raises(NotPossible):
        publishing.resume(journey, actor=SYSTEM)


def test_a_first_version_that_is_given_up_takes_the_automation_along() -> None:
    version = drawn()
    tagged(version)
    designing.drop_version(version, actor=SYSTEM)
    assert (Journey.objects.count(), Step.objects.count()) == (0, 0)


def test_only_those_who_write_to_all_of_france_let_one_run() -> None:
    version = drawn()
    tagged(version)
    for role in (Role.ORGANISER, Role.DATA_OFFICER, Role.READER):
        with pytest.raises(NotAllowed):
            publishing.publish(version, actor=staff(role))
    publishing.publish(version, actor=staff(Role.COMMUNICATIONS))
    assert Journey.objects.get().is_running


def test_a_dry_run_says_what_would_happen_and_when_and_does_nothing() -> None:
    version = drawn(only=tree(rule("tag", tag=Tag.objects.create(name="Ici").pk)))
    step(version, "mail", otherwise="leave")
    wait(version, 3)
    tagged(version)
    published(version)
    person, other = PersonFactory(reachable=True), PersonFactory(reachable=True)
    Tagging.objects.create(person=person, tag=Tag.objects.get(name="Ici"), source="tests")
    lines = selectors.foresee(version, person)
    assert [line.key for line in lines] == [0, 1, 2, 3, 0]
    assert (lines[3].at - lines[1].at).days == 3
    refused = selectors.foresee(version, other)
    assert (len(refused), refused[0].happens) == (1, False)
    Person.objects.filter(pk=person.pk).update(language="fr")
    assert (Trip.objects.count(), carries(person, "Accueilli")) == (0, False)


def test_a_dry_run_stops_where_somebody_would_leave() -> None:
    version = drawn()
    step(version, "mail", otherwise="leave")
    tagged(version)
    published(version)
    lines = selectors.foresee(version, PersonFactory())
    assert [(line.key, line.happens) for line in lines] == [(0, True), (1, False)]


def test_a_letter_that_cannot_leave_keeps_it_from_running() -> None:
    version = drawn()
    made = step(version, "mail", otherwise="leave")
    bad = body(("text", "<p>Bonjour {{ nowhere }}</p>"))
    designing.write_letter(made, subject="Bonjour", preheader="", body=bad, actor=SYSTEM)
    assert "nowhere" in faults(version)


def test_a_dry_run_knows_who_was_on_it_before() -> None:
    version = drawn()
    wait(version, 3)
    tagged(version)
    published(version)
    person = PersonFactory()
    happens(person)
    run()
    assert "déjà" in selectors.foresee(version, person)[0].what
    run(days=4)
    once = selectors.foresee(version, person)
    assert (len(once), once[0].happens) == (1, False)
    assert "qu’une fois" in once[0].what


def test_a_dry_run_knows_when_somebody_may_enter_again() -> None:
    version = drawn(again_days=30)
    tagged(version)
    published(version)
    person = PersonFactory()
    happens(person)
    run()
    early = selectors.foresee(version, person)
    assert (len(early), "30 jours" in early[0].what) == (1, True)
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        assert selectors.foresee(version, person)[0].happens


def test_whatever_happens_to_a_person_can_start_an_automation() -> None:
    """A kind that another room adds to the spine is offered, said and followed without a line here."""
    version, offered = drawn(), [kind for kind in Kind if kind not in selectors.NO_START]
    form = StartForm(Trigger.HAPPENED, version)
    assert [key for key, _label in form.fields["kinds"].choices] == [kind.value for kind in offered]  # type: ignore[attr-defined]
    assert len(offered) > 15
    for kind in offered:
        started = Version(trigger=Trigger.HAPPENED, said={"kinds": [kind.value]})
        assert str(kind.label) in selectors.start_in_words(started)
        said = selectors.faults(drawn(said={"kinds": [kind.value]}), SYSTEM)
        assert said == [(0, "Elle n’a encore aucune étape\xa0: ajoutez la première.")]


def test_a_step_that_gives_a_protected_tag_is_not_published_and_says_why() -> None:
    version = drawn()
    step(version, "add_tag", tag=Tag.objects.create(name="Opposant").pk)
    assert "opinion politique (RGPD art. 9)" in faults(version)
    assert not Journey.objects.get().is_running


def test_a_step_that_takes_a_protected_tag_away_is_welcome() -> None:
    version = drawn()
    step(version, "remove_tag", tag=Tag.objects.create(name="Opposant").pk)
    assert published(version).is_running
