"""Reads of the automations: whom they are about, how they stand, what is wrong with them, what would happen."""

from portevoix.journeys.selectors.adverts import advertising_of, label_of, logic_of, told_of
from portevoix.journeys.selectors.approvals import approvals_of, awaiting, needs_approval
from portevoix.journeys.selectors.asking import asking_about
from portevoix.journeys.selectors.checking import (
    compares,
    faults,
    in_words,
    phrase,
    question_faults,
    start_in_words,
)
from portevoix.journeys.selectors.figures import Count, counts, overview, trips_of, under_way_by_version
from portevoix.journeys.selectors.foreseeing import due_at, foresee
from portevoix.journeys.selectors.outside import addresses, processors
from portevoix.journeys.selectors.people import (
    ACTOR,
    NO_START,
    earlier,
    fixed_moment,
    of_the_spine,
    on_days,
    people_who,
    question_of,
    there_now,
)
from portevoix.journeys.selectors.picture import Shown, picture
from portevoix.journeys.selectors.turns import (
    are_left_behind,
    is_due,
    last_line,
    must_leave,
    settled,
    waits_to_be_told,
    wants_a_look,
)

__all__ = [
    "ACTOR",
    "NO_START",
    "Count",
    "Shown",
    "addresses",
    "advertising_of",
    "approvals_of",
    "are_left_behind",
    "asking_about",
    "awaiting",
    "compares",
    "counts",
    "due_at",
    "earlier",
    "faults",
    "fixed_moment",
    "foresee",
    "in_words",
    "is_due",
    "label_of",
    "last_line",
    "logic_of",
    "must_leave",
    "needs_approval",
    "of_the_spine",
    "on_days",
    "overview",
    "people_who",
    "phrase",
    "picture",
    "processors",
    "question_faults",
    "question_of",
    "settled",
    "start_in_words",
    "there_now",
    "told_of",
    "trips_of",
    "under_way_by_version",
    "waits_to_be_told",
    "wants_a_look",
]
