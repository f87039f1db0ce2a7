"""What lies on a record: notes, files, a merge, a reading. That it is there, never what it says."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portevoix.people.models import Alias, Attachment, Consultation, Note
from portevoix.segments import rules
from portevoix.segments.criteria.history import Days, days_ago, days_field
from portevoix.segments.types import Criterion, Family, Names, register


@register
class HasNote(Criterion):
    key: ClassVar = "note"
    label: ClassVar = _("A note was written")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("have a note of the last %(days)s")
    denies: ClassVar = _("have no note of the last %(days)s")

    days: Days

    def q(self) -> Q:
        return Q(Exists(Note.objects.filter(person=OuterRef("pk"), created_at__gte=days_ago(self.days)).order_by()))

    def words(self, names: Names) -> dict[str, Any]:
        return {"days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"days": days_field(_("In how many days"), initial=365)}


@register
class HasFile(Criterion):
    key: ClassVar = "file"
    label: ClassVar = _("A file is kept")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("have a file on their record")
    denies: ClassVar = _("have no file on their record")

    def q(self) -> Q:
        return Q(Exists(Attachment.objects.filter(person=OuterRef("pk")).order_by()))


@register
class WasMerged(Criterion):
    key: ClassVar = "merged"
    label: ClassVar = _("Made of several records")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("had several records, now merged")
    denies: ClassVar = _("never had their record merged with another")

    def q(self) -> Q:
        return Q(Exists(Alias.objects.filter(person=OuterRef("pk"))))


@register
class WasRead(Criterion):
    """By anybody of the team: who read whom stays in the record itself."""

    key: ClassVar = "read"
    label: ClassVar = _("Record read lately")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("had their record read in the last %(days)s")
    denies: ClassVar = _("did not have their record read in the last %(days)s")

    days: Days

    def q(self) -> Q:
        read = Consultation.objects.filter(person=OuterRef("pk"), at__gte=days_ago(self.days))
        return Q(Exists(read.order_by()))

    def words(self, names: Names) -> dict[str, Any]:
        return {"days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"days": days_field(_("In how many days"))}
