"""A second person reads a letter before it leaves, where the campaign asks for it.

What these models cannot say is in the migration `0011_approval_gate`: no draft leaves without a live approval while the
rule is on, a change to the letter ends the approval, and an answer is never rewritten.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.mailings.models.mailings import Mailing


class ApprovalRule(models.Model):
    """Whether each letter needs a second person; one row, written by the director."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_asked = models.BooleanField(_("a second person approves each message"), default=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed on"), db_default=Now())

    class Meta:
        verbose_name = _("rule of approval")
        verbose_name_plural = _("rules of approval")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="approval_rule_is_one")]

    def __str__(self) -> str:
        return str(self.is_asked)


class Answer(models.TextChoices):
    """Where a request for approval is."""

    ASKED = "asked", pgettext_lazy("approval", "asked for")
    APPROVED = "approved", pgettext_lazy("approval", "approved")
    REFUSED = "refused", pgettext_lazy("approval", "to be changed")
    #: The letter was changed since: it is another letter.
    LAPSED = "lapsed", pgettext_lazy("approval", "void: the message changed")


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def live(self) -> Self:
        """Keep what waits or holds."""
        return self.filter(state__in=[Answer.ASKED, Answer.APPROVED])

    def waiting(self) -> Self:
        return self.filter(state=Answer.ASKED)


class Approval(models.Model):
    """That one member of staff asked, and what another answered, about the letter of one digest."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="approvals", verbose_name=_("message"))
    #: Of the letter and its segment, as `letters.digest`.
    digest = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked on"))
    request = models.CharField(_("word to whoever reads it"), max_length=500, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(pgettext_lazy("approval", "answered on"), null=True)
    word = models.CharField(_("word to the author"), max_length=500, blank=True)
    lapsed_at = models.DateTimeField(_("void since"), null=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing"], condition=Q(state__in=["asked", "approved"]), name="approval_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(asked_by=None) | Q(answered_by=None) | ~Q(asked_by=F("answered_by")),
                name="approval_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"]) | Q(answered_at__isnull=False),
                name="approval_answered_at",
            ),
            models.CheckConstraint(
                condition=Q(state="lapsed", lapsed_at__isnull=False) | (~Q(state="lapsed") & Q(lapsed_at=None)),
                name="approval_lapsed_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mailing}: {self.get_state_display()}"
