"""Who came to a meeting: noted at the door, undone, asked about, and gone with the agreement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import translation

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services
from portevoix.actions.exceptions import NotYet, TakenBack
from portevoix.actions.models import Attendance, EventPage, Participation
from portevoix.actions.services.attending import mark_present
from portevoix.journeys.models import Trip
from portevoix.journeys.types import Trigger
from portevoix.kernel import clock
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Interaction, Person, Tag
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from portevoix.rights.services.merging import merge, undo_merge
from portevoix.segments import rules
from portevoix.segments import selectors as segments
from portevoix.segments.types import Names
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import participation, petition, published
from tests.journeys.factories import drawn, run, step, wait
from tests.journeys.factories import published as turned_on
from tests.segments.factories import rule, tree
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")
OFTEN = rule("interaction", kind="attended", times=2, days=90)


def meeting(slug: str = "reunion", days: int = 1) -> EventPage:
    """Return a meeting that began some days ago."""
    begun = clock.now() - timedelta(days=days)
    page: EventPage = published(EventPage(title=f"Réunion {slug}", slug=slug, starts_at=begun, place="Salle des fêtes"))
    return page


def comes(page: EventPage, name: str = "anne") -> Attendance:
    """Return the seat of somebody who said before it began that they come."""
    with clock.stopped_at(page.starts_at - timedelta(days=1)):
        taken = participation(page, email=f"{name}@mail.example")
    return Attendance.objects.get(page=page.pk, person=taken.person)


def came(page: EventPage, name: str = "anne") -> Attendance:
    return mark_present(comes(page, name), True, actor=CAMPAIGN)


def lines(person: Person) -> list[str]:
    return list(Interaction.objects.filter(person=person, kind=Kind.ATTENDED).values_list("source", flat=True))


def found(part: dict[str, object], match: str = "all") -> set[Person]:
    return set(segments.people_who(rules.read(tree(part, match=match)), CAMPAIGN))


def test_who_was_there_has_a_line_at_the_hour_of_the_meeting_with_who_noted_it() -> None:
    page, actor = meeting(days=3), staff(Role.ORGANISER)
    here = comes(page)
    mark_present(here, True, actor=actor)
    mark_present(here, True, actor=actor)  # a second tap is the first
    told = Interaction.objects.get(person=here.person, kind=Kind.ATTENDED)
    assert (told.at, told.by, told.source) == (page.starts_at, actor.label, page.title)
    mark_present(here, False, actor=actor)
    assert lines(here.person) == []
    assert not Attendance.objects.get(pk=here.pk).was_present


def test_nobody_was_at_a_meeting_of_tomorrow() -> None:
    here = comes(meeting(days=-2))
    with pytest.raises(NotYet):
        mark_present(here, True, actor=CAMPAIGN)


def test_nobody_is_noted_who_takes_it_back_or_lives_elsewhere_nor_by_who_only_reads() -> None:
    here = comes(meeting())
    here.person.commune = CommuneFactory(brest=True)
    here.person.save()
    with pytest.raises(OutOfSight):
        mark_present(here, True, actor=staff(Role.LOCAL_LEAD, "35"))
    with pytest.raises(NotAllowed):
        mark_present(here, True, actor=staff(Role.COMMUNICATIONS))
    rights.withdraw(here.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    with pytest.raises(TakenBack):
        mark_present(here, True, actor=CAMPAIGN)
    assert lines(here.person) == []


def test_one_tap_on_the_list_notes_it_and_another_undoes_it() -> None:
    page = meeting()
    here, client = comes(page), signed_in(Role.ORGANISER)
    address = f"/gestion/actions/{page.pk}/presents/"
    for said, is_present in (("Était là", True), ("Annuler", False)):
        row = BeautifulSoup(client.get(address).content, "html.parser").select_one(f"#present-{here.pk}")
        assert row is not None
        button, form = row.select_one("button"), row.select_one("form")
        assert button is not None
        assert form is not None
        assert button.get_text().startswith(said)
        answer = client.post(str(form["action"]), {str(button["name"]): button["value"]})
        assert answer.headers["Location"] == f"{address}#present-{here.pk}"
        assert Attendance.objects.get(pk=here.pk).was_present is is_present
    assert b"office-presence" not in signed_in(Role.COMMUNICATIONS).get(address).content


def test_the_list_of_a_meeting_to_come_offers_no_button() -> None:
    page = meeting(days=-2)
    comes(page)
    assert b"office-presence" not in signed_in().get(f"/gestion/actions/{page.pk}/presents/").content


def test_who_came_often_lately_is_found_and_the_question_is_plain() -> None:
    twice = came(meeting("un"), "deux-fois").person
    came(meeting("deux"), "deux-fois")
    once = came(meeting("trois"), "une-fois").person
    came(meeting("vieux", days=200), "une-fois")
    assert found(OFTEN) == {twice}
    assert once in found(OFTEN, match="none")
    read = rules.read(tree(OFTEN))
    with translation.override("fr"):
        assert "sont venues à au moins 2 réunions dans les 90 derniers jours" in rules.sentence(read, Names())
    with translation.override("en"):
        assert "came to at least 2 meetings in the last 90 days" in rules.sentence(read, Names())


@pytest.mark.parametrize("kind", [Kind.PARTICIPATED, Kind.ATTENDED])
@pytest.mark.parametrize("way", ["withdrawn", "at night", "retracted"])
def test_what_is_taken_back_finds_nobody_by_any_question_of_the_timeline(kind: Kind, way: str) -> None:
    here = came(meeting(days=30))
    person, taken = here.person, Participation.objects.get(person=here.person)
    Interaction.objects.filter(person=person, kind=kind).update(at=clock.now() - timedelta(days=30))
    before = (clock.today() - timedelta(days=10)).isoformat()
    asked = [
        rule("interaction", kind=kind, days=90),
        rule("interaction", kind=kind, days=90, times=1),
        rule("last_before", kind=kind, day=before),
        rule("last_ago", kind=kind, days=10),
    ]
    assert [found(one) for one in asked] == [{person}] * 4
    assert person not in found(rule("never", kind=kind))
    if way == "retracted":
        services.retract(taken, actor=Visitor())
    else:
        rights.withdraw(person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    if way == "at night":
        services.forget_ended(actor=CAMPAIGN)
    assert [found(one) for one in asked] == [set()] * 4
    assert person in found(rule("never", kind=kind))
    if way != "withdrawn":
        assert not Interaction.objects.filter(person=person, kind=kind).exists()
        assert Interaction.objects.filter(person=person, kind=Kind.RETRACTED, source="", about_id=None).exists()


def test_who_signs_anew_and_takes_it_back_leaves_no_line_of_the_first_time() -> None:
    page = petition()
    participation(page)
    taken = participation(page)
    assert Interaction.objects.filter(person=taken.person, kind=Kind.PARTICIPATED).count() == 1
    services.retract(taken, actor=Visitor())
    assert not Interaction.objects.filter(person=taken.person, kind=Kind.PARTICIPATED).exists()


def test_of_a_merged_person_the_line_of_the_other_record_goes_too() -> None:
    page = meeting()
    kept, absorbed = came(page, "un"), came(page, "deux")
    merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
    assert len(lines(kept.person)) == 2
    services.retract(Participation.objects.get(person=kept.person), actor=Visitor())
    assert lines(kept.person) == []


def test_undoing_a_merge_gives_both_their_presence_back() -> None:
    page = meeting()
    kept, absorbed = came(page, "un"), came(page, "deux")
    done = merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
    undo_merge(done.pk, actor=CAMPAIGN)
    assert (lines(kept.person), lines(absorbed.person)) == ([page.title], [page.title])
    assert Attendance.objects.filter(was_present=True).count() == 2


def test_coming_to_a_meeting_starts_an_automation() -> None:
    here = comes(meeting())
    version = drawn(Trigger.HAPPENED, {"kinds": [Kind.ATTENDED]})
    wait(version)
    step(version, "add_tag", tag=Tag.objects.create(name="Venue").pk)
    turned_on(version)
    run()
    assert not Trip.objects.exists()
    mark_present(here, True, actor=CAMPAIGN)
    run()
    assert set(Trip.objects.values_list("person", flat=True)) == {here.person_id}
