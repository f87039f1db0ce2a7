"""Each test finds the folder of exports empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _an_empty_folder() -> None:
    for path in (Path(settings.DATA_DIR) / "exports").glob("*"):
        path.unlink()
