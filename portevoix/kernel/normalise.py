"""One spelling for what people write in many ways: addresses, numbers, names."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

#: RFC 5321 local part without quotes, then a host name of at least two labels; the SQL of imports uses the same.
EMAIL_PATTERN = (
    r"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
)
_EMAIL = re.compile(EMAIL_PATTERN)
#: Four digits at least: fewer are in too many numbers.
_BEGUN = re.compile(r"(\+|00|0[1-9])[0-9]{2,14}")
_BETWEEN_DIGITS = re.compile(r"[\s.()/-]")
_WORD = re.compile(r"[^\W_]+")


def email(raw: str) -> str | None:
    """Return the address in lower case, its domain in ASCII, or None when no mail server could take it."""
    address = unicodedata.normalize("NFKC", raw).strip().strip("<>").lower()
    local, at, domain = address.rpartition("@")
    if not at or len(address) > 254:
        return None
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii')}" if not domain.isascii() else address
    except UnicodeError:
        return None
    if ".." in address or local.startswith(".") or local.endswith("."):
        return None
    return address if _EMAIL.fullmatch(address) else None  # `$` alone would let a final line break through


def phone(raw: str, region: str = "FR") -> str | None:
    """Return the number in E.164, or None when it can be no number; ``region`` reads national spellings."""
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_beginning(raw: str) -> str | None:
    """Return how the numbers in E.164 begin that somebody has begun to type, or None when it is no number."""
    digits = _BETWEEN_DIGITS.sub("", raw)
    if not _BEGUN.fullmatch(digits):
        return None
    if digits.startswith(("+", "00")):
        return "+" + digits.removeprefix("+").removeprefix("00")
    return "+33" + digits.removeprefix("0")


def phone_written(number: str, region: str = "FR") -> str:
    """Return a number in E.164 as people of ``region`` read it."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    is_national = phonenumbers.country_code_for_region(region) == parsed.country_code
    style = phonenumbers.PhoneNumberFormat.NATIONAL if is_national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def phone_zones(number: str) -> tuple[str, ...]:
    """Return the time zones that a number in E.164 may be in, as far as its beginning says so; none if it does not."""
    # Its tables are large, and few ask.
    from phonenumbers import timezone

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ()
    found = [timezone.time_zones_for_number(parsed), timezone.time_zones_for_geographical_number(parsed)]
    return next((tuple(zones) for zones in found if timezone.UNKNOWN_TIMEZONE not in zones), ())


def sort_key(text: str) -> str:
    """Return ``text`` without accents, case or punctuation: how French directories sort and how names are matched."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return " ".join(_WORD.findall(plain.replace("œ", "oe").replace("æ", "ae")))


def is_mobile(number: str) -> bool:
    """Tell whether a number in E.164 may receive text messages, as far as its country says so."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:  # ranges that are new, or kept for fiction
        return not number.startswith("+33") or number[3:4] in {"6", "7"}
    return kind in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
