"""A letter laid out for its checks: its links, pictures and headings, with the place of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from portevoix.delivery import letters
from portevoix.delivery.rules import colours, merge
from portevoix.delivery.types import MERGE_FIELDS, Letter
from portevoix.mailings import rules, selectors
from portevoix.mailings.letters.parts import Part, as_text
from portevoix.mailings.models import Mailing
from portevoix.mailings.rules import checks, links
from portevoix.segments import selectors as segments


def where(part: Part) -> str:
    """Say which block it is."""
    return _("Block %(number)d, %(kind)s") % {"number": part.number, "kind": str(part.label).lower()}


def sheet(mailing: Mailing, letter: Letter, parts: list[Part]) -> checks.Sheet:
    """Lay a letter out for its checks."""
    read = [(where(part), inner) for part in parts if part.kind != "mark" for inner in (part, *_inside(part))]
    all_links = tuple(link for place, part in read for link in _links(place, part))
    own, targets = selectors.own_text(mailing), selectors.targets_of(mailing)
    pieces = [merge.cut(words, known=MERGE_FIELDS) for words in (letter.subject, mailing.preheader, letter.html)]
    bare = set().union(*(merge.bare_slots(one) for one in pieces))
    return checks.Sheet(
        subject=mailing.subject,
        preheader=mailing.preheader,
        size=len(letter.html.encode()),
        words=tuple((place, words) for place, part in read for words in _words(part)),
        headings=tuple((place, part.facts["words"]) for place, part in read if part.kind == "heading"),
        shouted=tuple((place, one) for place, part in read for one in part.facts.get("shouted", ())),
        links=all_links,
        pictures=tuple(
            checks.Picture(place, part.facts["alt"], part.facts["is_decorative"])
            for place, part in read
            if part.kind == "picture"
        ),
        home=links.host_of(settings.BASE_URL),
        dead=tuple(link for link in all_links if is_dead(link.address)),
        bare=checks.labelled(dict(MERGE_FIELDS.items()), bare),
        leans_on_one_thing=segments.leans_on_one_thing(targets.included + targets.excluded),
        is_title_for_some=_is_title_for_some(parts),
        is_text_stale=own is not None and selectors.is_stale(own, as_text(parts)),
        contrasts=tuple(contrasts()),
    )


def outside_links(parts: Iterable[Part]) -> list[str]:
    """Return the web addresses of other sites that a letter leads to, each once."""
    ours = links.host_of(settings.BASE_URL)
    found = [
        link.address
        for part in parts
        for inner in (part, *_inside(part))
        for link in _links("", inner)
        if links.is_web(link.address) and links.host_of(link.address) != ours and "{{" not in link.address
    ]
    return list(dict.fromkeys(found))


def is_dead(address: str) -> bool:
    """Tell whether an address of our own site leads to nothing, without asking it."""
    parts = urlsplit(address)
    if links.host_of(address) != links.host_of(settings.BASE_URL) or "{{" in address:
        return False
    path = parts.path or "/"
    try:
        found = resolve(path)
    except Resolver404:
        return True
    if found.view_name != "wagtail_serve":
        return False
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        return False
    wanted = site.root_page.url_path.rstrip("/") + "/" + path.strip("/")
    return not Page.objects.live().public().filter(url_path=wanted.rstrip("/") + "/").exists()


def contrasts() -> Iterator[tuple[str, float]]:
    """Yield what is written on what in every letter, and how well it reads."""
    brand = letters.brand()
    shade = brand.shades
    for what, ink, ground in (
        (_("Text"), shade["text"], shade["paper"]),
        (_("Links"), shade["link"], shade["paper"]),
        (_("Footer"), shade["soft"], shade["page"]),
        (_("Name of the campaign"), "#ffffff", brand.brand),
        (_("Buttons"), brand.deep, brand.accent),
        (_("Quotes and cards"), brand.deep, brand.calm),
        (_("Text in the dark"), shade["night_text"], shade["night_paper"]),
        (_("Links in the dark"), shade["night_link"], shade["night_paper"]),
        (_("Footer in the dark"), shade["night_soft"], shade["night_page"]),
    ):
        yield what, colours.contrast(ink, ground)


def _words(part: Part) -> tuple[str, ...]:
    """Return the author's own words; what stands for a picture in the text part is not."""
    if part.kind == "picture":
        return (part.facts["caption"],) if part.facts["caption"] else ()
    return () if part.columns else part.paragraphs


def _inside(part: Part) -> Iterator[Part]:
    for column in part.columns:
        yield from column


def _links(place: str, part: Part) -> Iterator[checks.Link]:
    facts: dict[str, Any] = part.facts
    for words, address in facts.get("links", ()) if part.kind == "text" else ():
        yield checks.Link(place, words, rules.safe_address(address, base=settings.BASE_URL))
    for one in facts.get("amounts", ()):
        yield checks.Link(place, one["amount"], one["address"])
    if part.kind == "share":
        yield checks.Link(place, facts["address"], facts["address"])
    elif "address" in facts:
        yield checks.Link(place, facts["label"], facts["address"])


def _is_title_for_some(parts: list[Part]) -> bool:
    depth = 0
    for part in parts:
        if part.kind == "mark":
            kind = merge.kind_of(part.facts["mark"])
            depth += (kind == "if") - (kind == "end")
        elif part.kind == "heading":
            return depth > 0
    return False
