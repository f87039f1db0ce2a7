"""Keys of programs. A key acts as whoever made it, and dies with their rights."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.api import rules
from portevoix.api.types import SCOPES, End
from portevoix.kernel import clock


class KeyQuerySet(models.QuerySet["Key"]):
    def live(self) -> Self:
        """Keep those that open something now."""
        return self.filter(ended_at=None, expires_at__gt=clock.now())


class Key(models.Model):
    """What a program shows to act for a member of staff, in some acts, until a day.

    Only its digest is kept. The database ends it when a mandate of theirs ends, or their account (migration
    ``key_ends``): giving the mandate again brings no key back.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys", verbose_name=_("member of staff"))
    name = models.CharField(_("name"), max_length=40)
    purpose = models.CharField(_("what for"), max_length=200)
    scopes = ArrayField(models.CharField(max_length=80), verbose_name=_("acts"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("ends with"), max_length=rules.HINT, editable=False)
    created_at = models.DateTimeField(_("since"))
    expires_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended on"), null=True)
    ended_by = models.CharField(_("ended by"), max_length=200, blank=True, db_default="")
    end = models.CharField(_("why"), max_length=8, choices=End, blank=True, db_default="")
    used_on = models.DateField(_("last used on"), null=True)
    minute_at = models.DateTimeField(null=True, editable=False)
    minute_uses = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = KeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], condition=Q(ended_at=None), name="api_key_named_once"),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("created_at") + rules.LONGEST + timedelta(minutes=1)),
                name="api_key_has_a_term",
            ),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="api_key_is_a_digest"),
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_key_does_something"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and not self.has_expired(clock.now())

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    @property
    def acts(self) -> list[tuple[str, str]]:
        """The acts by their names, with what each opens."""
        return [(name, str(said)) for name, said in SCOPES.items() if name in self.scopes]
