"""Commands on addresses outside: which there are, and telling them. What leaves, leaves by `disclosure`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.disclosure.exceptions import NotReached
from portevoix.disclosure.services import posting
from portevoix.disclosure.types import Destination
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import CannotAct, NotPossible
from portevoix.journeys.models import Address, Call, Step, Trip
from portevoix.journeys.types import ACTIONS, Action, CallState, Did
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import gate

#: Who opens a way out of the house: the same who answer for the data.
OPENERS = frozenset({Role.DIRECTOR, Role.DATA_OFFICER})
#: Tried again after so many minutes, then given up.
PATIENCE = (1, 5, 30, 120, 720)
#: How long it can be seen what was told.
KEPT = timedelta(days=30)


@command("journeys.add_address", label=_("Open an address that automations may tell"), roles=OPENERS, nationwide=True)
def add_address(*, name: str, url: str, fields: Sequence[str], processor_id: int | None, actor: Actor) -> Address:
    """Allow an address outside; with fields of people only for a company of the register (RGPD art. 28).

    Raises NotPossible for a name taken, an address that may not be reached, or a company that is not in the register.
    """
    if Address.objects.filter(name=name).exists():
        raise NotPossible(gettext("Another address has this name."))
    try:
        posting.check(Destination(url, b""), actor=actor)
    except NotReached as reason:
        raise NotPossible(str(reason)) from reason
    known = selectors.processors()
    if fields and processor_id not in known:
        raise NotPossible(gettext("Fields of people only go to a company of the register of processors: choose it."))
    address = Address.objects.create(
        name=name,
        url=url,
        secret=secrets.token_urlsafe(32),
        fields=sorted(fields),
        processor_id=processor_id,
        processor=known.get(processor_id, "") if processor_id else "",
    )
    note(about=address, fields=sorted(fields), processor=processor_id)
    return address


@command("journeys.end_address", label=_("Close an address that automations tell"), roles=OPENERS, nationwide=True)
def end_address(address: Address, *, actor: Actor) -> None:
    """Tell an address nothing more, not even what waits."""
    now = clock.now()
    Address.objects.filter(pk=address.pk, ended_at=None).update(ended_at=now)
    given_up = Call.objects.filter(address=address, state=CallState.WAITING)
    note(about=address, count=given_up.update(state=CallState.FAILED, ended_at=now))


@command("journeys.tell", label=_("Tell an address what an automation has for it"))
def tell(*, actor: Actor) -> bool:
    """Tell one address of one person; return whether there was something to tell.

    A worker that dies in the middle leaves it to another; the other side knows a call told twice by its number.
    Fields go only while the company is in the register, and of nobody who is restricted.
    """
    call = _claimed()
    note(count=int(call is not None))
    if call is None:
        return False
    try:
        code = _told(call, actor)
    except NotReached as reason:
        code = reason.code
    _settle(call, code)
    note(about=call, code=code)
    return True


def _claimed() -> Call | None:
    waiting = Call.objects.filter(state=CallState.WAITING, due_at__lte=clock.now(), address__ended_at=None)
    call = (
        waiting.select_for_update(skip_locked=True, of=("self",))
        .select_related("address", "step", "trip__journey")
        .order_by("due_at", "pk")
        .first()
    )
    if call is not None:
        call.attempts += 1
    return call


def _told(call: Call, actor: Actor) -> int:
    address = call.address
    fields = address.fields if address.processor_id in selectors.processors() else []
    if address.fields and not fields:
        raise NotReached(gettext("The company is no longer in the register of processors."))
    granted = gate.reveal(
        Person.objects.filter(pk=call.trip.person_id),
        actor=actor,
        purpose=f"journeys: {call.trip.journey.name}",
        fields=["ref", *fields],
    )
    said = {"id": call.pk, "automation": call.trip.journey_id, "step": call.step.key, "at": call.trip.since.isoformat()}
    return posting.post(granted, Destination(address.url, address.secret.encode()), said, actor=actor)


def _settle(call: Call, code: int) -> None:
    call.code = code or None
    if 200 <= code < 300:
        call.state, call.ended_at = CallState.TOLD, clock.now()
    elif call.attempts > len(PATIENCE):
        call.state, call.ended_at = CallState.FAILED, clock.now()
    else:
        call.due_at = clock.now() + timedelta(minutes=PATIENCE[call.attempts - 1])
    call.save(update_fields=["code", "state", "attempts", "ended_at", "due_at"])


@command("journeys.forget_calls", label=_("Forget what addresses were told"))
def forget(now: datetime, *, actor: Actor) -> int:
    """Forget the calls that ended more than a month ago; return how many."""
    gone, _by_table = Call.objects.filter(ended_at__lt=now - KEPT).delete()
    note(count=gone)
    return gone


class Tell(Action):
    """Tell a service of the campaign that somebody came here; it is asked for now and done by the worker."""

    key = "webhook"
    label = _("Tell an address outside (webhook)")
    icon = "link-external"
    rank = 40

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        return {"address": forms.ModelChoiceField(Address.objects.filter(ended_at=None), label=_("Address"))}

    def sentence(self, step: Step) -> str:
        address = Address.objects.filter(pk=step.said.get("address")).first()
        return gettext("Tell “%(name)s”") % {"name": address or gettext("(deleted)")}

    def faults(self, step: Step) -> list[str]:
        address = Address.objects.filter(pk=step.said.get("address"), ended_at=None).first()
        if address is None:
            return [gettext("The address is closed: choose another.")]
        if address.fields and address.processor_id not in selectors.processors():
            return [gettext("The company that it tells is no longer in the register of processors.")]
        return []

    def do(self, step: Step, people: Sequence[int], *, actor: Actor) -> Did:
        address = Address.objects.filter(pk=step.said.get("address"), ended_at=None).first()
        if address is None:
            raise CannotAct("the address is closed")
        now = clock.now()
        trips = Trip.objects.under_way().filter(step=step, person__in=list(people)).values_list("pk", flat=True)
        Call.objects.bulk_create(
            [Call(trip_id=trip, step=step, address=address, due_at=now) for trip in trips], ignore_conflicts=True
        )
        return Did(people)


ACTIONS.add(Tell.key, Tell())
