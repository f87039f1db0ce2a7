"""How members of staff look at the list of people: saved views, columns."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.kernel.ordering import Unaccented

#: Who may change a view that somebody else shared.
VIEW_KEEPERS = frozenset({Role.DIRECTOR})
#: The parameter of the list's address that names a view.
VIEW = "vue"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep one's own, and those that the team shares."""
        return self if actor.kind == "system" else self.filter(Q(owner=actor.ident) | Q(is_shared=True))

    def changeable_by(self, actor: Actor) -> Self:
        """Keep one's own; what is shared, a director may change too."""
        if actor.kind == "system":
            return self
        is_keeper = bool(actor.roles & VIEW_KEEPERS)
        return self.filter(Q(owner=actor.ident) | Q(is_shared=True) if is_keeper else Q(owner=actor.ident))

    def alphabetical(self) -> Self:
        return self.order_by(Unaccented("name"), "pk")


class SavedView(models.Model):
    """Filters, columns and order of the list under a name. It never holds the words of a search: they name people.

    ``filters`` holds what the address says, parameter by parameter; choices only, never text.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("made by"))
    name = models.CharField(_("name"), max_length=60)
    is_shared = models.BooleanField(_("shared with the team"), default=False)
    filters = models.JSONField(_("filters"), default=dict)
    columns = ArrayField(models.CharField(max_length=80), verbose_name=_("columns"), default=list)
    ordering = models.CharField(_("order"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("made on"), db_default=Now())

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("view of the list")
        verbose_name_plural = _("views of the list")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_named_once"),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The list as the view shows it."""
        said: dict[str, object] = {VIEW: self.pk, **self.filters}
        if self.ordering:
            said["ordering"] = self.ordering
        return f"{reverse('people:list')}?{urlencode(said, doseq=True)}"


class ListHabit(models.Model):
    """How one member of staff likes the list: its columns, the view it opens with."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+", verbose_name=_("member of staff"))
    columns = ArrayField(models.CharField(max_length=80), verbose_name=_("columns"), null=True, default=None)
    view = models.ForeignKey(
        SavedView, models.SET_NULL, null=True, related_name="+", verbose_name=_("view that opens first")
    )

    class Meta:
        verbose_name = _("habit of the list")
        verbose_name_plural = _("habits of the list")

    def __str__(self) -> str:
        return str(self.user_id)
