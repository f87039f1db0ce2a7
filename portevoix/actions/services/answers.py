"""Commands on what people answered: reading one person's, having them leave by the one door."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.actions.models import ActionPage, Participation
from portevoix.disclosure.models import Export
from portevoix.disclosure.services import exporting
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Why
from portevoix.rights import gate

READERS = {Role.DIRECTOR, Role.COMMUNICATIONS, Role.ORGANISER, Role.LOCAL_LEAD, Role.DATA_OFFICER}


@command("actions.read_answers", label=_("Read what one person answered"), roles=READERS)
def read_answers(taken: Participation, *, actor: Actor) -> Participation:
    """Open one person's answers, and write that down. Raises DoesNotExist for one whom the actor may not see."""
    kept = Participation.objects.visible_to(actor).counted().select_related("person", "version").get(pk=taken.pk)
    interactions.consulted(kept.person, Why.RECORD, actor=actor)
    note(about=kept, count=1)
    return kept


@command("actions.export_answers", label=_("Order an export of answers"), roles=exporting.EXPORTERS)
def export_answers(page: ActionPage, *, fields: Sequence[str], purpose: str, actor: Actor) -> Export:
    """Have a file made of who took part and what they answered, through the gate and the door of every export."""
    taken = Participation.objects.filter(page=page.pk).counted()
    people = Person.objects.filter(pk__in=taken.values("person"))
    shown = gate.reveal(people, actor=actor, purpose=purpose, fields=fields)
    export = exporting.order_export(shown, by_worker=True, actor=actor)
    note(about=page, count=export.people)
    return export
