"""What programs send and are answered: the shapes, as the OpenAPI document shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from portevoix.api.rules import MOST_RECORDS, USUAL_RECORDS
from portevoix.people.rules import LANGUAGES
from portevoix.rights.purposes import OPTIONAL

if TYPE_CHECKING:
    Language = str
    Choice = str
else:
    Language = Literal[LANGUAGES]
    #: What a person can agree to, each on its own.
    Choice = Literal[tuple(purpose.value for purpose in OPTIONAL)]
How = Literal["form", "in_person", "telephone", "email", "letter"]


def _is_text(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    if "\x00" in text:
        raise ValueError
    return text.strip()


_text = AfterValidator(_is_text)
Mail = Annotated[str, Field(max_length=254), _text]
Line = Annotated[str, Field(max_length=200), _text]
Place = Annotated[str, Field(max_length=150), _text]
Name = Annotated[str, Field(max_length=100), _text]
Issue = Annotated[str, Field(min_length=1, max_length=80), _text]
Short = Annotated[str, Field(max_length=40), _text]
Town = Annotated[str, Field(max_length=120), _text]
Postcode = Annotated[str, Field(max_length=10), _text]
Insee = Annotated[str, Field(max_length=5, description="An INSEE code."), _text]
Version = Annotated[str, Field(min_length=1, max_length=16)]
Tag = Annotated[str, Field(min_length=1, max_length=100), _text]
Station = Annotated[str, Field(max_length=12, pattern=r"^([0-9A-Za-z]{1,5}(_[0-9]{1,4})?)?$")]
Long = Annotated[str, Field(max_length=10_000), _text]
Where = Annotated[str, Field(min_length=1, max_length=150), _text]


class Sent(Schema):
    """Something that a program sends: what is not known is refused, not overlooked."""

    model_config = ConfigDict(extra="forbid")


class KeyTold(Schema):
    """The key itself."""

    name: str
    purpose: str
    scopes: list[str]
    expires_at: datetime
    #: Whose key it is.
    account: str
    roles: list[str]
    #: Codes of the départements that the mandates cover; null is all of France.
    departements: list[str] | None


class CommuneTold(Schema):
    code: str
    name: str


class PointTold(Schema):
    """A way to reach somebody. `version` names its state: correcting it or removing it needs the one that was read."""

    id: int
    status: str
    is_primary: bool
    version: str


class EmailTold(PointTold):
    address: str


class PhoneTold(PointTold):
    number: str
    kind: str


class AddressTold(PointTold):
    line1: str
    line2: str
    postcode: str
    city: str
    country: str


class PersonTold(Schema):
    """A record. What is hidden from the role of whoever made the key is absent, and named in `hidden`."""

    id: int
    ref: UUID
    first_name: str
    last_name: str
    gender: str
    born_on: date | None = None
    language: str
    other_languages: list[str]
    occupation: str
    postcode: str
    commune: CommuneTold | None
    polling_station: str
    emails: list[EmailTold] | None = None
    phones: list[PhoneTold] | None = None
    addresses: list[AddressTold] | None = None
    tags: list[str]
    #: Purposes that are agreed to now.
    agreed_to: list[str]
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    version: str
    hidden: list[str]


class PeopleTold(Schema):
    """A page of the file. `next` is what `after` must be for the one that follows; null on the last."""

    people: list[PersonTold]
    next: int | None


class PeopleFound(Schema):
    people: list[PersonTold]


class Following(Schema):
    """Which page of a list."""

    after: int = Field(0, ge=0, le=2**63 - 1, description="The number after which the page begins.")
    limit: int = Field(USUAL_RECORDS, ge=1, le=MOST_RECORDS, description="Lines of a page.")


class PeopleAsked(Following):
    """Which part of the file."""

    tag: Annotated[str, _text] = Field("", max_length=100, description="Only who carries this tag.")
    changed_since: datetime | None = Field(None, description="Only whose record changed since then.")


class Wanted(Sent):
    """By what somebody is looked for: an address, or a number. It travels in the body, so that no log holds it."""

    email: Mail = ""
    phone: Short = ""


class Kept(Sent):
    """The numbers of records of which a program keeps a copy."""

    ids: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(max_length=1000)


class Gone(Schema):
    #: Records of which no copy may be kept: erased, restricted, merged into another, or no longer this key's to see.
    gone: list[int]


class Proof(Sent):
    """Where, how and when somebody agreed (RGPD art. 7(1))."""

    where: Where
    on: date


class PersonSent(Sent):
    """Somebody who filled in a form elsewhere, what they agreed to, and what proves it."""

    first_name: Name = ""
    last_name: Name = ""
    email: Mail = ""
    phone: Short = ""
    postcode: Postcode = ""
    commune: Insee = ""
    agreed_to: list[Choice] = Field(max_length=20)
    proof: Proof


class PersonEntered(Schema):
    id: int
    is_new: bool
    #: What the person had taken back since: it stays refused.
    taken_back: list[str]


class PersonChange(Sent):
    """What is known better; what is absent stays as it is. `version` is the record's, as it was read."""

    version: Version
    first_name: Name | None = None
    last_name: Name | None = None
    gender: Short | None = None
    born_on: date | None = None
    language: Language | None = None
    other_languages: list[Language] | None = None
    occupation: Place | None = None
    postcode: Postcode | None = None
    commune: Insee | None = None
    polling_station: Station | None = None
    #: The campaign's own fields by their keys; null empties one.
    custom: dict[Name, bool | int | float | Long | list[Name] | None] = {}


