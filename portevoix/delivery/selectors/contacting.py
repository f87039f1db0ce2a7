"""Reads about calls, letters and visits: whether one may, by which number, and what was done before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portevoix.accounts.types import Fact
from portevoix.delivery.models import Contact
from portevoix.people.models import Person
from portevoix.rights.purposes import Channel
from portevoix.rights.selectors import Means, means_of
from portevoix.territory.selectors import elections

#: Shown on the form and on the record.
EARLIER = 5


def means(person: Person) -> dict[Channel, Means]:
    """Return by which channels a person may be reached, or why not, as their record says it."""
    found: dict[Channel, Means] = {}
    for one in means_of(person, person.grounds.all()):
        found.setdefault(one.channel, one)
    return found


def points(person: Person, channel: Channel) -> list[Any]:
    """Return the numbers or addresses that may be used, as far as whoever asks may see them."""
    fact = Fact.PHONE if channel == Channel.PHONE else Fact.ADDRESS
    if fact in person.hidden:
        return []
    found: Any = person.phones.all() if channel == Channel.PHONE else person.addresses.all()
    return [one for one in found if one.is_usable and (channel == Channel.PHONE or one.line1)]


def silent_until(person: Person, at: datetime) -> datetime | None:
    """Return until when electoral silence holds where a person lives, if it did at a moment.

    Serial calls, documents handed out and visits are propaganda as messages are (code électoral, art. L. 49).
    """
    return elections.silence_held(at, (person.commune.departement_id if person.commune is not None else None) or "")


def earlier(person: Person, most: int = EARLIER) -> list[Contact]:
    """Return the last calls, letters and visits."""
    return list(Contact.objects.filter(person=person)[:most])


def has_any() -> bool:
    """Tell whether any call, letter or visit was written down."""
    return Contact.objects.exists()
