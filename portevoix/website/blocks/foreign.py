"""Content of another site: a card that loads nothing; what lies behind it comes only once the visitor accepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from portevoix.website.rules.sources import recognise
from portevoix.website.types import Foreign


class ForeignBlock(blocks.StructBlock):
    """A video, a message or a map of another site."""

    title = blocks.CharBlock(
        label=_("what it is"), max_length=120, help_text=_("Read by everybody, also by who does not load it.")
    )
    address = blocks.URLBlock(
        label=_("address"),
        help_text=_("Of a video of PeerTube, YouTube or Vimeo, of a message of X, of a map of OpenStreetMap or uMap."),
    )
    summary = blocks.TextBlock(
        label=_("in one sentence, for who does not load it"), required=False, max_length=300, rows=2
    )

    class Meta:
        icon = "media"
        label = _("Content of another site")
        template = "website/blocks/foreign.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if recognise(cleaned["address"]) is None:
            refusal = ValidationError(
                _(
                    "This address is of no site that can be shown here. Copy the one that the browser shows on the "
                    "page of the video, message or map; it begins by https://."
                )
            )
            raise blocks.StructBlockValidationError(block_errors={"address": refusal})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> Any:
        context = super().get_context(value, parent_context)
        context["content"] = recognise(value["address"])
        return context


def foreign_in(value: Any) -> Iterator[Foreign]:
    """Yield the foreign content in the value of a field, however deep it lies."""
    if isinstance(value, blocks.StructValue) and isinstance(value.block, ForeignBlock):
        if found := recognise(value["address"]):
            yield found
        return
    for inner in _within(value):
        yield from foreign_in(inner)


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, blocks.StructValue):
        return list(value.values())
    if isinstance(value, blocks.StreamValue):
        return [child.value for child in value]
    return list(value) if isinstance(value, blocks.list_block.ListValue) else []
