"""Counts of visits by day and page: nothing here can lead to a visitor."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DailyCount(models.Model):
    """How often a page was seen on a day (Paris), and how many visits began there, by kind of origin.

    A visit begins when a page is reached from elsewhere than the site itself: no cookie, no address, no
    fingerprint, no identifier is needed or kept (loi Informatique et Libertés, art. 82).
    """

    day = models.DateField(_("day"))
    path = models.CharField(_("page"), max_length=300)
    origin = models.CharField(_("origin"), max_length=120, blank=True)
    #: Of visits that begin by a link: its words (utm), cleaned; whether it was somebody's own. Never whose.
    source = models.CharField(_("word of the link"), max_length=60, blank=True, default="", db_default="")
    medium = models.CharField(_("medium of the link"), max_length=60, blank=True, default="", db_default="")
    campaign = models.CharField(_("campaign of the link"), max_length=60, blank=True, default="", db_default="")
    is_by_personal_link = models.BooleanField(_("by a personal link"), default=False, db_default=False)
    views = models.PositiveBigIntegerField(_("views"), default=0)
    visits = models.PositiveBigIntegerField(_("visits"), default=0)

    class Meta:
        verbose_name = _("daily count")
        verbose_name_plural = _("daily counts")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "path", "origin", "source", "is_by_personal_link", "medium", "campaign"],
                name="one_count_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.path}"


class Bookmark(models.Model):
    """How far the log of the web server has been counted: it moves with the counts, so that no visit counts twice."""

    file = models.PositiveBigIntegerField(_("number of the file"), default=0)
    position = models.PositiveBigIntegerField(_("bytes read"), default=0)

    class Meta:
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")

    def __str__(self) -> str:
        return str(self.position)
