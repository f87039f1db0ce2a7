"""The plain blocks: words, pictures, a button, a quote, a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.rules import merge
from portevoix.delivery.types import MERGE_FIELDS
from portevoix.mailings import rules
from portevoix.mailings.rules import marks
from portevoix.mailings.wording import explain

TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul", "merge-fields"]

NAMES_ARE_NOT_COMPARED = _(
    "Names may not be compared with others: they can tell where somebody’s family comes from. "
    "Ask only whether the name is known."
)


def check_words(words: str) -> None:
    """Refuse words with a merge field that does not exist, naming it, or with names compared with others."""
    try:
        merge.cut(words, known=MERGE_FIELDS)
    except LetterError as error:
        raise ValidationError(explain(error)) from error
    refuse_compared_names(words)


def refuse_compared_names(words: str) -> None:
    """Refuse words with a condition that compares a name with values."""
    if any(name in merge.NAMES and is_compared for name, is_compared in merge.asked_in(words)):
        raise ValidationError(NAMES_ARE_NOT_COMPARED)


def refused_at(cleaned: Any, *, words: Sequence[str], leads: bool = False) -> Any:
    """Return the value of a block, or refuse it field by field: unknown merge fields, and links to nowhere.

    Raises StructBlockValidationError.
    """
    errors: dict[str, ValidationError] = {}
    for name in words:
        try:
            check_words(cleaned[name] or "")
        except ValidationError as error:
            errors[name] = error
    if leads and (fault := _fault_of_link(cleaned)):
        errors["address"] = ValidationError(fault)
    if errors:
        raise blocks.StructBlockValidationError(block_errors=errors)
    return cleaned


def _fault_of_link(cleaned: Any) -> str:
    """Say what is wrong with a block's page or address, of which one must be given."""
    if bool(cleaned["page"]) == bool(cleaned["address"]):
        return gettext("Choose a page or give an address, one of the two.")
    try:
        if cleaned["address"]:
            rules.safe_address(cleaned["address"], base="")
    except LetterError as error:
        return explain(error)
    return ""


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
        tree = marks.lifted(rules.read(cleaned.source))
        check_words(rules.words_of(tree))
        try:
            marks.check(tree)
        except LetterError as error:
            raise ValidationError(explain(error)) from error
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
        return refused_at(super().clean(value), words=("label",), leads=True)


class QuoteBlock(blocks.StructBlock):
    words = blocks.TextBlock(label=_("Words"), rows=3)
    speaker = blocks.CharBlock(label=_("Who says it"), max_length=120)
    role = blocks.CharBlock(label=_("Who they are"), required=False, max_length=160)

    class Meta:
        icon = "openquote"
        label = _("Quote")

    def clean(self, value: Any) -> Any:
        return refused_at(super().clean(value), words=("words", "speaker", "role"))


class DividerBlock(blocks.StaticBlock):
    class Meta:
        icon = "horizontalrule"
        label = _("Divider")
        admin_text = _("A line between two subjects.")
