"""Questions and words: pages that one comes back to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.kernel.normalise import sort_key
from portevoix.website.blocks import QuestionGroupBlock, TermBlock
from portevoix.website.models.site_page import SitePage


class FaqPage(SitePage):
    """Questions and their answers, by subject."""

    page_description = _("Questions and answers, told to search engines")

    kind_for_machines = "FAQPage"

    headline = models.CharField(_("headline"), max_length=80, blank=True)
    groups = StreamField([("group", QuestionGroupBlock())], verbose_name=_("subjects"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("lead"),
        FieldPanel("groups"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("groups")]
    subpage_types: ClassVar[list[str]] = []
    template = "website/faq_page.html"

    class Meta:
        verbose_name = _("frequent questions")
        verbose_name_plural = _("pages of frequent questions")

    def for_machines(self) -> dict[str, Any]:
        return {
            "mainEntity": [
                {
                    "@type": "Question",
                    "name": entry["question"],
                    "acceptedAnswer": {"@type": "Answer", "text": strip_tags(str(entry["answer"])).strip()},
                }
                for group in self.groups
                for entry in group.value["questions"]
            ]
        }


class GlossaryPage(SitePage):
    """Words and what they mean, in alphabetical order whatever the order of writing."""

    page_description = _("Words explained, in alphabetical order")

    terms = StreamField([("term", TermBlock())], verbose_name=_("words and their meanings"), blank=True)

    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("lead"), FieldPanel("terms")]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("terms")]
    subpage_types: ClassVar[list[str]] = []
    template = "website/glossary_page.html"

    class Meta:
        verbose_name = _("glossary")
        verbose_name_plural = _("glossaries")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        terms = sorted((term.value for term in self.terms), key=lambda value: sort_key(value["term"]))
        letters: dict[str, list[Any]] = {}
        for value in terms:
            letters.setdefault(sort_key(value["term"])[:1].upper(), []).append(value)
        context["letters"] = letters
        return context

    def for_machines(self) -> dict[str, Any]:
        return {
            "mainEntity": {
                "@type": "DefinedTermSet",
                "name": self.title,
                "hasDefinedTerm": [
                    {
                        "@type": "DefinedTerm",
                        "name": term.value["term"],
                        "description": strip_tags(str(term.value["meaning"])).strip(),
                    }
                    for term in self.terms
                ],
            }
        }
