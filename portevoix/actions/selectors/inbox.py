"""How long a message to the campaign is kept once it is answered."""

from __future__ import annotations

from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors.retention import terms_in_force


def term_in_force() -> int:
    """Return after how many months an answered message is erased: as any request (RGPD art. 5(1)(e))."""
    return terms_in_force()[Purpose.SERVICE]
