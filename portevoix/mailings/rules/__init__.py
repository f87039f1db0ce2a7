"""Decisions about a letter that need neither database nor clock: its rich text, its links, its confirmation."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from portevoix.mailings.exceptions import DeadLink, HostileLink
from portevoix.mailings.types import Measure, Totals

#: What authors' rich text may hold; anything else leaves its words and loses its tag.
INLINE = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "a": "a"}
BLOCKS = {"p", "ul", "ol", "li"}
#: Tags whose content is not words.
UNSPOKEN = {"script", "style", "template", "title"}
SCHEMES = ("https://", "http://", "mailto:", "tel:", "sms:")
#: Mail programs cut what is longer (Gmail at 102 kB).
HEAVIEST = 100_000
#: The audience may grow by this much between the look and the click: people sign up meanwhile.
GROWTH_SHARE = 0.05
GROWTH_COUNT = 10
#: People are drawn into so many buckets, by lot and for ever.
BUCKETS = 10_000
#: Fewer readers of a version tell nothing.
LEAST_READERS = 20
#: A trial does not wait for the hours of the last ones of its messages: a server may have put them off.
FEW = 0.05
#: Standard deviations beyond which a difference is seldom chance.
CHANCE = 1.96
#: What a person may give a party in a year (loi 88-227, art. 11-4); for an election less (code électoral, L. 52-8).
MOST_GIVEN = 7500


@dataclass
class Node:
    """A tag of rich text and what it holds."""

    tag: str
    href: str = ""
    children: list[Node | str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads the allowed tags into a tree, whatever else is in the source."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]
        self._unspoken = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSPOKEN:
            self._unspoken += 1
        elif tag == "br":
            self._open[-1].children.append(Node("br"))
        elif tag in BLOCKS or tag in INLINE:
            node = Node(INLINE.get(tag, tag), (dict(attrs).get("href") or "") if tag == "a" else "")
            self._open[-1].children.append(node)
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSPOKEN:
            self._unspoken = max(0, self._unspoken - 1)
            return
        name = INLINE.get(tag, tag)
        if any(node.tag == name for node in self._open[1:]):
            while self._open.pop().tag != name:
                pass

    def handle_data(self, data: str) -> None:
        if not self._unspoken and data:
            self._open[-1].children.append(data)


def read(source: str) -> Node:
    """Read rich text; nothing but the allowed tags is in the result."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.root


def safe_address(address: str, *, base: str) -> str:
    """Return where a link leads, whole; raises HostileLink for anything but the web, mail and telephones."""
    address = address.strip()
    if address.startswith("/") and not address.startswith("//"):
        address = base + address
    if not address.lower().startswith(SCHEMES) or any(sign <= " " or sign in '<>"\\' for sign in address):
        raise HostileLink(address)
    # Signs that would end the address where plain text or an attribute is read.
    return address.replace("'", "%27").replace("(", "%28").replace(")", "%29")


def as_html(node: Node, *, base: str) -> str:
    """Write the tree as HTML: escaped words, the allowed tags, whole addresses."""
    inner = "".join(
        html.escape(child, quote=False) if isinstance(child, str) else as_html(child, base=base)
        for child in node.children
    )
    if node.tag == "a":
        return f'<a href="{html.escape(_address_of(node, base))}">{inner}</a>'
    if node.tag == "br":
        return "<br/>"
    return f"<{node.tag}>{inner}</{node.tag}>" if node.tag else inner


def inside(node: Node | str, *, base: str) -> str:
    """Write what a paragraph holds as HTML, without the paragraph itself."""
    if isinstance(node, str):
        return html.escape(node, quote=False)
    page = "".join(
        inside(child, base=base) if isinstance(child, str) else as_html(child, base=base) for child in node.children
    )
    return page if node.tag in {"", "p"} else as_html(node, base=base)


def as_text(node: Node, *, base: str) -> str:
    """Write the tree as plain text: paragraphs apart, lists with dashes or numbers, links as “words (address)”."""
    return "\n\n".join(as_paragraphs(node, base=base))


def as_paragraphs(node: Node, *, base: str) -> list[str]:
    """Write the tree as plain text, paragraph by paragraph; what stands between paragraphs is one of its own."""
    return [part for part in _paragraphs(node, base, 0) if part]


def _paragraphs(node: Node, base: str, depth: int) -> list[str]:
    if node.tag in {"ul", "ol"}:
        return [_list(node, base, depth)]
    blocks = [child for child in node.children if not isinstance(child, str) and child.tag in BLOCKS]
    if not blocks:
        return [_line(node, base).strip()]
    parts: list[str] = []
    loose = Node("")
    for child in node.children:
        if isinstance(child, str) and child.startswith("{{") and not node.tag:
            parts += [_line(loose, base).strip(), child]
            loose = Node("")
            continue
        if isinstance(child, str) or child.tag not in BLOCKS:
            loose.children.append(child)
            continue
        parts += [_line(loose, base).strip(), *_paragraphs(child, base, depth)]
        loose = Node("")
    return [*parts, _line(loose, base).strip()]


