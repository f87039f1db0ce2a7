"""Segments, and the trees they hold."""

from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from portevoix.segments.models import Segment


def tree(*parts: dict[str, Any], match: str = "all") -> dict[str, Any]:
    """Return a group as it is stored."""
    return {"match": match, "parts": list(parts)}


def rule(criterion: str, **values: Any) -> dict[str, Any]:
    """Return a condition as it is stored."""
    return {"criterion": criterion, **values}


class SegmentFactory(DjangoModelFactory[Segment]):
    class Meta:
        model = Segment

    name = factory.Sequence(lambda n: f"Segment {n}")
    tree = factory.LazyFunction(tree)
