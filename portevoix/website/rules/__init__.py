"""Decisions of the public site, without database or clock."""

from portevoix.delivery.rules.colours import contrast, is_colour, luminance
from portevoix.website.rules.caching import (
    ON_THE_WAY,
    UNSHOWN,
    ZERO_OR_NOT,
    changes_rows_alone,
    changes_the_site,
    may_keep,
    page_key,
)
from portevoix.website.rules.colours import READABLE, ink_on, mix
from portevoix.website.rules.compliance import compliance_of
from portevoix.website.rules.looks import LOOKS, pairs, sheet, unreadable
from portevoix.website.types import Look

__all__ = [
    "LOOKS",
    "ON_THE_WAY",
    "READABLE",
    "UNSHOWN",
    "ZERO_OR_NOT",
    "Look",
    "changes_rows_alone",
    "changes_the_site",
    "compliance_of",
    "contrast",
    "ink_on",
    "is_colour",
    "luminance",
    "may_keep",
    "mix",
    "page_key",
    "pairs",
    "sheet",
    "unreadable",
]
