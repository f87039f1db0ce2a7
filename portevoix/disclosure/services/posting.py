"""Commands that tell an address outside something of one person: what the gate granted, signed, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import READERS, Actor
from portevoix.disclosure.exceptions import NotReached, NotYours, UnknownField
from portevoix.disclosure.types import Destination
from portevoix.disclosure.writers import webhook
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Disclosure


def _main_email(person: Person) -> str:
    return person.emails.filter(is_primary=True).values_list("address", flat=True).first() or ""


#: What can be told of a person, by its name; their reference alone says nothing to who does not hold the file.
FIELDS: dict[str, Callable[[Person], Any]] = {
    "ref": lambda person: person.ref,
    "first_name": lambda person: person.first_name,
    "last_name": lambda person: person.last_name,
    "email": _main_email,
    "language": lambda person: person.language,
    "postcode": lambda person: person.postcode,
    "commune": lambda person: person.commune.name if person.commune else "",
}


#: What of it is the same however often it is told.
SAME = ("id", "automation", "step")


@command("disclosure.check_address", label=_("Check an address outside"), roles=READERS)
def check(to: Destination, *, actor: Actor) -> None:
    """See whether an address may be told anything. Raises NotReached, which says why not."""
    webhook.looked_up(to.url)
    note(count=0)


@command("disclosure.post", label=_("Tell an address outside something of a person"))
def post(granted: Disclosure, to: Destination, said: Mapping[str, Any], *, actor: Actor) -> int:
    """Tell an address what was granted of one person, with what happened; return the answer’s number.

    Whoever’s fields left reads it on their timeline. Raises NotReached when nobody answered, or when of the person
    nothing may leave any more (RGPD art. 18).
    """
    if not isinstance(granted, Disclosure):
        raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")
    if granted.actor.signature != actor.signature:
        raise NotYours
    if unknown := set(granted.fields) - FIELDS.keys():
        raise UnknownField(", ".join(sorted(unknown)))
    person = granted.people.select_related("commune").first()
    if person is None:
        raise NotReached(gettext("Nothing of this person may leave."))
    now = clock.now()
    told = {**said, "person": {name: FIELDS[name](person) for name in granted.fields}}
    body = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Portevoix",
        "Portevoix-Id": str(said.get("id", "")),
        # Told twice, where a worker died before it could write that it told, it is the same (IETF httpapi draft).
        "Idempotency-Key": f'"{webhook.idempotency_key(to.secret, *(said.get(one) for one in SAME))}"',
        "Portevoix-Signature": webhook.signature(to.secret, int(now.timestamp()), body),
    }
    code = webhook.tell(to.url, body, headers)
    note(count=1, fields=list(granted.fields), code=code)
    if set(granted.fields) - {"ref"} and 200 <= code < 300:
        interactions.record(
            person, Kind.EXPORTED, source=granted.purpose[:200], detail={"fields": list(granted.fields)}
        )
    return code
