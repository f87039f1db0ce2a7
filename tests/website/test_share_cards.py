"""The picture of a page where it is shared: drawn once, whole or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portevoix.website.models import HomePage, Identity
from portevoix.website.selectors.sharing import share_card_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "share"


def test_it_is_drawn_once_and_an_earlier_one_goes(home: HomePage, folder: Path) -> None:
    drawn = share_card_of(home, Identity())
    assert share_card_of(home, Identity()) == drawn
    assert share_card_of(home, Identity(name="Autre")) != drawn
    assert len(list(folder.iterdir())) == 1


def test_nobody_finds_half_a_picture(home: HomePage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under its name while it is written, and after a writer that died: nothing."""
    seen: list[list[str]] = []

    def stopped(self: Path, target: Path) -> None:
        seen.append([path.name for path in folder.glob("*.png")])
        raise OSError("the machine stopped")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stopped)
        with pytest.raises(OSError, match="stopped"):
            share_card_of(home, Identity())
    assert seen == [[]]
    assert share_card_of(home, Identity()).startswith(b"\x89PNG")
