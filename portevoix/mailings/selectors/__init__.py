"""Reads about mailings: whom one may reach, what became of it, and why a reader gets it."""

from portevoix.mailings.selectors.fields import fields_for_authors, sampled
from portevoix.mailings.selectors.outcomes import Figures, Outcome, figures, outcome
from portevoix.mailings.selectors.people import people_of, reach

__all__ = ["Figures", "Outcome", "fields_for_authors", "figures", "outcome", "people_of", "reach", "sampled"]
