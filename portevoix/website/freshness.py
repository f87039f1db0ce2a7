"""One number for "what the public sees may have changed", shared by every process of the instance.

It is the size of a file in the instance's folder: appending one byte is atomic, two changes can never give the same
number, and reading it is one ``stat`` of about a microsecond (docs/decisions/0004-page-cache.md). The byte says what
changed (0024-what-a-publication-makes-stale.md): rows alone, which a kept page asks for again, or something else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

FILE_NAME = "page-cache.generation"

Generation = tuple[int, int]

HOME_DEPTH = 2

ANYTHING = b"."
ROWS = b"?"


def generation() -> Generation | None:
    """Return what cached pages must have been made under; None when that cannot be known."""
    try:
        state = _path().stat()
    except OSError:
        return None
    return state.st_ino, state.st_size


def are_rows_alone(since: Generation, until: Generation) -> bool:
    """Tell whether nothing but rows of the database changed between two generations."""
    if since[0] != until[0]:
        return False
    try:
        with _path().open("rb") as file:
            file.seek(since[1])
            changes = file.read(until[1] - since[1])
    except OSError:
        return False
    return len(changes) == until[1] - since[1] and not changes.strip(ROWS)


def announce() -> None:
    """Tell every process that the public site has changed, once the change is committed."""
    transaction.on_commit(advance)


def announce_rows() -> None:
    """Tell every process that rows have changed, once they are committed: pages made from others stay."""
    transaction.on_commit(ask_again)


def advance() -> None:
    """Make every cached page stale at once."""
    _append(ANYTHING)


def ask_again() -> None:
    """Make every cached page stale whose questions would now be answered otherwise."""
    _append(ROWS)


def watch_pages() -> None:
    """Follow Wagtail's announcements, its own extension point: they are sent by the editor, by scheduled
    publication and by code alike, and a deleted page is unpublished first."""
    page_published.connect(_words_changed, dispatch_uid="website.freshness.published")
    for signal in (page_unpublished, page_slug_changed, post_page_move):
        signal.connect(_address_changed, dispatch_uid=f"website.freshness.{id(signal)}")


def _words_changed(**_: Any) -> None:
    announce_rows()


def _address_changed(instance: Any, **_: Any) -> None:
    """Where home pages are is kept in the memory of each process, which no question reaches."""
    if instance.depth > HOME_DEPTH:
        announce_rows()
    else:
        announce()


def _append(mark: bytes) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(mark)


def _path() -> Path:
    return Path(settings.DATA_DIR) / FILE_NAME
