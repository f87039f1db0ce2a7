"""What an author should look at before a letter leaves: each hint says where, what, and why it matters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portevoix.delivery.rules import merge
from portevoix.mailings.rules import HEAVIEST, links, spam
from portevoix.mailings.types import Hint, Weight

HEAVY = 80_000
#: Telephones show about this much of a subject; the rest is cut.
SHOWN = 60
LONGEST_ALT = 180
FEWEST_WORDS = 40
WITHOUT_HEADINGS = 250
TOO_LONG = 1200
#: WCAG 2.2, 1.4.3.
READABLE = 4.5
LEFT_TO_WRITE = re.compile(r"\[[^\[\]\n]{1,90}\]")
FILE_NAME = re.compile(
    r"(?:^(?:img|dsc|image|photo|picture|capture|sans titre|untitled)[\s_-]*\d*$)|\.(?:jpe?g|png|gif|webp)$",
    re.IGNORECASE,
)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")


@dataclass(frozen=True)
class Link:
    where: str
    words: str
    address: str


@dataclass(frozen=True)
class Picture:
    where: str
    alt: str
    is_decorative: bool


@dataclass(frozen=True)
class Sheet:
    """A letter as these checks read it: plain values, in the order of the letter."""

    subject: str
    preheader: str
    #: Octets of the page.
    size: int = 0
    words: tuple[tuple[str, str], ...] = ()
    headings: tuple[tuple[str, str], ...] = ()
    #: Whole paragraphs in bold.
    shouted: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    pictures: tuple[Picture, ...] = ()
    #: The host of our own site.
    home: str = ""
    #: Links to pages of our own site that do not exist.
    dead: tuple[Link, ...] = ()
    #: Labels of merge fields that have no words for those who lack them.
    bare: tuple[str, ...] = ()
    is_title_for_some: bool = False
    #: Whether its readers are chosen by what they told for one thing alone.
    leans_on_one_thing: bool = False
    #: Whether the text part was written by hand before the blocks last changed.
    is_text_stale: bool = False
    #: What is written on what, and their contrast.
    contrasts: tuple[tuple[str, float], ...] = field(default=())

    @property
    def text(self) -> str:
        return "\n".join(words for _where, words in self.words)


Check = Callable[[Sheet], Iterator[Hint]]
CHECKS: list[Check] = []


def _check(check: Check) -> Check:
    CHECKS.append(check)
    return check


def hints(sheet: Sheet) -> list[Hint]:
    """Return everything there is to say, what matters most first."""
    found = [hint for check in CHECKS for hint in check(sheet)]
    return sorted(found, key=lambda hint: -hint.weight)


def _warn(where: str, what: str, why: str) -> Hint:
    return Hint(Weight.WARNING, where, what, why)


def _advise(where: str, what: str, why: str) -> Hint:
    return Hint(Weight.ADVICE, where, what, why)


def spoken(words: str) -> str:
    """Return words as they are read, without marks: of a field, what is written when nothing is known."""

    def said(mark: re.Match[str]) -> str:
        return "" if merge.kind_of(mark[0]) else mark[1].partition("|")[2].strip()

    return merge.MARK.sub(said, words)


@_check
def _subject(sheet: Sheet) -> Iterator[Hint]:
    where, subject = _("Subject"), spoken(sheet.subject)
    letters = [sign for sign in subject if sign.isalpha()]
    if len(subject) > SHOWN:
        what = _("%(n)d characters: telephones show some %(most)d.") % {"n": len(subject), "most": SHOWN}
        yield _advise(where, what, _("What is cut is not read: put what matters first."))
    if len(letters) > 8 and sum(sign.isupper() for sign in letters) > 0.6 * len(letters):
        yield _warn(where, _("It is written in capitals."), _("Filters count it, and screen readers may spell it out."))
    if "!!" in subject or subject.count("!") > 1:
        yield _warn(where, _("Several exclamation marks."), _("Filters count them; one says as much."))
    if spam.FALSE_REPLY.match(subject):
        why = _("It pretends an exchange that never was: filters know it, and readers do not forgive it.")
        yield _warn(where, _("It begins like a reply or a forwarded message."), why)
    if len(EMOJI.findall(subject)) > 2:
        yield _advise(where, _("Many pictograms."), _("Screen readers say the name of each, and filters count them."))


@_check
def _preheader(sheet: Sheet) -> Iterator[Hint]:
    where, line = _("Preview line"), spoken(sheet.preheader).strip()
    if not line:
        why = _("Mail programs show the first words of the letter instead, whatever they are.")
        yield _warn(where, _("There is none."), why)
    elif line.lower() == spoken(sheet.subject).strip().lower():
        yield _advise(where, _("It says the same as the subject."), _("It is the second reason to open the letter."))


@_check
def _size(sheet: Sheet) -> Iterator[Hint]:
    if sheet.size > HEAVY:
        what = _("The page weighs %(size)d kB; at %(most)d kB it is refused.") % {
            "size": round(sheet.size / 1000),
            "most": round(HEAVIEST / 1000),
        }
        why = _("Gmail cuts a message at 102 kB: the end, with the link to unsubscribe, would be hidden.")
        yield _warn(_("The whole letter"), what, why)
    count = len(sheet.text.split())
    if count > TOO_LONG:
        what = ngettext("%(n)d word.", "%(n)d words.", count) % {"n": count}
        yield _advise(_("The whole letter"), what, _("Few read to the end: put the rest on the site, and link to it."))


@_check
def _left_to_write(sheet: Sheet) -> Iterator[Hint]:
    places = [(_("Subject"), sheet.subject), (_("Preview line"), sheet.preheader), *sheet.words]
    for where, words in places:
        for found in LEFT_TO_WRITE.findall(spoken(words)):
            why = _("Square brackets come from a template: readers would see them.")
            yield _warn(where, _("“%(words)s” is still to be written.") % {"words": found}, why)


@_check
def _fields(sheet: Sheet) -> Iterator[Hint]:
    for label in sheet.bare:
        what = _("Nothing is written for readers without “%(field)s”.") % {"field": label}
        yield _warn(
            _("Words that change with the reader"), what, _("They get a gap: add words after a bar, or a condition.")
        )


@_check
def _readers(sheet: Sheet) -> Iterator[Hint]:
    if sheet.leans_on_one_thing:
        what = _("They are chosen by the action in which they took part.")
        why = _(
            "The form told them that it serves that action and nothing else (GDPR art. 5(1)(b)): write of it alone."
        )
        yield _warn(_("Readers of the letter"), what, why)


@_check
def _text_part(sheet: Sheet) -> Iterator[Hint]:
    if sheet.is_text_stale:
        what = _("It was written by hand before the letter last changed.")
        why = _("Readers of plain text get what it said then: read it again, or take it from the blocks.")
        yield _warn(_("Plain text"), what, why)


@_check
def _words(sheet: Sheet) -> Iterator[Hint]:
    seen: set[str] = set()
    for where, words in [(_("Subject"), sheet.subject), *sheet.words]:
        for found, why in spam.smells_in(spoken(words)):
            if found.lower() not in seen:
                seen.add(found.lower())
                yield _advise(where, _("“%(words)s” is a word of junk mail.") % {"words": found}, str(why))


@_check
def _dead_links(sheet: Sheet) -> Iterator[Hint]:
    for link in sheet.dead:
        what = _("“%(words)s” leads to a page of the site that does not exist: %(address)s") % {
            "words": spoken(link.words).strip() or link.address,
            "address": link.address,
        }
        yield _warn(link.where, what, _("Readers would meet an error."))


@_check
def _risky_links(sheet: Sheet) -> Iterator[Hint]:
    for link in sheet.links:
        words = spoken(link.words).strip() or link.address
        for is_so, what, why in _risks(link, sheet.home):
            if is_so:
                yield _warn(link.where, what % {"words": words}, why)


def _risks(link: Link, home: str) -> list[tuple[bool, str, str]]:
    if not links.is_web(link.address):
        return []
    return [
        (
            links.is_unencrypted(link.address) and links.host_of(link.address) != home,
            _("“%(words)s” leads to an address without encryption (http://)."),
            _("Anybody on the way can read and change the page; browsers warn of it."),
        ),
        (
            links.is_shortened(link.address),
            _("“%(words)s” goes through a service that shortens addresses."),
            _("Nobody sees where it leads, filters distrust it, and the service counts your readers."),
        ),
        (
            links.is_disguised(link.address),
            _("“%(words)s” leads to an address that hides its name."),
            _("Numbers, look-alike letters and an @ are how fraud disguises an address: filters refuse it."),
        ),
        (
            links.shows_another(link.words, link.address),
            _("“%(words)s” shows one address and leads to another."),
            _("It is what fraud does: filters refuse it."),
        ),
        (
            links.follows_persons(link.address),
            _("“%(words)s” carries a mark by which another service follows people."),
            _("Take away what comes after the question mark: your readers agreed to no such thing."),
        ),
    ]


@_check
def _vague_links(sheet: Sheet) -> Iterator[Hint]:
    for link in sheet.links:
        if links.is_vague(spoken(link.words)):
            what = _("The link “%(words)s” does not say where it leads.") % {"words": spoken(link.words).strip()}
            yield _warn(link.where, what, _("Screen readers list links alone: write what one finds there."))


@_check
def _twin_links(sheet: Sheet) -> Iterator[Hint]:
    targets: dict[str, set[str]] = defaultdict(set)
    for link in sheet.links:
        targets[spoken(link.words).strip().lower()].add(link.address)
    for words, addresses in targets.items():
        if words and len(addresses) > 1 and not links.is_vague(words):
            what = _("Several links say “%(words)s” and lead to different places.") % {"words": words}
            yield _advise(_("The whole letter"), what, _("Heard one after the other, they cannot be told apart."))


@_check
def _pictures(sheet: Sheet) -> Iterator[Hint]:
    for picture in sheet.pictures:
        if not picture.alt and not picture.is_decorative:
            why = _("Whoever does not see it, or whose program shows no pictures, gets nothing.")
            yield _warn(picture.where, _("The picture has no description."), why)
        elif FILE_NAME.search(picture.alt.strip()):
            what = _("The description “%(alt)s” is the name of a file.") % {"alt": picture.alt}
            yield _warn(picture.where, what, _("Say in a few words what it shows, and why it is there."))
        elif len(picture.alt) > LONGEST_ALT:
            what = _("The description has %(n)d characters.") % {"n": len(picture.alt)}
            yield _advise(picture.where, what, _("It is heard in one go: say the rest in the text."))


@_check
def _all_pictures(sheet: Sheet) -> Iterator[Hint]:
    count = len(spoken(sheet.text).split())
    if sheet.pictures and count < FEWEST_WORDS:
        what = ngettext(
            "One picture carries the letter, with %(words)d words.",
            "%(n)d pictures carry the letter, with %(words)d words.",
            len(sheet.pictures),
        ) % {"n": len(sheet.pictures), "words": count}
        why = _("Many programs hide pictures until they are asked for, and filters take such letters for junk.")
        yield _warn(_("The whole letter"), what, why)


@_check
def _headings(sheet: Sheet) -> Iterator[Hint]:
    count = len(sheet.text.split())
    if not sheet.headings and count > WITHOUT_HEADINGS:
        what = _("%(n)d words without a heading.") % {"n": count}
        yield _advise(_("The whole letter"), what, _("Readers look for headings; screen readers move by them."))
    if sheet.is_title_for_some:
        what = _("The title, its first heading, stands in a passage for some readers.")
        yield _advise(_("The whole letter"), what, _("The others’ letter begins without one."))
    for where, words in sheet.headings:
        letters = [sign for sign in spoken(words) if sign.isalpha()]
        if len(letters) > 8 and all(sign.isupper() for sign in letters):
            yield _advise(
                where, _("The heading is written in capitals."), _("Capitals are slower to read, and may be spelt out.")
            )
    for where, words in sheet.shouted:
        if len(words) < 90 and not words.endswith((".", ",", ":", ";")):
            what = _("“%(words)s” is bold from end to end: is it a heading?") % {"words": spoken(words)}
            yield _advise(where, what, _("To the eye it is one; screen readers do not find it. Use the heading block."))


@_check
def _contrast(sheet: Sheet) -> Iterator[Hint]:
    for what, ratio in sheet.contrasts:
        if ratio < READABLE:
            said = _("%(what)s: contrast of %(ratio).1f, where %(least)s is needed.") % {
                "what": what,
                "ratio": ratio,
                "least": "4.5",
            }
            yield _warn(
                _("Colours of the site"),
                said,
                _("Many could not read it (WCAG 2.2, 1.4.3): change the colours in Identity."),
            )


@_check
def _something_to_do(sheet: Sheet) -> Iterator[Hint]:
    if not sheet.links:
        why = _("Say one thing that readers can do now.")
        yield _advise(_("The whole letter"), _("It leads nowhere: no link, no button."), why)


def labelled(fields: dict[str, Any], names: set[str]) -> tuple[str, ...]:
    """Return the labels of merge fields, for those that somebody may lack."""
    return tuple(str(fields[name].label) for name in sorted(names) if not fields[name].is_always_known)
