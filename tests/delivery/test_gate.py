"""The database is the last gate: whoever forgets the door is refused, by the ORM and by raw SQL alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portevoix.delivery.models import Batch, Message, State
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose
from tests.delivery.factories import queue, withdraw
from tests.people.factories import GroundFactory, PersonFactory

pytestmark = pytest.mark.django_db

INSERT = """INSERT INTO delivery_message (batch_id, person_id, ground_id, channel, purpose, state, priority)
VALUES (%(batch)s, %(person)s, %(ground)s, %(channel)s, %(purpose)s, %(state)s, 1)"""


def by_sql(**row: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row)


def by_orm(*, batch: int, person: int | None, ground: int | None, **row: Any) -> None:
    Message.objects.create(batch_id=batch, person_id=person, ground_id=ground, **row)


def by_bulk(*, batch: int, person: int | None, ground: int | None, **row: Any) -> None:
    Message.objects.bulk_create([Message(batch_id=batch, person_id=person, ground_id=ground, **row)])


Way = Callable[..., None]
EACH_WAY = pytest.mark.parametrize("write", [by_sql, by_orm, by_bulk])
MAY_LEAVE = pytest.mark.parametrize("state", ["queued", "sending"])


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.create(code="abc", purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL, subject="a", text="a")


@pytest.fixture
def person() -> Person:
    return PersonFactory(reachable=True)


def row(batch: Batch, owner: Person, **changes: Any) -> dict[str, Any]:
    ground = Ground.objects.filter(person=owner).first()
    usual = {
        "batch": batch.pk,
        "person": owner.pk,
        "ground": ground.pk if ground else None,
        "channel": "email",
        "purpose": "newsletter",
        "state": "queued",
    }
    return usual | changes


@EACH_WAY
def test_a_message_on_its_persons_own_live_ground_is_queued(write: Way, batch: Batch, person: Person) -> None:
    write(**row(batch, person))
    assert Message.objects.get().state == State.QUEUED


@EACH_WAY
@MAY_LEAVE
def test_somebody_elses_ground_is_refused(write: Way, state: str, batch: Batch, person: Person) -> None:
    other = PersonFactory(reachable=True)
    with pytest.raises(IntegrityError, match="message_leans_on_its_ground"):
        write(**row(batch, person, person=other.pk, state=state))


@EACH_WAY
@MAY_LEAVE
@pytest.mark.parametrize("change", [{"purpose": "texts"}, {"channel": "sms"}])
def test_another_purpose_or_channel_is_refused(
    write: Way, state: str, change: dict[str, str], batch: Batch, person: Person
) -> None:
    with pytest.raises(IntegrityError, match="message_leans_on_its_ground"):
        write(**row(batch, person, state=state, **change))


@EACH_WAY
@MAY_LEAVE
def test_a_letter_does_not_ride_on_a_ground_for_something_else(
    write: Way, state: str, batch: Batch, person: Person
) -> None:
    asked = GroundFactory(person=person, purpose=Purpose.SERVICE)
    with pytest.raises(IntegrityError, match="message_is_for_what_its_batch_is_for"):
        write(**row(batch, person, purpose="service", ground=asked.pk, state=state))


@EACH_WAY
@MAY_LEAVE
def test_a_withdrawn_ground_is_refused(write: Way, state: str, batch: Batch, person: Person) -> None:
    withdraw(person)
    with pytest.raises(IntegrityError, match="without a live ground"):
        write(**row(batch, person, state=state))


@EACH_WAY
@MAY_LEAVE
@pytest.mark.parametrize("missing", [{"ground": None}, {"person": None}, {"ground": None, "person": None}])
def test_a_message_without_ground_is_refused(
    write: Way, state: str, missing: dict[str, None], batch: Batch, person: Person
) -> None:
    with pytest.raises(IntegrityError):
        write(**row(batch, person, state=state, **missing))


def test_one_bad_row_among_many_refuses_them_all(batch: Batch) -> None:
    people = PersonFactory.create_batch(5, reachable=True)
    withdraw(people[3])
    rows = [row(batch, person) for person in people]
    with pytest.raises(IntegrityError, match=r"1 message\(s\) without a live ground"), transaction.atomic():
        Message.objects.bulk_create(
            Message(
                batch_id=one["batch"],
                person_id=one["person"],
                ground_id=one["ground"],
                channel="email",
                purpose="newsletter",
            )
            for one in rows
        )
    assert not Message.objects.exists()


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_a_consent_withdrawn_after_queueing_stops_the_message(state: str) -> None:
    queue(people=1)
    withdraw(Person.objects.get())
    if state == "queued":
        Message.objects.update(state="failed")
    with pytest.raises(IntegrityError, match="without a live ground"), transaction.atomic():
        Message.objects.update(state=state)
    Message.objects.update(state=State.SUPPRESSED)
    assert Message.objects.get().state == State.SUPPRESSED


def test_any_state_but_leaving_is_accepted_without_a_live_ground() -> None:
    queue(people=1)
    withdraw(Person.objects.get())
    for state in ("suppressed", "failed", "uncertain", "sent"):
        Message.objects.update(state=state)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state="queued")


def test_moving_a_queued_message_to_another_ground_is_refused() -> None:
    queue(people=1)
    other = GroundFactory(person=PersonFactory())
    with pytest.raises(IntegrityError):
        Message.objects.update(ground=other)


def test_copy_obeys_too(batch: Batch, person: Person) -> None:
    withdraw(person)
    values = row(batch, person)
    copied = "\t".join(str(values[name]) for name in ("batch", "person", "ground", "channel", "purpose", "state"))
    statement = "COPY delivery_message (batch_id, person_id, ground_id, channel, purpose, state, priority) FROM STDIN"
    with connection.cursor() as cursor, pytest.raises(psycopg.Error, match="without a live ground"):  # noqa: SIM117
        with cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            copy.write(f"{copied}\t1\n")


def test_merge_and_upsert_obey_too(batch: Batch, person: Person) -> None:
    withdraw(person)
    values = row(batch, person)
    with (
        pytest.raises(DatabaseError, match="without a live ground"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(INSERT + " ON CONFLICT (id) DO UPDATE SET state = 'queued'", values)
    insert = INSERT.replace("INTO delivery_message ", "")
    merge = f"MERGE INTO delivery_message USING (SELECT 1) AS one ON false WHEN NOT MATCHED THEN {insert}"
    with pytest.raises(DatabaseError, match="without a live ground"), connection.cursor() as cursor:
        cursor.execute(merge, values)


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_waits_for_a_queueing_under_way_and_wins_afterwards() -> None:
    """FOR SHARE: a withdrawal comes wholly before or wholly after, never in between."""
    batch = queue(people=1)
    person = Person.objects.get()
    Message.objects.update(state=State.FAILED)
    done = threading.Event()

    def withdraw_elsewhere() -> None:
        withdraw(person)
        done.set()
        connection.close()

    with transaction.atomic():
        Message.objects.filter(batch=batch).update(state=State.QUEUED)
        thread = threading.Thread(target=withdraw_elsewhere)
        thread.start()
        assert not done.wait(0.3)
    thread.join(5)
    assert done.is_set()
    with pytest.raises(IntegrityError, match="without a live ground"):
        Message.objects.update(state=State.SENDING)


@pytest.mark.django_db(transaction=True)
def test_a_queueing_waits_for_a_withdrawal_under_way_and_is_refused() -> None:
    queue(people=1)
    Message.objects.update(state=State.FAILED)
    errors: list[str] = []

    def queue_elsewhere() -> None:
        try:
            Message.objects.update(state=State.QUEUED)
        except IntegrityError as error:
            errors.append(str(error))
        connection.close()

    with transaction.atomic():
        withdraw(Person.objects.get())
        thread = threading.Thread(target=queue_elsewhere)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(5)
    assert len(errors) == 1
    assert "without a live ground" in errors[0]


def test_a_deleted_ground_takes_its_messages_along() -> None:
    queue(people=1)
    Ground.objects.all().delete()
    assert not Message.objects.exists()


def test_messages_follow_a_ground_that_moves_to_another_person() -> None:
    queue(people=1)
    kept = PersonFactory()
    Ground.objects.update(person=kept)
    assert Message.objects.get().person == kept
