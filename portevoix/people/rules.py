"""Decisions on what is written on a record: pure, tested by tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from portevoix.people.types import Conflict, CustomKind

#: What comes before the key of one of the campaign's own fields, beside the columns of a person.
CUSTOM = "custom."


def differences(
    *, was: Mapping[str, Any], now: Mapping[str, Any], said: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Conflict]]:
    """Return what to write, and what cannot be: fields changed both here and by somebody else, to other values.

    ``was`` is what the screen showed, ``now`` what is stored, ``said`` what one wants. A field left as it was on
    the screen is not written, whatever became of it.
    """
    changed: dict[str, Any] = {}
    conflicts: list[Conflict] = []
    for name, value in said.items():
        if value == was.get(name) or value == now.get(name):
            continue
        if now.get(name) != was.get(name):
            conflicts.append(Conflict(name, now.get(name), value))
        else:
            changed[name] = value
    return changed, conflicts


def storable(kind: CustomKind, value: Any) -> Any:
    """Return a cleaned value of a custom field as JSON keeps it; None where there is nothing."""
    if value is None or value in ("", []):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return bool(value) if kind == CustomKind.YES_NO else value
