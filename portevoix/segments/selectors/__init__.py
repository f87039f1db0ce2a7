"""Reads of segments: whom they find, and where those live."""

from portevoix.segments.selectors.finding import (
    MOST_SECONDS,
    count,
    people_of,
    people_who,
    reach,
    reach_in_time,
    resolved,
    said,
    sample,
    sample_in_time,
    sentences,
    snapshots,
    used_by,
)
from portevoix.segments.selectors.reaching import ReachRow, reach_rows

__all__ = [
    "MOST_SECONDS",
    "ReachRow",
    "count",
    "people_of",
    "people_who",
    "reach",
    "reach_in_time",
    "reach_rows",
    "resolved",
    "said",
    "sample",
    "sample_in_time",
    "sentences",
    "snapshots",
    "used_by",
]
