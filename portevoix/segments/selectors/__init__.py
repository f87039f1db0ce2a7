"""Reads of segments: whom they find, and where those live."""

from portevoix.segments.selectors.asking import LEAST, check_writer, is_about_opinions, is_few, unoffered
from portevoix.segments.selectors.finding import (
    MOST_SECONDS,
    check_draft,
    check_editor,
    check_reader,
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
    "LEAST",
    "MOST_SECONDS",
    "ReachRow",
    "check_draft",
    "check_editor",
    "check_reader",
    "check_writer",
    "count",
    "is_about_opinions",
    "is_few",
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
    "unoffered",
    "used_by",
]
