"""The line above every page, for the days on which one thing matters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField

from portevoix.website import freshness
from portevoix.website.blocks import LONGEST, LONGEST_LINK, BannerWordsBlock


@register_setting(icon="thumbtack", order=20)
class Banner(BaseGenericSetting):
    """One sentence above every page, with a link, for a time."""

    text = models.CharField(_("sentence"), max_length=LONGEST, blank=True)
    page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("page it leads to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    label = models.CharField(_("words of the link"), max_length=LONGEST_LINK, blank=True)
    others = StreamField(
        [("words", BannerWordsBlock())],
        verbose_name=_("in other languages"),
        blank=True,
        help_text=_("A language that has no words here shows no banner. The link leads to the translated page."),
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    panels = [
        FieldPanel("text"),
        FieldRowPanel([FieldPanel("page"), FieldPanel("label")]),
        FieldPanel("others"),
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
    ]

    class Meta:
        verbose_name = _("banner")
        verbose_name_plural = _("banners")

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValidationError({"ends_at": _("The end comes after the beginning.")})
        if bool(self.page) != bool(self.label):
            raise ValidationError({"label": _("A link needs a page and words, both or neither.")})
        if any(bool(self.page) != bool(words["label"]) for words in self._others):
            raise ValidationError({"others": _("A link needs words in each language, and words need a page.")})
        languages = [words["language"] for words in self._others]
        if len(set(languages)) < len(languages):
            raise ValidationError({"others": _("A language stands there twice.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        freshness.announce()

    def next_change(self, now: datetime) -> datetime | None:
        """Return when it comes or goes next: what shows it, or does not, is wrong from then on."""
        moments = (self.starts_at, self.ends_at) if self.text else ()
        return min((moment for moment in moments if moment and moment > now), default=None)

    @property
    def _others(self) -> list[Any]:
        return [one.value for one in self.others]

    def said_in(self, language: str) -> tuple[str, str] | None:
        """Return the sentence and the words of its link in a language; None where it says nothing there."""
        if language == settings.LANGUAGE_CODE:
            return self.text, self.label
        return next(((words["text"], words["label"]) for words in self._others if words["language"] == language), None)

    def is_up(self, now: datetime) -> bool:
        """Tell whether it is shown at this moment."""
        return (
            bool(self.text)
            and (not self.starts_at or self.starts_at <= now)
            and (not self.ends_at or now < self.ends_at)
        )
