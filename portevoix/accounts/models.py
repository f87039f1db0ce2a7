"""Members of staff and what they are mandated for."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Role


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
                condition=~models.Q(role=Role.LOCAL_LEAD, departement_code=""),
                name="local_lead_has_a_departement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.departement_code}".strip()
