"""The steps of who writes a segment, so that the browser's way back undoes: kept in the session, not in addresses."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest

KEY = "segment_steps"
#: The name under which an address says which step it shows.
PARAMETER = "etape"
#: The oldest are forgotten.
MOST = 30


def keep(request: HttpRequest, shown: Mapping[str, str]) -> str:
    """Keep what a form shows; return the address at which it is shown again."""
    steps = request.session.get(KEY, [])
    number = steps[-1][0] + 1 if steps else 1
    request.session[KEY] = [*steps, [number, dict(shown)]][-MOST:]
    return f"{request.path}?{PARAMETER}={number}"


def recall(request: HttpRequest) -> dict[str, str] | None:
    """Return what the form showed at the step that the address names, or None when there is none, or no more."""
    asked = request.GET.get(PARAMETER, "")
    for number, shown in request.session.get(KEY, []):
        if str(number) == asked:
            return dict(shown)
    return None


def forget(request: HttpRequest) -> None:
    """Forget the steps once the segment is saved."""
    request.session.pop(KEY, None)
