"""Commands on calls, letters and visits: what volunteers did by hand, through the same gate as every message."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Fact, Role, System
from portevoix.delivery.exceptions import ContactInTheFuture, ElectoralSilence, NotReachable
from portevoix.delivery.models import Contact
from portevoix.delivery.selectors import contacting
from portevoix.delivery.types import BY_HAND, ContactResult, MadeContact
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.selectors import locked
from portevoix.people.types import USABLE, ContactStatus, Kind
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.exceptions import Masked
from portevoix.rights.models import Ground
from portevoix.rights.purposes import OPTIONAL, Channel, Purpose
from portevoix.rights.selectors import hold

CALLERS = {Role.DIRECTOR, Role.ORGANISER, Role.LOCAL_LEAD}
PURPOSES = {channel: purpose for purpose, channel in OPTIONAL.items() if channel in BY_HAND}
KINDS = {Channel.PHONE: Kind.CALLED, Channel.POST: Kind.POSTED, Channel.DOOR: Kind.VISITED}
#: What one must be able to see of a person to reach them.
NEEDS = {Channel.PHONE: Fact.PHONE, Channel.POST: Fact.ADDRESS, Channel.DOOR: Fact.ADDRESS}


@command("delivery.record_contact", label=_("Record a call, a letter or a visit"), roles=CALLERS)
def record_contact(person: Person, made: MadeContact, *, actor: Actor) -> Contact:
    """Write down that somebody was called, written to or visited, on the ground that allows it.

    Whoever wants no more of it withdraws by the same act. Raises OutOfSight, Restricted, Masked; NotReachable where
    the gate admits nobody; ElectoralSilence where that held when it was made; ContactInTheFuture.
    """
    if made.at > clock.now():
        raise ContactInTheFuture
    if NEEDS[made.channel] in locked(person, actor).hidden:
        raise Masked(NEEDS[made.channel].value)
    hold(person, actor)
    if contacting.silent_until(person, made.at):
        raise ElectoralSilence
    purpose = PURPOSES[made.channel]
    audience = gate.admit(Person.objects.filter(pk=person.pk), purpose=purpose, channel=made.channel)
    ground = audience.grounds.select_for_update(of=("self",)).first()
    if ground is None:
        raise NotReachable
    contact = Contact.objects.create(
        person=person,
        ground=ground,
        channel=made.channel,
        purpose=purpose,
        result=made.result,
        note=made.note.strip(),
        volunteer=made.volunteer.strip(),
        at=made.at,
        recorded_by=actor.label,
        recorded_at=clock.now(),
    )
    said = {"result": made.result.value, **({"volunteer": contact.volunteer} if contact.volunteer else {})}
    interactions.record(person, KINDS[made.channel], at=made.at, about=contact, source="delivery", detail=said)
    note(about=person, count=1, channel=made.channel, result=made.result)
    _draw_conclusions(person, contact, ground)
    return contact


def _draw_conclusions(person: Person, contact: Contact, ground: Ground) -> None:
    """End the ground of whoever wants no more; a number or an address that is wrong is not used again."""
    if contact.result == ContactResult.REFUSED:
        evidence: dict[str, Any] = {"contact": contact.pk, "said_to": contact.volunteer or contact.recorded_by}
        # The right to withdraw grounds is the data officer's: here it follows from what the person said.
        platform = System("delivery.record_contact")
        rights.withdraw(person, [Purpose(ground.purpose)], evidence=evidence, source="volunteer", actor=platform)
    elif contact.result in {ContactResult.WRONG, ContactResult.RETURNED}:
        points = gate.contact_points(Channel(contact.channel)).filter(person=person)
        first = points.filter(status__in=USABLE).order_by("-is_primary", "pk").values("pk")[:1]
        points.model._default_manager.filter(pk__in=list(first.values_list("pk", flat=True))).update(
            status=ContactStatus.BOUNCING
        )
