"""Reads of paths: always within the territory of who asks, always a bounded number of statements."""

from portevoix.paths.selectors.board import Board, Column, Wanted, board, column, overview
from portevoix.paths.selectors.staff import staff_who_see, staff_who_see_all, workers
from portevoix.paths.selectors.story import enrolments, journeys, tasks_about, to_enrol
from portevoix.paths.selectors.waiting import Agenda, Waiting, agenda, waiting_by_user, waiting_of

__all__ = [
    "Agenda",
    "Board",
    "Column",
    "Waiting",
    "Wanted",
    "agenda",
    "board",
    "column",
    "enrolments",
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
