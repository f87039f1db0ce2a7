"""The bar at the top and the columns at the foot, where editors arrange them themselves."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField

from portevoix.website import freshness
from portevoix.website.blocks import FooterColumnBlock, MenuEntryBlock


@register_setting(icon="list-ul", order=15)
class Menus(BaseGenericSetting):
    """Two levels of links at the top, columns at the foot; what is empty follows from the pages' own tick."""

    main = StreamField(
        [("entry", MenuEntryBlock())],
        verbose_name=_("bar at the top"),
        blank=True,
        max_num=8,
        help_text=_("Empty: the pages ticked “Show in menus”, in the order of the list of pages, on two levels."),
    )
    footer = StreamField(
        [("column", FooterColumnBlock())],
        verbose_name=_("columns at the foot"),
        blank=True,
        max_num=3,
        help_text=_("Empty: the same as the bar at the top. Legal pages have their own column in any case."),
    )

    panels = [FieldPanel("main"), FieldPanel("footer")]

    class Meta:
        verbose_name = _("menus")
        verbose_name_plural = _("menus")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        freshness.announce()
