"""Reads of paths: always within the territory of who asks, always a bounded number of statements."""

from portevoix.paths.selectors.columns import CARDS, Board, Column, Wanted, board, column, ended, overview
from portevoix.paths.selectors.staff import staff_who_see, staff_who_see_all, workers
from portevoix.paths.selectors.story import enrolments, found_by, journeys, tasks_about, to_enrol
from portevoix.paths.selectors.waiting import Agenda, Waiting, agenda, waiting_by_user, waiting_of

__all__ = [
    "CARDS",
    "Agenda",
    "Board",
    "Column",
    "Waiting",
    "Wanted",
    "agenda",
    "board",
    "column",
    "ended",
    "enrolments",
    "found_by",
    "journeys",
    "overview",
    "staff_who_see",
    "staff_who_see_all",
    "tasks_about",
    "to_enrol",
    "waiting_by_user",
    "waiting_of",
    "workers",
]
