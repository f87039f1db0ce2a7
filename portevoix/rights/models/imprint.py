"""What the law has a campaign say of itself, as the campaign says it: one row."""

from __future__ import annotations

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.rights.types import LegalForm
from portevoix.territory.models import Election


class Imprint(models.Model):
    """Who publishes, who answers for the data and, where the host does not say it, who hosts.

    Columns have the names of the keys of the instance's file that they complete (docs/decisions/0025-*.md).
    """

    ONLY = 1

    publisher = models.CharField(
        _("publisher"),
        max_length=160,
        blank=True,
        help_text=_("The association, the party or the candidate in whose name the site is."),
    )
    publisher_form = models.CharField(_("legal form"), max_length=20, choices=LegalForm, blank=True)
    publisher_number = models.CharField(
        _("number in a register"), max_length=60, blank=True, help_text=_("RNA or SIREN, if there is one.")
    )
    publisher_address = models.CharField(_("postal address"), max_length=240, blank=True)
    publisher_phone = models.CharField(_("telephone number"), max_length=30, blank=True)
    publisher_email = models.EmailField(_("e-mail address"), blank=True)
    director = models.CharField(
        _("director of publication"),
        max_length=120,
        blank=True,
        help_text=_("A person: who answers for what is published, most often the president or the candidate."),
    )
    data_officer_email = models.EmailField(
        _("where people write about their data"),
        blank=True,
        help_text=_("The address of the data-protection officer, or of whoever does that work."),
    )
    candidate = models.CharField(
        _("candidate"), max_length=120, blank=True, help_text=_("For a list: who leads it. Empty where there is none.")
    )
    election = models.ForeignKey(
        Election, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("election")
    )
    host_name = models.CharField(_("company or person that hosts"), max_length=160, blank=True)
    host_address = models.CharField(_("postal address of the host"), max_length=240, blank=True)
    host_phone = models.CharField(_("telephone number of the host"), max_length=30, blank=True)
    host_country = models.CharField(
        _("country of the host"), max_length=2, blank=True, validators=[MinLengthValidator(2)]
    )

    class Meta:
        verbose_name = _("imprint")
        verbose_name_plural = _("imprints")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_imprint")]

    def __str__(self) -> str:
        return self.publisher
