"""Questions, terms and sources: what reference pages are made of."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks

from portevoix.website.blocks.story import SHORT_FEATURES, QuestionBlock


class QuestionGroupBlock(blocks.StructBlock):
    """Questions on one subject."""

    title = blocks.CharBlock(label=pgettext_lazy("questions", "subject"), max_length=120)
    questions = blocks.ListBlock(QuestionBlock(), label=_("questions"), min_num=1)

    class Meta:
        icon = "help"
        label = _("Questions on one subject")


class TermBlock(blocks.StructBlock):
    """A word and what it means."""

    term = blocks.CharBlock(label=_("word"), max_length=80)
    meaning = blocks.RichTextBlock(label=_("what it means"), features=SHORT_FEATURES)

    class Meta:
        icon = "openquote"
        label = _("Word")


class SourceBlock(blocks.StructBlock):
    """Where a figure comes from."""

    title = blocks.CharBlock(label=_("title"), max_length=200)
    author = blocks.CharBlock(label=_("author or publisher"), max_length=120, required=False)
    year = blocks.IntegerBlock(label=_("year"), min_value=1800, max_value=2100, required=False)
    address = blocks.URLBlock(label=_("address"), required=False)

    class Meta:
        icon = "link"
        label = _("Source")
