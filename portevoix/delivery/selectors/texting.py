"""Reads about text messages: what became of them, what was answered, whether the provider takes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Length

from portevoix.accounts.types import Actor
from portevoix.delivery.models import Batch, Message, Run, State, TextReceipt, TextReply
from portevoix.delivery.models.texts import ReceiptState
from portevoix.delivery.rules import quiet
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel
from portevoix.territory.selectors.elections import silent_until


@dataclass(frozen=True)
class Receipts:
    """What operators said of a batch of texts, in totals."""

    delivered: int
    undelivered: int
    pending: int
    parts: int
    replies: int
    stops: int


def receipts(batch: Batch) -> Receipts:
    """Count what became of a batch of texts after the provider took them."""
    found = TextReceipt.objects.filter(batch=batch).order_by()
    states = dict(found.values_list("state").annotate(Count("pk")))
    answers = dict(TextReply.objects.filter(batch=batch).order_by().values_list("is_stop").annotate(Count("pk")))
    return Receipts(
        delivered=states.get(ReceiptState.DELIVERED, 0),
        undelivered=states.get(ReceiptState.UNDELIVERED, 0),
        pending=states.get(ReceiptState.PENDING, 0),
        parts=found.aggregate(all=Sum("parts"))["all"] or 0,
        replies=answers.get(False, 0),
        stops=answers.get(True, 0),
    )


def replies(actor: Actor, *, unread_only: bool = False) -> QuerySet[TextReply]:
    """Return the answers of people whom an actor may see, restricted ones apart (RGPD art. 18)."""
    people = Person.objects.visible_to(actor).unrestricted()
    found = TextReply.objects.filter(person__in=people.order_by().values("pk"))
    if unread_only:
        found = found.filter(read_at=None)
    return found.select_related("person", "batch")


def unread(actor: Actor) -> int:
    """Count the answers that nobody has read yet."""
    return replies(actor, unread_only=True).count()


def fault() -> str:
    """Return why the provider took nothing the last time it was asked, as long as texts wait for it."""
    last = Run.objects.filter(channel=Channel.SMS, ended_at__isnull=False).order_by("-pk").first()
    if last is None or not last.fault:
        return ""
    waiting = Message.objects.filter(state=State.QUEUED, channel=Channel.SMS).exists()
    return last.fault if waiting else ""


def postponed(batch: Batch) -> QuerySet[Message]:
    """Return the texts of a batch that wait for their hour."""
    return Message.objects.filter(batch=batch, state=State.QUEUED, not_before__gt=clock.now())


def longest_values(people: QuerySet[Person]) -> dict[str, int]:
    """Return how long merge fields are at most, among these people; links are as long as they are."""
    found = people.order_by().aggregate(
        first_name=Max(Length("first_name")), last_name=Max(Length("last_name")), commune=Max(Length("commune__name"))
    )
    lengths = {name: int(value or 0) for name, value in found.items()}
    return {**lengths, "full_name": lengths["first_name"] + 1 + lengths["last_name"]}


def may_arrive_at(person_id: int, moment: datetime) -> datetime:
    """Return when a text to a list that is ready at a moment may arrive where a person lives: then, or later."""
    sms = settings.INSTANCE.sms
    person = Person.objects.select_related("commune").get(pk=person_id)
    departement = (person.commune.departement_id or "") if person.commune else ""
    mobiles = gate.contact_points(Channel.SMS).filter(person=person_id).order_by("-is_primary", "pk")
    lives = quiet.place(departement, person.postcode, mobiles.values_list("number", flat=True).first() or "")
    hours = quiet.Hours(sms.earliest, sms.latest, is_saturday_quiet=not sms.saturdays)
    return quiet.opening(max(moment, silent_until(moment).get(departement, moment)), lives, hours)
