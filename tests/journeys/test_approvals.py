"""A second person reads an automation that writes to people before it runs, where the campaign asks for that."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from portevoix.accounts.types import Actor, Role, Staff
from portevoix.journeys import letters
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Journey, Letter, Step, Version, VersionApproval
from portevoix.journeys.services import approving, designing, publishing
from portevoix.journeys.types import Settings, Trigger
from portevoix.kernel import clock
from portevoix.mailings.models import Answer
from portevoix.mailings.services import approving as mailings
from portevoix.people.models import Tag
from tests.accounts.factories import UserFactory, signed_in
from tests.journeys.factories import SYSTEM, drawn, published, step, wait
from tests.mailings.factories import body
from tests.mailings.screens import words

pytestmark = pytest.mark.django_db


def staff(role: Role = Role.COMMUNICATIONS) -> Actor:
    return Staff(UserFactory(role=role))


@pytest.fixture
def version() -> Version:
    """An automation that writes to everybody on a day, while the campaign asks for a second person."""
    mailings.demand_approval(True, actor=staff(Role.DIRECTOR))
    made = drawn(Trigger.DAY, {"on": "2030-01-01", "hour": 9})
    step(made, "mail", otherwise="leave")
    wait(made)
    step(made, "add_tag", tag=Tag.objects.create(name="Accueilli").pk)
    return made


def approved(version: Version) -> VersionApproval:
    approving.ask_approval(version, "À relire", actor=staff())
    return approving.approve(version, letters.digest(version), actor=staff(Role.DIRECTOR))


def test_nobody_alone_lets_an_automation_write_to_everybody(version: Version) -> None:
    with pytest.raises(NotPossible, match="Personne n’a approuvé"):
        publishing.publish(version, actor=staff())
    author = staff()
    approving.ask_approval(version, actor=author)
    with pytest.raises(NotPossible):
        publishing.publish(version, actor=author)
    with pytest.raises(NotPossible, match="ne peut pas"):
        approving.approve(version, letters.digest(version), actor=author)
    approving.approve(version, letters.digest(version), actor=staff())
    assert publishing.publish(version, actor=author).is_running


def test_raw_sql_publishes_none_that_nobody_approved(version: Version) -> None:
    with pytest.raises(IntegrityError, match="approval of a second person"), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(published_at=clock.now())
    with pytest.raises(IntegrityError, match="not published"), transaction.atomic():
        Journey.objects.filter(pk=version.journey_id).update(live=version.pk, state="live")
    approved(version)
    Version.objects.filter(pk=version.pk).update(published_at=clock.now())


def test_what_writes_to_nobody_needs_no_second_person() -> None:
    mailings.demand_approval(True, actor=staff(Role.DIRECTOR))
    version = drawn()
    step(version, "add_tag", tag=Tag.objects.create(name="Accueilli").pk)
    assert published(version).is_running
    with pytest.raises(NotPossible):
        approving.ask_approval(drawn(), actor=staff())


def test_without_the_rule_it_runs_as_ever() -> None:
    version = drawn()
    step(version, "mail", otherwise="leave")
    assert published(version).is_running


@pytest.mark.parametrize("change", ["letter", "step", "order", "start", "removed", "raw"])
def test_a_change_ends_the_approval(version: Version, change: str) -> None:
    approved(version)
    first = version.steps.get(key=1)
    match change:
        case "letter":
            designing.write_letter(first, subject="Autre", preheader="", body=body(("text", "a")), actor=SYSTEM)
        case "step":
            designing.change_step(first, {"otherwise": "go_on"}, actor=SYSTEM)
        case "order":
            designing.move_step(first, up=False, actor=SYSTEM)
        case "start":
            designing.set_up(version, Settings(Trigger.DAY, {"on": "2031-01-01", "hour": 9}), actor=SYSTEM)
        case "removed":
            designing.remove_step(version.steps.get(key=2), actor=SYSTEM)
        case "raw":
            Letter.objects.filter(step=first).update(subject="Autre")
    assert VersionApproval.objects.get().state == Answer.LAPSED
    with pytest.raises(NotPossible):
        publishing.publish(version, actor=staff())
    with pytest.raises(IntegrityError), transaction.atomic():
        VersionApproval.objects.update(state=Answer.APPROVED, lapsed_at=None)


def test_another_version_needs_another_approval(version: Version) -> None:
    approved(version)
    journey = publishing.publish(version, actor=staff())
    assert VersionApproval.objects.get().state == Answer.APPROVED
    other = designing.begin_version(journey, actor=SYSTEM)
    with pytest.raises(NotPossible):
        publishing.publish(other, actor=staff())


def test_what_was_not_seen_is_not_approved_and_a_refusal_says_why(version: Version) -> None:
    seen = letters.digest(version)
    Step.objects.filter(key=1).update(said={"otherwise": "go_on"})
    approving.ask_approval(version, actor=staff())
    with pytest.raises(NotPossible):
        approving.approve(version, seen, actor=staff())
    with pytest.raises(NotPossible):
        approving.refuse(version, " ", actor=staff())
    assert approving.refuse(version, "Pas à tout le monde.", actor=staff()).state == Answer.REFUSED


def test_it_is_asked_for_read_and_given_beside_the_diagram(version: Version) -> None:
    author, reader = signed_in(Role.COMMUNICATIONS), signed_in(Role.DIRECTOR)
    address = f"/gestion/automatisations/{version.journey_id}/"
    shown = author.get(address).content.decode()
    assert "Demander l’approbation" in shown
    assert "disabled" in shown[shown.index("acte/publier/") : shown.index("Publier")]
    author.post(address + "demander/", {"request": "Merci de relire"})
    assert "Approuver ce message" not in words(author.get(address))
    assert "attend votre approbation" in words(reader.get("/gestion/"))
    assert "Merci de relire" in words(reader.get(address))
    reader.post(address + "repondre/", {"digest": letters.digest(version), "word": "", "approve": "1"})
    shown = author.get(address).content.decode()
    assert "disabled" not in shown[shown.index("acte/publier/") : shown.index("Publier")]
    author.post(address + "acte/publier/")
    assert Journey.objects.get().is_running
