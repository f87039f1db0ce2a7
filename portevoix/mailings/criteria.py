"""What segments may ask about messages."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models import Mailing
from portevoix.segments.types import Criterion, Family, Names, Pointer, register


@register
class WasSentMailing(Criterion):
    """Whether somebody received a message: read from the outbox, which knows whose server accepted it."""

    key: ClassVar = "received_mailing"
    label: ClassVar = _("Received a message")
    family: ClassVar = Family.HISTORY
    points_to: ClassVar = {"mailing": Pointer(Mailing)}

    mailing: int

    def q(self) -> Q:
        received = Mailing.objects.filter(
            pk=self.mailing, batch__messages__state="sent", batch__messages__person=OuterRef("pk")
        )
        return Q(Exists(received))

    def clause(self, names: Names) -> str:
        return gettext("received the message “%(title)s”") % {
            "title": names.of(self.points_to["mailing"], self.mailing)
        }

    def negation(self, names: Names) -> str:
        return gettext("did not receive the message “%(title)s”") % {
            "title": names.of(self.points_to["mailing"], self.mailing)
        }

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"mailing": forms.ModelChoiceField(Mailing.objects.gone(), label=_("Message"))}