def _list(node: Node, base: str, depth: int) -> str:
    lines = []
    items = [child for child in node.children if isinstance(child, Node)]
    for number, item in enumerate(items, 1):
        mark = f"{number}. " if node.tag == "ol" else "– "
        parts = [part for part in _paragraphs(item, base, depth + 1) if part]
        lines.append("  " * depth + mark + "\n".join(parts))
    return "\n".join(lines)


def _line(node: Node, base: str) -> str:
    words = "".join(
        child if isinstance(child, str) else "\n" if child.tag == "br" else _line(child, base)
        for child in node.children
    )
    return with_address(words, _address_of(node, base)) if node.tag == "a" else words


def with_address(words: str, address: str) -> str:
    """Return a link for plain text, without saying twice what its words say already."""
    bare = address.partition(":")[2] if address.startswith(("mailto:", "tel:")) else address
    if words.strip() in {address, bare}:
        return bare
    return f"{words} ({bare})"


def _address_of(link: Node, base: str) -> str:
    if not link.href:
        raise DeadLink(words_of(link))
    return safe_address(link.href, base=base)


def links_in(node: Node) -> list[tuple[str, str]]:
    """Return the links of a tree: their words, and where they lead."""
    found = [(words_of(node), node.href)] if node.tag == "a" else []
    for child in node.children:
        if not isinstance(child, str):
            found += links_in(child)
    return found


def words_of(node: Node) -> str:
    """Return the words of a tree, without tags."""
    return "".join(child if isinstance(child, str) else words_of(child) for child in node.children)


def is_few(part: int, whole: int) -> bool:
    """Tell whether a part of what left says little about the whole."""
    return part <= whole * FEW


def has_grown(confirmed: int, present: int) -> bool:
    """Tell whether an audience is so much larger than what was confirmed that its sender must look again."""
    return present > confirmed + max(GROWTH_COUNT, confirmed * GROWTH_SHARE)


def edges(share_tried: int, versions: int) -> list[int]:
    """Return where each version of a trial begins, and the last ends, among the BUCKETS that people are drawn into."""
    each = BUCKETS * share_tried // 100 // versions
    return [each * place for place in range(versions + 1)]


def best(measure: Measure, versions: Sequence[Totals]) -> int:
    """Return the place of the version that wins; of equals, the first."""
    if measure == Measure.CLICKS:
        return max(range(len(versions)), key=lambda place: (versions[place].clicks_percent, -place))
    return min(range(len(versions)), key=lambda place: (versions[place].left_percent, place))


def is_clear(measure: Measure, versions: Sequence[Totals]) -> bool:
    """Tell whether the best version is better than the second by more than chance would often make it.

    Two proportions at 95 %. Clicks are not readers, so that this is a help for judging and no proof.
    """
    counts = [(one.clicks if measure == Measure.CLICKS else one.left, one.sent) for one in versions]
    ranked = sorted((min(count, sent) / sent, sent) for count, sent in counts if sent)
    if len(ranked) < 2:
        return False
    (rate, sent), (other, others) = (ranked[-1], ranked[-2]) if measure == Measure.CLICKS else ranked[:2]
    pooled = (rate * sent + other * others) / (sent + others)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / sent + 1 / others))
    return spread > 0 and abs(rate - other) / spread > CHANCE


def share(part: int, whole: int) -> float:
    """Return a percentage, 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def bold_paragraphs(node: Node) -> list[str]:
    """Return the paragraphs that are bold from end to end and have others below: headings in disguise."""
    found = []
    for child in [child for child in node.children if not isinstance(child, str)][:-1]:
        if child.tag != "p":
            continue
        told = [part for part in child.children if not isinstance(part, str) or part.strip()]
        if told and all(not isinstance(part, str) and part.tag == "strong" for part in told):
            found.append(words_of(child).strip())
    return found


def condition(name: str, test: str, values: str) -> str:
    """Write the mark that opens a passage, from what its author chose."""
    negation = "not " if test == "unknown" else ""
    sign = {"is": " = ", "is_not": " != "}.get(test, "")
    return f"{{{{ if {negation}{name}{sign}{values.strip() if sign else ''} }}}}"


DARK = "(prefers-color-scheme: dark)"


def without_night(page: str) -> str:
    """Return a page that never turns dark."""
    return page.replace(DARK, "not all").replace("light dark", "only light")


def only_night(page: str) -> str:
    """Return a page that is always dark."""
    return page.replace(DARK, "all").replace("light dark", "dark")
