"""Ninety days of visits to the demo's site: more each week, fewer at week-ends, a peak when an article is shared."""

from __future__ import annotations

import math
import random
from datetime import timedelta

from wagtail.models import Page, Site

from portevoix.actions.models import PetitionPage
from portevoix.audience.models import DailyCount
from portevoix.kernel import clock

DAYS = 90
SEED = 2028
#: Part of the visits, by where they come from.
ORIGINS = {"": 0.34, "search": 0.29, "social": 0.22, "gazette-du-marais.example": 0.09, "ondes-libres.example": 0.06}
#: Days before today on which something happened, and how many times the usual followed.
PEAKS = {61: 2.1, 33: 2.8, 12: 1.9, 3: 1.6}


def build_visits() -> int:
    """Write the counts of past days once; return the number of rows."""
    if DailyCount.objects.exists():
        return 0
    paths = _paths()
    chance = random.Random(SEED)  # noqa: S311  # a demo, not a secret
    rows = []
    for ago in range(DAYS, 0, -1):
        day = clock.today() - timedelta(days=ago)
        weight = 120 * math.exp((DAYS - ago) / 70) * (0.62 if day.weekday() >= 5 else 1) * PEAKS.get(ago, 1)
        for rank, path in enumerate(paths):
            for origin, part in ORIGINS.items():
                visits = round(weight * part / (1 + rank * 1.7) * chance.uniform(0.75, 1.25))
                views = round(visits * chance.uniform(1.5, 2.6))
                if views:
                    rows.append(DailyCount(day=day, path=path, origin=origin, views=views, visits=visits))
    DailyCount.objects.bulk_create(rows, batch_size=5000)
    return len(rows)


def _paths() -> list[str]:
    root = Site.objects.select_related("root_page").get(is_default_site=True).root_page
    pages = Page.objects.descendant_of(root, inclusive=True).live().order_by("path")
    paths = [page.get_url() or "/" for page in pages]
    # Petitions are passed on more than anything else.
    signed = [page.get_url() for page in PetitionPage.objects.live() if page.get_url() in paths]
    return [*paths[:1], *signed, *(path for path in paths[1:] if path not in signed)]
