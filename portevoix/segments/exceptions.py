"""What is wrong with a segment's question, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class InvalidTree(ValueError):
    """A stored or sent tree is no question: ``faults`` says what is wrong, by place (“0.2” is the third of the first).

    The place of the whole tree is "".
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{place}: {fault}" if place else fault for place, fault in faults.items()))
        self.faults = dict(faults)


class ChangedMeanwhile(Exception):
    """Somebody else changed the segment since its form was shown."""


class InUse(Exception):
    """A segment or a snapshot is asked about by segments, ``by`` name, and cannot go before them."""

    def __init__(self, by: Sequence[str]) -> None:
        super().__init__(", ".join(by))
        self.by = list(by)


class NotToBeAsked(InvalidTree):
    """A question is none of this person's business; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__({"": why})


class OpinionsAsked(NotToBeAsked):
    """Opinions are asked about for more than a figure."""
