"""Decisions on persons, pure: what may be written on a record, and whether two records are one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from portevoix.accounts.types import Fact
from portevoix.people.types import Conflict, CustomKind, Likeness, Reason, Traits

#: What comes before the key of one of the campaign's own fields, beside the columns of a person.
CUSTOM = "custom."
#: The languages that are offered first in France, those of its regions among them.
LANGUAGES = (
    *("fr", "en", "ar", "pt", "es", "it", "de", "tr", "pl", "ro", "ru", "uk", "zh-hans", "vi"),
    *("br", "eu", "ca", "co", "oc"),
)
#: Below, a pair is not worth anybody's time.
WORTH_A_LOOK = 50
#: What each agreement weighs. A name alone proves nothing: France has thousands of Martin Marie.
WEIGHTS = {
    Reason.NAME: 40,
    Reason.CLOSE_NAME: 30,
    Reason.MAIL: 50,
    Reason.PHONE: 30,
    Reason.BIRTH: 30,
    Reason.BIRTH_SWAPPED: 15,
    Reason.STREET: 20,
    Reason.POSTCODE: 8,
    Reason.OTHER_BIRTH: -40,
}
#: A couple or a family share telephone, address and surname: another first name speaks against.
OTHER_NAME = -40
SAME, CLOSE, FIRST_NAMES_CLOSE = 97, 84, 88


def differences(
    *, was: Mapping[str, Any], now: Mapping[str, Any], said: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Conflict]]:
    """Return what to write, and what cannot be: fields changed both here and by somebody else, to other values.

    ``was`` is what the screen showed, ``now`` what is stored, ``said`` what one wants. A field left as it was on
    the screen is not written, whatever became of it.
    """
    changed: dict[str, Any] = {}
    conflicts: list[Conflict] = []
    for name, value in said.items():
        if value == was.get(name) or value == now.get(name):
            continue
        if now.get(name) != was.get(name):
            conflicts.append(Conflict(name, now.get(name), value))
        else:
            changed[name] = value
    return changed, conflicts


def storable(kind: CustomKind, value: Any) -> Any:
    """Return a cleaned value of a custom field as JSON keeps it; None where there is nothing."""
    if value is None or value in ("", []):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return bool(value) if kind == CustomKind.YES_NO else value


def compare(one: Traits, other: Traits) -> Likeness:
    """Score two records; the order of the two does not matter."""
    reasons = [reason for reason in (_name(one, other), _birth(one, other)) if reason]
    for reason, mine, theirs in (
        (Reason.MAIL, one.mails, other.mails),
        (Reason.PHONE, one.phones, other.phones),
        (Reason.STREET, one.streets, other.streets),
        (Reason.POSTCODE, one.postcodes, other.postcodes),
    ):
        if mine & theirs:
            reasons.append(reason)
    score = sum(WEIGHTS[reason] for reason in reasons) + (OTHER_NAME if _is_named_otherwise(one, other) else 0)
    return Likeness(max(0, min(100, score)), tuple(sorted(reasons, key=lambda reason: -WEIGHTS[reason])))


def _name(one: Traits, other: Traits) -> Reason | None:
    if not _are_named(one, other) or _is_named_otherwise(one, other):
        return None
    likeness = fuzz.token_sort_ratio(f"{one.last} {one.first}", f"{other.last} {other.first}")
    return Reason.NAME if likeness >= SAME else Reason.CLOSE_NAME


def _are_named(one: Traits, other: Traits) -> bool:
    return bool(one.first and one.last and other.first and other.last)


def _is_named_otherwise(one: Traits, other: Traits) -> bool:
    """First names are compared strictly: those of a family look alike, « Marie » and « Martine » are two people."""
    if not _are_named(one, other):
        return False
    in_place = _alike(one.last, other.last, CLOSE) and _alike(one.first, other.first, FIRST_NAMES_CLOSE)
    swapped = _alike(one.last, other.first, CLOSE) and _alike(one.first, other.last, FIRST_NAMES_CLOSE)
    return not (in_place or swapped)


def _alike(one: str, other: str, least: int) -> bool:
    """Tell whether two spellings are of one name: typos, « Le Goff » and « Legoff », « M. », « Marie(-Anne) »."""
    shorter, longer = sorted((one.split(), other.split()), key=len)
    if longer[: len(shorter)] == shorter or ((len(one) == 1 or len(other) == 1) and one[0] == other[0]):
        return True
    return fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")) >= least


def _birth(one: Traits, other: Traits) -> Reason | None:
    if one.born_on is None or other.born_on is None:
        return None
    if one.born_on == other.born_on:
        return Reason.BIRTH
    mine, theirs = one.born_on, other.born_on
    is_swapped = (mine.year, mine.month, mine.day) == (theirs.year, theirs.day, theirs.month)
    return Reason.BIRTH_SWAPPED if is_swapped else Reason.OTHER_BIRTH


def is_fuller(value: Any, other: Any) -> bool:
    """Tell whether ``value`` says more than ``other``: anything more than nothing, « Léa » more than « LEA »."""
    if _is_blank(value) or _is_blank(other):
        return not _is_blank(value) and _is_blank(other)
    if not (isinstance(value, str) and isinstance(other, str)):
        return False
    return (_care(value), len(value)) > (_care(other), len(other))


def _is_blank(value: Any) -> bool:
    return value is None or value in ("", {}, [])


def _care(text: str) -> int:
    """Count the signs of a careful spelling: upper and lower case, accents."""
    return int(not text.isupper() and not text.islower()) + int(not text.isascii())


#: Words in the key of one of the campaign's own fields, or in its name, that say it holds what some roles have no need
#: to know; a number may follow, as in “address2”.
FACT_WORDS = {
    Fact.EMAIL: {"email", "emails", "mail", "mails", "courriel", "courriels", "mel"},
    Fact.PHONE: {"phone", "telephone", "tel", "mobile", "portable", "gsm", "whatsapp", "fax"},
    Fact.ADDRESS: {"address", "adresse", "street", "rue"},
    Fact.BIRTH: {"birth", "birthdate", "birthday", "born", "naissance", "age"},
}


def words_of(facts: Iterable[Fact]) -> str:
    """Return the regular expression, of a text in lower case and without accents that tells of ``facts``."""
    words = sorted(word for fact in facts for word in FACT_WORDS[fact])
    return rf"(^|[^a-z0-9])({'|'.join(words)})[0-9]*([^a-z0-9]|$)"


def age(born_on: date | None, today: date) -> int | None:
    """Return how old somebody is in whole years; whoever was born on 29 February is older on 1 March."""
    if born_on is None:
        return None
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
