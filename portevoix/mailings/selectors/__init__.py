"""Reads about mailings: whom one may reach, what became of it, why a reader gets it, and who in the team read it."""

from portevoix.mailings.selectors.adverts import (
    address_of,
    advert_of,
    advertising_of,
    audience_of,
    content_of,
    declares_for,
    facts_of,
    is_targeted,
    label,
    label_of,
    logic_of,
    picks,
    shortened,
)
from portevoix.mailings.selectors.again import Missed, batches_of, missed, not_reached, resending_of
from portevoix.mailings.selectors.approvals import (
    Standing,
    approvals_of,
    awaiting,
    is_approval_asked,
    require_approval,
    standing,
)
from portevoix.mailings.selectors.archive import archive_address
from portevoix.mailings.selectors.fields import fields_for_authors, sampled
from portevoix.mailings.selectors.measures import measuring_of
from portevoix.mailings.selectors.outcomes import Figures, Outcome, figures, outcome
from portevoix.mailings.selectors.people import Targets, people_of, reach, targets_of
from portevoix.mailings.selectors.plain_texts import digest_of_text, is_stale, own_text
from portevoix.mailings.selectors.trials import (
    Standings,
    had_its_hours,
    other_versions,
    part_of,
    parts_of,
    standings,
    totals_of,
    trial_of,
    versions_of,
)

__all__ = [
    "Figures",
    "Missed",
    "Outcome",
    "Standing",
    "Standings",
    "Targets",
    "address_of",
    "advert_of",
    "advertising_of",
    "approvals_of",
    "archive_address",
    "audience_of",
    "awaiting",
    "batches_of",
    "content_of",
    "declares_for",
    "digest_of_text",
    "facts_of",
    "fields_for_authors",
    "figures",
    "had_its_hours",
    "is_approval_asked",
    "is_stale",
    "is_targeted",
    "label",
    "label_of",
    "logic_of",
    "measuring_of",
    "missed",
    "not_reached",
    "other_versions",
    "outcome",
    "own_text",
    "part_of",
    "parts_of",
    "people_of",
    "picks",
    "reach",
    "require_approval",
    "resending_of",
    "sampled",
    "shortened",
    "standing",
    "standings",
    "targets_of",
    "totals_of",
    "trial_of",
    "versions_of",
]
