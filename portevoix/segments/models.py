"""Segments: named questions about people."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.segments import rules
from portevoix.segments.types import Group


def everybody() -> dict[str, object]:
    """Return the tree that asks nothing."""
    return {"match": "all", "parts": []}


class Segment(models.Model):
    """A question with a name. It holds nobody: whom it finds is asked again each time.

    ``tree`` is what ``rules.read`` reads; nothing but ``services`` writes it.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    tree = models.JSONField(_("conditions"), default=everybody)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("last changed"), auto_now=True, db_default=Now())

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def question(self) -> Group:
        """The tree, read. Raises InvalidTree when it asks about something that is no longer known."""
        return rules.read(self.tree)
