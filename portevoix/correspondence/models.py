"""The campaign's own words for standard letters, and which of the optional ones leave.

Without a row, the product's words are used, and an optional letter does not leave.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.correspondence.types import Words


class OwnWords(models.Model):
    """A standard letter as the campaign says it, in one language."""

    key = models.CharField(_("letter"), max_length=60)
    language = models.CharField(_("language"), max_length=5)
    subject = models.CharField(_("subject"), max_length=200)
    title = models.CharField(_("heading"), max_length=200)
    opening = models.TextField(_("beginning"), max_length=4_000)
    button = models.CharField(_("words on the button"), max_length=60, blank=True)
    closing = models.TextField(_("end"), max_length=4_000, blank=True)
    edited_at = models.DateTimeField(_("changed on"), db_default=Now())
    edited_by = models.CharField(_("changed by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("words of a standard letter")
        verbose_name_plural = _("words of standard letters")
        ordering = ["key", "language"]
        constraints = [models.UniqueConstraint(fields=["key", "language"], name="one_wording_a_letter_and_language")]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"

    @property
    def words(self) -> Words:
        names = Words.__dataclass_fields__
        return Words(**{name: getattr(self, name) for name in names})


class TurnedOn(models.Model):
    """An optional standard letter that leaves, by whose wish and since when."""

    key = models.CharField(_("letter"), max_length=60, unique=True)
    since = models.DateTimeField(_("since"), db_default=Now())
    by = models.CharField(_("turned on by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("optional letter turned on")
        verbose_name_plural = _("optional letters turned on")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key
