"""Segments: named questions about people."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import Exact
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.segments import rules
from portevoix.segments.types import Group


def everybody() -> dict[str, object]:
    """Return the tree that asks nothing."""
    return {"match": "all", "parts": []}


#: Levels of JSON, two a group: far more than ``rules`` reads, far less than a reader of JSON bears.
DEEPEST_STORED = 900


class Segment(models.Model):
    """A question with a name. It holds nobody: whom it finds is asked again each time.

    ``tree`` is what ``rules.read`` reads; nothing but ``services`` writes it.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    tree = models.JSONField(_("conditions"), default=everybody)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("last changed"), auto_now=True, db_default=Now())

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]
        constraints = [
            # A tree of a thousand levels, stored past the commands, could not even be read to be refused.
            models.CheckConstraint(
                condition=~Exact(
                    Func(
                        F("tree"),
                        Value(f"$.**{{{DEEPEST_STORED} to last}}"),
                        function="jsonb_path_exists",
                        template="%(function)s(%(expressions)s::jsonpath)",
                        output_field=models.BooleanField(),
                    ),
                    Value(True),
                ),
                name="segment_tree_has_a_bottom",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> str:
        """What names the segment as it is now: another after each change."""
        return self.updated_at.isoformat()

    @property
    def question(self) -> Group:
        """The tree, read. Raises InvalidTree when it asks about something that is no longer known."""
        return rules.read(self.tree)


class Snapshot(models.Model):
    """Whom a segment found at one moment, as it asked then. It is never made again: freezing again makes another."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="snapshots", verbose_name=_("segment"))
    name = models.CharField(_("name"), max_length=120)
    tree = models.JSONField(_("conditions"))
    count = models.PositiveIntegerField(_("people found"), default=0)
    taken_at = models.DateTimeField(_("taken on"))

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-taken_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name}, {date_format(localtime(self.taken_at, clock.PARIS), 'SHORT_DATETIME_FORMAT')}"


class SnapshotMember(models.Model):
    """That a person was in a snapshot; erasing the person takes the row away."""

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="members", db_index=False, verbose_name=_("snapshot")
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("person"))

    class Meta:
        verbose_name = _("member of a snapshot")
        verbose_name_plural = _("members of snapshots")
        constraints = [models.UniqueConstraint(fields=["snapshot", "person"], name="once_in_a_snapshot")]

    def __str__(self) -> str:
        return str(self.person_id)


class Use(models.Model):
    """That a segment asks about another segment, or about a snapshot: what is used may not be deleted."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="uses", verbose_name=_("segment"))
    of_segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, related_name="used", verbose_name=_("segment used")
    )
    of_snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, related_name="used", verbose_name=_("snapshot used")
    )

    class Meta:
        verbose_name = _("use of a segment")
        verbose_name_plural = _("uses of segments")
        constraints = [
            models.CheckConstraint(
                condition=Q(of_segment=None, of_snapshot__isnull=False) | Q(of_segment__isnull=False, of_snapshot=None),
                name="uses_one_thing",
            ),
            models.CheckConstraint(condition=~Q(segment=F("of_segment")), name="uses_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} → {self.of_segment_id or self.of_snapshot_id}"
