"""The tables of what comes in."""

from portevoix.intake.models.staging import Arrival, LeftAside
from portevoix.intake.models.submission import Submission

__all__ = ["Arrival", "LeftAside", "Submission"]
