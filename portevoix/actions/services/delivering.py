"""The act by which signatures go to whom they are for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.actions.models import SignedPage
from portevoix.actions.selectors.signatures import fields_of, people_to_hand_over
from portevoix.disclosure.models import Export
from portevoix.disclosure.services import exporting
from portevoix.rights import gate


@command(
    "actions.deliver_signatures",
    label=_("Hand signatures to their addressee"),
    roles={Role.DIRECTOR, Role.DATA_OFFICER},
    nationwide=True,
)
def deliver_signatures(page: SignedPage, *, reason: str, actor: Actor) -> Export:
    """Have the file for the addressee made: only of signatories who agreed to that very addressee (RGPD art. 9(2)(a)).

    It leaves by the door of every file about people: encrypted, on the timeline of each, destroyed in time.
    """
    shown = gate.reveal(people_to_hand_over(page), actor=actor, purpose=reason, fields=fields_of(page))
    export = exporting.order_delivery(shown, about=page, recipient=page.addressee, actor=actor)
    note(about=page, count=export.people)
    return export
