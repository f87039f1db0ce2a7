"""The pages the law asks for: written from the facts of the instance each time they are read, so never out of date."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.registers.selectors import public
from portevoix.rights.rules.imprint import missing
from portevoix.rights.selectors.imprint import label_of, legal_facts
from portevoix.website.blocks import StoryBlock
from portevoix.website.models.cookies import cookies_set
from portevoix.website.models.foreign import ForeignUse
from portevoix.website.models.identity import Identity
from portevoix.website.models.site_page import SitePage


class FactsPanel(HelpPanel):
    """Where the facts of the page come from, and which of them are missing: editors look for them in the page."""

    class BoundPanel(HelpPanel.BoundPanel):
        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["missing"] = [label_of(name) for name in missing(legal_facts())]
            return context


class LegalPage(SitePage):
    """A page the law asks for, written from the facts that the instance declares."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("legal notice")
        PRIVACY = "privacy", _("privacy")
        ACCESSIBILITY = "access", _("accessibility statement")
        COOKIES = "cookies", _("cookies")

    class Compliance(models.TextChoices):
        NONE = "none", _("not compliant, or never audited")
        PARTIAL = "partial", _("partly compliant")
        FULL = "full", _("fully compliant")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NOTICE)
    compliance = models.CharField(_("compliance"), max_length=8, choices=Compliance.choices, default=Compliance.NONE)
    audited_on = models.DateField(_("audited on"), null=True, blank=True)
    auditor = models.CharField(_("audited by"), max_length=120, blank=True)
    rate = models.PositiveSmallIntegerField(
        _("criteria met, in per cent"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    exceptions = RichTextField(_("what is not accessible, and why"), features=["bold", "ul", "link"], blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("what the campaign adds"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FactsPanel(template="website/office/facts_panel.html"),
        FieldPanel("kind"),
        FieldPanel("lead"),
        MultiFieldPanel(
            [
                FieldPanel("compliance"),
                FieldPanel("audited_on"),
                FieldPanel("auditor"),
                FieldPanel("rate"),
                FieldPanel("exceptions"),
            ],
            _("For the accessibility statement only"),
        ),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    subpage_types: ClassVar[list[str]] = []
    template = "website/legal_page.html"

    class Meta:
        verbose_name = _("legal page")
        verbose_name_plural = _("legal pages")

    def clean(self) -> None:
        """Refuse a statement that claims what no audit has shown."""
        super().clean()
        if self.compliance != self.Compliance.NONE and not (self.audited_on and self.rate is not None):
            raise ValidationError(
                {"audited_on": _("Compliance is claimed after an audit only: give its day and its result.")}
            )

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["legal"] = legal_facts()
        context["facts"] = public.notice()
        context["sources"] = ForeignUse.sources()
        context["cookies"] = cookies_set(asks=bool(context["sources"]))
        context["fonts"] = Identity.load(request).get_fonts_display()
        return context
