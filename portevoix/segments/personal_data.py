"""What snapshots owe to the persons in them."""

from __future__ import annotations

from portevoix.rights.types import Handler, register
from portevoix.segments.models import SnapshotMember

register(
    Handler(SnapshotMember, exported=["snapshot__name", "snapshot__taken_at"], same=["snapshot"]),
)
