"""Reads of segments: whom they find, and where those live."""

from portevoix.segments.selectors.finding import (
    MOST_SECONDS,
    Reach,
    count,
    people_of,
    people_who,
    reach,
    reach_in_time,
    sentences,
)

__all__ = ["MOST_SECONDS", "Reach", "count", "people_of", "people_who", "reach", "reach_in_time", "sentences"]
