"""What left, and by what it is known again."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor, Role
from portevoix.disclosure.types import ALIVE, AT_WORK, End, State
from portevoix.people.models import Person

#: Who answers for what leaves sees every export; the others see theirs.
OVERSEERS = frozenset({Role.DIRECTOR, Role.DATA_OFFICER})


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep what the actor asked for; everything for who answers for it over all of the campaign."""
        answering = actor.within(OVERSEERS)
        if actor.kind == "system" or (answering.roles and answering.departements is None):
            return self
        return self.asked_by(actor)

    def asked_by(self, actor: Actor) -> Self:
        return self.filter(asker_kind=actor.kind, asker_id=actor.ident)

    def at_work(self) -> Self:
        """Keep those that a process writes, or should."""
        return self.filter(state__in=AT_WORK)

    def to_recall(self) -> Self:
        """Keep those of which copies may exist that hold somebody whom no file may hold as it does."""
        return self.filter(recalls__gt=0, downloads__gt=0, recalled_at__isnull=True)


class Export(models.Model):
    """A file about people, from its order to its destruction. The row stays: it is the register of what left.

    Who asked is kept without a key, as in the journal. The password is a function of ``seed``, which goes as soon as
    it has served. ``recalls`` counts the persons in it who were erased, restricted or objected since it was ordered.
    """

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING, db_index=True)
    end = models.CharField(_("why it ended"), max_length=10, choices=End, blank=True)
    asker_kind = models.CharField(max_length=10)
    asker_id = models.CharField(max_length=60)
    asker = models.CharField(_("asked by"), max_length=200)
    asker_roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"), default=list)
    #: How far who asked saw then: codes of départements, nothing for all of France. Who sees less now gets no file.
    asker_departements = ArrayField(
        models.CharField(max_length=3), verbose_name=_("départements"), null=True, blank=True, editable=False
    )
    purpose = models.CharField(_("reason"), max_length=200)
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("fields"))
    #: What a room above hands over, and to whom outside; empty where the file stays with who asked for it.
    about_kind = models.CharField(_("kind of object"), max_length=40, blank=True, default="")
    about_id = models.BigIntegerField(_("object"), null=True, blank=True)
    recipient = models.CharField(_("handed to"), max_length=200, blank=True, default="")
    people = models.PositiveIntegerField(_("people"), default=0)
    written = models.PositiveIntegerField(default=0)
    recalls = models.PositiveIntegerField(_("erased, restricted or objected since"), default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    seed = models.CharField(max_length=64, blank=True)
    shown_at = models.DateTimeField(_("password shown"), null=True, blank=True)
    created_at = models.DateTimeField(_("asked on"), db_default=Now())
    moved_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(_("ready since"), null=True, blank=True)
    expires_at = models.DateTimeField(_("destroyed on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)
    downloaded_at = models.DateTimeField(_("last downloaded"), null=True, blank=True)
    recalled_at = models.DateTimeField(_("copies destroyed"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["asker_kind", "asker_id"], name="export_asker")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ALIVE) | Q(seed=""), name="ended_export_has_no_password"),
            models.CheckConstraint(condition=Q(state__in=ALIVE) | ~Q(end=""), name="ended_export_says_why"),
            models.CheckConstraint(
                condition=~Q(state=State.READY) | Q(expires_at__isnull=False), name="ready_export_expires"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="export_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.purpose

    @property
    def path(self) -> Path:
        """Where the file is kept: outside the media folder, so that no address leads to it."""
        return Path(settings.DATA_DIR) / "exports" / f"{self.pk}.zip"

    @property
    def is_working(self) -> bool:
        return self.state in AT_WORK

    @property
    def is_delivery(self) -> bool:
        """Whether the file is for somebody outside."""
        return self.about_id is not None

    @property
    def is_alive(self) -> bool:
        return self.state in ALIVE

    @property
    def progress(self) -> int:
        """How much is written, in hundredths."""
        return min(99, 100 * self.written // max(self.people, 1)) if self.is_working else 100

    @property
    def must_be_recalled(self) -> bool:
        """Whether copies may exist that hold somebody whom no file may hold as it does."""
        return bool(self.recalls and self.downloads and self.recalled_at is None)

    def was_asked_by(self, actor: Actor) -> bool:
        return (self.asker_kind, self.asker_id) == (actor.kind, actor.ident)


class Portion(models.Model):
    """Some of those whom an export is about, by number and in the order of the file; goes when the file is written."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="portions", verbose_name=_("export"))
    number = models.PositiveIntegerField()
    person_ids = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("portion of an export")
        verbose_name_plural = _("portions of exports")
        ordering = ["export", "number"]
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="portion_once")]

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"


class Canary(models.Model):
    """An invented contact in one export and nowhere else. Holds nothing about anybody who exists."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="canaries", verbose_name=_("export"))
    place = models.PositiveIntegerField()
    sex = models.CharField(max_length=1)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    born_on = models.DateField()
    mailbox = models.CharField(_("invented address"), max_length=254, unique=True)
    mobile = models.CharField(_("invented number"), max_length=16, db_index=True)
    heard_at = models.DateTimeField(_("first written to"), null=True, blank=True)
    times_heard = models.PositiveIntegerField(_("messages received"), default=0)

    class Meta:
        verbose_name = _("canary")
        verbose_name_plural = _("canaries")
        ordering = ["export", "place"]

    def __str__(self) -> str:
        return self.mailbox


class CopyRequest(models.Model):
    """That a person asked for a copy of their data; the link that was sent serves once."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="copy_requests", verbose_name=_("person"))
    created_at = models.DateTimeField(_("asked on"), db_default=Now())
    given_at = models.DateTimeField(_("given on"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for a copy")
        verbose_name_plural = _("requests for a copy")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.pk)
