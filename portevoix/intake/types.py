"""What a form, or a file, brings in."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.people.types import CustomKind, Protected
from portevoix.rights.purposes import Purpose


@dataclass(frozen=True)
class SignUp:
    """A filled-in form: an address in its normal form, what the person said, and what they agreed to.

    ``source`` names the page; ``commune`` is an INSEE code; ``phone`` is in E.164; ``born_on`` is a day in ISO 8601;
    ``custom`` holds values of the campaign's own fields by their key.
    """

    email: str
    source: str
    first_name: str = ""
    last_name: str = ""
    postcode: str = ""
    commune: str = ""
    phone: str = ""
    born_on: str = ""
    occupation: str = ""
    language: str = "fr"
    custom: Dictionary[str, object] = field(default_factory=dict)
    purposes: frozenset[Purpose] = field(default_factory=frozenset)

    @property
    def answers(self) -> dict[str, Any]:
        """What the person said of themselves, without blanks."""
        named = ("first_name", "last_name", "postcode", "commune", "phone", "born_on", "occupation", "custom")
        return {name: getattr(self, name) for name in named if getattr(self, name)}


#: Where a form on paper says that what is on it comes from.
ON_PAPER = "paper"


@dataclass(frozen=True)
class Sheet:
    """A form that somebody filled in on paper: who they are, where and when they signed, what they ticked.

    Contacts are in their normal forms; ``commune`` is an INSEE code. One that was filled in on a screen elsewhere has
    the source that brings it in.
    """

    where: str
    signed_on: date
    purposes: frozenset[Purpose]
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    postcode: str = ""
    commune: str = ""
    source: str = ON_PAPER

    @property
    def is_paper(self) -> bool:
        return self.source == ON_PAPER

    @property
    def contacts(self) -> list[tuple[str, str]]:
        """The address and the number, as the list of erased people names them."""
        return [(kind, value) for kind, value in (("email", self.email), ("phone", self.phone)) if value]

    @property
    def told(self) -> dict[str, str]:
        """What proves the consents: the paper itself, or the form."""
        return {"paper" if self.is_paper else "form": self.where, "signed_on": self.signed_on.isoformat()}


class Fault(models.TextChoices):
    """Why a whole file cannot be taken in, as a sentence with what to do about it."""

    MISSING = "missing", _("The file is no longer there: send it again.")
    EMPTY = "empty", _("The file is empty.")
    NO_ROWS = "no_rows", _("The file has a line of titles and nothing below it.")
    TOO_BIG = "too_big", _("The file is larger than %(limit)d MB: send it in several parts.")
    WORKBOOK = (
        "workbook",
        _("This is a spreadsheet, not a CSV file: open it, choose “Save as”, then “CSV UTF-8”."),
    )
    COMPRESSED = "compressed", _("The file is compressed (%(kind)s): send the CSV file itself, or a zip.")
    NOT_TEXT = "not_text", _("This is not a CSV file: it is not even text.")
    ZIP_DAMAGED = "zip_damaged", _("The zip is damaged: make it again, or send the CSV file itself.")
    ZIP_LOCKED = "zip_locked", _("The zip asks for a password: send the CSV file itself.")
    ZIP_NOT_ONE = "zip_not_one", _("The zip holds %(count)d CSV files: it must hold one.")
    ZIP_SWELLS = "zip_swells", _("The zip holds far more than it should: send the CSV file itself.")
    SAME_TITLE = "same_title", _("Several columns are called “%(name)s”: give each its own title.")
    TOO_WIDE = "too_wide", _("The file has %(count)d columns: no more than %(limit)d are read.")
    STRANGE_TITLES = (
        "strange_titles",
        _("No column is recognised. The first line must hold titles such as %(expected)s; it holds: %(found)s."),
    )
    NO_ROOM = "no_room", _("There is no room left on the disk of the server.")
    UNFORESEEN = "unforeseen", _("The import stopped because of an unforeseen fault (%(kind)s).")

    def told(self, values: Dictionary[str, object]) -> str:
        """Return the sentence in the reader's language, with its blanks filled."""
        return str(self.label) % values


class Reason(models.TextChoices):
    """Why a row, or one value of it, does not come in."""

    TOO_FEW_CELLS = "too_few_cells", _("fewer cells than the line of titles")
    TOO_MANY_CELLS = "too_many_cells", _("more cells than the line of titles")
    OPEN_QUOTE = "open_quote", _("a quotation mark is opened and never closed")
    BROKEN_BYTES = "broken_bytes", _("characters that are not in the encoding of the file")
    NUL = "nul", _("a character that is not text (NUL)")
    ENDLESS_CELL = "endless_cell", _("a cell of more than 130,000 characters")
    NOBODY = "nobody", _("neither name, address, number nor identifier")
    ERASED = "erased", _("a person who asked to be erased: they may sign up again, no file brings them back")
    RESEMBLES = (
        "resembles",
        _(
            "same name, and same birth date, address or shared number, as a person who asked to be erased: nothing "
            "came in; who is somebody else may sign up by themselves"
        ),
    )
    RESTRICTED = "restricted", _("a person whose data is restricted (GDPR art. 18): nothing is added to it")
    ORGANISATION = "organisation", _("an organisation, not a person")
    NOT_AN_EMAIL = "not_an_email", _("not an e-mail address")
    NOT_A_PHONE = "not_a_phone", _("not a telephone number")
    NOT_A_DAY = "not_a_day", _("not a possible birth date")
    NOT_YES_OR_NO = "not_yes_or_no", _("neither yes nor no")
    NOT_A_LEVEL = "not_a_level", _("not a level of support from 1 to 5")
    TOO_LONG = "too_long", _("too long")
    CUT = "cut", _("too long: its beginning was kept")

    @property
    def is_of_the_row(self) -> bool:
        """Tell whether nothing of the row comes in; else, only the value is left aside."""
        return self not in {
            Reason.NOT_AN_EMAIL,
            Reason.NOT_A_PHONE,
            Reason.NOT_A_DAY,
            Reason.NOT_YES_OR_NO,
            Reason.NOT_A_LEVEL,
            Reason.TOO_LONG,
            Reason.CUT,
        }


class Extra(NamedTuple):
    """A column that the campaign keeps as a custom field, and where it is in the file."""

    column: int
    key: str
    label: str
    kind: CustomKind


class Refused(NamedTuple):
    """A column that does not come in, and why."""

    label: str
    why: Protected


@dataclass(frozen=True)
class Mapping:
    """Where each column of a file goes. ``fields`` gives the place of each column that is understood.

    ``prefix`` goes before the file's own identifiers, so that those of two tools never meet.
    """

    prefix: str
    fields: Dictionary[str, int]
    extras: tuple[Extra, ...] = ()
    refused: tuple[Refused, ...] = ()
