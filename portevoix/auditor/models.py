"""Sites that are audited, their audits, the verdicts. Nothing here leads to a visitor or to a person."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.auditor.types import Fault, Rhythm, Why


class AuditedSiteQuerySet(models.QuerySet["AuditedSite"]):
    def due(self, now: datetime) -> Self:
        return self.filter(next_at__lte=now)

    def own(self) -> Self:
        return self.filter(is_own=True)


class AuditedSite(models.Model):
    """The campaign's own site, or another that somebody of the team keeps an eye on."""

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=300, blank=True)
    is_own = models.BooleanField(_("the campaign’s own"), default=False, editable=False)
    rhythm = models.CharField(_("how often"), max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    next_at = models.DateTimeField(_("next audit"))

    objects = AuditedSiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("audited site")
        verbose_name_plural = _("audited sites")
        ordering = ["-is_own", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["is_own"], condition=Q(is_own=True), name="one_site_is_our_own"),
            models.UniqueConstraint(
                fields=["url"],
                condition=Q(is_own=False),
                name="site_is_watched_once",
                violation_error_message=_("This site is watched already."),
            ),
            # The own address is the instance's: it follows the configuration.
            models.CheckConstraint(condition=Q(is_own=True, url="") | Q(is_own=False, url__gt=""), name="site_has_url"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where the site is."""
        return settings.BASE_URL if self.is_own else self.url


class AuditQuerySet(models.QuerySet["Audit"]):
    def ended(self) -> Self:
        return self.exclude(ended_at=None)


class Audit(models.Model):
    """One audit of a site: under way, ended with a report, or ended with a fault.

    ``report`` is the engine's own, as the command line writes it: findings with their pages, their causes and their
    rules; words are put to it when it is read, so that each reads it in their language.
    """

    site = models.ForeignKey(AuditedSite, models.CASCADE, related_name="audits", verbose_name=_("audited site"))
    why = models.CharField(_("why"), max_length=12, choices=Why)
    began_at = models.DateTimeField(_("audited on"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    overall = models.CharField(_("in the eyes of the law"), max_length=8, default="unknown")
    fault = models.CharField(_("fault"), max_length=12, choices=Fault, blank=True)
    report = models.JSONField(_("report"), null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit of a site")
        verbose_name_plural = _("audits of sites")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["site"], condition=Q(ended_at=None), name="site_is_audited_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None, report=None, fault="")
                | Q(ended_at__isnull=False, report=None, fault__gt="", overall="unknown")
                | Q(ended_at__isnull=False, report__isnull=False, fault=""),
                name="audit_has_a_report_or_a_fault",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}, {self.began_at:%Y-%m-%d}"


class AuditVerdict(models.Model):
    """How one criterion stood in one audit: what the history and the alerts read."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="verdicts", verbose_name=_("audit of a site"))
    criterion = models.CharField(_("criterion"), max_length=14)
    status = models.CharField(_("status"), max_length=8)

    class Meta:
        verbose_name = _("verdict of an audit")
        verbose_name_plural = _("verdicts of audits")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "criterion"], name="one_verdict_a_criterion"),
            models.CheckConstraint(condition=Q(status__in=["pass", "fail", "unknown"]), name="verdict_is_one_of_three"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.status}"


class AuditPicture(models.Model):
    """What a visitor saw on one page, kept as evidence while the audit is among the last ones."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="pictures", verbose_name=_("audit of a site"))
    name = models.CharField(_("name"), max_length=40)
    page = models.CharField(_("page"), max_length=2000, blank=True)
    jpeg = models.BinaryField(_("picture"))

    class Meta:
        verbose_name = _("picture of an audit")
        verbose_name_plural = _("pictures of audits")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["audit", "name"], name="one_picture_a_name")]

    def __str__(self) -> str:
        return self.name
