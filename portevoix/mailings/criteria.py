"""What segments may ask about messages."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models import Mailing
from portevoix.people.models import Interaction
from portevoix.people.types import Kind
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose
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


class _Did(Criterion):
    """What readers did with a message: known only of those who agreed to be measured when it left, and still agree."""

    family: ClassVar = Family.HISTORY
    points_to: ClassVar = {"mailing": Pointer(Mailing)}
    kind: ClassVar[Kind]

    mailing: int
    #: Whether they did it; the contrary too is known only of those who agreed.
    did: bool = True

    def q(self) -> Q:
        sent = Mailing.objects.filter(pk=self.mailing)
        batch = sent.values("batch")[:1]
        deed = Interaction.objects.filter(
            person=OuterRef("pk"), kind=self.kind.value, about_kind="delivery.batch", about_id=batch
        )
        agreed = Ground.objects.in_use(Purpose.MEASUREMENT).filter(
            person=OuterRef("pk"), given_at__lte=sent.values("sent_at")[:1]
        )
        received = sent.filter(
            batch__measures_people=True, batch__messages__state="sent", batch__messages__person=OuterRef("pk")
        )
        if self.did:
            return Q(Exists(deed))
        return Q(Exists(agreed), Exists(received), ~Exists(deed))

    def title(self, names: Names) -> dict[str, str]:
        return {"title": names.of(self.points_to["mailing"], self.mailing)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "mailing": forms.ModelChoiceField(
                Mailing.objects.gone(),
                label=_("Message"),
                help_text=_(
                    "Only of readers who agreed to be measured when it left, and still agree, is this known. Of all "
                    "the others nothing is: they are on neither side."
                ),
            ),
            "did": forms.TypedChoiceField(
                label=_("Did they"),
                choices=[("yes", _("yes")), ("no", _("no, and it is known"))],
                coerce=lambda value: value == "yes",
                initial="yes",
            ),
        }

    @classmethod
    def initial(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "did": "yes" if values.get("did", True) else "no"}


@register
class ClickedMailing(_Did):
    key: ClassVar = "clicked_mailing"
    label: ClassVar = _("Followed a link of a message (among those who agreed)")
    kind: ClassVar = Kind.CLICKED

    def clause(self, names: Names) -> str:
        if self.did:
            said = gettext("followed a link of “%(title)s” (known only of those who agreed to be measured)")
        else:
            said = gettext("followed no link of “%(title)s”, among those who agreed to be measured")
        return said % self.title(names)

    def negation(self, names: Names) -> str:
        if self.did:
            said = gettext("did not follow a link of “%(title)s”, or never agreed that it be known")
        else:
            said = gettext("followed a link of “%(title)s”, or never agreed that it be known")
        return said % self.title(names)


@register
class OpenedMailing(_Did):
    key: ClassVar = "opened_mailing"
    label: ClassVar = _("Opened a message (among those who agreed)")
    kind: ClassVar = Kind.OPENED

    def clause(self, names: Names) -> str:
        if self.did:
            said = gettext("opened “%(title)s” (known only of those who agreed to be measured)")
        else:
            said = gettext("did not open “%(title)s”, among those who agreed to be measured")
        return said % self.title(names)

    def negation(self, names: Names) -> str:
        if self.did:
            said = gettext("did not open “%(title)s”, or never agreed that it be known")
        else:
            said = gettext("opened “%(title)s”, or never agreed that it be known")
        return said % self.title(names)
