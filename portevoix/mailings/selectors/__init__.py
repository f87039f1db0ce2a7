"""Reads about mailings: whom one may reach, what became of it, why a reader gets it, and who in the team read it."""

from portevoix.mailings.selectors.approvals import (
    Standing,
    awaiting,
    is_approval_asked,
    require_approval,
    standing,
)
from portevoix.mailings.selectors.fields import fields_for_authors, sampled
from portevoix.mailings.selectors.outcomes import Figures, Outcome, figures, outcome
from portevoix.mailings.selectors.people import people_of, reach
from portevoix.mailings.selectors.plain_texts import digest_of_text, is_stale, own_text

__all__ = [
    "Figures",
    "Outcome",
    "Standing",
    "awaiting",
    "digest_of_text",
    "fields_for_authors",
    "figures",
    "is_approval_asked",
    "is_stale",
    "outcome",
    "own_text",
    "people_of",
    "reach",
    "require_approval",
    "sampled",
    "standing",
]
