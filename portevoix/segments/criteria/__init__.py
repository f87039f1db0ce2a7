"""What segments may ask about people, places and rights; the rooms above add their own questions."""

from portevoix.segments.criteria import contact, history, identity, place

__all__ = ["contact", "history", "identity", "place"]
