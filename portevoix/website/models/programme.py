"""A programme: themes, and in each its measures, every one with its own address, its cost and its sources."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.kernel.pages import LINKED
from portevoix.website.blocks import SourceBlock, StoryBlock
from portevoix.website.models.site_page import SitePage


class ProgrammePage(SitePage):
    """The whole programme: its themes, its measures, and what they cost together."""

    page_description = _("What you want: themes, then measures")

    headline = models.CharField(_("headline"), max_length=80, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("content under the measures"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    subpage_types: ClassVar[list[str]] = ["website.ThemePage"]
    template = "website/programme_page.html"

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    @cached_property
    def themes(self) -> list[ThemePage]:
        """The published themes in the editor's order, each with its measures: two queries."""
        themes = list(ThemePage.objects.child_of(self).live().public().order_by("path"))
        measures = list(MeasurePage.objects.descendant_of(self).live().public().order_by("path"))
        for theme in themes:
            theme.measures = [measure for measure in measures if measure.path.startswith(theme.path)]
        return themes

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        measures = [measure for theme in self.themes for measure in theme.measures]
        context["measures"] = measures
        context["total"] = sum((measure.cost for measure in measures if measure.cost is not None), Decimal(0))
        context["is_costed"] = any(measure.cost is not None for measure in measures)
        return context


class ThemePage(SitePage):
    """A subject of the programme."""

    page_description = _("A part of the programme, with its measures")

    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)

    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("lead"), FieldPanel("body")]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    parent_page_types: ClassVar[list[str]] = ["website.ProgrammePage"]
    subpage_types: ClassVar[list[str]] = ["website.MeasurePage"]
    template = "website/theme_page.html"

    class Meta:
        verbose_name = _("theme of a programme")
        verbose_name_plural = _("themes of a programme")

    @cached_property
    def measures(self) -> list[MeasurePage]:
        """The published measures in the editor's order."""
        return list(MeasurePage.objects.child_of(self).live().public().order_by("path"))


class MeasurePage(SitePage):
    """One measure: what it changes, when it begins, what it costs, who pays, and where the figures come from."""

    page_description = _("One thing that you want, its cost and its sources")

    kind_for_sharing = "article"

    number = models.PositiveSmallIntegerField(
        _("number"),
        validators=[MinValueValidator(1)],
        help_text=_("It is quoted elsewhere: it does not change with the order."),
    )
    begins = models.CharField(_("when it begins"), max_length=160, blank=True)
    cost = models.DecimalField(
        _("cost a year, in millions of euros"),
        max_digits=9,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Gross, once in full operation; 0 for a measure that costs nothing."),
    )
    financing = models.CharField(_("how it is paid for"), max_length=300, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("how it works"), blank=True)
    sources = StreamField([("source", SourceBlock())], verbose_name=_("sources of the figures"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("number"),
        FieldPanel("lead"),
        MultiFieldPanel(
            [FieldPanel("begins"), FieldRowPanel([FieldPanel("cost"), FieldPanel("financing")])], _("When and how much")
        ),
        FieldPanel("body"),
        FieldPanel("sources"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    parent_page_types: ClassVar[list[str]] = ["website.ThemePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "website/measure_page.html"

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")

    @cached_property
    def theme(self) -> Page:
        parent: Page = self.get_parent()
        return parent

    @cached_property
    def neighbours(self) -> tuple[MeasurePage | None, MeasurePage | None]:
        """The measures before and after this one in the whole programme."""
        programme = self.get_ancestors().type(ProgrammePage).only(*LINKED).first()
        if programme is None:
            return None, None
        all_ = list(MeasurePage.objects.descendant_of(programme).live().public().order_by("path"))
        here = next((n for n, measure in enumerate(all_) if measure.pk == self.pk), None)
        if here is None:  # being written
            return None, None
        return (all_[here - 1] if here else None, all_[here + 1] if here + 1 < len(all_) else None)
