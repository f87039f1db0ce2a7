"""What people wrote to the campaign, and what was answered."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.actions.types import EnquiryState
from portevoix.people.models import Person


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep those of people whom the actor may see."""
        return self.filter(person__in=Person.objects.visible_to(actor).values("pk"))

    def open(self) -> Self:
        """Keep those that nobody answered or closed."""
        return self.filter(state=EnquiryState.NEW)


class Enquiry(models.Model):
    """A message that came by a contact page, once its address was confirmed."""

    page = models.ForeignKey(Page, models.PROTECT, related_name="+", verbose_name=_("page"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="enquiries", verbose_name=_("person"))
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("message"))
    #: What else the form asked: label of the question → answer.
    more = models.JSONField(_("other answers"), default=dict)
    language = models.CharField(_("language"), max_length=5, default="fr")
    state = models.CharField(_("state"), max_length=10, choices=EnquiryState, default=EnquiryState.NEW)
    answerer = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who answers")
    )
    received_at = models.DateTimeField(_("received on"), db_default=Now())
    closed_at = models.DateTimeField(_("answered or closed on"), null=True, blank=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message to the campaign")
        verbose_name_plural = _("messages to the campaign")
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["state", "received_at"], name="enquiry_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=EnquiryState.NEW, closed_at=None)
                | ~Q(state=EnquiryState.NEW) & Q(closed_at__isnull=False),
                name="enquiry_ended_with_its_day",
            )
        ]

    def __str__(self) -> str:
        return self.subject


class EnquiryAnswer(models.Model):
    """What the campaign wrote back."""

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="answers", verbose_name=_("message"))
    text = models.TextField(_("answer"))
    by = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("sent on"), db_default=Now())
    is_sent = models.BooleanField(_("handed over"), default=True)

    class Meta:
        verbose_name = _("answer to a message")
        verbose_name_plural = _("answers to messages")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.enquiry_id} {self.pk}"
