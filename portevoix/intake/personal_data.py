"""What the tables of intake owe to the persons in them."""

from __future__ import annotations

from portevoix.intake.models import Submission
from portevoix.rights.types import Handler, register

register(Handler(Submission, exported=["email", "purposes", "answers", "source", "created_at", "confirmed_at"]))
