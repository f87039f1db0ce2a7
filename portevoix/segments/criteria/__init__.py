"""What segments may ask about people, places, rights and segments; the rooms above add their own questions."""

from portevoix.segments.criteria import (
    consent,
    contact,
    custom,
    history,
    household,
    identity,
    membership,
    opinions,
    place,
    record,
    roles,
    timeline,
)

__all__ = [
    "consent",
    "contact",
    "custom",
    "history",
    "household",
    "identity",
    "membership",
    "opinions",
    "place",
    "record",
    "roles",
    "timeline",
]
