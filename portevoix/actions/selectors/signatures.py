"""Who signed: what is shown on the site, and what may be handed to the addressee."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from portevoix.actions import rules
from portevoix.actions.models import OpenLetterPage, Participation, SignedPage
from portevoix.actions.types import QUALITY
from portevoix.disclosure.types import Delivery
from portevoix.kernel import clock
from portevoix.people.models import Person

#: Names shown on the page itself; the others stand on a page of their own.
NAMES_SHOWN = 12
A_PAGE = 100


@dataclass(frozen=True)
class Signatory:
    """A name as its owner agreed that it be shown."""

    name: str
    commune: str
    quality: str


def shown_of(page: SignedPage) -> dict[str, Any]:
    """Return what a page shows of its signatories: how many, and the names of who agreed to it."""
    count = count_of(page) if page.shows_count or page.goal else 0
    names = list(signatories(page)[: NAMES_SHOWN + 1]) if page.shows_names else []
    return {
        "count": count,
        "share": rules.share_of(count, page.goal),
        "left": max(page.goal - count, 0) if page.goal else 0,
        "signatories": [as_shown(taken, page) for taken in names[:NAMES_SHOWN]],
        "has_more": len(names) > NAMES_SHOWN,
    }


def count_of(page: SignedPage) -> int:
    """Return how many signatures count."""
    return Participation.objects.filter(page=page.pk).counted().count()


def signatories(page: SignedPage) -> QuerySet[Participation]:
    """Return the parts of those who agreed that their name be shown, the latest first."""
    shown = Participation.objects.filter(page=page.pk).shown().exclude(person__first_name="")
    return shown.select_related("person__commune").order_by("-confirmed_at", "-pk")


def as_shown(taken: Participation, page: SignedPage) -> Signatory:
    """Return a signatory as the words of the form say: no family name, only its first letter."""
    person = taken.person
    initial = f" {person.last_name[:1].upper()}." if person.last_name else ""
    commune = person.commune.name if person.commune else ""
    quality = taken.answers.get(QUALITY, "") if isinstance(page, OpenLetterPage) else ""
    return Signatory(f"{person.first_name}{initial}", commune, quality)


# What is handed to the addressee


def to_hand_over(page: SignedPage) -> QuerySet[Participation]:
    """Return the parts whose owners agreed that their name be handed over, with the text and to whom it is now."""
    return Participation.objects.filter(page=page.pk).handed_with(page.signed)


def people_to_hand_over(page: SignedPage) -> QuerySet[Person]:
    """Return those same people."""
    return Person.objects.filter(pk__in=to_hand_over(page).order_by().values("person"))


def fields_of(page: SignedPage) -> tuple[str, ...]:
    """Return the columns of the file for the addressee: those that the form names, and no other."""
    quality = ("quality",) if isinstance(page, OpenLetterPage) else ()
    return ("first_name", "last_name", *quality, "commune", "signed_on")


def rows_to_hand_over(page: SignedPage, person_ids: Sequence[int], fields: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines of some people, in the order of their names; who no longer agrees is in none."""
    taken = to_hand_over(page).filter(person__in=person_ids).select_related("person__commune")
    for one in taken.order_by("person__sort_key", "person_id").iterator(chunk_size=2000):
        said = {
            "first_name": one.person.first_name,
            "last_name": one.person.last_name,
            "quality": str(one.answers.get(QUALITY, "")),
            "commune": one.person.commune.name if one.person.commune else "",
            "signed_on": localtime(one.confirmed_at, clock.PARIS).date().isoformat(),
        }
        yield [said[name] for name in fields]


@dataclass(frozen=True)
class Handing:
    """What a delivery would hold now: all the signatures, those of which the name goes, and why the others stay."""

    total: int
    named: int
    elsewhere: int
    preview: list[list[str]]
    columns: list[str]

    @property
    def unnamed(self) -> int:
        return self.total - self.named


def handing(page: SignedPage) -> Handing:
    """Return what a delivery to the addressee would hold now."""
    taken = Participation.objects.filter(page=page.pk).counted()
    named = to_hand_over(page)
    fields = fields_of(page)
    first = list(named.order_by("person__sort_key", "person_id").values_list("person", flat=True)[:10])
    return Handing(
        total=taken.count(),
        named=named.count(),
        elsewhere=taken.filter(may_be_handed_over=True).exclude(pk__in=named.order_by().values("pk")).count(),
        preview=[spoken(row, fields) for row in rows_to_hand_over(page, first, fields)],
        columns=[column_label(name) for name in fields],
    )


def spoken(row: Sequence[str], fields: Sequence[str]) -> list[str]:
    """Return a line as it is read: the day in words."""
    return [
        date_format(date.fromisoformat(cell), "SHORT_DATE_FORMAT") if name == "signed_on" else cell
        for name, cell in zip(fields, row, strict=True)
    ]


def column_label(name: str) -> str:
    """Return the heading of a column of the file for the addressee."""
    return {
        "first_name": gettext("First name"),
        "last_name": gettext("Family name"),
        "quality": gettext("Profession or mandate"),
        "commune": gettext("Commune"),
        "signed_on": gettext("Signed on"),
    }[name]


def delivery_of(page: SignedPage) -> Delivery:
    """Return what the door of files needs to know of a delivery."""
    with translation.override(page.locale.language_code):
        told = handing(page)
        return Delivery(
            title=page.title,
            recipient=page.addressee,
            lead=_lead(told),
            language=page.locale.language_code,
            columns={name: column_label(name) for name in fields_of(page)},
            rows=partial(rows_to_hand_over, page),
            read=spoken,
        )


def _lead(told: Handing) -> tuple[str, ...]:
    """Say how many signed, how many of them are named here, and what the addressee may do with the names."""
    counted = ngettext(
        "%(total)s person signed, each with a confirmed e-mail address.",
        "%(total)s people signed, each with a confirmed e-mail address.",
        told.total,
    ) % {"total": number_format(told.total)}
    named = ngettext(
        "%(named)s of them agreed that their name be handed over, and stands below; the others count without a name.",
        "%(named)s of them agreed that their names be handed over, and stand below; the others count without a name.",
        told.named,
    ) % {"named": number_format(told.named)}
    duty = gettext(
        "These names may reveal political opinions (GDPR art. 9). They were given for this text alone: whoever "
        "receives them answers for them, uses them for nothing else and publishes none."
    )
    return counted, named, duty
