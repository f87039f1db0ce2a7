"""How long things are kept: the campaign's rules, the nightly runs, and the end of a campaign with its record."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.rights.purposes import RULE_CHOICES, RULES
from portevoix.rights.rules.retention import REFLECTION

#: Fewer letters give no reason.
LEAST_REASON = 10


def within_the_law() -> Q:
    """Return what a rule must be: no longer than its maximum (RGPD art. 5(1)(e))."""
    bound = Q(pk__in=[])
    for code, term in RULES.items():
        bound |= Q(code=code, months__lte=term.most)
    return bound


class RetentionRuleQuerySet(models.QuerySet["RetentionRule"]):
    def in_force(self) -> Self:
        """Keep the last rule set of each code."""
        return self.order_by("code", "-id").distinct("code")


class RetentionRule(models.Model):
    """That the campaign set a term, and why. A new rule follows the former, which stays: the database refuses changes.

    Where there is none, the term is the one of ``purposes.RULES``.
    """

    code = models.CharField(_("what"), max_length=20, choices=RULE_CHOICES)
    months = models.PositiveSmallIntegerField(_("months after the last exchange"))
    reason = models.TextField(_("reason"), max_length=1_000)
    by = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("date"), db_default=Now())

    objects = RetentionRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=within_the_law(), name="retention_within_the_law"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S.{9,}"), name="retention_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.months}"


class RunState(models.TextChoices):
    RUNNING = "running", _("at work")
    BRAKED = "braked", _("waits for somebody to look at it")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")


OPEN = (RunState.RUNNING, RunState.BRAKED)


class RetentionRun(models.Model):
    """One night’s work: how far it is (``cursor``, the number of the last person looked at), and how many went.

    ``counts`` holds, by code of rule, how many grounds ended and how many persons were erased. It names nobody.
    """

    day = models.DateField(_("day"), unique=True)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.RUNNING)
    people = models.PositiveBigIntegerField(_("people in the file"))
    foreseen = models.PositiveBigIntegerField(_("people who would be erased"))
    #: As many as somebody looked at and confirmed.
    confirmed = models.PositiveBigIntegerField(null=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=200, blank=True, db_default="")
    cursor = models.BigIntegerField(default=0)
    last = models.BigIntegerField()
    counts = models.JSONField(default=dict)
    erased = models.PositiveBigIntegerField(_("erased"), default=0)
    started_at = models.DateTimeField(_("begun"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=[state.value for state in OPEN]), name="one_retention_run"
            ),
            models.CheckConstraint(
                condition=Q(confirmed__isnull=True) | ~Q(confirmed_by=""), name="retention_confirmed_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"

    @property
    def progress(self) -> int:
        """How far it is, in hundredths."""
        return 100 if self.ended_at else 100 * self.cursor // max(self.last, 1)


class Scope(models.TextChoices):
    """Who goes at the end of a campaign. Members stay in either case."""

    PROSPECTS = "prospects", _("an election is over: everybody goes but those who agreed to something in force")
    EVERYBODY = "everybody", _("the campaign ends for good: those who agreed to something go as well")


class ClosureState(models.TextChoices):
    PROPOSED = "proposed", _("waits for the second person")
    RUNNING = "running", _("at work")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


ALIVE = (ClosureState.PROPOSED, ClosureState.RUNNING)


class Closure(models.Model):
    """The end of a campaign: who decided it, how far the destruction is, and the signed record of it.

    Deciders are kept as role and number of account, without a key. ``counts`` holds rows destroyed by table, and
    persons by what they were; ``record`` is the file itself, byte for byte.
    """

    state = models.CharField(_("state"), max_length=10, choices=ClosureState, default=ClosureState.PROPOSED)
    scope = models.CharField(_("who goes"), max_length=10, choices=Scope)
    foreseen = models.PositiveBigIntegerField(_("people who would be erased"))
    proposed_by = models.CharField(max_length=60)
    proposed_role = models.CharField(max_length=20)
    proposed_at = models.DateTimeField(_("decided on"))
    agreed_by = models.CharField(max_length=60, blank=True, db_default="")
    agreed_role = models.CharField(max_length=20, blank=True, db_default="")
    agreed_at = models.DateTimeField(_("agreed on"), null=True, blank=True)
    #: Whether nobody could be the second: three days of reflection stand in.
    is_alone = models.BooleanField(default=False)
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    cursor = models.BigIntegerField(default=0)
    last = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    record = models.BinaryField(_("record"), null=True)

    class Meta:
        verbose_name = _("end of a campaign")
        verbose_name_plural = _("ends of campaigns")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=[state.value for state in ALIVE]), name="one_closure"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "cancelled"])
                | (~Q(agreed_by="") & ~Q(agreed_by=F("proposed_by")) & ~Q(agreed_role=F("proposed_role")))
                | Q(is_alone=True, begun_at__isnull=False, begun_at__gte=F("proposed_at") + REFLECTION),
                name="closure_has_two_deciders",
            ),
            models.CheckConstraint(condition=~Q(state="done") | Q(record__isnull=False), name="closure_has_its_record"),
        ]

    def __str__(self) -> str:
        return f"{self.proposed_at:%Y-%m-%d} {self.scope}"

    @property
    def progress(self) -> int:
        """How far it is, in hundredths."""
        return 100 if self.ended_at else 100 * self.cursor // max(self.last, 1)

    @property
    def due_at(self) -> Any:
        """When it may begin if nobody else is there to agree."""
        return self.proposed_at + REFLECTION
