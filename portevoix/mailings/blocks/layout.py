"""Blocks that hold others: two columns, a passage for some readers, the letter itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks

from portevoix.delivery.rules import merge
from portevoix.delivery.types import MERGE_FIELDS
from portevoix.mailings.blocks.cards import DonationBlock, EventBlock, PageBlock, ShareBlock
from portevoix.mailings.blocks.plain import (
    NAMES_ARE_NOT_COMPARED,
    TEXT_FEATURES,
    ButtonBlock,
    DividerBlock,
    HeadingBlock,
    PictureBlock,
    QuoteBlock,
    TextBlock,
)

TESTS = [
    ("known", pgettext_lazy("condition", "is known")),
    ("unknown", pgettext_lazy("condition", "is not known")),
    ("is", pgettext_lazy("condition", "is one of")),
    ("is_not", pgettext_lazy("condition", "is none of")),
]
COMPARED = {"is", "is_not"}


def fields_of_conditions() -> list[tuple[str, Any]]:
    """Return the fields that a passage may depend on: those that some readers have and others have not."""
    return [(name, field.label) for name, field in MERGE_FIELDS.items() if not field.is_always_known]


class ColumnBlock(blocks.StreamBlock):
    """What a narrow column has room for."""

    heading = HeadingBlock(max_length=120)
    text = TextBlock(features=TEXT_FEATURES)
    picture = PictureBlock()
    button = ButtonBlock()


class ColumnsBlock(blocks.StructBlock):
    """Two columns side by side; on a telephone the second comes below the first."""

    left = ColumnBlock(label=_("Left"), min_num=1)
    right = ColumnBlock(label=_("Right"), min_num=1)

    class Meta:
        icon = "grip"
        label = _("Two columns")


class _Blocks(blocks.StreamBlock):
    heading = HeadingBlock(max_length=120)
    text = TextBlock(features=TEXT_FEATURES)
    picture = PictureBlock()
    button = ButtonBlock()
    quote = QuoteBlock()
    divider = DividerBlock()
    event = EventBlock()
    petition = PageBlock()
    donation = DonationBlock()
    columns = ColumnsBlock()
    share = ShareBlock()


class PassageBlock(blocks.StructBlock):
    """Blocks that some readers get, and what the others get instead."""

    field = blocks.ChoiceBlock(label=_("If the reader’s"), choices=fields_of_conditions)
    test = blocks.ChoiceBlock(label=_("Condition"), choices=TESTS, default="known")
    values = blocks.CharBlock(
        label=_("Which"), required=False, max_length=300, help_text=_("Several with commas: Rennes, Brest.")
    )
    then = _Blocks(label=_("These readers get"), min_num=1)
    otherwise = _Blocks(label=_("The others get"), required=False)

    class Meta:
        icon = "user"
        label = _("Passage for some readers")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["field"] in merge.NAMES and cleaned["test"] in COMPARED:
            raise blocks.StructBlockValidationError(block_errors={"test": ValidationError(NAMES_ARE_NOT_COMPARED)})
        fault = fault_of_values(cleaned["test"], cleaned["values"])
        if fault:
            raise blocks.StructBlockValidationError(block_errors={"values": ValidationError(fault)})
        return cleaned


def fault_of_values(test: str, values: str) -> Any:
    """Say what is wrong with the values of a condition."""
    words = [word for word in values.split(",") if word.strip()]
    if test not in COMPARED:
        return _("Leave this empty, or choose “is one of”.") if words else ""
    if not words:
        return _("Say which values.")
    if any(sign in values for sign in "{}|") or not all(merge.spelt(word) for word in words):
        return _("A value is made of words, without braces or bars.")
    return ""


class LetterBlock(_Blocks):
    """The body of a letter."""

    passage = PassageBlock()
