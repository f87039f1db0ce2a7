"""What is said of what an automation writes: that a second person read a version, that a step is an advertisement.

What these models cannot say is in the migration `0005_second_reader`: no version that writes runs without a live
approval while the campaign asks for one, a change ends the approval, and an answer is never rewritten.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.journeys.models.plan import Step, Version
from portevoix.mailings.models import Asked, AskedQuerySet, Declared, one_at_a_time


class VersionApprovalQuerySet(AskedQuerySet["VersionApproval"]):
    """Of versions of automations."""


class VersionApproval(Asked):
    """Of a version of an automation that writes to people, as `letters.digest` names it."""

    version = models.ForeignKey(
        Version, models.CASCADE, related_name="approvals", verbose_name=_("version of an automation")
    )

    objects = VersionApprovalQuerySet.as_manager()

    class Meta(Asked.Meta):
        verbose_name = _("approval of a version of an automation")
        verbose_name_plural = _("approvals of versions of automations")
        constraints = [one_at_a_time("version"), *Asked.Meta.constraints]


class StepAdvert(Declared):
    """That what a step writes is a political advertisement. It goes with its version."""

    step = models.OneToOneField(Step, models.CASCADE, primary_key=True, related_name="advert", editable=False)

    class Meta(Declared.Meta):
        verbose_name = _("political advertisement of an automation")
        verbose_name_plural = _("political advertisements of automations")
