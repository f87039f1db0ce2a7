"""What the screens of people show of what only rooms above know."""

from __future__ import annotations

from wagtail import hooks
from wagtail.admin.ui.components import Component

from portevoix.people.models import BulkRun

#: The name of the hook by which the room that counts says how many may lawfully be reached: of everybody whom the
#: list's address finds, told by its ``query``, or of those whom an act (``run``) would change. ``is_quick`` says
#: whether they are few enough to be counted unasked.
REACH_HOOK = "show_who_may_be_reached"


def reach_of(query: str = "", run: BulkRun | None = None, *, is_quick: bool) -> list[Component]:
    """Return what says beside a count how many of those counted may lawfully be reached."""
    return [show(query, run, is_quick) for show in hooks.get_hooks(REACH_HOOK)]
