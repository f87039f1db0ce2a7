"""The spine: what happened to a person, and who read their record."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Role
from portevoix.people.models.persons import Person
from portevoix.people.types import Kind, Why


class Interaction(models.Model):
    """The spine: one thing that happened to a person, written downward by the room where it happened.

    ``about_kind`` and ``about_id`` name the object without a key to it: the spine knows no room above.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="interactions", verbose_name=_("person"))
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    at = models.DateTimeField(_("when"), db_default=Now())
    about_kind = models.CharField(_("kind of object"), max_length=40, blank=True)
    about_id = models.BigIntegerField(_("object"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    by = models.CharField(_("by whom"), max_length=200, blank=True, db_default="")
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["person", "-at"], name="interaction_timeline"),
            # With the person in it, « who did this lately » is answered from the index alone.
            models.Index(fields=["kind", "at"], include=["person"], name="interaction_who"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def get_kind_display(self) -> str:
        """Return the words for what happened; Django's own way hashes every kind anew for each line of a timeline."""
        return str(Kind(self.kind).label) if self.kind in Kind.values else self.kind


class Consultation(models.Model):
    """That a member of staff read a person's record: who, whom, when, what for. One row each time.

    The reader is kept without a key, as in the journal; the person is told when and in which role (RGPD art. 15).
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="consultations", verbose_name=_("person"))
    at = models.DateTimeField(_("when"), db_default=Now(), db_index=True)
    reader_id = models.CharField(max_length=60)
    reader = models.CharField(_("who"), max_length=200)
    roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"), default=list)
    why = models.CharField(_("what for"), max_length=10, choices=Why)

    class Meta:
        verbose_name = _("consultation of the record")
        verbose_name_plural = _("consultations of the record")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "-at"], name="consultation_person")]

    def __str__(self) -> str:
        return f"{self.reader} {self.at:%Y-%m-%d %H:%M}"
