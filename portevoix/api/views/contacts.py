"""How somebody is reached: added, corrected, removed, by the act of the screen and with its refusals."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from portevoix.api.forms import contact_changes
from portevoix.api.rules import MOST_POINTS
from portevoix.api.views.door import opened_by
from portevoix.api.views.people import held_by, person_seen
from portevoix.api.views.schemas import Line, Mail, Postcode, Sent, Short, Town, Version
from portevoix.people.services import contacts

router = Router(tags=["people"])
State = Literal["unverified", "verified", "bouncing", "refused"]
#: Of what is new: its owner alone verifies it, and what they verified may be left so.
NewState = Literal["unverified", "bouncing", "refused"]
Use = Literal["mobile", "home", "work"]
Country = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")]


class PointSent(Sent):
    """What is said of a way to reach somebody; what is absent is not known, or stays as it is."""

    status: State = "unverified"
    is_primary: bool = False


class EmailSent(PointSent):
    address: Mail


class PhoneSent(PointSent):
    number: Short
    kind: Use = "mobile"


class AddressSent(PointSent):
    line1: Line = ""
    line2: Line = ""
    postcode: Postcode = ""
    city: Town = ""
    country: Country = "FR"


class EmailAdded(EmailSent):
    status: NewState = "unverified"


class PhoneAdded(PhoneSent):
    status: NewState = "unverified"


class AddressAdded(AddressSent):
    status: NewState = "unverified"


class Seen(Sent):
    """A way to reach somebody, as it was read."""

    id: Annotated[int, Field(ge=1, le=2**63 - 1)]
    version: Version


class EmailCorrected(Seen, EmailSent):
    address: Mail = ""


class PhoneCorrected(Seen, PhoneSent):
    number: Short = ""


class AddressCorrected(Seen, AddressSent):
    pass


class EmailsChange(Sent):
    add: list[EmailAdded] = Field([], max_length=MOST_POINTS)
    correct: list[EmailCorrected] = Field([], max_length=MOST_POINTS)
    remove: list[Seen] = Field([], max_length=MOST_POINTS)


class PhonesChange(Sent):
    add: list[PhoneAdded] = Field([], max_length=MOST_POINTS)
    correct: list[PhoneCorrected] = Field([], max_length=MOST_POINTS)
    remove: list[Seen] = Field([], max_length=MOST_POINTS)


class AddressesChange(Sent):
    add: list[AddressAdded] = Field([], max_length=MOST_POINTS)
    correct: list[AddressCorrected] = Field([], max_length=MOST_POINTS)
    remove: list[Seen] = Field([], max_length=MOST_POINTS)


class ContactsChange(Sent):
    """How somebody is reached: all of it is written, or nothing. What is not named stays as it is."""

    emails: EmailsChange | None = None
    phones: PhonesChange | None = None
    addresses: AddressesChange | None = None


class ContactsChanged(Schema):
    """How many of each were written; their numbers and versions are on the record."""

    added: int = 0
    corrected: int = 0
    removed: int = 0


@router.post("/people/{int:pk}/contacts", response=ContactsChanged, **opened_by("people.edit_contacts"),
             operation_id="edit_contacts")  # fmt: skip
def edit_contacts(request: HttpRequest, pk: int, sent: ContactsChange) -> dict[str, int]:
    """Add, correct and remove how somebody is reached. Nothing is written where somebody else changed one of them."""
    held = held_by(request)
    person = person_seen(pk, held.actor)
    changes = contact_changes(person, sent.model_dump(exclude_unset=True, exclude_none=True))
    return contacts.edit_contacts(person, changes, source=held.source, actor=held.actor)
