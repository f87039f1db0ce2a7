"""Cards of a letter: events, petitions and other pages, gifts, links to share.

What a page says of itself is asked of the rooms that make pages, by the hook `describe_page_for_letters`: a function
that takes a page, as its own type, and returns a `PageFacts`, or None for a page that it does not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext
from wagtail import hooks

from portevoix.kernel import clock
from portevoix.mailings.letters.parts import (
    WIDEST,
    Part,
    address_of,
    leading,
    picture_of,
    writes,
)
from portevoix.mailings.types import PageFacts

PAGE_HOOK = "describe_page_for_letters"
#: Across the card.
PICTURE = "fill-1056x528"


def facts_of(page: Any) -> PageFacts:
    """Return what a page says of itself; its title, where no room knows more."""
    if page is None or not page.live:
        return PageFacts()
    specific = page.specific
    for describe in hooks.get_hooks(PAGE_HOOK):
        if (facts := describe(specific)) is not None:
            return cast("PageFacts", facts)
    return PageFacts(title=specific.title, lead=specific.search_description or "")


@writes("petition")
def _petition(value: Any) -> Part:
    return _card("petition", value, facts_of(value["page"]))


@writes("event")
def _event(value: Any) -> Part:
    known = facts_of(value["page"])
    starts_at = value["starts_at"] or known.starts_at
    ends_at = value["ends_at"] if value["starts_at"] else value["ends_at"] or known.ends_at
    when = when_of(starts_at, ends_at) if starts_at else ""
    place = (value["place"] or "").strip() or known.place
    return _card("event", value, known, when=when, place=place)


def _card(kind: str, value: Any, known: PageFacts, *, when: str = "", place: str = "") -> Part:
    title = (value["title"] or "").strip() or known.title
    words = (value["words"] or "").strip() or known.lead
    label = value["label"].strip()
    address = address_of(value, label)
    picture = picture_of(known.picture, PICTURE, WIDEST) if known.picture and not known.picture.is_svg() else None
    facts = [
        pgettext("event", "When: %(when)s") % {"when": when} if when else "",
        pgettext("event", "Where: %(place)s") % {"place": place} if place else "",
    ]
    lines = [title, *facts, words, leading(label, address)]
    return Part(
        kind,
        ("\n".join(line for line in lines if line),),
        facts={
            "title": title,
            "words": words,
            "when": when,
            "place": place,
            "label": label,
            "address": address,
            "picture": picture,
        },
    )


def when_of(starts_at: datetime, ends_at: datetime | None = None) -> str:
    """Write when something is: “Saturday 12 June 2027, 18:30 – 21:00”."""
    start = starts_at.astimezone(clock.PARIS)
    day, hour = _day(start), date_format(start, gettext("g:i A"))
    words = gettext("%(day)s, %(hour)s") % {"day": capfirst(day), "hour": hour}
    if ends_at is None:
        return words
    end = ends_at.astimezone(clock.PARIS)
    until = date_format(end, gettext("g:i A"))
    if end.date() != start.date():
        until = gettext("%(day)s, %(hour)s") % {"day": _day(end), "hour": until}
    return f"{words} – {until}"


def _day(moment: datetime) -> str:
    return date_format(moment, pgettext("day of an event", "l j F Y"))


@writes("donation")
def _donation(value: Any) -> Part:
    title, label = value["title"].strip(), value["label"].strip()
    words = (value["words"] or "").strip()
    address = address_of(value, label)
    amounts = [
        {"amount": _euros(amount), "address": with_parameter(address, value["parameter"], str(amount))}
        for amount in value["amounts"]
    ]
    law = gettext(
        "Only natural persons may give, if they are French or live in France: at most €4,600 for an election "
        "(electoral code, art. L. 52-8), €7,500 a year to a party."
    )
    lines = [title, words, *(leading(one["amount"], one["address"]) for one in amounts), leading(label, address), law]
    return Part(
        "donation",
        ("\n".join(line for line in lines if line),),
        facts={"title": title, "words": words, "label": label, "address": address, "amounts": amounts, "law": law},
    )


def _euros(amount: int) -> str:
    return gettext("€%(amount)d") % {"amount": amount}


def with_parameter(address: str, name: str, value: str) -> str:
    """Return a web address with one parameter more, or with another value of it."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"}:
        return address
    query = [(key, old) for key, old in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)])))


@writes("share")
def _share(value: Any) -> Part:
    title = (value["title"] or "").strip() or gettext("Pass it on")
    address = address_of(value, title)
    words = " ".join(value["words"].split())
    chosen = set(value["by"])
    links = [one for one in share_links(words, address) if one["channel"] in chosen]
    is_copied = "copy" in chosen
    # Whoever reads plain text copies an address: the others are long and in code.
    lines = [title, words, leading(gettext("The address to copy"), address)]
    facts = {"title": title, "words": words, "address": address, "links": links, "is_copied": is_copied}
    return Part("share", ("\n".join(line for line in lines if line),), facts=facts)


def share_links(words: str, address: str) -> list[dict[str, str]]:
    """Return the links by which a page is passed on; each opens a program with a message ready, and sends nothing."""
    both = quote(f"{words} {address}", safe="")
    subject = quote(words, safe="")
    return [
        {"channel": "mail", "label": gettext("By e-mail"), "address": f"mailto:?subject={subject}&body={both}"},
        {"channel": "whatsapp", "label": gettext("By WhatsApp"), "address": f"https://wa.me/?text={both}"},
        {
            "channel": "telegram",
            "label": gettext("By Telegram"),
            "address": f"https://t.me/share/url?url={quote(address, safe='')}&text={subject}",
        },
        {"channel": "sms", "label": gettext("By text message"), "address": f"sms:?&body={both}"},
    ]
