"""Figures of visits are kept 25 months, to the day."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from portevoix.accounts.types import System
from portevoix.audience.models import DailyCount
from portevoix.audience.services import forget_old
from portevoix.kernel import clock

pytestmark = pytest.mark.django_db


def test_figures_older_than_twenty_five_months_go_and_younger_ones_stay() -> None:
    for day in (date(2026, 1, 31), date(2026, 2, 28), date(2028, 3, 30)):
        DailyCount.objects.create(day=day, path="/", views=1)
    with clock.stopped_at(datetime(2028, 3, 30, 4, tzinfo=clock.PARIS)):
        assert forget_old(actor=System("tests")) == 1
    assert list(DailyCount.objects.order_by("day").values_list("day", flat=True)) == [
        date(2026, 2, 28),
        date(2028, 3, 30),
    ]
