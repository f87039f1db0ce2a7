"""Letters that the site shows to everybody."""

from __future__ import annotations

import secrets
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.mailings import Mailing
from portevoix.mailings.types import STILL_HERE

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(8))


class ArchiveQuerySet(models.QuerySet["Archive"]):
    def public(self) -> Self:
        """Keep what has left and was written down; a draft is nobody's reading."""
        return self.exclude(mailing__state__in=STILL_HERE).exclude(html="").select_related("mailing")

    def listed(self) -> Self:
        return self.public().filter(is_listed=True).order_by("-mailing__sent_at", "-pk")


class Archive(models.Model):
    """The public copy of a letter: as it left, with the words that stand for a reader whom nobody knows.

    Written down when the letter leaves; its address is in the letter itself.
    """

    mailing = models.OneToOneField(
        Mailing, models.CASCADE, related_name="archive", primary_key=True, verbose_name=_("message")
    )
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    is_listed = models.BooleanField(_("in the list of letters"), default=True)
    is_indexed = models.BooleanField(_("for search engines too"), default=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    html = models.TextField(_("HTML"), blank=True)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter on the site")
        verbose_name_plural = _("letters on the site")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z0-9]{8}$"), name="archive_code_fits_an_address"),
            models.CheckConstraint(condition=Q(html="") | ~Q(subject=""), name="archive_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.subject or str(self.mailing)
