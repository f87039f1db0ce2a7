"""Addresses outside to which automations tell something, and what they have to tell."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.journeys.models.plan import Step
from portevoix.journeys.models.trips import Trip
from portevoix.journeys.types import CallState


class Address(models.Model):
    """An address of a service of the campaign. Fields of people go there only while its company is in the register.

    ``secret`` signs what is told; it is shown once.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    url = models.CharField(_("web address"), max_length=500)
    secret = models.CharField(max_length=80, editable=False)
    fields = ArrayField(models.CharField(max_length=20), verbose_name=_("fields told"), default=list, blank=True)
    #: The number and the name of the company in the register of processors, a room above: no key leads there.
    processor_id = models.BigIntegerField(_("processor"), null=True, blank=True)
    processor = models.CharField(_("processor"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("used no more since"), null=True)

    class Meta:
        verbose_name = _("address told by automations")
        verbose_name_plural = _("addresses told by automations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fields=[]) | Q(processor_id__isnull=False), name="fields_need_a_processor"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Call(models.Model):
    """That an address is to be told of somebody's step: once; tried again with the same number until it is told."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="calls", db_index=False, verbose_name=_("run"))
    step = models.ForeignKey(Step, models.PROTECT, related_name="+", verbose_name=_("step"))
    address = models.ForeignKey(Address, models.PROTECT, related_name="calls", verbose_name=_("address"))
    state = models.CharField(_("state"), max_length=8, choices=CallState, default=CallState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("tried again at"))
    code = models.PositiveSmallIntegerField(_("answer"), null=True)
    ended_at = models.DateTimeField(_("date"), null=True)

    class Meta:
        verbose_name = _("call to an address")
        verbose_name_plural = _("calls to addresses")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["trip", "step"], name="told_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state=CallState.WAITING), name="call_due")]

    def __str__(self) -> str:
        return str(self.pk)
