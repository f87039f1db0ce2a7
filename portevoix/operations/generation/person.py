"""One invented person, clean: what a careful campaign would have noted."""

from __future__ import annotations

from datetime import date

from portevoix.operations.generation import sources
from portevoix.operations.generation.chance import Draw
from portevoix.operations.generation.columns import UNSAID

#: Days between which people came: the file is dated, so that it is the same tomorrow.
FIRST_DAY = date(2017, 3, 1).toordinal()
LAST_DAY = date(2026, 10, 31).toordinal()


def person(draw: Draw, number: int) -> dict[str, str]:
    """Return the row of person ``number``; the number makes the e-mail address theirs alone."""
    row = UNSAID.copy()
    row["nationbuilder_id"] = str(number)
    first, family = _identity(draw, row)
    place = draw.weighted(sources.places())
    _address(draw, row, place)
    if draw.random() < 0.88:
        _email(draw, row, first, family, number)
    _phones(draw, row, place)
    came = _moments(draw, row)
    _relation(draw, row, came)
    return row


def _identity(draw: Draw, row: dict[str, str]) -> tuple[str, str]:
    sex = "F" if draw.random() < 0.515 else "M"
    decade, earliest, latest = draw.weighted(sources.DECADES)
    known = sources.names()
    first = draw.weighted(known.first[sex, decade])
    family = draw.weighted(known.family)
    row["sex"] = sex
    row["first_name"], row["last_name"] = first.written, family.written
    row["full_name"] = f"{first.written} {family.written}"
    if draw.random() < 0.3:
        row["prefix"] = "Mme" if sex == "F" else "M."
    if draw.random() < 0.04:
        row["middle_name"] = draw.weighted(known.first[sex, decade]).written
    if draw.random() < 0.55:
        row["born_at"] = f"{draw.number(1, 12):02d}/{draw.number(1, 28):02d}/{draw.number(earliest, latest)}"
    if draw.random() < 0.15:
        row["occupation"] = draw.one_of(sources.OCCUPATIONS)
    return first.plain, family.plain


def _address(draw: Draw, row: dict[str, str], place: sources.Place) -> None:
    if draw.random() < 0.72:
        row["primary_address1"] = f"{draw.number(1, 120)} {draw.weighted(sources.WAYS)} {draw.one_of(sources.STREETS)}"
        if draw.random() < 0.08:
            row["primary_address2"] = f"Bâtiment {draw.one_of('ABCDEF')}"
    row["primary_city"] = place.city
    row["primary_county"] = place.county
    row["primary_state"] = place.state
    row["primary_zip"] = draw.one_of(place.postcodes)
    if draw.random() < 0.03:
        for part in ("address1", "city", "county", "state", "zip", "country", "country_code"):
            row[f"mailing_{part}"] = row[f"primary_{part}"]


def _email(draw: Draw, row: dict[str, str], first: str, family: str, number: int) -> None:
    local = draw.one_of(
        (f"{first}.{family}{number}", f"{first}{number}.{family}", f"{first[:1]}{family}{number}", f"{family}{number}")
    )
    row["email"] = row["email1"] = f"{local}@{draw.weighted(sources.DOMAINS)}"
    if draw.random() < 0.06:
        row["email2"] = f"{family}.{first}{number}@travail.example"
        row["email2_is_bad"] = "false"
    if draw.random() < 0.62:
        row["email_opt_in"] = "true"


def _phones(draw: Draw, row: dict[str, str], place: sources.Place) -> None:
    if draw.random() < 0.52:
        row["mobile_number"] = spelt(draw, sources.MOBILE + f"{draw.number(0, 9999):04d}")
        if draw.random() < 0.45:
            row["mobile_opt_in"] = "true"
    if draw.random() < 0.22:
        row["phone_number"] = spelt(draw, place.landline + f"{draw.number(0, 9999):04d}")


def spelt(draw: Draw, number: str) -> str:
    """Return ten digits in one of the ways in which the French write them."""
    way = draw.number(0, 8)
    if way <= 2:
        return number
    pairs = [number[at : at + 2] for at in range(0, 10, 2)]
    if way <= 5:
        return (" ", ".", "-")[way - 3].join(pairs)
    if way == 6:
        return f"+33{number[1:]}"
    spaced = f"{number[1]} {' '.join(pairs[1:])}"
    return f"+33 {spaced}" if way == 7 else f"0033{number[1:]}"


def _moments(draw: Draw, row: dict[str, str]) -> int:
    """Write when the person came and was last heard of; more came lately. Return the day."""
    span = LAST_DAY - FIRST_DAY
    came = LAST_DAY - int(span * draw.random() * draw.random())
    row["created_at"] = moment(draw, came)
    if draw.random() < 0.4:
        row["last_contacted_at"] = moment(draw, draw.number(came, LAST_DAY))
    return came


def moment(draw: Draw, day: int) -> str:
    seconds = draw.number(25200, 82799)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{date.fromordinal(day).isoformat()} {clock} UTC"


def _relation(draw: Draw, row: dict[str, str], came: int) -> None:
    if draw.random() < 0.45:
        tags = {draw.weighted(sources.TAGS): None for _ in range(draw.number(1, 4))}
        row["tag_list"] = ", ".join(tags)
    if draw.random() < 0.35:
        row["is_supporter"], row["is_prospect"] = "true", "false"
        row["support_level"] = str(draw.number(1, 2))
        row["first_supporter_at"] = moment(draw, draw.number(came, LAST_DAY))
    elif draw.random() < 0.15:
        row["support_level"] = str(draw.number(3, 5))
    if draw.random() < 0.07:
        row["is_volunteer"] = "true"
        row["first_volunteer_at"] = moment(draw, draw.number(came, LAST_DAY))
    _engagement(draw, row, came)


def _engagement(draw: Draw, row: dict[str, str], came: int) -> None:
    if draw.random() < 0.05:
        gifts = draw.number(1, 4)
        row["is_donor"], row["donations_count"] = "true", str(gifts)
        row["donations_amount"] = f"{gifts * draw.one_of((10, 20, 30, 50, 100))}.00"
    if draw.random() < 0.04:
        row["membership_level_name"] = draw.one_of(sources.LEVELS)
        row["membership_started_at"] = date.fromordinal(draw.number(came, LAST_DAY)).isoformat()
    if draw.random() < 0.03:
        row["party"] = draw.one_of(sources.PARTIES)
    if draw.random() < 0.03:
        row["note"] = draw.one_of(sources.NOTES)
