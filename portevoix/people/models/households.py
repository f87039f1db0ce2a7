"""Who lives together: one household gets one letter."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.people.models.persons import Person


class Household(models.Model):
    """Persons of one address. It goes with its last member: the database sees to it, erasure included."""

    name = models.CharField(_("name of the household"), max_length=150, blank=True)
    line1 = models.CharField(_("street"), max_length=200, blank=True)
    line2 = models.CharField(_("street (continued)"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    created_at = models.DateTimeField(_("known since"), db_default=Now())

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return self.name or str(_("household"))

    @property
    def address(self) -> str:
        """The shared address on one line; blank where it is not known."""
        place = f"{self.postcode} {self.city}".strip()
        return ", ".join(part for part in (self.line1, self.line2, place) if part)


class HouseholdMember(models.Model):
    """That a person lives in a household: one at a time."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="members", verbose_name=_("household"))
    person = models.OneToOneField(Person, models.CASCADE, related_name="housing", verbose_name=_("person"))
    source = models.CharField(_("source"), max_length=200)
    created_at = models.DateTimeField(_("known since"), db_default=Now())

    class Meta:
        verbose_name = _("member of a household")
        verbose_name_plural = _("members of households")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.household_id}"
