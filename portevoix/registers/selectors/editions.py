"""Versions of the record: as of a day, and what differs from one to the next."""

from __future__ import annotations

from datetime import date, datetime, time

from portevoix.kernel import clock
from portevoix.registers import rules
from portevoix.registers.models import Edition
from portevoix.registers.types import Change


def latest() -> Edition | None:
    return Edition.objects.first()


def as_of(day: date) -> Edition | None:
    """Return the record as it stood at the end of a day in Paris, None before the first version."""
    end = datetime.combine(day, time.max, clock.PARIS)
    return Edition.objects.filter(at__lte=end).first()


def before(edition: Edition) -> Edition | None:
    """Return the version that a version took the place of."""
    return Edition.objects.filter(pk__lt=edition.pk).first()


def changes(edition: Edition, since: Edition | None = None) -> list[Change]:
    """Return what differs from ``since``, or from the version before."""
    former = since or before(edition)
    return rules.differences(former.document, edition.document) if former else []
