"""Cards: what a page of the site asks for, shown with its title, its picture and one button."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks

from portevoix.mailings import rules
from portevoix.mailings.blocks.plain import refused_at

#: Where a page may be shared to, in the order of the links.
CHANNELS = [
    ("mail", _("E-mail")),
    ("whatsapp", "WhatsApp"),
    ("telegram", "Telegram"),
    ("sms", pgettext_lazy("share", "Text message")),
    ("copy", _("The address, to copy (Signal and all others)")),
]


def _page(**more: Any) -> blocks.PageChooserBlock:
    return blocks.PageChooserBlock(label=_("Page of the site"), required=False, **more)


def _address() -> blocks.CharBlock:
    return blocks.CharBlock(
        label=_("Or address"), required=False, max_length=2000, help_text=_("It begins with https://.")
    )


class PageBlock(blocks.StructBlock):
    """A page of the site with what it asks for: a petition, a form, an article."""

    page = _page(help_text=_("Its title, its introduction and its picture are shown, unless you write others."))
    title = blocks.CharBlock(label=_("Title"), required=False, max_length=120)
    words = blocks.TextBlock(label=_("Words"), required=False, max_length=600, rows=3)
    label = blocks.CharBlock(label=_("Words on the button"), max_length=60)
    address = _address()

    class Meta:
        icon = "edit"
        label = _("Petition or page")

    def clean(self, value: Any) -> Any:
        return _titled(refused_at(super().clean(value), words=("title", "words", "label"), leads=True))


class EventBlock(blocks.StructBlock):
    """A meeting: when, where, and the way to come."""

    page = _page(help_text=_("Its title, its introduction and its picture are shown, unless you write others."))
    title = blocks.CharBlock(label=_("Title"), required=False, max_length=120)
    starts_at = blocks.DateTimeBlock(label=_("Begins"), required=False)
    ends_at = blocks.DateTimeBlock(label=_("Ends"), required=False)
    place = blocks.CharBlock(label=_("Place"), required=False, max_length=200)
    words = blocks.TextBlock(label=_("Words"), required=False, max_length=600, rows=3)
    label = blocks.CharBlock(label=_("Words on the button"), max_length=60)
    address = _address()

    class Meta:
        icon = "calendar"
        label = _("Event")

    def clean(self, value: Any) -> Any:
        cleaned = _titled(refused_at(super().clean(value), words=("title", "place", "words", "label"), leads=True))
        if cleaned["ends_at"] and (not cleaned["starts_at"] or cleaned["ends_at"] <= cleaned["starts_at"]):
            fault = ValidationError(_("It ends before it begins."))
            raise blocks.StructBlockValidationError(block_errors={"ends_at": fault})
        return cleaned


class DonationBlock(blocks.StructBlock):
    """A gift: some amounts to choose from, each a link, and a button for any other."""

    title = blocks.CharBlock(label=_("Title"), max_length=120)
    words = blocks.TextBlock(label=_("Words"), required=False, max_length=600, rows=3)
    page = _page()
    address = _address()
    amounts = blocks.ListBlock(
        blocks.IntegerBlock(label=_("Amount in euros"), min_value=1, max_value=rules.MOST_GIVEN),
        label=_("Suggested amounts"),
        max_num=6,
        default=[],
    )
    parameter = blocks.RegexBlock(
        label=_("Name of the amount in the address"),
        regex=r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$",
        error_messages={"invalid": _("A letter, then letters, digits, hyphens.")},
        default="montant",
        help_text=_("The link of each amount ends with it, as ?montant=20."),
    )
    label = blocks.CharBlock(label=_("Words on the button"), max_length=60)

    class Meta:
        icon = "pick"
        label = _("Gift")

    def clean(self, value: Any) -> Any:
        return refused_at(super().clean(value), words=("title", "words", "label"), leads=True)


class ShareBlock(blocks.StructBlock):
    """Links by which readers pass a page on. No script, no picture, nothing asked of anybody before the click."""

    title = blocks.CharBlock(label=_("Title"), required=False, max_length=120)
    page = _page()
    address = _address()
    words = blocks.TextBlock(
        label=_("What they say"), max_length=300, rows=2, help_text=_("Ready in their message, which they may change.")
    )
    by = blocks.MultipleChoiceBlock(
        label=pgettext_lazy("share", "By"), choices=CHANNELS, default=[key for key, _label in CHANNELS]
    )

    class Meta:
        icon = "link-external"
        label = pgettext_lazy("block", "Share")

    def clean(self, value: Any) -> Any:
        # What readers say in their own name cannot hold another reader's: no merge field in `words`.
        cleaned = refused_at(super().clean(value), words=("title",), leads=True)
        if "{{" in cleaned["words"]:
            fault = ValidationError(_("Readers share these words with others: no merge field can stand here."))
            raise blocks.StructBlockValidationError(block_errors={"words": fault})
        return cleaned


def _titled(cleaned: Any) -> Any:
    if not cleaned["page"] and not cleaned["title"]:
        fault = ValidationError(_("Give a title, since no page of the site is chosen."))
        raise blocks.StructBlockValidationError(block_errors={"title": fault})
    return cleaned
