"""Commands on seats at a meeting: taken, waited for, freed."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.actions.exceptions import NotYet, TakenBack
from portevoix.actions.letters.entailed import seat_freed
from portevoix.actions.models import Attendance, EventPage, Participation
from portevoix.actions.selectors.coming import hold
from portevoix.correspondence import letters
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.selectors import locked
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

logger = logging.getLogger(__name__)
#: Who stands at the door of a meeting.
AT_THE_DOOR = {Role.DIRECTOR, Role.ORGANISER, Role.LOCAL_LEAD}
#: Signs of a page’s title that a timeline keeps.
LONGEST_TITLE = 200


@command("actions.take_seat", label=_("Take a seat at a meeting"))
def take_seat(taken: Participation, page: EventPage, *, actor: Actor) -> Attendance:
    """Give a person the seats that they asked for, or a place in the queue.

    Who comes already loses nothing by asking again: what there is no room for is refused, and nobody passes who waits.
    """
    hold(page)
    seats = 1 + int(taken.answers.get("q_guests") or 0)
    before = Attendance.objects.filter(page=page.pk, person=taken.person).first()
    others = Attendance.objects.filter(page=page.pk).exclude(person=taken.person)
    is_called_off = _is_called_off(page)
    has_room = page.capacity is None or others.coming().seats() + seats <= page.capacity
    held = before.seats if before is not None and not before.is_waiting else 0
    is_free = has_room and not is_called_off and not others.waiting().exists()
    if held and not is_free:
        seats = min(seats, held)
    is_waiting = not held and not is_free
    attendance, _made = Attendance.objects.update_or_create(
        page_id=page.pk,
        person=taken.person,
        defaults={
            "seats": seats,
            "is_waiting": is_waiting,
            "since": before.since if before is not None else taken.confirmed_at or clock.now(),
        },
    )
    note(about=attendance, count=seats, waits=is_waiting)
    _let_in(page, actor)
    return attendance


@command("actions.free_seats", label=_("Free seats of who comes no more"))
def free_seats(page: EventPage, *, actor: Actor) -> int:
    """Free the seats of who takes part no longer, and give them to who waits; return how many came in."""
    hold(page)
    still = Participation.objects.filter(page=page.pk).confirmed().values("person")
    Attendance.objects.filter(page=page.pk).exclude(person__in=still).delete()
    came = _let_in(page, actor)
    note(about=page, count=came)
    return came


@command("actions.mark_present", label=_("Note who came to a meeting"), roles=AT_THE_DOOR)
def mark_present(attendance: Attendance, is_present: bool, *, actor: Actor) -> Attendance:
    """Note that somebody was at a meeting, or that this was a mistake; said twice, it is one thing.

    It is a line of the person's timeline, and goes with their part in the meeting. Raises OutOfSight, Restricted,
    NotYet before the day, TakenBack when they agree to it no longer.
    """
    person = locked(attendance.person, actor)
    page = EventPage.objects.get(pk=attendance.page_id)
    if not page.is_presence_known:
        raise NotYet
    kept = Attendance.objects.counted().filter(pk=attendance.pk).select_for_update(of=("self",)).first()
    taken = Participation.objects.filter(page=page.pk, person=person).counted().first()
    if kept is None or taken is None:
        raise TakenBack
    note(about=kept, count=int(kept.was_present != is_present), present=is_present)
    if kept.was_present != is_present:
        kept.was_present = is_present
        kept.save(update_fields=["was_present"])
        _tell_timeline(kept, page, taken.purpose)
    return kept


def _tell_timeline(kept: Attendance, page: EventPage, purpose: str) -> None:
    if not kept.was_present:
        interactions.unwrite(Kind.ATTENDED, kept)
        return
    # At the hour of the meeting, whenever it is noted: « in the last ninety days » asks when it took place.
    at, title = min(page.starts_at, clock.now()), page.title[:LONGEST_TITLE]
    interactions.record(kept.person, Kind.ATTENDED, at=at, about=kept, source=title, detail={"purpose": purpose})


def _let_in(page: EventPage, actor: Actor) -> int:
    """Give what is free to who waits, in their order; who needs more than is left lets none pass.

    Nobody is told of a seat at what has begun, or is called off.
    """
    came = 0
    if page.starts_at <= clock.now() or _is_called_off(page):
        return came
    for waiting in Attendance.objects.filter(page=page.pk).waiting().select_related("person"):
        taken = Attendance.objects.filter(page=page.pk).coming().seats()
        if page.capacity is not None and taken + waiting.seats > page.capacity:
            break
        try:
            with transaction.atomic():
                waiting.is_waiting = False
                waiting.save(update_fields=["is_waiting"])
                _tell(waiting.person, page, actor)
        except LetterError:
            # Whoever leaves is not kept by it, and nobody has a seat of which they know nothing: it waits.
            logger.exception("the letter on a seat at page %d cannot be written", page.pk)
            break
        came += 1
    return came


def _is_called_off(page: EventPage) -> bool:
    """Tell whether the meeting is cancelled now, whatever the page said when it was read."""
    return bool(EventPage.objects.filter(pk=page.pk, cancelled_at__isnull=False).exists())


def _tell(person: Person, page: EventPage, actor: Actor) -> None:
    with translation.override(person.language):
        facts, values = seat_freed(page)
    letter = letters.write("actions.seat_freed", values, facts, language=person.language)
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    delivery.send(letter, alone, about=page, actor=actor)
