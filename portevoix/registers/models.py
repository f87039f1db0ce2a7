"""Tables of the registers: who works for the campaign, versions, breaches. History is only added to."""

from __future__ import annotations

import hashlib
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.accounts.models import User
from portevoix.registers import rules
from portevoix.registers.types import Addressee, Decision, Document, Nature, Risk, Service, Spared
from portevoix.rights.purposes import Purpose


class ProcessorQuerySet(models.QuerySet["Processor"]):
    def at_work(self) -> Self:
        """Keep those who work for the campaign now."""
        return self.filter(ended_on=None)


class Processor(models.Model):
    """Who processes data for the campaign (RGPD art. 28): never a person of its file.

    ``service`` and ``served`` tie the row to what the configuration says: when the mail server changes, the row no
    longer describes it, and the page says so.
    """

    name = models.CharField(_("name"), max_length=200)
    service = models.CharField(_("what it does"), max_length=10, choices=Service, default=Service.OTHER)
    served = models.CharField(_("as configured"), max_length=200, blank=True)
    country = models.CharField(_("country of establishment"), max_length=2)
    parent = models.CharField(_("parent company"), max_length=200, blank=True)
    parent_country = models.CharField(_("country of the parent company"), max_length=2, blank=True)
    data_country = models.CharField(_("country where the data are"), max_length=2)
    condition = models.CharField(
        _("proof that the condition of adequacy is met"),
        max_length=300,
        blank=True,
        help_text=_(
            "For the United States: the certification under the Data Privacy Framework, and the day it was seen."
        ),
    )
    safeguards = models.TextField(
        _("safeguards of the transfer"),
        blank=True,
        help_text=_("RGPD art. 46: standard contractual clauses, with the assessment of the transfer."),
    )
    categories = models.TextField(_("data it processes"), blank=True)
    purposes = ArrayField(
        models.CharField(max_length=20, choices=Purpose), verbose_name=_("uses it serves"), default=list, blank=True
    )
    sub_processors = models.TextField(_("its own processors"), blank=True)
    contract_on = models.DateField(_("contract signed on"), null=True, blank=True)
    contract_reference = models.CharField(_("reference of the contract (art. 28(3))"), max_length=200, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    since = models.DateField(_("since"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = ProcessorQuerySet.as_manager()

    class Meta:
        verbose_name = _("processor")
        verbose_name_plural = _("processors")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(country__regex=rules.COUNTRY) & Q(data_country__regex=rules.COUNTRY),
                name="processor_is_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(parent_country="") | Q(parent_country__regex=rules.COUNTRY), name="parent_is_somewhere"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="processor_has_a_name"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("since")), name="processor_ends_after_it_began"
            ),
            models.UniqueConstraint(
                fields=["service", "served"],
                condition=Q(ended_on=None) & ~Q(served=""),
                name="one_processor_a_service",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        """What a screen showed of it, as a fingerprint: two people do not correct over each other."""
        told = [str(getattr(self, field.attname)) for field in self._meta.concrete_fields]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


class Edition(models.Model):
    """The record of processing as it stood from a moment on (RGPD art. 30): what was shown then can be shown later."""

    at = models.DateTimeField(_("date"), db_index=True)
    by = models.CharField(_("kept by"), max_length=200)
    content = models.JSONField(_("content"))
    digest = models.CharField(_("fingerprint"), max_length=64)

    class Meta:
        verbose_name = _("version of the record")
        verbose_name_plural = _("versions of the record")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def document(self) -> Document:
        return Document.from_json(self.content)


class Breach(models.Model):
    """That the security of data was breached (RGPD art. 33(5)). What is known of it is in its statements."""

    recorded_at = models.DateTimeField(_("recorded on"))

    class Meta:
        verbose_name = _("data breach")
        verbose_name_plural = _("data breaches")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Statement(models.Model):
    """All that is known of a breach at one moment; amending it adds a statement, the former ones stay.

    It says what happened and to how many, never to whom.
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="statements", verbose_name=_("data breach"))
    version = models.PositiveIntegerField(_("version"))
    at = models.DateTimeField(_("written on"))
    by = models.CharField(_("written by"), max_length=200)
    reason = models.CharField(_("why it is amended"), max_length=300, blank=True)
    title = models.CharField(_("in a few words"), max_length=150)
    aware_at = models.DateTimeField(_("known since"))
    began_at = models.DateTimeField(_("happened from"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("happened until"), null=True, blank=True)
    nature = ArrayField(models.CharField(max_length=20, choices=Nature), verbose_name=_("what was breached"))
    circumstances = models.TextField(_("what happened"))
    persons = models.PositiveIntegerField(_("number of people, about"), null=True, blank=True)
    records = models.PositiveIntegerField(_("number of records, about"), null=True, blank=True)
    counted_by = models.CharField(_("how they were counted"), max_length=300, blank=True)
    person_categories = models.TextField(_("categories of people"), blank=True)
    data_categories = models.TextField(_("categories of data"), blank=True)
    consequences = models.TextField(_("likely consequences"), blank=True)
    measures = models.TextField(_("measures taken or planned"), blank=True)
    risk = models.CharField(_("risk for people"), max_length=10, choices=Risk, blank=True)
    risk_reasons = models.TextField(_("why the risk is so judged"), blank=True)
    spared = models.CharField(_("why people are not told"), max_length=10, choices=Spared, blank=True)
    spared_reasons = models.TextField(_("in what way"), blank=True)
    is_closed = models.BooleanField(pgettext_lazy("breach", "closed"), default=False)

    class Meta:
        verbose_name = _("statement of a breach")
        verbose_name_plural = _("statements of breaches")
        ordering = ["breach", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["breach", "version"], name="statement_version"),
            models.CheckConstraint(condition=Q(nature__len__gt=0), name="breach_has_a_nature"),
            models.CheckConstraint(condition=Q(aware_at__lte=F("at")), name="breach_is_known_before_it_is_written"),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(began_at=None) | Q(stopped_at__gte=F("began_at")),
                name="breach_stops_after_it_begins",
            ),
            models.CheckConstraint(condition=Q(risk="") | ~Q(risk_reasons=""), name="risk_has_its_reasons"),
            models.CheckConstraint(condition=Q(spared="") | ~Q(spared_reasons=""), name="silence_has_its_reasons"),
            models.CheckConstraint(
                condition=Q(is_closed=False) | (~Q(risk="") & ~Q(measures="")), name="closed_breach_was_judged"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def natures(self) -> list[str]:
        return [str(Nature(one).label) for one in self.nature]


class Notification(models.Model):
    """That the authority, or people, were told of a breach; the authority may be told in phases (RGPD art. 33(4)).

    The database refuses a first notification to the authority after the 72 hours that gives no reason.
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="notifications", verbose_name=_("data breach"))
    addressee = models.CharField(_("who was told"), max_length=10, choices=Addressee)
    made_at = models.DateTimeField(_("told on"))
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("The number that the CNIL’s site gives.")
    )
    told = models.TextField(_("what was told"))
    delay_reason = models.TextField(_("why it is late"), blank=True)
    persons = models.PositiveIntegerField(_("number of people told"), null=True, blank=True)
    at = models.DateTimeField(_("written on"))
    by = models.CharField(_("written by"), max_length=200)

    class Meta:
        verbose_name = _("notification of a breach")
        verbose_name_plural = _("notifications of breaches")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(made_at__lte=F("at")), name="notification_was_made"),
            models.CheckConstraint(condition=~Q(told=""), name="notification_says_something"),
        ]

    def __str__(self) -> str:
        return str(self.get_addressee_display())


