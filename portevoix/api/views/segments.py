"""Segments in figures: how many, and how many may lawfully be reached by which way. Nobody is named."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from portevoix.api.services.counting import count_segment
from portevoix.api.views.door import opened_by
from portevoix.api.views.people import held_by
from portevoix.api.views.schemas import Following, SegmentsTold, SegmentTold
from portevoix.segments.models import Segment
from portevoix.segments.selectors import sentences

router = Router(tags=["segments"])


@router.get("/segments", response=SegmentsTold, **opened_by("api.count_segment"), operation_id="list_segments")
def list_segments(request: HttpRequest, asked: Query[Following]) -> dict[str, Any]:
    """The segments by their numbers, with what each asks, in words."""
    found = list(Segment.objects.filter(pk__gt=asked.after).order_by("pk")[: asked.limit + 1])
    page = found[: asked.limit]
    said = sentences(page)
    lines = [{"id": one.pk, "name": one.name, "asks": said[one.pk]} for one in page]
    return {"segments": lines, "next": page[-1].pk if len(found) > asked.limit else None}


@router.get("/segments/{int:pk}", response=SegmentTold, **opened_by("api.count_segment"), operation_id="count_segment")
def count(request: HttpRequest, pk: int) -> dict[str, Any]:
    """How many people a segment finds, of those that the key sees; how many by each way, and why not the others."""
    segment = get_object_or_404(Segment, pk=pk)
    figures = count_segment(segment, actor=held_by(request).actor)
    ways = [
        {
            "channel": row.channel,
            "purpose": row.purpose,
            "reached": row.reached,
            "left_out": [{"why": why, "people": number} for why, number in row.reasons],
        }
        for row in figures.ways
    ]
    told = {"id": pk, "name": segment.name, "asks": sentences([segment])[pk], "ways": ways}
    return {**told, "people": figures.people, "is_few": figures.is_few, "is_late": figures.is_late}
