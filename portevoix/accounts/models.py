"""Members of staff and what they are mandated for."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.accounts import rules
from portevoix.accounts.types import OVER_FRANCE, FactorKind, Method, NoticeKind, Role


class User(AbstractUser):  # type: ignore[django-manager-missing]  # Wagtail gives pictures an untyped key
    """A member of staff. Citizens have no account: signed links are enough for them."""

    email = models.EmailField(_("e-mail address"), unique=True)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("members of staff")


class Mandate(models.Model):
    """A role, over all of France or over one département."""

    user = models.ForeignKey(User, models.CASCADE, related_name="mandates", verbose_name=_("member of staff"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    departement_code = models.CharField(
        _("département"),
        max_length=3,
        blank=True,
        help_text=_("Code of the département; empty for all of France."),
    )

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "departement_code"], name="mandate_given_once"),
            models.CheckConstraint(
                condition=~Q(role=Role.LOCAL_LEAD, departement_code=""),
                name="local_lead_has_a_departement",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(OVER_FRANCE)) | Q(departement_code=""),
                name="nationwide_role_has_no_departement",
            ),
            models.CheckConstraint(
                condition=Q(departement_code__regex=rules.DEPARTEMENT_PATTERN), name="departement_is_a_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.departement_code}".strip()


class Factor(models.Model):
    """A code application or a passkey: what a member of staff holds beside their password.

    ``secret`` is encrypted for an application, a public key for a passkey; ``counter`` is the last step of time, or the
    last use that the key counted, so that nothing shown once is taken twice.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="factors", verbose_name=_("member of staff"))
    kind = models.CharField(_("kind"), max_length=10, choices=FactorKind)
    name = models.CharField(_("name"), max_length=60)
    secret = models.TextField(editable=False)
    credential = models.CharField(max_length=1400, null=True, editable=False, unique=True)
    counter = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("since"))
    used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=FactorKind.TOTP, credential=None)
                | Q(kind=FactorKind.PASSKEY, credential__isnull=False),
                name="factor_is_what_it_says",
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(kind=FactorKind.TOTP), name="one_code_application"),
        ]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """A code on paper, good once, kept as a keyed hash; using it takes it away."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name=_("member of staff"))
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return str(self.pk)


class SignInQuerySet(models.QuerySet["SignIn"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def usable(self, now: datetime) -> Self:
        """Keep those that still open something at ``now``: the night alone ends the others (`rules.is_over`)."""
        young, awake = now - rules.LONGEST_SESSION, now - rules.LONGEST_SILENCE
        return self.open().filter(started_at__gte=young, seen_at__gte=awake)


class SignIn(models.Model):
    """One session of a member of staff, open or ended; a browser without an open one is signed out."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins", verbose_name=_("member of staff"))
    method = models.CharField(_("by"), max_length=20, choices=Method)
    device_key = models.CharField(max_length=64, editable=False)
    device = models.CharField(_("device"), max_length=80)
    network = models.CharField(_("network"), max_length=45, blank=True)
    started_at = models.DateTimeField(_("since"))
    seen_at = models.DateTimeField(_("last seen"))
    ended_at = models.DateTimeField(_("until"), null=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "device_key"], name="sign_in_device")]

    def __str__(self) -> str:
        return self.device

    @property
    def is_strong(self) -> bool:
        """Whether two factors were shown."""
        return Method(self.method).is_strong


class NoticeQuerySet(models.QuerySet["Notice"]):
    def due(self) -> Self:
        return self.filter(sent_at=None).select_related("user", "sign_in").order_by("pk")


class Notice(models.Model):
    """A letter that a member of staff is owed; the room that sends letters reads it from above."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name=_("member of staff"))
    kind = models.CharField(_("kind"), max_length=12, choices=NoticeKind)
    sign_in = models.ForeignKey(SignIn, models.CASCADE, null=True, related_name="+", verbose_name=_("session"))
    #: Of a reminder: what waits, in words that name no person of the campaign, and the screen where it waits.
    subject = models.CharField(_("subject"), max_length=150, blank=True, db_default="")
    body = models.TextField(_("text"), blank=True, db_default="")
    path = models.CharField(_("screen"), max_length=200, blank=True, db_default="")
    created_at = models.DateTimeField(_("since"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter to staff")
        verbose_name_plural = _("letters to staff")
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="notice_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="reminder", subject__gt="", body__gt="", path__startswith="/")
                | ~Q(kind="reminder") & Q(subject="", body="", path=""),
                name="reminder_says_what",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Attempts(models.Model):
    """Wrong proofs, counted for one account, one address, or one connection that guesses at the passwords of pages.

    Each is named by a keyed hash only. All processes count in the same rows.
    """

    key = models.CharField(max_length=80, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    closed_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("failures to sign in")
        verbose_name_plural = _("failures to sign in")

    def __str__(self) -> str:
        return f"{self.failures}"
