"""Calls, letters and visits that volunteers made: each leans on the person's own ground, as every message does."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.delivery.types import BY_HAND, ContactResult
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose


class Contact(models.Model):
    """That somebody was called, written to or visited, when, by whom, and what came of it.

    The composite key to the ground and the trigger that looks whether it holds are in `0013_contact_gate`.
    """

    person = models.ForeignKey(
        Person, models.CASCADE, db_constraint=False, related_name="contacts", verbose_name=_("person")
    )
    ground = models.ForeignKey(
        Ground, models.CASCADE, db_constraint=False, db_index=False, related_name="+", verbose_name=_("ground")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    result = models.CharField(_("result"), max_length=12, choices=ContactResult)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    #: Who did it: a volunteer need not have an account.
    volunteer = models.CharField(_("volunteer"), max_length=120, blank=True)
    at = models.DateTimeField(_("date"))
    recorded_by = models.CharField(_("recorded by"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded on"), db_default=Now())

    class Meta:
        verbose_name = _("call, letter or visit")
        verbose_name_plural = _("calls, letters and visits")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=[str(one) for one in BY_HAND]), name="contact_by_hand"),
        ]
        indexes = [models.Index(fields=["person", "-at"], name="contact_of_person")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} ({self.get_result_display()})"
