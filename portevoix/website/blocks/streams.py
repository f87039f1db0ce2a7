"""What a whole page may hold: blocks of words and pictures, of recordings, of foreign content."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from portevoix.website.blocks.foreign import ForeignBlock
from portevoix.website.blocks.media import RecordingBlock
from portevoix.website.blocks.story import (
    TEXT_FEATURES,
    ButtonBlock,
    CallToActionBlock,
    HeadingBlock,
    MeasureBlock,
    MemberBlock,
    NewsBlock,
    PictureBlock,
    PrioritiesBlock,
    QuestionBlock,
    QuoteBlock,
)


class StoryBlock(blocks.StreamBlock):
    """What a page of text may hold."""

    heading = HeadingBlock(max_length=120)
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("Text"), template="website/blocks/text.html")
    picture = PictureBlock()
    quote = QuoteBlock()
    measures = blocks.ListBlock(
        MeasureBlock(), label=_("Measures"), icon="list-ol", template="website/blocks/measures.html"
    )
    members = blocks.ListBlock(MemberBlock(), label=_("Members"), icon="group", template="website/blocks/members.html")
    questions = blocks.ListBlock(
        QuestionBlock(), label=_("Questions"), icon="help", template="website/blocks/questions.html"
    )
    buttons = blocks.ListBlock(ButtonBlock(), label=_("Buttons"), icon="link", template="website/blocks/buttons.html")
    call_to_action = CallToActionBlock()
    recording = RecordingBlock()
    foreign = ForeignBlock()


class HomeBlock(blocks.StreamBlock):
    """What the home page may hold under its opening: whole bands."""

    priorities = PrioritiesBlock()
    quote = QuoteBlock(template="website/blocks/quote_band.html")
    news = NewsBlock()
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("Text"), template="website/blocks/text_band.html")
    recording = RecordingBlock(template="website/blocks/recording_band.html")
    call_to_action = CallToActionBlock(template="website/blocks/call_to_action_band.html")
