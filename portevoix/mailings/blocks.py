"""The blocks letters are written with. Few on purpose: each must look right in every mail program."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.rules import merge
from portevoix.delivery.types import MERGE_FIELDS
from portevoix.mailings import rules
from portevoix.mailings.wording import explain

TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul", "merge-fields"]


def check_words(words: str) -> None:
    """Refuse words with a merge field that does not exist, naming it."""
    try:
        merge.cut(words, known=MERGE_FIELDS)
    except LetterError as error:
        raise ValidationError(explain(error)) from error


class HeadingBlock(blocks.CharBlock):
    """A heading; the first of a letter is its title."""

    class Meta:
        icon = "title"
        label = _("Heading")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        check_words(cleaned)
        return cleaned


class TextBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = _("Text")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        check_words(rules.words_of(rules.read(cleaned.source)))
        return cleaned


class PictureBlock(blocks.StructBlock):
    """A picture with the words that stand for it; Wagtail asks for them unless it is said to be decorative."""

    image = ImageBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("Picture")


class ButtonBlock(blocks.StructBlock):
    """The one thing to do: a page of the site, or an address."""

    label = blocks.CharBlock(label=_("Words on the button"), max_length=60)
    page = blocks.PageChooserBlock(label=_("Page of the site"), required=False)
    address = blocks.CharBlock(
        label=_("Or address"), required=False, max_length=2000, help_text=_("It begins with https://.")
    )

    class Meta:
        icon = "link"
        label = _("Button")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        errors: dict[str, ValidationError] = {}
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            errors["address"] = ValidationError(_("Choose a page or give an address, one of the two."))
        elif cleaned["address"]:
            try:
                rules.safe_address(cleaned["address"], base="")
            except LetterError as error:
                errors["address"] = ValidationError(explain(error))
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned


class QuoteBlock(blocks.StructBlock):
    words = blocks.TextBlock(label=_("Words"), rows=3)
    speaker = blocks.CharBlock(label=_("Who says it"), max_length=120)
    role = blocks.CharBlock(label=_("Who they are"), required=False, max_length=160)

    class Meta:
        icon = "openquote"
        label = _("Quote")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        for name in ("words", "speaker", "role"):
            try:
                check_words(cleaned[name])
            except ValidationError as error:
                raise blocks.StructBlockValidationError(block_errors={name: error}) from error
        return cleaned


class DividerBlock(blocks.StaticBlock):
    class Meta:
        icon = "horizontalrule"
        label = _("Divider")
        admin_text = _("A line between two subjects.")


class LetterBlock(blocks.StreamBlock):
    """The body of a letter."""

    heading = HeadingBlock(max_length=120)
    text = TextBlock(features=TEXT_FEATURES)
    picture = PictureBlock()
    button = ButtonBlock()
    quote = QuoteBlock()
    divider = DividerBlock()
