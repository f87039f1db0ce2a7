"""Why the site cannot open."""

from __future__ import annotations

from collections.abc import Sequence


class NotLawfulYet(Exception):
    """Facts that the law wants on the site are missing; ``facts`` names them."""

    def __init__(self, facts: Sequence[str]) -> None:
        super().__init__(", ".join(facts))
        self.facts = tuple(facts)


class NoHomePageYet(Exception):
    """There is no home page, or it has words to complete."""
