"""A campaign that says who it is, as the law asks before any letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from portevoix.conf.instance import Legal


@pytest.fixture(autouse=True)
def campaign(settings: Settings, tmp_path: Path) -> Iterator[None]:
    legal = Legal(
        publisher="Association des Ondes",
        publisher_address="12 rue des Ondes, 00000 Villedeau",
        publisher_email="bonjour@ondes.example",
    )
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": legal})
    settings.BASE_URL = "https://ondes.example"
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    yield
    # Wagtail remembers renditions by the number of their picture, which the next test gives to another.
    cache.clear()
