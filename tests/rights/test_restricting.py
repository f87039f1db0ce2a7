"""A restricted person is kept and not used (RGPD art. 18): no door, no queue, no file, no raw SQL gets past it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.delivery import dispatch
from portevoix.delivery.models import Message
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.disclosure import selectors as disclosure
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.exceptions import Restricted
from portevoix.people.models import Person
from portevoix.people.selectors import identity_of
from portevoix.people.services import editing, households
from portevoix.people.types import Abode, Kind
from portevoix.rights import gate
from portevoix.rights.exceptions import NotNow
from portevoix.rights.models import Ground, LedgerEntry, Request, RequestLetter
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.rights.services import answers, give, letters, requests, verify
from portevoix.rights.services.merging import merge, undo_merge
from portevoix.rights.services.restricting import announce_lifting, lift_restriction
from portevoix.rights.types import Asked, RequestKind, RequestWay, Standing
from tests.accounts.factories import signed_in, staff
from tests.delivery.factories import audience, queue, states
from tests.people.factories import GroundFactory, PersonFactory, reachable

pytestmark = pytest.mark.django_db


def answered(person: Person, kind: RequestKind, **told: object) -> Request:
    asked = Asked(kind=kind, way=RequestWay.LETTER, received_on=clock.today(), **told)  # type: ignore[arg-type]
    done = answers.answer_request(requests.enter_request(person, asked, actor=staff()).pk, actor=staff())
    person.refresh_from_db()
    return done


def restricted(person: Person) -> Request:
    return answered(person, RequestKind.RESTRICTION)


def test_a_restricted_person_is_in_no_audience_and_the_count_says_why() -> None:
    restricted(reachable("a@mail.example"))
    other = reachable("b@mail.example")
    assert [ground.person for ground in audience().grounds] == [other]
    told = gate.census(Person.objects.all()).standings[gate.Way(Channel.EMAIL, Purpose.NEWSLETTER)]
    assert (told[Standing.RESTRICTED], told[Standing.ADMITTED]) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_was_queued_before_is_held_back_when_it_would_leave() -> None:
    person = reachable("a@mail.example")
    batch = queue(people=1)
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(restricted_at=clock.now())
    memory = MemoryTransport()
    dispatch.run(lambda: memory)
    assert [envelope.recipient == "a@mail.example" for envelope in memory.sent] == [False]
    assert states(batch) == {"sent": 1, "suppressed": 1}


def test_raw_sql_queues_nothing_for_a_restricted_person_and_cannot_let_a_ground_go() -> None:
    person = reachable("a@mail.example")
    batch = queue()
    restricted(person)
    message = Message.objects.get(batch=batch)
    for statement in ("UPDATE delivery_message SET state = 'sending' WHERE id = %s",):
        with pytest.raises(IntegrityError, match="delivery_gate"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [message.pk])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rights_ground SET is_held = false")
    assert person.grounds.get(purpose=Purpose.NEWSLETTER).is_held


def test_a_ground_that_comes_in_later_is_held_and_letters_of_the_persons_own_still_leave() -> None:
    person = PersonFactory(with_email=True)
    restricted(person)
    give(person, Purpose.NEWSLETTER, basis=Basis.CONSENT, evidence={}, source="tests", actor=staff())
    GroundFactory.create_batch(1, person=person, purpose=Purpose.TEXTS, channel=Channel.SMS)
    held = dict(person.grounds.values_list("purpose", "is_held"))
    assert held == {"service": False, "newsletter": True, "texts": True}
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    assert alone.count() == 1


def test_the_ledger_of_consents_says_nothing_of_it_and_stays_whole() -> None:
    person = reachable("a@mail.example")
    give(person, Purpose.SERVICE, basis=Basis.REQUEST, evidence={}, source="tests", actor=staff())
    before = LedgerEntry.objects.count()
    restricted(person)
    assert LedgerEntry.objects.count() == before
    Ground.objects.filter(person=person, purpose=Purpose.NEWSLETTER).update(source="elsewhere")
    assert LedgerEntry.objects.count() == before + 1
    assert verify(actor=staff()).broken is None


def test_only_those_who_answer_for_data_change_the_record() -> None:
    person = reachable("a@mail.example")
    restricted(person)
    wanted = type(identity_of(person))(**{**vars(identity_of(person)), "first_name": "Autre"})
    with pytest.raises(Restricted):
        editing.edit(person, wanted, actor=staff(Role.ORGANISER))
    with pytest.raises(Restricted):
        editing.tag(person, ["x"], actor=staff(Role.ORGANISER))
    assert editing.edit(person, wanted, actor=staff(Role.DATA_OFFICER)) == ["first_name"]


def test_no_file_holds_them_but_their_own_copy() -> None:
    person = reachable("a@mail.example")
    restricted(person)
    told = {"actor": staff(), "purpose": "tournée", "fields": ["first_name"]}
    assert not gate.reveal(Person.objects.all(), **told).people.exists()  # type: ignore[arg-type]
    assert gate.reveal(Person.objects.all(), to_themselves=True, **told).people.get() == person  # type: ignore[arg-type]
    assert disclosure.file_about(person).facts


def test_it_is_lifted_only_after_the_person_was_told() -> None:
    person = reachable("a@mail.example")
    asked = restricted(person)
    with pytest.raises(NotNow):
        lift_restriction(asked.pk, actor=staff())
    announce_lifting(asked.pk, "L’adresse est vérifiée.", actor=staff())
    with pytest.raises(NotNow):
        lift_restriction(asked.pk, actor=staff())  # the letter has not left
    RequestLetter.objects.update(sent_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=asked.pk).update(lifting_told_at=None, lifted_at=clock.now())
    lift_restriction(asked.pk, actor=staff())
    person.refresh_from_db()
    assert person.restricted_at is None
    assert not Ground.objects.filter(is_held=True).exists()
    assert {Kind.RESTRICTED, Kind.RELEASED} <= set(person.interactions.values_list("kind", flat=True))
    assert audience().count() == 1


def test_the_last_announcement_is_the_one_that_must_have_left_and_it_says_why() -> None:
    asked = restricted(reachable("a@mail.example"))
    announce_lifting(asked.pk, "L’adresse est vérifiée.", actor=staff())
    RequestLetter.objects.update(sent_at=clock.now())
    announce_lifting(asked.pk, "La date aussi.", actor=staff())
    assert RequestLetter.objects.filter(kind="lifting").latest("pk").note == "La date aussi."
    with pytest.raises(NotNow):
        lift_restriction(asked.pk, actor=staff())


def test_a_restriction_lifted_since_a_merge_does_not_come_back_by_undoing_it() -> None:
    kept, absorbed = reachable("a@mail.example"), reachable("b@mail.example")
    asked = restricted(absorbed)
    done = merge(kept.pk, absorbed.pk, actor=staff())
    announce_lifting(asked.pk, "Vérifié.", actor=staff())
    RequestLetter.objects.update(sent_at=clock.now())
    lift_restriction(asked.pk, actor=staff())
    undo_merge(done.pk, actor=staff())
    assert not Person.objects.restricted().exists()


def test_one_restriction_lifted_leaves_the_other() -> None:
    person = reachable("a@mail.example")
    first, _second = restricted(person), restricted(person)
    announce_lifting(first.pk, "Vérifié.", actor=staff())
    RequestLetter.objects.update(sent_at=clock.now())
    lift_restriction(first.pk, actor=staff())
    person.refresh_from_db()
    assert person.restricted_at is not None


@pytest.mark.parametrize("which", ["kept", "absorbed"])
def test_the_stricter_of_two_records_wins_a_merge_and_undoing_parts_them(
    which: str,
) -> None:
    kept, absorbed = reachable("a@mail.example"), reachable("b@mail.example")
    queue()
    restricted({"kept": kept, "absorbed": absorbed}[which])
    done = merge(kept.pk, absorbed.pk, actor=staff())
    kept.refresh_from_db()
    assert kept.restricted_at is not None
    assert not kept.grounds.exclude(purpose="service").filter(withdrawn_at=None, is_held=False).exists()
    assert audience().count() == 0
    undo_merge(done.pk, actor=staff())
    kept.refresh_from_db()
    assert (kept.restricted_at is not None) == (which == "kept")
    assert audience().count() == 1


def test_an_objection_survives_a_merge_and_a_file_does_not_undo_it() -> None:
    kept, objecting = reachable("a@mail.example"), PersonFactory()
    answered(objecting, RequestKind.OBJECTION, purposes=(Purpose.NEWSLETTER.value,))
    merge(kept.pk, objecting.pk, actor=staff())
    assert not kept.grounds.live().filter(purpose=Purpose.NEWSLETTER).exists()
    assert audience().count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_mailing_being_queued_and_a_restriction_come_one_after_the_other() -> None:
    """Whichever is first, nothing waits to leave for the person once both are done, and the mailing does not fail."""
    person = reachable("a@mail.example")
    PersonFactory.create_batch(3, reachable=True)
    start = threading.Barrier(2)
    faults: list[BaseException] = []

    def restrict() -> None:
        try:
            start.wait(10)
            with transaction.atomic():
                Person.objects.filter(pk=person.pk).update(restricted_at=clock.now())
        except BaseException as fault:  # noqa: BLE001  # told by the test
            faults.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=restrict)
    thread.start()
    start.wait(10)
    batch = queue()
    thread.join(20)
    assert not faults
    assert 3 <= Message.objects.filter(batch=batch).count() <= 4
    memory = MemoryTransport()
    dispatch.run(lambda: memory)
    assert len(memory.sent) == 3


# told by post


def announced(person: Person) -> Request:
    asked = restricted(person)
    return announce_lifting(asked.pk, "L’adresse est vérifiée.", actor=staff())


def test_a_restriction_is_not_lifted_silently_where_no_address_works() -> None:
    asked = announced(PersonFactory())
    RequestLetter.objects.update(undelivered_at=clock.now())
    with pytest.raises(NotNow):
        lift_restriction(asked.pk, actor=staff())
    letters.tell_by_post(asked.pk, clock.today(), actor=staff(Role.DATA_OFFICER))
    line = Entry.objects.get(command="rights.tell_by_post")
    assert (line.outcome, line.count, line.about_id) == ("done", 1, str(asked.pk))
    lift_restriction(asked.pk, actor=staff())
    assert not Person.objects.restricted().exists()


def test_a_letter_that_left_and_came_back_told_nobody() -> None:
    asked = announced(reachable("a@mail.example"))
    RequestLetter.objects.update(sent_at=clock.now(), undelivered_at=clock.now())
    with pytest.raises(NotNow):
        lift_restriction(asked.pk, actor=staff())


def test_nothing_is_told_by_post_that_left_by_mail_nor_on_a_day_that_cannot_be() -> None:
    asked = announced(reachable("a@mail.example"))
    with pytest.raises(NotNow):
        letters.tell_by_post(asked.pk, clock.today(), actor=staff())
    RequestLetter.objects.update(undelivered_at=clock.now())
    for day in (clock.today() - timedelta(days=1), clock.today() + timedelta(days=1)):
        with pytest.raises(NotNow):
            letters.tell_by_post(asked.pk, day, actor=staff())
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestLetter.objects.update(undelivered_at=None, told_on=clock.today())


def test_what_was_told_by_post_for_one_reason_says_nothing_of_the_next() -> None:
    asked = announced(PersonFactory())
    RequestLetter.objects.update(undelivered_at=clock.now())
    letters.tell_by_post(asked.pk, clock.today(), actor=staff())
    announce_lifting(asked.pk, "Une autre raison.", actor=staff())
    with pytest.raises(NotNow):
        lift_restriction(asked.pk, actor=staff())


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COMMUNICATIONS, Role.READER])
def test_only_the_desk_says_that_somebody_was_told_by_post(role: Role) -> None:
    asked = announced(PersonFactory())
    with pytest.raises(NotAllowed):
        letters.tell_by_post(asked.pk, clock.today(), actor=staff(role))


def test_the_screen_says_that_it_could_not_be_delivered_and_takes_the_day_of_the_post() -> None:
    asked = announced(PersonFactory())
    RequestLetter.objects.update(undelivered_at=clock.now())
    browser = signed_in(Role.DATA_OFFICER)
    page = browser.get(f"/gestion/demandes/{asked.pk}/").content.decode()
    assert "n’a pas pu être remise" in page
    assert "Lever la limitation" not in page
    browser.post(f"/gestion/demandes/{asked.pk}/courrier/", {"told_on": clock.today().isoformat()})
    page = browser.get(f"/gestion/demandes/{asked.pk}/").content.decode()
    assert "prévenue par courrier le" in page
    assert "Lever la limitation" in page


# nobody else changes a record that is only kept


def test_two_records_one_of_which_is_only_kept_are_merged_by_who_answers_for_them() -> None:
    kept, absorbed = reachable("a@mail.example"), reachable("b@mail.example")
    restricted(absorbed)
    with pytest.raises(Restricted):
        merge(kept.pk, absorbed.pk, actor=staff(Role.ORGANISER))
    done = merge(kept.pk, absorbed.pk, actor=staff(Role.DATA_OFFICER))
    with pytest.raises(Restricted):
        undo_merge(done.pk, actor=staff(Role.ORGANISER))


def test_no_household_is_changed_by_who_may_not_touch_one_of_it() -> None:
    kept, other, third = PersonFactory(), PersonFactory(), PersonFactory()
    households.house_together(kept, other, actor=staff())
    restricted(kept)
    organiser = staff(Role.ORGANISER)
    for act in (
        lambda: households.house_together(third, kept, actor=organiser),
        lambda: households.leave_household(kept, actor=organiser),
        lambda: households.leave_household(other, actor=organiser),
        lambda: households.describe_household(other, Abode(name="Le Goff"), actor=organiser),
    ):
        with pytest.raises(Restricted, match="limitées"):
            act()
    households.leave_household(other, actor=staff(Role.DATA_OFFICER))
