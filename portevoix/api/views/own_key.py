"""What a key says of itself: the first thing that whoever writes a program asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from portevoix.api.views.door import opened_by
from portevoix.api.views.people import held_by
from portevoix.api.views.schemas import KeyTold

router = Router(tags=["key"])


@router.get("/key", response=KeyTold, **opened_by(), operation_id="read_key")
def read_key(request: HttpRequest) -> dict[str, Any]:
    """The key itself: what it may do, until when, and as whom."""
    held = held_by(request)
    departements = held.actor.departements
    return {
        **{name: getattr(held.key, name) for name in ("name", "purpose", "scopes", "expires_at")},
        "account": held.key.user.get_username(),
        "roles": sorted(held.actor.roles),
        "departements": None if departements is None else sorted(departements),
    }
