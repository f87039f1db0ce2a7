"""What a site may claim of its accessibility: it follows from its audit, and nobody chooses it.

RGAA 4, part 1, “contents of the accessibility statement” (arrêté of 20 September 2019): full compliance where every
criterion is met, partial from half of them, none below, or where no audit shows what is met.
"""

from __future__ import annotations

from typing import Literal

PARTIAL_FROM, FULL = 50, 100


def compliance_of(rate: int | None) -> Literal["none", "partial", "full"]:
    """Return what a rate of criteria met, in whole per cent, allows to be claimed."""
    if rate is None or rate < PARTIAL_FROM:
        return "none"
    return "full" if rate >= FULL else "partial"
