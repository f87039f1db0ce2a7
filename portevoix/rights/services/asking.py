"""A command on what people ask for by telephone: one message to a number of theirs is their own request."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.rights.selectors import current_wording, hold


@command(
    "rights.ask_for_text",
    label=_("Record that somebody asked for a text message"),
    roles={Role.DIRECTOR, Role.COMMUNICATIONS},
)
def ask_for_text(person: Person, *, evidence: dict[str, Any], source: str, actor: Actor) -> Ground:
    """Record that ``person`` may get the text message that they asked for; the live ground stays if there is one."""
    hold(person, actor)
    ground, made = Ground.objects.get_or_create(
        person=person,
        purpose=Purpose.SERVICE,
        channel=Channel.SMS,
        withdrawn_at=None,
        defaults={
            "basis": Basis.REQUEST,
            "wording": current_wording(Purpose.SERVICE, person.language),
            "given_at": clock.now(),
            "evidence": evidence,
            "source": source,
        },
    )
    note(about=person, count=int(made))
    return ground