class Reminder(models.Model):
    """That a member of staff was reminded of a breach at one of the hours: none is sent twice."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="reminders", verbose_name=_("data breach"))
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("member of staff"))
    step = models.PositiveSmallIntegerField(_("hours"))
    at = models.DateTimeField(_("date"))

    class Meta:
        verbose_name = _("reminder of a breach")
        verbose_name_plural = _("reminders of breaches")
        constraints = [models.UniqueConstraint(fields=["breach", "user", "step"], name="reminded_once")]

    def __str__(self) -> str:
        return f"{self.breach_id} {self.step}"


class Assessment(models.Model):
    """One version of the impact assessment (RGPD art. 35): what the platform knows, and what people think of it."""

    at = models.DateTimeField(_("date"))
    by = models.CharField(_("written by"), max_length=200)
    content = models.JSONField(_("content"))
    necessity = models.TextField(_("why the processing is needed, and not too much"), blank=True)
    risks = models.TextField(_("what the platform cannot know of the risks"), blank=True)
    officer_opinion = models.TextField(_("opinion of the data-protection officer (art. 35(2))"), blank=True)
    persons_views = models.TextField(
        _("what the people concerned, or who speaks for them, think of it (art. 35(9))"), blank=True
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.NONE)
    decision_reasons = models.TextField(_("reasons, and measures still to take"), blank=True)

    class Meta:
        verbose_name = _("impact assessment")
        verbose_name_plural = _("impact assessments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=Decision.NONE) | ~Q(decision_reasons=""), name="decision_has_its_reasons"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def document(self) -> Document:
        return Document.from_json(self.content)

    @property
    def opinions(self) -> dict[str, Any]:
        """What people wrote, by field."""
        return {name: getattr(self, name) for name in OPINIONS}


#: What people write in an impact assessment; the rest is generated.
OPINIONS = ("necessity", "risks", "officer_opinion", "persons_views", "decision", "decision_reasons")
