"""Erasing a person, from every table (RGPD art. 17)."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.people.models import Person
from portevoix.rights.purposes import Act
from portevoix.rights.types import HANDLERS


@command("rights.erase", label=_("Erase a person"), roles={Role.DIRECTOR, Role.DATA_OFFICER})
def erase(person: Person, *, actor: Actor) -> dict[str, int]:
    """Erase a person from every table (RGPD art. 17); return the number of rows touched by table.

    The ledger keeps that it was done, under the person's random number only.
    """
    note(about=person, count=1)
    # Upper rooms come first in the registry, as in INSTALLED_APPS: what leans on a ground goes before the ground.
    touched = {name: handler.erase(person.pk) for name, handler in HANDLERS.items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT rights_note_person(%s, %s)", [Act.ERASED, person.ref])
    person.delete()
    return touched
