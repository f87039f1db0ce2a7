"""A second person reads what is written to many before it leaves, where the campaign asks for it.

What these models cannot say is in the migrations `0004_approval_gate` and `0013_approval_of_texts`: no draft leaves
without a live approval while the rule is on, a change to it ends the approval, and an answer is never rewritten.
Letters, texts and what rooms above write share the shape of a request, not its table.
"""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.accounts.models import User
from portevoix.kernel import clock
from portevoix.mailings.models.mailings import Mailing
from portevoix.mailings.models.texts import ShortMessage

A = TypeVar("A", bound="Asked")


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


class AskedQuerySet(models.QuerySet[A]):
    """The vocabulary of reads about requests for approval."""

    def live(self) -> Self:
        """Keep what waits or holds."""
        return self.filter(state__in=[Answer.ASKED, Answer.APPROVED])

    def waiting(self) -> Self:
        return self.filter(state=Answer.ASKED)

    def lapse(self) -> None:
        """End what waits or holds: it was about something that is another by now."""
        self.live().update(state=Answer.LAPSED, lapsed_at=clock.now())


class Asked(models.Model):
    """That one member of staff asked, and what another answered, about what one digest names."""

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

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_by=None) | Q(answered_by=None) | ~Q(asked_by=F("answered_by")),
                name="%(class)s_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"]) | Q(answered_at__isnull=False),
                name="%(class)s_answered_at",
            ),
            models.CheckConstraint(
                condition=Q(state="lapsed", lapsed_at__isnull=False) | (~Q(state="lapsed") & Q(lapsed_at=None)),
                name="%(class)s_lapsed_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.get_state_display()}"

    def answer(self, state: Answer, word: str, by: User) -> None:
        """Keep what the second person says of it."""
        self.state, self.word = state, word.strip()
        self.answered_by, self.answered_at = by, clock.now()
        self.save(update_fields=["state", "word", "answered_by", "answered_at"])


def one_at_a_time(field: str) -> models.UniqueConstraint:
    """Return the constraint that of one thing one request waits or holds."""
    return models.UniqueConstraint(
        fields=[field], condition=Q(state__in=["asked", "approved"]), name="%(class)s_one_at_a_time"
    )


class ApprovalQuerySet(AskedQuerySet["Approval"]):
    """Of letters."""


class Approval(Asked):
    """Of a letter, its segments and its versions, as `letters.digest` names them."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="approvals", verbose_name=_("message"))

    objects = ApprovalQuerySet.as_manager()

    class Meta(Asked.Meta):
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [one_at_a_time("mailing"), *Asked.Meta.constraints]


class TextApprovalQuerySet(AskedQuerySet["TextApproval"]):
    """Of text messages."""


class TextApproval(Asked):
    """Of a text message, its segment and its versions, as `selectors.texts.digest` names them."""

    mailing = models.ForeignKey(ShortMessage, models.CASCADE, related_name="approvals", verbose_name=_("text message"))

    objects = TextApprovalQuerySet.as_manager()

    class Meta(Asked.Meta):
        verbose_name = _("approval of a text message")
        verbose_name_plural = _("approvals of text messages")
        constraints = [one_at_a_time("mailing"), *Asked.Meta.constraints]
