"""The blocks editors build pages from. Each is one template and one component of the design system."""

from portevoix.website.blocks.banner import LONGEST, LONGEST_LINK, BannerWordsBlock
from portevoix.website.blocks.foreign import ForeignBlock, foreign_in
from portevoix.website.blocks.media import RecordingBlock
from portevoix.website.blocks.menus import FooterColumnBlock, MenuEntryBlock
from portevoix.website.blocks.reference import QuestionGroupBlock, SourceBlock, TermBlock
from portevoix.website.blocks.story import SHORT_FEATURES, ButtonBlock, HeadingBlock
from portevoix.website.blocks.streams import HomeBlock, StoryBlock

__all__ = [
    "LONGEST",
    "LONGEST_LINK",
    "SHORT_FEATURES",
    "BannerWordsBlock",
    "ButtonBlock",
    "FooterColumnBlock",
    "ForeignBlock",
    "HeadingBlock",
    "HomeBlock",
    "MenuEntryBlock",
    "QuestionGroupBlock",
    "RecordingBlock",
    "SourceBlock",
    "StoryBlock",
    "TermBlock",
    "foreign_in",
]
