"""Words of the people room: states of contact points, kinds of interaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ContactStatus(models.TextChoices):
    """What is known of an address or a number."""

    UNVERIFIED = "unverified", _("not verified")
    VERIFIED = "verified", _("verified")
    BOUNCING = "bouncing", _("does not work")
    REFUSED = "refused", _("refused by the person")


#: States in which a contact point may be written to.
USABLE = (ContactStatus.UNVERIFIED, ContactStatus.VERIFIED)


class Gender(models.TextChoices):
    """What a person, or the file that named them, said; blank is unknown."""

    FEMALE = "F", _("woman")
    MALE = "M", _("man")
    OTHER = "O", _("other")

    @classmethod
    def told(cls, stored: str) -> str:
        """Return a stored gender in the reader's language; a word of the person's own as it is."""
        return str(cls(stored).label) if stored in cls.values else stored

    @classmethod
    def meant(cls, said: str) -> str:
        """Return what is stored for a word: our code where it is one of ours."""
        return next((one.value for one in cls if str(one.label).casefold() == said.casefold()), said)


class PhoneKind(models.TextChoices):
    MOBILE = "mobile", _("mobile")
    HOME = "home", _("home")
    WORK = "work", _("work")


class Kind(models.TextChoices):
    """What happened to a person: the vocabulary of the spine. A kind is never renamed."""

    IMPORTED = "imported", _("came in by a file")
    SIGNED_UP = "signed_up", _("filled in the sign-up form")
    ENTERED = "entered", _("filled in a form on paper")
    ADDED = "added", _("brought in by a program of the campaign")
    CONFIRMED = "confirmed", _("confirmed their address")
    PARTICIPATED = "participated", _("took part in an action of the site")
    RETRACTED = "retracted", _("took part in something, which they took back or did anew")
    ATTENDED = "attended", _("came to a meeting")
    CONSENTED = "consented", _("gave a consent")
    WITHDREW = "withdrew", _("withdrew a consent")
    MAILED = "mailed", _("was sent a message")
    OPENED = "opened", _("opened a message")
    CLICKED = "clicked", _("followed a link of a message")
    TEXTED = "texted", _("was sent a text message")
    REPLIED = "replied", _("answered by text message")
    CALLED = "called", _("was called")
    POSTED = "posted", _("was sent a letter")
    VISITED = "visited", _("was visited at the door")
    EDITED = "edited", _("record edited")
    TAGGED = "tagged", _("was tagged")
    UNTAGGED = "untagged", _("tag removed")
    EXPORTED = "exported", _("was part of an export")
    MERGED = "merged", _("merged with another record")
    SEPARATED = "separated", _("merge undone")
    CONSULTED = "consulted", _("record consulted")
    NOTED = "noted", _("note written")
    CORRECTED = "corrected", _("note corrected")
    UNNOTED = "unnoted", _("note removed")
    FILED = "filed", _("file added")
    UNFILED = "unfiled", _("file removed")
    TIED = "tied", _("relationship changed")
    HOUSED = "housed", _("household described")
    PLAYED = "played", _("role changed")
    STEPPED = "stepped", _("moved on a path")
    ASKED = "asked", _("used one of their rights")
    ANSWERED = "answered", _("request answered")
    RESTRICTED = "restricted", _("data left alone (restriction)")
    RELEASED = "released", _("restriction lifted")


class Why(models.TextChoices):
    """What a member of staff opened a person's record for."""

    RECORD = "record", _("to read the record")
    EDIT = "edit", _("to correct the record")
    ANSWER = "answer", _("to answer the person’s request")


class CustomKind(models.TextChoices):
    TEXT = "text", _("text")
    LONG_TEXT = "long_text", _("long text")
    NUMBER = "number", pgettext_lazy("kind of field", "number")
    DAY = "day", _("day")
    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("one choice")
    CHOICES = "choices", _("several choices")


class Protected(models.TextChoices):
    """What the law protects and a name announces (RGPD art. 9 and 10; checked on 2026-11-24)."""

    BELIEF = "belief", _("religious or philosophical belief (GDPR art. 9)")
    ORIGIN = "origin", _("racial or ethnic origin (GDPR art. 9)")
    OPINION = "opinion", _("political opinion (GDPR art. 9), for which no agreement is recorded")
    INFERRED = "inferred", _("guessed about the person, not said by them")
    UNION = "union", _("membership of a trade union (GDPR art. 9)")
    HEALTH = "health", _("health (GDPR art. 9)")
    INTIMACY = "intimacy", _("sex life or orientation (GDPR art. 9)")
    OFFENCES = "offences", _("offences (GDPR art. 10)")


#: Kinds whose words the search may find.
SEARCHABLE = (CustomKind.TEXT, CustomKind.LONG_TEXT, CustomKind.CHOICE)


class RoleKind(models.TextChoices):
    """What a person is to the campaign. A kind is never renamed."""

    VISITOR = "visitor", _("visitor")
    SUPPORTER = "supporter", _("supporter")
    ACTIVIST = "activist", _("activist")
    VOLUNTEER = "volunteer", _("volunteer")
    DONOR = "donor", _("donor")
    MEMBER = "member", _("member")
    ELECTED = "elected", _("elected official")
    PRESS = "press", _("press")


class RelationKind(models.TextChoices):
    """How a person is tied to another, said from the first to the second."""

    RECRUITED_BY = "recruited_by", _("was recruited by")
    POINT_PERSON = "point_person", _("is followed by (point person)")
    ELECTED_FOR = "elected_for", _("is the elected official of")
    WORKS_FOR = "works_for", _("works for")
    FAMILY = "family", _("is a relative of")
    KNOWS = "knows", _("knows")


#: The same ties said from the second to the first.
INVERSE: dict[str, str | Promise] = {
    RelationKind.RECRUITED_BY: _("recruited"),
    RelationKind.POINT_PERSON: _("is the point person of"),
    RelationKind.ELECTED_FOR: _("has as elected official"),
    RelationKind.WORKS_FOR: _("has working for them"),
    RelationKind.FAMILY: _("is a relative of"),
    RelationKind.KNOWS: _("knows"),
}

#: Ties that say the same from both ends.
SYMMETRIC = (RelationKind.FAMILY, RelationKind.KNOWS)

#: Ties of former times, which undoing an old merge may bring back: people who live together are a household now.
FORMER_TIES: dict[str, str | Promise] = {"household": _("is of the same household as")}

#: What columns of a NationBuilder export mean, where the platform has no place of its own for them.
KNOWN_COLUMNS: dict[str, str | Promise] = {
    "created_at": _("Created elsewhere on"),
    "updated_at": _("Changed elsewhere on"),
    "donations_count": _("Number of donations elsewhere"),
    "donations_amount": _("Amount of donations elsewhere"),
    "donations_amount_in_cents": _("Amount of donations elsewhere (cents)"),
    "first_donated_at": _("First donation elsewhere on"),
    "last_donated_at": _("Last donation elsewhere on"),
    "first_supporter_at": _("Supporter since"),
    "first_volunteer_at": _("Volunteer since"),
    "first_prospect_at": _("Prospect since"),
    "is_prospect": _("Prospect"),
    "is_fundraiser": _("Fundraiser"),
    "last_contacted_at": _("Last contacted elsewhere on"),
    "membership_level_name": _("Membership"),
    "membership_started_at": _("Member since"),
    "membership_expires_at": _("Member until"),
    "legal_name": _("Name at the registry office"),
    "fax_number": _("Fax number"),
    "city_district": _("District of the town"),
    "federal_district": _("Constituency"),
    "priority_level": _("Priority level"),
    "employer": _("Employer"),
    "marital_status": _("Marital status"),
    "middle_name": _("Middle name"),
    "prefix": _("Title before the name"),
    "suffix": _("Title after the name"),
    "website": _("Website"),
    "twitter_login": _("X (Twitter) account"),
    "facebook_username": _("Facebook account"),
    "recruiter_id": _("Recruiter’s number elsewhere"),
    "parent_id": _("Point person’s number elsewhere"),
    "precinct_name": _("Precinct elsewhere"),
    "precinct_code": _("Code of the precinct elsewhere"),
    "state_file_id": _("Number on the voter file"),
    "availability": _("Availability"),
    "bio": _("Biography"),
    "headline": _("Headline"),
    "unsubscribed_at": _("Unsubscribed on"),
}


@dataclass(frozen=True)
class Identity:
    """What the edit form says of a person, the campaign's own fields (``custom``) included."""

    first_name: str
    last_name: str
    gender: str
    born_on: date | None
    occupation: str
    postcode: str
    commune_id: str | None
    language: str = "fr"
    other_languages: tuple[str, ...] = ()
    polling_station: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """A role that a person holds or held; the dues are a member's."""

    kind: RoleKind
    detail: str = ""
    since: date | None = None
    until: date | None = None
    dues_paid_on: date | None = None
    dues_until: date | None = None


#: What a role has beside its name and its first day.
DAYS_OF_A_ROLE = ("until", "dues_paid_on", "dues_until")


@dataclass(frozen=True)
class Abode:
    """The name of a household and the address that its members share."""

    name: str = ""
    line1: str = ""
    line2: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else changed in the meantime: what it holds now, and what one wants to write."""

    field: str
    theirs: Any
    ours: Any


#: What is said of a way to reach somebody, by its kind.
POINT_FIELDS = {
    "email": ("address", "status", "is_primary"),
    "phone": ("number", "kind", "status", "is_primary"),
    "address": ("line1", "line2", "postcode", "city", "country", "status", "is_primary"),
}


@dataclass(frozen=True)
class ContactChange:
    """One line of the contacts screen: a row to add (no ``pk``), correct or remove.

    ``seen`` holds the values that were on the screen: a row that no longer holds them was changed by somebody else.
    """

    kind: str
    values: Mapping[str, Any]
    pk: int | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    is_removed: bool = False


class Reason(models.TextChoices):
    """Why two records may be one person, or why not quite."""

    NAME = "name", _("same name")
    CLOSE_NAME = "close_name", _("similar name")
    MAIL = "mail", _("same mailbox")
    PHONE = "phone", _("same telephone")
    BIRTH = "birth", _("same birth date")
    BIRTH_SWAPPED = "birth_swapped", _("day and month of birth swapped")
    STREET = "street", _("same street address")
    POSTCODE = "postcode", _("same postcode")
    OTHER_BIRTH = "other_birth", _("other birth date")


@dataclass(frozen=True, slots=True)
class Traits:
    """What two records are compared by, in normal form."""

    first: str = ""
    last: str = ""
    born_on: date | None = None
    mails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    postcodes: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are, from 0 to 100, and why."""

    score: int
    reasons: tuple[Reason, ...]


class RunState(models.TextChoices):
    """How far an act on many people is."""

    DRAFT = "draft", _("to be confirmed")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled on the way")
    STOPPED = "stopped", _("stopped on the way")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("taken back")


class RunEnd(models.TextChoices):
    """Why an act on many people did not go to its end."""

    BY_HAND = "by_hand", _("somebody cancelled it")
    NO_RIGHT = "no_right", _("who asked for it no longer has the right")
    IMPOSSIBLE = "impossible", _("the tag, the field or the person that it needs is gone")
    UNFORESEEN = "unforeseen", _("an unforeseen error")


@dataclass(frozen=True, slots=True)
class Changed:
    """What an act on many did to one person: the row that it made, and what was there before."""

    person_id: int
    row_id: int | None = None
    before: Any = None
