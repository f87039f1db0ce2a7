"""Words of the people room: states of contact points, kinds of interaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class PhoneKind(models.TextChoices):
    MOBILE = "mobile", _("mobile")
    HOME = "home", _("home")
    WORK = "work", _("work")


class Kind(models.TextChoices):
    """What happened to a person: the vocabulary of the spine. A kind is never renamed."""

    IMPORTED = "imported", _("came in by a file")
    SIGNED_UP = "signed_up", _("filled in the sign-up form")
    CONFIRMED = "confirmed", _("confirmed their address")
    CONSENTED = "consented", _("gave a consent")
    WITHDREW = "withdrew", _("withdrew a consent")
    MAILED = "mailed", _("was sent a message")
    EDITED = "edited", _("record edited")
    TAGGED = "tagged", _("was tagged")
    EXPORTED = "exported", _("was part of an export")
    MERGED = "merged", _("merged with another record")
    SEPARATED = "separated", _("merge undone")


class CustomKind(models.TextChoices):
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    DAY = "day", _("day")
    YES_NO = "yes_no", _("yes or no")


@dataclass(frozen=True)
class Identity:
    """What the edit form says of a person."""

    first_name: str
    last_name: str
    gender: str
    born_on: date | None
    occupation: str
    postcode: str
    commune_id: str | None


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
