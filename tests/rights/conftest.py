"""What the tests of retention share: it is one night, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from portevoix.kernel import clock
from tests.rights.retaining import NOW


@pytest.fixture
def one_night(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    with clock.stopped_at(NOW):
        yield