class PersonChanged(Schema):
    id: int
    version: str
    #: The fields that were written.
    changed: list[str]


class TagsChange(Sent):
    """Tags to put on and to take off; the others stay."""

    add: list[Tag] = Field([], max_length=50)
    remove: list[Tag] = Field([], max_length=50)


class TagsTold(Schema):
    tags: list[str]


class OpinionTold(Schema):
    """What somebody agreed to have recorded of their political opinions (RGPD art. 9)."""

    support_level: int | None
    issues: list[str]
    vote_intention: str
    version: str


class OpinionSent(Sent):
    """What the person said, whole; empty, what was recorded goes. `version` is of what was read."""

    version: Version
    support_level: Annotated[int, Field(ge=1, le=5)] | None = None
    issues: list[Issue] = Field([], max_length=20)
    vote_intention: Line = ""


class ConsentSent(Sent):
    """What somebody agreed to, in which words, and what proves it."""

    purpose: Choice
    #: The number of the words that the person read, from /purposes.
    wording: int
    how: How
    proof: Proof


class WithdrawalSent(Sent):
    """What somebody takes back, and how they asked for it."""

    purposes: list[Choice] = Field(min_length=1, max_length=20)
    how: How
    where: Place = ""


class WordsTold(Schema):
    """The very words that were read, kept for ever."""

    id: int
    language: str
    version: int
    text: str


class ConsentHeld(Schema):
    """Something that somebody agreed to, or refused: on which ground, in which words, since when, until when."""

    purpose: str
    channel: str
    basis: str
    wording: WordsTold | None
    given_at: datetime
    withdrawn_at: datetime | None
    #: What ended it: `withdrawn`, `refused`, `expired`, `replaced` by a consent that can be proven, `merged` with
    #: another record; null while it holds.
    end: str | None
    source: str


class ConsentsTold(Schema):
    """The latest first."""

    consents: list[ConsentHeld]


class ConsentTold(Schema):
    #: Purposes that are agreed to from now on.
    agreed_to: list[str]


class WordingTold(Schema):
    id: int
    language: str
    text: str


class PurposeTold(Schema):
    purpose: str
    label: str
    channel: str
    wordings: list[WordingTold]


class SegmentLine(Schema):
    id: int
    name: str
    #: What it asks, in words.
    asks: str


class SegmentsTold(Schema):
    segments: list[SegmentLine]
    next: int | None


class Reason(Schema):
    why: str
    people: int


class WayTold(Schema):
    channel: str
    purpose: str
    reached: int
    left_out: list[Reason]


class SegmentTold(Schema):
    """A segment in figures. Where a few people would be told apart, no number is told."""

    id: int
    name: str
    asks: str
    people: int | None
    is_few: bool
    is_late: bool
    ways: list[WayTold]


class ProblemTold(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = []
