"""The shape of an automation: sequences of steps, and branches that come together again. By its making it has no loop.

A step stands in a sequence: the main one, or the branch (yes, no) of a condition. After the last step of a branch
comes what follows the condition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portevoix.journeys.types import CONDITION, LEAVE, NO, WAIT, YES

#: More steps are understood by nobody, and drawn on no screen.
MOST_STEPS = 60
#: Conditions in conditions, at most.
DEEPEST = 4


@dataclass(frozen=True)
class Node:
    """One step, and where it stands: in the main sequence, or in a branch of the condition ``parent``."""

    key: int
    kind: str
    parent: int | None = None
    branch: str = ""
    position: int = 0
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """Where one goes on from a step: ``rank`` only grows along the way. None is the end."""

    key: int
    rank: int
    depth: int
    next: int | None
    otherwise: int | None = None


Sequences = dict[tuple[int | None, str], list[Node]]


def sequences(nodes: Iterable[Node]) -> Sequences:
    """Return the steps of each sequence in order."""
    found: Sequences = defaultdict(list)
    for node in sorted(nodes, key=lambda one: (one.position, one.key)):
        found[node.parent, node.branch].append(node)
    return found


def linked(nodes: Iterable[Node]) -> list[Link]:
    """Return every step with what follows it, each before all that can come after it."""
    made: list[Link] = []
    _link(sequences(nodes), (None, ""), None, 0, made)
    return [Link(one.key, rank, one.depth, one.next, one.otherwise) for rank, one in enumerate(made)]


def _link(
    found: Sequences, place: tuple[int | None, str], after: int | None, depth: int, made: list[Link]
) -> int | None:
    """Link one sequence, which is followed by ``after``; return its first step, or ``after`` when it is empty."""
    steps = found.get(place, [])
    if not steps:
        return after
    for node, following in zip(steps, [*(one.key for one in steps[1:]), after], strict=True):
        if node.kind == LEAVE:
            made.append(Link(node.key, 0, depth, None))
        elif node.kind == CONDITION:
            at = len(made)
            made.append(Link(node.key, 0, depth, following))
            yes = _link(found, (node.key, YES), following, depth + 1, made)
            no = _link(found, (node.key, NO), following, depth + 1, made)
            made[at] = Link(node.key, 0, depth, yes, no)
        else:
            made.append(Link(node.key, 0, depth, following))
    return steps[0].key


def below(nodes: Iterable[Node], key: int) -> set[int]:
    """Return a step with all that stands in its branches."""
    kept = list(nodes)
    found, grows = {key}, True
    while grows:
        inner = {node.key for node in kept if node.parent in found} - found
        found |= inner
        grows = bool(inner)
    return found


def empty_conditions(nodes: Iterable[Node]) -> list[int]:
    """Return the conditions that lead nowhere else whatever the answer."""
    found = sequences(nodes)
    return [
        node.key
        for steps in list(found.values())
        for node in steps
        if node.kind == CONDITION and not found.get((node.key, YES)) and not found.get((node.key, NO))
    ]


def never_reached(nodes: Iterable[Node]) -> list[int]:
    """Return the steps that stand after a step at which everybody leaves."""
    kept = list(nodes)
    by_key = {node.key: node for node in kept}
    links = linked(kept)
    reached: set[int] = set()
    waiting = [links[0].key] if links else []
    known = {link.key: link for link in links}
    while waiting:
        link = known[waiting.pop()]
        reached.add(link.key)
        following = [link.next, *([link.otherwise] if by_key[link.key].kind == CONDITION else [])]
        waiting += [key for key in following if key is not None and key not in reached]
    return [link.key for link in links if link.key not in reached]


def pointless_waits(nodes: Iterable[Node]) -> list[int]:
    """Return the waits that nothing follows."""
    kept = list(nodes)
    waits = {node.key for node in kept if node.kind == WAIT}
    return [link.key for link in linked(kept) if link.key in waits and link.next is None]


def depth_of(nodes: Iterable[Node]) -> int:
    """Return how deep conditions stand in conditions."""
    return max((link.depth for link in linked(nodes)), default=0)
