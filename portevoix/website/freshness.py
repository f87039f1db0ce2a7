"""One number for "what the public sees has changed", shared by every process of the instance.

It is the size of a file in the instance's folder: appending one byte is atomic, two changes can never give the same
number, and reading it is one ``stat`` of about a microsecond (docs/decisions/0004-page-cache.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

FILE_NAME = "page-cache.generation"


def generation() -> tuple[int, int] | None:
    """Return what cached pages must have been made under; None when that cannot be known."""
    try:
        state = _path().stat()
    except OSError:
        return None
    return state.st_ino, state.st_size


def announce() -> None:
    """Tell every process that the public site has changed, once the change is committed."""
    transaction.on_commit(advance)


def announce_rows() -> None:
    """Tell every process that rows which pages show have changed, once they are committed."""
    announce()


def advance() -> None:
    """Make every cached page stale at once."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b".")


def watch_pages() -> None:
    """Follow Wagtail's announcements, its own extension point: they are sent by the editor, by scheduled
    publication and by code alike, and a deleted page is unpublished first."""
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(_page_changed, dispatch_uid=f"website.freshness.{id(signal)}")


def _page_changed(**_: Any) -> None:
    announce()


def _path() -> Path:
    return Path(settings.DATA_DIR) / FILE_NAME
