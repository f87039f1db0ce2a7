"""The blocks letters are written with. Each must look right in every mail program."""

from portevoix.mailings.blocks.cards import CHANNELS, DonationBlock, EventBlock, PageBlock, ShareBlock
from portevoix.mailings.blocks.layout import ColumnsBlock, LetterBlock, PassageBlock, fields_of_conditions
from portevoix.mailings.blocks.plain import (
    ButtonBlock,
    DividerBlock,
    HeadingBlock,
    PictureBlock,
    QuoteBlock,
    TextBlock,
    check_words,
    refuse_compared_names,
)

__all__ = [
    "CHANNELS",
    "ButtonBlock",
    "ColumnsBlock",
    "DividerBlock",
    "DonationBlock",
    "EventBlock",
    "HeadingBlock",
    "LetterBlock",
    "PageBlock",
    "PassageBlock",
    "PictureBlock",
    "QuoteBlock",
    "ShareBlock",
    "TextBlock",
    "check_words",
    "fields_of_conditions",
    "refuse_compared_names",
]
