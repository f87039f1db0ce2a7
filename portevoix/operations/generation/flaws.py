"""What real exports are full of: each function spoils a clean row in one way, as campaigns and spreadsheets do."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from portevoix.operations.generation.chance import Draw
from portevoix.operations.generation.person import LAST_DAY, moment

Row = dict[str, str]
#: Spoils the row, given the clean ones before it in its block; returns False where the row has nothing to spoil.
Flaw = Callable[[Draw, Row, list[Row]], bool]


def bad_email(draw: Draw, row: Row, before: list[Row]) -> bool:
    name = row["last_name"]
    row["email"] = row["email1"] = draw.one_of(
        (f"{name}@", f"{name} chez orange", f"{name}@orange..example", "n/a", "@courriel.example", f"{name}@courriel")
    )
    return True


def bad_phone(draw: Draw, row: Row, before: list[Row]) -> bool:
    row["mobile_number"] = draw.one_of(
        ("06 39 98", "0000000000", "non communiqué", "+33 (0)", "1.23E+09", "063998123456")
    )
    return True


def same_email_again(draw: Draw, row: Row, before: list[Row]) -> bool:
    """Write an address that was in the file before in other letters: the same person, twice."""
    known = [other for other in before if other["email"]]
    if not known:
        return False
    other = draw.one_of(known)
    for column in ("first_name", "last_name", "full_name", "sex"):
        row[column] = other[column]
    email = other["email"]
    row["email"] = row["email1"] = draw.one_of((email.upper(), email.title(), f" {email} "))
    return True


def decomposed_accents(draw: Draw, row: Row, before: list[Row]) -> bool:
    """Write accents apart from their letter, as files from macOS do."""
    columns = ("first_name", "last_name", "full_name", "primary_city", "primary_address1")
    found = {column: unicodedata.normalize("NFD", row[column]) for column in columns}
    if all(text == row[column] for column, text in found.items()):
        return False
    row.update(found)
    return True


def other_dates(draw: Draw, row: Row, before: list[Row]) -> bool:
    """Write the dates in another of the three formats, or one that no calendar has."""
    year, month, day = row["created_at"][:10].split("-")
    way = draw.number(0, 2)
    row["created_at"] = f"{month}/{day}/{year}" if way == 0 else f"{year}-{month}-{day}T12:00:00Z"
    row["born_at"] = ("1961-07-14", "07/14/1961", draw.one_of(("31/02/1975", "0000-00-00", "02/30/1980")))[way]
    return True


def unsubscribed(draw: Draw, row: Row, before: list[Row]) -> bool:
    row["unsubscribed_at"] = moment(draw, draw.number(LAST_DAY - 700, LAST_DAY))
    return True


def not_to_be_contacted(draw: Draw, row: Row, before: list[Row]) -> bool:
    row["do_not_contact"] = "true"
    return True


def email_known_bad(draw: Draw, row: Row, before: list[Row]) -> bool:
    if not row["email"]:
        return False
    row["email1_is_bad"] = "true"
    return True


def sensitive_columns(draw: Draw, row: Row, before: list[Row]) -> bool:
    """Fill what nobody may bring in unasked."""
    row[draw.one_of(("religion", "church", "ethnicity"))] = "renseigné"
    row["inferred_support_level"] = str(draw.number(1, 5))
    return True


def shouted(draw: Draw, row: Row, before: list[Row]) -> bool:
    for column in ("first_name", "last_name", "primary_city"):
        row[column] = f"  {row[column].upper()} "
    return True


def short_postcode(draw: Draw, row: Row, before: list[Row]) -> bool:
    """Lose the zero in front, as spreadsheets do."""
    if not row["primary_zip"].startswith("0"):
        return False
    row["primary_zip"] = row["primary_zip"][1:]
    return True


def formula(draw: Draw, row: Row, before: list[Row]) -> bool:
    row["note"] = draw.one_of(('=HYPERLINK("https://exemple.example","Voir")', "+33 c'est noté", "@SOMME(A1:A9)"))
    return True


def note_on_two_lines(draw: Draw, row: Row, before: list[Row]) -> bool:
    row["note"] = 'Vue à la réunion,\na dit "je reviendrai"'
    return True


def nameless(draw: Draw, row: Row, before: list[Row]) -> bool:
    row["first_name"] = row["last_name"] = row["full_name"] = ""
    return True


FLAWS: tuple[Flaw, ...] = (
    *(bad_email, bad_phone, same_email_again, decomposed_accents, other_dates, unsubscribed, not_to_be_contacted),
    *(email_known_bad, sensitive_columns, shouted, short_postcode, formula, note_on_two_lines, nameless),
)


def spoil(draw: Draw, row: Row, before: list[Row]) -> str:
    """Spoil the row in one way and return its name."""
    while True:
        flaw = draw.one_of(FLAWS)
        if flaw(draw, row, before):
            return flaw.__name__
