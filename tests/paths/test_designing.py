"""A path may change under the people who are on it: none is lost, and no change of it overwrites another."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.kernel import clock
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible
from portevoix.paths.models import Path, Place, Step
from portevoix.paths.services import designing, walking
from portevoix.paths.services.designing import MOST_STEPS
from portevoix.paths.types import Act, State, StepDraft
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from tests.accounts.factories import signed_in, staff
from tests.paths.factories import SYSTEM, PathFactory, placed

pytestmark = pytest.mark.django_db


def drafts(path: Path) -> list[StepDraft]:
    return [StepDraft(step.name, step.expected, step.days, step.role, step.pk) for step in path.steps.all()]


def names(path: Path) -> list[str]:
    return [step.name for step in path.steps.all()]


def test_steps_are_renamed_put_in_another_order_and_added_and_everybody_stays_where_they_are() -> None:
    path = PathFactory()
    place = placed(path, 2)
    first, second, third = drafts(path)
    renamed = StepDraft("Engagé", "Vient souvent", 30, "", second.pk)
    designing.design(
        path, name=path.name, purpose="", steps=[third, StepDraft("Nouveau"), renamed, first], actor=SYSTEM
    )
    assert names(path) == ["Responsable", "Nouveau", "Engagé", "Sympathisant"]
    place.refresh_from_db()
    assert place.step.name == "Engagé"
    assert place.passages.get().step_name == "Bénévole"


def test_a_step_that_the_form_does_not_name_is_not_lost() -> None:
    path = PathFactory()
    place = placed(path, 3)
    designing.design(path, name=path.name, purpose="", steps=drafts(path)[:1], actor=SYSTEM)
    assert names(path) == ["Sympathisant", "Bénévole", "Responsable"]
    assert Place.objects.get(pk=place.pk).step.name == "Responsable"


def test_of_two_who_change_a_path_the_second_is_told() -> None:
    path = PathFactory()
    designing.design(path, name="First", purpose="", steps=drafts(path), seen=0, actor=SYSTEM)
    with pytest.raises(MovedMeanwhile):
        designing.design(path, name="Second", purpose="", steps=drafts(path), seen=0, actor=SYSTEM)
    assert Path.objects.get().name == "First"


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [StepDraft("Twice"), StepDraft("twice")],
        [StepDraft("Ghost", pk=999_999)],
        [StepDraft(f"Step {number}") for number in range(MOST_STEPS + 1)],
    ],
)
def test_steps_that_make_no_path_are_refused(steps: list[StepDraft]) -> None:
    with pytest.raises(NotPossible):
        designing.design(None, name="Path", purpose="", steps=steps, actor=SYSTEM)
    assert not Path.objects.exists()


def test_a_step_of_another_path_is_not_taken_over() -> None:
    path, other = PathFactory(), PathFactory()
    with pytest.raises(NotPossible):
        designing.design(path, name="Thief", purpose="", steps=drafts(other), actor=SYSTEM)


def test_a_step_with_people_is_removed_only_by_moving_them_in_one_statement() -> None:
    path = PathFactory()
    here, ended = placed(path, 2), placed(path, 2)
    walking.arrive(ended, actor=SYSTEM)
    first, second, _third = path.steps.all()
    with pytest.raises(NotPossible):
        designing.remove_step(second, to=None, actor=SYSTEM)
    with pytest.raises(NotPossible):
        designing.remove_step(second, to=PathFactory().steps.first(), actor=SYSTEM)
    assert designing.remove_step(second, to=first, actor=staff()) == 2
    here.refresh_from_db()
    ended.refresh_from_db()
    assert (here.step, here.version, ended.state) == (first, 1, State.REACHED)
    assert [line.act for line in here.passages.all()] == [Act.RESHAPED, Act.JOINED]
    assert [line.act for line in ended.passages.all()] == [Act.REACHED, Act.JOINED]
    assert Interaction.objects.filter(person=here.person, kind=Kind.STEPPED).count() == 2
    assert [step.position for step in path.steps.all()] == [1, 2]


def test_a_step_where_somebodys_data_is_restricted_stays() -> None:
    path = PathFactory()
    place = placed(path, 2)
    first, second, _third = path.steps.all()
    Person.objects.filter(pk=place.person_id).update(restricted_at=clock.now())
    with pytest.raises(NotPossible, match=r"RGPD art\. 18"):
        designing.remove_step(second, to=first, actor=staff())
    Person.objects.update(restricted_at=None)
    assert designing.remove_step(second, to=first, actor=staff()) == 1


def test_whoever_moves_a_card_of_a_removed_step_is_told() -> None:
    path = PathFactory()
    place = placed(path, 2)
    first, second, third = path.steps.all()
    designing.remove_step(second, to=first, actor=SYSTEM)
    with pytest.raises(MovedMeanwhile):
        walking.move(place, third, seen=0, actor=SYSTEM)


def test_the_last_step_stays() -> None:
    path = PathFactory(steps=("Only",))
    with pytest.raises(NotPossible):
        designing.remove_step(path.steps.get(), to=None, actor=SYSTEM)


def test_raw_sql_does_not_remove_a_step_under_somebody() -> None:
    place = placed(PathFactory())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM paths_step WHERE id = %s", [place.step_id])


@pytest.mark.parametrize(("role", "departement"), [(Role.LOCAL_LEAD, "35"), (Role.ORGANISER, "35"), (Role.READER, "")])
def test_a_path_is_the_same_everywhere_and_is_not_changed_from_one_departement(role: Role, departement: str) -> None:
    path = PathFactory()
    with pytest.raises(NotAllowed):
        designing.remove_step(path.steps.first(), to=None, actor=staff(role, departement))
    with pytest.raises(NotAllowed):
        designing.shelve(path, is_shelved=True, actor=staff(role, departement))


def lines(*steps: dict[str, object], total: int | None = None) -> dict[str, object]:
    said: dict[str, object] = {"steps-TOTAL_FORMS": total or len(steps), "steps-INITIAL_FORMS": 0}
    for number, step in enumerate(steps):
        said |= {f"steps-{number}-{name}": value for name, value in step.items()}
    return said


def test_the_form_makes_a_path_in_the_order_of_the_numbers_and_leaves_blank_lines_aside() -> None:
    browser = signed_in(Role.ORGANISER)
    said = lines({"order": 2, "name": "B", "days": 3}, {"order": 1, "name": "A", "role": "volunteer"}, {"order": 3})
    answer = browser.post("/gestion/parcours/nouveau/", {"name": "Un parcours", **said})
    path = Path.objects.get()
    assert answer["Location"] == f"/gestion/parcours/{path.pk}/"
    assert [(step.name, step.days, step.role) for step in path.steps.all()] == [("A", None, "volunteer"), ("B", 3, "")]


def test_the_form_says_why_it_keeps_nothing() -> None:
    browser, path = signed_in(), PathFactory()
    step = path.steps.first()
    page = browser.post(
        f"/gestion/parcours/{path.pk}/modifier/",
        {"name": path.name, "seen": 0, **lines({"pk": step.pk, "order": 1, "name": ""})},
    )
    assert page.status_code == 200
    assert b"office-fault" in page.content
    Path.objects.update(version=5)
    page = browser.post(
        f"/gestion/parcours/{path.pk}/modifier/",
        {"name": "Autre", "seen": 0, **lines({"pk": step.pk, "order": 1, "name": "X"})},
    )
    assert b"office-fault" in page.content
    assert not Path.objects.filter(name="Autre").exists()


def test_the_form_removes_a_step_after_asking_where_its_people_go() -> None:
    browser, path = signed_in(), PathFactory()
    place = placed(path, 1)
    first, second, _third = path.steps.all()
    address = f"/gestion/parcours/{path.pk}/etapes/{first.pk}/retrait/"
    assert b'name="to"' in browser.get(address).content
    assert browser.post(address, {}).status_code == 200
    assert browser.post(address, {"to": second.pk}).status_code == 302
    place.refresh_from_db()
    assert place.step == second
    assert not Step.objects.filter(pk=first.pk).exists()
    assert browser.get(f"/gestion/parcours/{path.pk}/etapes/{first.pk}/retrait/").status_code == 404
