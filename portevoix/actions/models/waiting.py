"""Addresses that wait a moment for a link to one's own data."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class LinkWanted(models.Model):
    """An address written on the page of one’s data, until somebody looks whose it is, a moment later."""

    address = models.CharField(_("e-mail address"), max_length=254)
    created_at = models.DateTimeField(_("asked on"), db_default=Now())

    class Meta:
        verbose_name = _("address that waits for a link")
        verbose_name_plural = _("addresses that wait for a link")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.pk)
