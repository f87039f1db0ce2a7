"""What an automation is: versions that never change once they are published, and their steps.

What these models cannot say is in the migration `0002_published`: a published version, its steps and its letters are
changed by nobody, raw SQL included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Deferrable, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.fields import StreamField

from portevoix.journeys.rules.plan import Node
from portevoix.journeys.types import State, Trigger
from portevoix.mailings.blocks import LetterBlock

if TYPE_CHECKING:
    from portevoix.journeys.models.readings import StepAdvert


class JourneyQuerySet(models.QuerySet["Journey"]):
    def live(self) -> Self:
        """Keep those that run now."""
        return self.filter(state=State.LIVE)

    def locked(self, pk: int) -> Journey:
        """Return one as it is now, changed by nobody else until the transaction ends."""
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)


class Journey(models.Model):
    """An automation. ``cursor`` is the last line of the spine that it has read, ``looked_on`` the last day.

    ``looked_at`` is when it last compared who is there with who was. ``fault`` is what it met at its last pass that
    nobody foresaw, ``faulty_since`` since when: kinds of faults and places in the code, never anybody's data.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    aim = models.CharField(_("what for"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    live = models.ForeignKey(
        "journeys.Version", models.PROTECT, null=True, related_name="+", verbose_name=_("published version")
    )
    cursor = models.BigIntegerField(default=0, editable=False)
    looked_on = models.DateField(null=True, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    fault = models.CharField(_("fault"), max_length=200, blank=True, editable=False)
    faulty_since = models.DateTimeField(_("meets a fault since"), null=True, editable=False)
    created_at = models.DateTimeField(_("made on"), db_default=Now())
    published_at = models.DateTimeField(_("published on"), null=True)

    objects = JourneyQuerySet.as_manager()

    class Meta:
        verbose_name = _("automation")
        verbose_name_plural = _("automations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.ARCHIVED]) | Q(live__isnull=False),
                name="what_runs_is_published",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        return self.state == State.LIVE

    @property
    def draft(self) -> Version | None:
        """The version that is being written, if any."""
        return self.versions.filter(published_at=None).first()


class Version(models.Model):
    """An automation as it was at one publication, or as it is being written."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="versions", verbose_name=_("automation"))
    number = models.PositiveIntegerField(_("version"))
    trigger = models.CharField(_("what starts it"), max_length=12, choices=Trigger, default=Trigger.HAPPENED)
    said = models.JSONField(_("what starts it, in detail"), default=dict)
    only = models.JSONField(_("only for people who"), null=True, blank=True)
    goal = models.JSONField(_("leave as soon as they"), null=True, blank=True)
    again_days = models.PositiveIntegerField(_("again after so many days"), null=True, blank=True)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(_("quiet until"), null=True, blank=True)
    published_at = models.DateTimeField(_("published on"), null=True)

    class Meta:
        verbose_name = _("version of an automation")
        verbose_name_plural = _("versions of automations")
        ordering = ["journey", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["journey", "number"], name="one_version_a_number"),
            models.UniqueConstraint(fields=["journey"], condition=Q(published_at=None), name="one_version_is_written"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__lt=24, quiet_until__lt=24),
                name="quiet_hours_are_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id}.{self.number}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def nodes(self) -> list[Node]:
        """The steps, as the rules know them."""
        return [step.node for step in self.steps.all()]

    def steps_by_key(self) -> dict[int, Step]:
        """Return the steps by their numbers, with all that saying them in words asks for: one query."""
        found = self.steps.select_related("letter", "advert__election", "parent", "version__journey")
        return {step.key: step for step in found}


class Step(models.Model):
    """One step. ``key`` names it across versions; ``rank``, ``next`` and ``otherwise`` are worked out on publishing.

    ``passed`` counts who went on from it, erased people included: a number only.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="steps", verbose_name=_("version"))
    key = models.PositiveIntegerField(_("number"))
    kind = models.CharField(pgettext_lazy("step of an automation", "kind"), max_length=20)
    said = models.JSONField(_("in detail"), default=dict)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="inner", verbose_name=_("condition"))
    branch = models.CharField(_("branch"), max_length=3, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    rank = models.PositiveSmallIntegerField(default=0, editable=False)
    next = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", editable=False)
    otherwise = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", editable=False)
    passed = models.PositiveBigIntegerField(_("went on"), default=0, editable=False)

    class Meta:
        verbose_name = _("step of an automation")
        verbose_name_plural = _("steps of automations")
        ordering = ["version", "rank", "position", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"], deferrable=Deferrable.DEFERRED, name="one_step_a_key_in_a_version"
            ),
            models.CheckConstraint(
                condition=Q(parent=None, branch="") | Q(parent__isnull=False, branch__in=["yes", "no"]),
                name="branch_of_a_condition",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}.{self.key}"

    @property
    def node(self) -> Node:
        parent = self.parent.key if self.parent else None
        return Node(self.key, self.kind, parent, self.branch, self.position, self.said)

    @property
    def words(self) -> Letter | None:
        """The letter that the step sends, if any."""
        found: Letter | None = getattr(self, "letter", None)
        return found

    @property
    def declared(self) -> StepAdvert | None:
        """What the campaign declares of it where it is a political advertisement."""
        found: StepAdvert | None = getattr(self, "advert", None)
        return found


class Letter(models.Model):
    """What a step writes to people, with the blocks of all messages. It goes with its version."""

    step = models.OneToOneField(Step, models.CASCADE, related_name="letter", verbose_name=_("step"))
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    preheader = models.CharField(
        _("preview line"),
        max_length=200,
        blank=True,
        help_text=_("Shown after the subject in the list of messages, before the letter is opened."),
    )
    body = StreamField(LetterBlock(), verbose_name=_("letter"), blank=True)

    class Meta:
        verbose_name = _("letter of an automation")
        verbose_name_plural = _("letters of automations")

    def __str__(self) -> str:
        return self.subject

    def words(self) -> dict[str, Any]:
        """What is copied to the next version."""
        return {"subject": self.subject, "preheader": self.preheader, "body": self.body}
