"""Commands on the log of who read whose record."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.people.models import Consultation, Interaction
from portevoix.people.types import Kind

#: A log of accesses is kept six months to a year (CNIL, délibération 2021-122).
LIFETIME = timedelta(days=365)


@command("disclosure.forget_consultations", label=_("Forget old readings of records"), roles={Role.DATA_OFFICER})
def forget_consultations(*, actor: Actor) -> int:
    """Forget who read whose record a year ago; return how many readings."""
    limit = clock.now() - LIFETIME
    forgotten, _tables = Consultation.objects.filter(at__lt=limit).delete()
    # The timeline says the same once a day.
    Interaction.objects.filter(kind=Kind.CONSULTED, at__lt=limit).delete()
    note(count=forgotten)
    return forgotten
