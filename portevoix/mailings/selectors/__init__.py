"""Reads about mailings: whom one may reach, what became of it, and why a reader gets it."""

from portevoix.mailings.selectors.adverts import (
    address_of,
    advert_of,
    advertising_of,
    content_of,
    is_targeted,
    label_of,
    logic_of,
)
from portevoix.mailings.selectors.fields import fields_for_authors, sampled
from portevoix.mailings.selectors.measures import measuring_of
from portevoix.mailings.selectors.outcomes import Figures, Outcome, figures, outcome
from portevoix.mailings.selectors.people import people_of, reach

__all__ = [
    "Figures",
    "Outcome",
    "address_of",
    "advert_of",
    "advertising_of",
    "content_of",
    "fields_for_authors",
    "figures",
    "is_targeted",
    "label_of",
    "logic_of",
    "measuring_of",
    "outcome",
    "people_of",
    "reach",
    "sampled",
]
