"""What members of staff have to do, and whether they want to be reminded."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths import rules
from portevoix.paths.models.plan import Step
from portevoix.paths.types import OVERSEERS
from portevoix.people.models import Person


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep tasks about whom the actor may see, and those about nobody that are theirs to do or that they gave."""
        if actor.kind == "visitor" or (actor.kind == "staff" and not actor.roles):
            return self.none()
        about_nobody = Q(person=None)
        if actor.kind == "staff" and not actor.roles & OVERSEERS:
            about_nobody &= Q(assignee=int(actor.ident)) | Q(author=int(actor.ident))
        about_somebody = Q(person__isnull=False)
        if actor.departements is not None:
            about_somebody = Q(person__in=Person.objects.visible_to(actor).order_by().values("pk"))
        return self.filter(about_nobody | about_somebody)

    def open(self) -> Self:
        return self.filter(done_at=None)

    def soonest_first(self) -> Self:
        return self.order_by("due_on", F("due_at").asc(nulls_last=True), "pk")


class Task(models.Model):
    """Something to do by a day (and an hour of Paris), about a person or a step of a path, or about neither."""

    title = models.CharField(_("what is to be done"), max_length=200)
    note = models.TextField(_("note"), max_length=2_000, blank=True)
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="tasks", verbose_name=_("person")
    )
    step = models.ForeignKey(Step, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("step"))
    assignee = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("given to")
    )
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("given by"))
    author_name = models.CharField(_("given by"), max_length=200, blank=True)
    due_on = models.DateField(_("due on"))
    due_at = models.TimeField(_("at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done on"), null=True, blank=True)
    done_by = models.CharField(_("done by"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("given on"), db_default=Now())
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by="") | Q(done_at__isnull=False), name="done_by_who"
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "due_on"], condition=Q(done_at=None), name="task_waits"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    @property
    def is_late(self) -> bool:
        return not self.is_done and rules.is_late(self.due_on, self.due_at, clock.now(), clock.PARIS)


class Reminding(models.Model):
    """Whether a member of staff wants to be reminded, and the day of Paris on which they last were."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+", verbose_name=_("member of staff"))
    is_wanted = models.BooleanField(_("remind me by e-mail"), default=True)
    reminded_on = models.DateField(_("last reminded on"), null=True)

    class Meta:
        verbose_name = _("reminders to a member of staff")
        verbose_name_plural = _("reminders to members of staff")

    def __str__(self) -> str:
        return str(self.user_id)
