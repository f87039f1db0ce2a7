"""A block of a letter, read once: its place in the page and its plain text come from the same reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from wagtail.rich_text import expand_db_html

from portevoix.mailings import rules
from portevoix.mailings.exceptions import DeadLink, MissingPicture
from portevoix.mailings.rules import marks

#: The paper is 528 px wide; twice that on dense screens.
PICTURE = "max-1056x2400"
WIDEST = 528
#: A column of two.
NARROW_PICTURE = "max-516x1200"
NARROW = 252
#: A letter needs at least one of these.
SPOKEN = {"heading", "text", "quote", "button", "event", "petition", "donation"}


@dataclass(frozen=True)
class Part:
    """One block, in both of its forms."""

    kind: str
    #: As plain text.
    paragraphs: tuple[str, ...] = ()
    html: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    #: Which block of the letter it is, for its author.
    number: int = 0
    label: Any = ""
    #: What the columns of a block hold.
    columns: tuple[tuple[Part, ...], ...] = ()

    @property
    def template(self) -> str:
        return f"mailings/letter/_{self.kind}.mjml"


@dataclass(frozen=True)
class Band:
    """What stands across the paper: paragraphs one below the other, or something that needs its own width."""

    kind: str
    parts: tuple[Part, ...]

    @property
    def template(self) -> str:
        return f"mailings/letter/band_{self.kind}.mjml"


#: Blocks that are paragraphs of one column; each of the others is a band of its own.
PLAIN = {"heading", "text", "picture", "button", "quote", "divider"}
Writer = Callable[[Any], "Part | None"]
WRITERS: dict[str, Writer] = {}


def writes(kind: str) -> Callable[[Writer], Writer]:
    """Return a decorator: this function reads blocks of this kind."""

    def keep(writer: Writer) -> Writer:
        WRITERS[kind] = writer
        return writer

    return keep


def parts_of(stream: Iterable[Any]) -> list[Part]:
    """Read a letter's blocks. Raises LetterError for what cannot leave."""
    parts: list[Part] = []
    for number, block in enumerate(stream, 1):
        if block.block_type == "passage":
            parts += _passage(block.value, number)
        elif part := _read(block, number):
            parts.append(part)
    _entitle(parts)
    return parts


def bands(parts: Iterable[Part]) -> list[Band]:
    """Lay parts out across the paper."""
    laid: list[Band] = []
    for part in parts:
        if part.kind not in PLAIN:
            laid.append(Band(part.kind, (part,)))
        elif laid and laid[-1].kind == "plain":
            laid[-1] = Band("plain", (*laid[-1].parts, part))
        else:
            laid.append(Band("plain", (part,)))
    return laid


def as_text(parts: Iterable[Part]) -> str:
    """Return the text part's body, derived from the blocks."""
    return marks.spaced(paragraph for part in parts for paragraph in part.paragraphs)


def _read(block: Any, number: int) -> Part | None:
    part = WRITERS[block.block_type](block.value)
    if part is None:
        return None
    return replace(part, number=number, label=block.block.label)


def _entitle(parts: list[Part]) -> None:
    """Make the first heading the letter's title."""
    titled = next((part for part in parts if part.kind == "heading"), None)
    if titled is not None:
        titled.facts["is_title"] = True


def _passage(value: Any, number: int) -> list[Part]:
    """Read the two sides of a condition, between its marks."""
    then = [part for block in value["then"] if (part := _read(block, number))]
    otherwise = [part for block in value["otherwise"] if (part := _read(block, number))]
    opening = rules.condition(value["field"], value["test"], value["values"] or "")
    middle = [_mark("{{ else }}"), *otherwise] if otherwise else []
    return [_mark(opening), *then, *middle, _mark("{{ end }}")]


def _mark(mark: str) -> Part:
    return Part("mark", (mark,), facts={"mark": mark})


@writes("heading")
def _heading(value: str) -> Part | None:
    words = value.strip()
    return Part("heading", (words,), facts={"words": words}) if words else None


@writes("text")
def _text(value: Any) -> Part | None:
    tree = marks.lifted(rules.read(expand_db_html(value.source)))
    if not rules.words_of(tree).strip():
        return None
    marks.check(tree)
    page = rules.as_html(tree, base=settings.BASE_URL)
    return Part(
        "text",
        tuple(rules.as_paragraphs(tree, base=settings.BASE_URL)),
        mark_safe(page),  # noqa: S308  # written by rules from an allowed list, each word escaped
        {"links": rules.links_in(tree), "words": rules.words_of(tree), "shouted": rules.bold_paragraphs(tree)},
    )


@writes("picture")
def _picture(value: Any) -> Part:
    image = value["image"]
    if image is None:
        raise MissingPicture
    alt = "" if image.decorative else image.contextual_alt_text or image.default_alt_text
    caption = (value["caption"] or "").strip()
    described = gettext("[Picture: %(alt)s]") % {"alt": alt} if alt else ""
    words = "\n".join(words for words in (described, caption) if words)
    facts = {
        **picture_of(image, PICTURE, WIDEST),
        "narrow": picture_of(image, NARROW_PICTURE, NARROW),
        "alt": alt,
        "caption": caption,
        "file": image.filename,
        "is_decorative": bool(image.decorative),
    }
    return Part("picture", (words,) if words else (), facts=facts)


def picture_of(image: Any, size: str, widest: int) -> dict[str, Any]:
    """Return the address and width of a picture as letters show it. Raises MissingPicture."""
    if image.is_svg():
        raise MissingPicture
    try:
        rendition = image.get_rendition(size)
    except OSError as error:
        raise MissingPicture from error
    return {"src": whole(rendition.url), "width": min(widest, rendition.width)}


@writes("button")
def _button(value: Any) -> Part:
    label = value["label"].strip()
    address = address_of(value, label)
    return Part("button", (leading(label, address),), facts={"label": label, "address": address})


def address_of(value: Any, label: str) -> str:
    """Return where a block's page or address leads. Raises DeadLink, HostileLink."""
    page = value["page"]
    address = (page.specific.url if page and page.live else "") or value["address"] or ""
    if not address:
        raise DeadLink(label)
    return rules.safe_address(address, base=settings.BASE_URL)


def leading(label: str, address: str) -> str:
    """Return a button as plain text."""
    return gettext("%(label)s: %(address)s") % {"label": label, "address": address}


@writes("quote")
def _quote(value: Any) -> Part:
    words, speaker, role = (value[name].strip() for name in ("words", "speaker", "role"))
    by = ", ".join(one for one in (speaker, role) if one)
    said = gettext("“%(words)s”") % {"words": words}
    return Part("quote", (f"{said}\n— {by}",), facts={"words": said, "speaker": speaker, "role": role})


@writes("divider")
def _divider(value: Any) -> Part:
    return Part("divider", ("* * *",))


@writes("columns")
def _columns(value: Any) -> Part:
    columns = tuple(
        tuple(part for block in value[side] if (part := WRITERS[block.block_type](block.value)))
        for side in ("left", "right")
    )
    paragraphs = tuple(words for column in columns for part in column for words in part.paragraphs)
    return Part("columns", paragraphs, columns=columns)


def whole(address: str) -> str:
    """Return an address with the site's name before it, where it has none."""
    return settings.BASE_URL + address if address.startswith("/") else address
