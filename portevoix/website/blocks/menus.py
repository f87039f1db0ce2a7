"""What the menus are made of: entries, the links under them, columns of the foot."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks


def _refused(field: str, why: Any) -> blocks.StructBlockValidationError:
    return blocks.StructBlockValidationError(block_errors={field: ValidationError(why)})


class MenuLinkBlock(blocks.StructBlock):
    """A link: a page of the site, or an address and its words."""

    page = blocks.PageChooserBlock(label=_("page"), required=False)
    address = blocks.URLBlock(label=_("or address"), required=False)
    label = blocks.CharBlock(
        label=_("words"), required=False, max_length=40, help_text=_("Empty: the title of the page.")
    )

    class Meta:
        icon = "link"
        label = _("Link")
        label_format = "{label} {page}"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned.get("page")) == bool(cleaned.get("address")):
            raise _refused("page", _("Choose a page or give an address, one of the two."))
        if cleaned.get("address") and not cleaned.get("label"):
            raise _refused("label", _("An address needs words."))
        return cleaned


class MenuEntryBlock(blocks.StructBlock):
    """An entry of the bar at the top: a link, or words that open a list of links."""

    page = blocks.PageChooserBlock(label=_("page"), required=False)
    address = blocks.URLBlock(label=_("or address"), required=False)
    label = blocks.CharBlock(
        label=_("words"), required=False, max_length=30, help_text=_("Empty: the title of the page.")
    )
    links = blocks.ListBlock(MenuLinkBlock(), label=_("links that it opens"), min_num=0, max_num=8, default=[])

    class Meta:
        icon = "list-ul"
        label = _("Entry")
        label_format = "{label} {page}"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        page, address, label = (cleaned.get(name) for name in ("page", "address", "label"))
        if page and address:
            raise _refused("page", _("Choose a page or give an address, one of the two."))
        if not (page or address or cleaned.get("links")):
            raise _refused("page", _("An entry leads to a page or an address, or opens links."))
        if not (page or label):
            raise _refused("label", _("An entry without page needs words."))
        return cleaned


class FooterColumnBlock(blocks.StructBlock):
    """Links under a title, at the foot of every page."""

    title = blocks.CharBlock(label=_("title"), max_length=40)
    links = blocks.ListBlock(MenuLinkBlock(), label=_("links"), min_num=1, max_num=10)

    class Meta:
        icon = "list-ul"
        label = _("Column")
        label_format = "{title}"
