"""Gives every template the frame of the public site, unread until a template asks."""

from __future__ import annotations

from django.http import HttpRequest

from portevoix.website.selectors import Shell


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Return the request's one shell, however many templates it renders."""
    frame: Shell | None = getattr(request, "_shell", None)
    if frame is None:
        frame = request._shell = Shell(request)  # type: ignore[attr-defined]
    return {"shell": frame}
