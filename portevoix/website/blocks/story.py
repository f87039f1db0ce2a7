"""The small blocks of words, pictures and buttons. Each is one template and one component of the design system."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

TEXT_FEATURES = ["h3", "bold", "italic", "link", "ol", "ul", "hr", "document-link"]
SHORT_FEATURES = ["bold", "italic", "link", "ol", "ul"]


class ButtonBlock(blocks.StructBlock):
    """One thing to do: a page of the site, or an address."""

    label = blocks.CharBlock(label=_("words on the button"), max_length=60)
    page = blocks.PageChooserBlock(label=_("page"), required=False)
    address = blocks.URLBlock(label=_("or address"), required=False)
    is_main = blocks.BooleanBlock(label=_("main button"), required=False)

    class Meta:
        icon = "link"
        label = _("Button")
        template = "website/blocks/button.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned.get("page")) == bool(cleaned.get("address")):
            message = ValidationError(_("Choose a page or give an address, one of the two."))
            raise blocks.StructBlockValidationError(block_errors={"page": message})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> Any:
        context = super().get_context(value, parent_context)
        page = value.get("page")
        context["url"] = page.get_url((parent_context or {}).get("request")) if page else value.get("address")
        return context


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = _("Heading")
        template = "website/blocks/heading.html"


class PictureBlock(blocks.StructBlock):
    """A picture with the words that stand for it; Wagtail asks for them unless it is said to be decorative."""

    image = ImageBlock(label=_("picture"))
    caption = blocks.CharBlock(label=_("caption"), required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "website/blocks/picture.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("words"))
    author = blocks.CharBlock(label=_("who says it"), max_length=120)
    role = blocks.CharBlock(label=_("who they are"), required=False, max_length=160)
    portrait = ImageBlock(label=_("portrait"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "website/blocks/quote.html"


class MeasureBlock(blocks.StructBlock):
    """One measure of a programme; numbers follow from the order."""

    title = blocks.CharBlock(label=_("title"), max_length=120)
    summary = blocks.TextBlock(label=_("in one sentence"))
    how = blocks.RichTextBlock(label=_("how, when, at what cost"), features=SHORT_FEATURES, required=False)

    class Meta:
        icon = "tick-inverse"
        label = _("Measure")


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("question"), max_length=200)
    answer = blocks.RichTextBlock(label=_("answer"), features=SHORT_FEATURES)

    class Meta:
        icon = "help"
        label = _("Question")
        template = "website/blocks/question.html"


class MemberBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("name"), max_length=120)
    role = blocks.CharBlock(label=_("role"), max_length=160)
    portrait = ImageBlock(label=_("portrait"), required=False)
    text = blocks.TextBlock(label=_("a few words"), required=False)

    class Meta:
        icon = "user"
        label = _("Member")


class CallToActionBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("title"), max_length=120)
    text = blocks.TextBlock(label=_("text"), required=False)
    button = ButtonBlock(label=_("button"))

    class Meta:
        icon = "pick"
        label = _("Call to action")
        template = "website/blocks/call_to_action.html"


class PriorityBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("title"), max_length=80)
    text = blocks.TextBlock(label=_("text"))
    page = blocks.PageChooserBlock(label=_("page that says more"), required=False)

    class Meta:
        icon = "order-up"
        label = _("Priority")


class PrioritiesBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("title"), max_length=120)
    priorities = blocks.ListBlock(PriorityBlock(), label=_("priorities"), min_num=1, max_num=6)

    class Meta:
        icon = "list-ol"
        label = _("Priorities")
        template = "website/blocks/priorities.html"


class NewsBlock(blocks.StructBlock):
    """The latest articles; the home page brings them to the template."""

    title = blocks.CharBlock(label=_("title"), max_length=120)

    class Meta:
        icon = "doc-full-inverse"
        label = _("Latest news")
        template = "website/blocks/news.html"
