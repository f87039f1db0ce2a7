"""Every known trick, planted once or more, and what honest sites do that looks like it."""

from __future__ import annotations

from tests.auditor.cases import consent, personal, places, transparency, workers
from tests.auditor.cases.site import Case

ALL: tuple[Case, ...] = (*consent.CASES, *personal.CASES, *places.CASES, *transparency.CASES, *workers.CASES)
