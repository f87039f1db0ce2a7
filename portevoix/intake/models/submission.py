"""What a citizen sent by a form of the site, until and after they confirm it."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.people.models import Person
from portevoix.rights.purposes import Purpose


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def unconfirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=True)


class Submission(models.Model):
    """One form, with the exact purposes agreed to; grounds made from it name it as their proof.

    ``answers`` holds what the form asked (names, postcode…) and fills the person's blanks at confirmation only, so
    that nobody can edit somebody else's record by knowing their address.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="submissions", verbose_name=_("person"))
    email = models.CharField(_("e-mail address"), max_length=254)
    purposes = ArrayField(
        models.CharField(max_length=20, choices=Purpose), verbose_name=_("purposes agreed to"), default=list
    )
    #: Purpose → the wording that was on the form: what the person agreed to, whatever it says when they confirm.
    wordings = models.JSONField(_("words agreed to"), default=dict)
    answers = models.JSONField(_("answers"), default=dict)
    language = models.CharField(_("language"), max_length=5, default="fr")
    source = models.CharField(_("page"), max_length=200)
    created_at = models.DateTimeField(_("sent on"), db_default=Now())
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["person", "created_at"], name="submission_person")]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"
