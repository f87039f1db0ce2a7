"""A home page under the default site."""

from __future__ import annotations

import pytest

from portevoix.website.models import HomePage
from tests.website.factories import HomePageFactory


@pytest.fixture
def home(db: None) -> HomePage:
    page: HomePage = HomePageFactory()
    return page
