"""Pages that appear and go at an appointed time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from wagtail.models import Page

from portevoix.kernel import clock, jobs
from portevoix.website.models import HomePage
from portevoix.website.tasks import publish_scheduled
from tests.website.factories import StandardPageFactory

pytestmark = pytest.mark.django_db


def test_a_page_whose_hour_has_come_is_published(home: HomePage) -> None:
    page = StandardPageFactory(draft=True)
    page.go_live_at = clock.now() - timedelta(minutes=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    publish_scheduled()
    assert Page.objects.get(pk=page.pk).live


def test_a_page_whose_hour_has_passed_is_withdrawn(home: HomePage) -> None:
    page = StandardPageFactory(expire_at=clock.now() - timedelta(minutes=1))
    publish_scheduled()
    assert not Page.objects.get(pk=page.pk).live


def test_the_hour_is_looked_at_each_minute_so_that_midnight_is_midnight() -> None:
    assert next(one.cron for one in jobs.schedule() if one.name == "website.publish_scheduled") == "* * * * *"
