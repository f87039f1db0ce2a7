"""Other segments: those whom one finds today, and those whom one found one day."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portevoix.kernel.ordering import Unaccented
from portevoix.segments.models import Segment, Snapshot, SnapshotMember
from portevoix.segments.types import Criterion, Family, Named, Names, Pointer, register


@register
class InSegment(Named):
    key: ClassVar = "segment"
    label: ClassVar = _("Found by another segment")
    family: ClassVar = Family.SEGMENTS
    points_to: ClassVar = {"segment": Pointer(Segment)}
    says: ClassVar = _("are in the segment “%(name)s”")
    denies: ClassVar = _("are not in the segment “%(name)s”")

    def words(self, names: Names) -> dict[str, Any]:
        return {"name": names.of(Pointer(Segment), self.segment)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"segment": forms.ModelChoiceField(Segment.objects.order_by(Unaccented("name")), label=_("Segment"))}


@register
class InSnapshot(Criterion):
    key: ClassVar = "snapshot"
    label: ClassVar = _("Was in a snapshot")
    family: ClassVar = Family.SEGMENTS
    points_to: ClassVar = {"snapshot": Pointer(Snapshot)}
    says: ClassVar = _("were in the snapshot “%(name)s”")
    denies: ClassVar = _("were not in the snapshot “%(name)s”")

    snapshot: int

    def q(self) -> Q:
        return Q(Exists(SnapshotMember.objects.filter(snapshot=self.snapshot, person=OuterRef("pk"))))

    def words(self, names: Names) -> dict[str, Any]:
        return {"name": names.of(Pointer(Snapshot), self.snapshot)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"snapshot": forms.ModelChoiceField(Snapshot.objects.all(), label=_("Snapshot"))}
