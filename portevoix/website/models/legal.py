"""The pages the law asks for: written from the facts of the instance each time they are read, so never out of date."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
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
from portevoix.website.models.cookies import cookies_set, has_passwords
from portevoix.website.models.foreign import ForeignUse
from portevoix.website.models.identity import Identity
from portevoix.website.models.site_page import SitePage
from portevoix.website.rules import compliance_of


class FactsPanel(HelpPanel):
    """Where the facts of the page come from, and which of them are missing: editors look for them in the page."""

    class BoundPanel(HelpPanel.BoundPanel):
        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["missing"] = [label_of(name) for name in missing(legal_facts())]
            return context


class LegalPage(SitePage):
    """A page the law asks for, written from the facts that the instance declares."""

    page_description = _("Notice, data, cookies or accessibility: its facts write themselves")

    class Kind(models.TextChoices):
        NOTICE = "notice", _("legal notice")
        PRIVACY = "privacy", _("privacy")
        ACCESSIBILITY = "access", _("accessibility statement")
        COOKIES = "cookies", _("cookies")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NOTICE)
    audited_on = models.DateField(_("audited on"), null=True, blank=True)
    auditor = models.CharField(_("audited by"), max_length=120, blank=True)
    rate = models.PositiveSmallIntegerField(
        _("criteria met, in per cent"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "As the audit gives it, rounded down. The statement follows from it: fully compliant at 100, partly from "
            "50, not compliant below."
        ),
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
        constraints = [
            models.CheckConstraint(condition=Q(rate=None) | Q(rate__lte=100), name="legal_rate_is_a_share"),
            models.CheckConstraint(
                condition=Q(rate=None) | Q(audited_on__isnull=False), name="legal_rate_comes_from_an_audit"
            ),
        ]

    def clean(self) -> None:
        """Refuse a result that no audit has shown."""
        super().clean()
        if self.rate is not None and not self.audited_on:
            raise ValidationError({"audited_on": _("A result comes from an audit: give the day on which it was made.")})

    @property
    def compliance(self) -> str:
        """What the audit allows the site to claim."""
        return compliance_of(self.rate)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["legal"] = legal_facts()
        context["facts"] = public.notice()
        context["sources"] = ForeignUse.sources(request)
        context["cookies"] = cookies_set(asks=bool(context["sources"]))
        context["passwords"] = has_passwords()
        context["fonts"] = Identity.load(request).get_fonts_display()
        return context
