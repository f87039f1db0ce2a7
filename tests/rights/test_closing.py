"""The end of a campaign: two persons decide, everybody who should not stay goes, and a signed record proves it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import User
from portevoix.accounts.types import Role, Staff, System
from portevoix.exchange.models import ImportRun
from portevoix.intake.models import LeftAside
from portevoix.kernel import clock
from portevoix.people.models import Attachment, Person
from portevoix.rights import services as rights
from portevoix.rights import tasks
from portevoix.rights.exceptions import ChangedSince, NotTheOther
from portevoix.rights.models import Closure, Suppression
from portevoix.rights.models.retention import ClosureState, Scope
from portevoix.rights.rules import destruction
from portevoix.rights.selectors import closing as selectors
from portevoix.rights.services import closing
from tests.accounts.factories import UserFactory, staff
from tests.exchange import files
from tests.rights.retaining import NOW, bound, dormant, lapsed, occasional, refused, regular, ungrounded

pytestmark = pytest.mark.django_db
WORK = System("tests")


@pytest.fixture(autouse=True)
def _one_day(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    with clock.stopped_at(NOW):
        yield


def everybody() -> dict[str, Person]:
    made = (regular, bound, dormant, refused, lapsed, occasional, ungrounded)
    return {make.__name__: make() for make in made}


def proposed(scope: Scope = Scope.PROSPECTS, **more: object) -> Closure:
    actor = more.pop("actor", None) or staff(Role.DIRECTOR)
    return closing.propose_closure(scope, seen=selectors.preview(scope).going, actor=actor)  # type: ignore[arg-type]


def agreed(scope: Scope = Scope.PROSPECTS) -> Closure:
    officer = staff(Role.DATA_OFFICER)
    closure = proposed(scope)
    return closing.agree_closure(closure.pk, seen=closure.foreseen, actor=officer)


def done(scope: Scope = Scope.PROSPECTS) -> Closure:
    closure = agreed(scope)
    tasks.close(closure.pk)
    closure.refresh_from_db()
    return closure


def record_of(closure: Closure) -> dict[str, object]:
    assert closure.record is not None
    record, _key = destruction.check(bytes(closure.record))
    return record


# -- who goes, who stays


def test_after_an_election_who_agreed_and_members_stay_whatever_the_terms() -> None:
    people = everybody()
    preview = selectors.preview(Scope.PROSPECTS)
    closure = done()
    assert set(Person.objects.all()) == {people["regular"], people["bound"]}
    assert sum(closure.counts["people"].values()) == preview.going == 5


def test_at_the_very_end_only_members_stay() -> None:
    people = everybody()
    done(Scope.EVERYBODY)
    assert list(Person.objects.all()) == [people["bound"]]


def test_who_is_held_stays_and_the_record_counts_them() -> None:
    people = everybody()
    chosen = people["ungrounded"].pk
    Person.objects.filter(pk=chosen).update(restricted_at=clock.now())
    assert selectors.preview(Scope.EVERYBODY).held == 1
    closure = done(Scope.EVERYBODY)
    assert set(Person.objects.values_list("pk", flat=True)) == {people["bound"].pk, chosen}
    assert record_of(closure)["stays"]["held"] == 1  # type: ignore[index]


def test_of_who_refused_a_fingerprint_stays() -> None:
    everybody()
    done(Scope.EVERYBODY)
    assert Suppression.objects.count() == 1


def test_files_on_disk_rows_left_aside_and_waiting_imports_go(
    tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    attachment = Attachment(person=ungrounded(), name="lettre.pdf", size=3, source="tests")
    attachment.file.save("x", ContentFile(b"abc"))
    letter = Path(attachment.file.path)
    orphan = tmp_path / "people" / "7" / "reste"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"abc")
    files.imported(files.person(1, born_at="jamais"))
    run = files.read(files.text(files.person(2)), name="waiting.csv")
    assert (LeftAside.objects.count(), run.path.exists()) == (1, True)
    agreed_on = agreed(Scope.EVERYBODY)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.close(agreed_on.pk)
    assert not Person.objects.exists()
    assert not letter.exists()
    assert not LeftAside.objects.exists()
    assert not ImportRun.objects.filter(ended_at=None).exists()
    assert not run.path.exists()
    assert not orphan.exists()


def test_the_ledger_is_whole_afterwards_and_the_record_names_its_end() -> None:
    everybody()
    closure = done(Scope.EVERYBODY)
    found = rights.verify(actor=WORK)
    assert found.broken is None
    assert record_of(closure)["ledger"] == found.receipt


# -- two persons


def test_one_person_alone_destroys_nothing() -> None:
    director = staff(Role.DIRECTOR)
    staff(Role.DATA_OFFICER)
    everybody()
    closure = proposed(actor=director)
    with pytest.raises(NotTheOther):
        closing.agree_closure(closure.pk, seen=99, actor=director)
    assert closing.advance_closure(closure.pk, actor=WORK) is False
    assert Person.objects.count() == 7


def test_another_director_is_not_the_officer() -> None:
    staff(Role.DATA_OFFICER)
    closure = proposed()
    with pytest.raises(NotTheOther):
        closing.agree_closure(closure.pk, seen=99, actor=staff(Role.DIRECTOR))


def test_one_person_with_both_roles_is_one_person() -> None:
    user = UserFactory(role=Role.DIRECTOR)
    user.mandates.create(role=Role.DATA_OFFICER)
    closure = proposed(actor=Staff(user))
    with pytest.raises(NotTheOther):
        closing.agree_closure(closure.pk, seen=99, actor=Staff(user))


@pytest.mark.parametrize(
    "change",
    [
        {"agreed_by": "", "agreed_role": ""},
        {"agreed_by": "1", "agreed_role": "data_officer", "proposed_by": "1"},
        {"agreed_by": "2", "agreed_role": "director", "proposed_by": "1"},
        {"is_alone": True},
        {"is_alone": True, "begun_at": NOW + timedelta(hours=71)},
    ],
)
def test_the_database_refuses_a_destruction_without_two_deciders(change: dict[str, object]) -> None:
    closure = proposed()
    with pytest.raises(IntegrityError, match="closure_has_two_deciders"), transaction.atomic():
        Closure.objects.filter(pk=closure.pk).update(state="running", **change)


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.TREASURER, Role.ORGANISER, Role.READER])
def test_nobody_else_decides(role: Role) -> None:
    with pytest.raises(NotAllowed):
        proposed(actor=staff(role))


def test_the_platform_itself_decides_nothing() -> None:
    with pytest.raises(NotTheOther):
        proposed(actor=WORK)


def test_who_is_alone_waits_three_days_and_may_cancel() -> None:
    User.objects.update(is_active=False)
    everybody()
    closure = proposed()
    assert closure.is_alone
    with clock.stopped_at(NOW + timedelta(hours=71)):
        tasks.take_up_closure()
        assert Person.objects.count() == 7
        closing.cancel_closure(closure.pk, actor=staff(Role.DIRECTOR))
    with clock.stopped_at(NOW + timedelta(hours=80)):
        tasks.take_up_closure()
    assert Person.objects.count() == 7


def test_who_is_alone_begins_after_three_days() -> None:
    everybody()
    closure = proposed()
    with clock.stopped_at(NOW + timedelta(hours=72)):
        tasks.take_up_closure()
        tasks.close(closure.pk)
    closure.refresh_from_db()
    assert (closure.state, Person.objects.count()) == (ClosureState.DONE, 2)
    assert record_of(closure)["alone"] is True


def test_if_an_officer_has_come_meanwhile_they_must_agree() -> None:
    closure = proposed()
    staff(Role.DATA_OFFICER)
    with clock.stopped_at(NOW + timedelta(hours=80)):
        assert closing.begin_alone(closure.pk, actor=WORK) is False


def test_more_people_than_were_seen_is_no_agreement() -> None:
    ungrounded()
    with pytest.raises(ChangedSince):
        closing.propose_closure(Scope.EVERYBODY, seen=0, actor=staff(Role.DIRECTOR))
    officer = staff(Role.DATA_OFFICER)
    closure = proposed(Scope.EVERYBODY)
    ungrounded()
    with pytest.raises(ChangedSince):
        closing.agree_closure(closure.pk, seen=closure.foreseen, actor=officer)


# -- interrupted


def test_an_end_that_was_cut_off_goes_on_and_counts_everybody_once() -> None:
    everybody()
    closure = agreed(Scope.EVERYBODY)
    third = Person.objects.order_by("pk")[2].pk
    closing.advance_closure(closure.pk, size=third, actor=WORK)
    assert 0 < Person.objects.count() < 7
    tasks.take_up_closure()
    tasks.close(closure.pk)
    closure.refresh_from_db()
    assert sum(closure.counts["people"].values()) == 6


# -- the record


def test_the_record_says_what_went_and_names_nobody() -> None:
    people = everybody()
    names = [name for one in people.values() for name in (one.last_name, str(one.ref))]
    addresses = [email.address for one in people.values() for email in one.emails.all()]
    text = bytes(done(Scope.EVERYBODY).record or b"").decode()
    assert "Portevoix" in text
    assert [name for name in [*names, *addresses] if name in text] == []
    record = json.loads(text)["record"]
    assert record["tables"]["rights.ground"] >= 3
    assert record["people"] == {
        **{"regular": 1, "dormant": 1, "refused": 1},
        **{"lapsed": 1, "occasional": 1, "ungrounded": 1},
    }
    assert {one["role"] for one in record["decided"]} == {"director", "data_officer"}


def test_a_record_is_final_even_for_raw_sql() -> None:
    done()
    for statement in ("UPDATE rights_closure SET record = 'x'", "DELETE FROM rights_closure"):
        with pytest.raises(IntegrityError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_command_proves_a_record_and_refuses_another_key(tmp_path: Path, settings: Settings) -> None:
    done()
    path = tmp_path / "record.json"
    call_command("rights_close_campaign", record=str(path))
    key = destruction.public_text(destruction.signing_key(settings.SECRET_KEY))
    told = io.StringIO()
    call_command("rights_check_destruction", path, key=key, stdout=told)
    assert key in told.getvalue()
    with pytest.raises(CommandError):
        call_command("rights_check_destruction", path, key="0" * 64)
    path.write_bytes(path.read_bytes().replace(b'"held":0', b'"held":1'))
    with pytest.raises(CommandError):
        call_command("rights_check_destruction", path)


def test_the_console_shows_without_destroying_and_does_not_go_on_by_itself() -> None:
    everybody()
    told = io.StringIO()
    call_command("rights_close_campaign", stdout=told)
    assert Person.objects.count() == 7
    with pytest.raises(CommandError):
        call_command("rights_close_campaign", go_on=True)
    staff(Role.DATA_OFFICER)
    proposed()
    with pytest.raises(CommandError):
        call_command("rights_close_campaign", go_on=True)
    assert Person.objects.count() == 7
