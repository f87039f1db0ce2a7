"""Conditions in the words of an author: where they may begin and end, and what stays of a letter's lines without them.

A condition opens and ends in the same paragraph, in the same item of a list, at the same depth of bold and links; or
its marks stand alone in paragraphs of their own and keep whole paragraphs. Anything else would tear a page in two.
"""

from __future__ import annotations

from collections.abc import Iterable

from portevoix.delivery.rules import merge
from portevoix.mailings.exceptions import CrossedCondition
from portevoix.mailings.rules import Node, words_of

OPENS, GOES_ON, CLOSES = "if", "else", "end"


def lone_mark(node: Node | str) -> str | None:
    """Return the one mark of a condition that a paragraph consists of."""
    if isinstance(node, str) or node.tag != "p":
        return None
    words = words_of(node).strip()
    return words if merge.MARK.fullmatch(words) and merge.kind_of(words) else None


def lifted(node: Node) -> Node:
    """Return the tree with marks that stand alone taken out of their paragraphs: they keep the paragraphs between."""
    children: list[Node | str] = []
    for child in node.children:
        mark = lone_mark(child)
        children.append(mark or (child if isinstance(child, str) else lifted(child)))
    return Node(node.tag, node.href, children)


def check(node: Node) -> None:
    """Refuse a condition that begins in one part of the text and ends in another. Raises CrossedCondition."""
    own = "".join(child for child in node.children if isinstance(child, str))
    _check_line(own)
    for child in node.children:
        if not isinstance(child, str):
            check(child)


def _check_line(words: str) -> None:
    depth = 0
    for found in merge.MARK.finditer(words):
        kind = merge.kind_of(found[0])
        depth += (kind == OPENS) - (kind == CLOSES)
        if depth < 0 or (kind == GOES_ON and depth == 0):
            raise CrossedCondition(found[0])
    if depth:
        raise CrossedCondition(next(found[0] for found in merge.MARK.finditer(words) if merge.kind_of(found[0])))


def spaced(parts: Iterable[str]) -> str:
    """Join paragraphs by blank lines, so that a passage that is left out takes its blank line with it.

    Marks of conditions come as parts of their own. The first paragraph that everybody gets has no blank line around it;
    what comes before it ends with one, what comes after begins with one.
    """
    joined: list[str] = []
    depth, is_anchored = 0, False
    for part in parts:
        kind = merge.kind_of(part) if merge.MARK.fullmatch(part) else ""
        if kind:
            depth += (kind == OPENS) - (kind == CLOSES)
            joined.append(part)
        elif part:
            joined.append(f"\n\n{part}" if is_anchored else part if not depth else f"{part}\n\n")
            is_anchored = is_anchored or not depth
    return "".join(joined)
