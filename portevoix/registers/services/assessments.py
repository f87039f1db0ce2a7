"""Commands about the impact assessment."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import READERS, Actor
from portevoix.kernel import clock
from portevoix.registers.exceptions import LacksWords, Stale
from portevoix.registers.models import OPINIONS, Assessment
from portevoix.registers.selectors.assessment import assessment
from portevoix.registers.types import Decision

#: One version at a time, the first one too: an advisory lock of the database, until the transaction ends.
WRITING_LOCK = 7_305_011


@command("registers.assess", label=gettext_lazy("Write the impact assessment"), roles=READERS, nationwide=True)
def assess(*, after: int, actor: Actor, **opinions: str) -> Assessment:
    """Keep a version of the assessment: the facts of now, and what people think of them (RGPD art. 35).

    ``after`` is the number of the version that was being written upon, 0 for none. Raises Stale when another was
    kept meanwhile, LacksWords when a decision is not explained.
    """
    said = {name: opinions.get(name, "") for name in OPINIONS}
    said["decision"] = said["decision"] or Decision.NONE
    if said["decision"] != Decision.NONE and not said["decision_reasons"].strip():
        raise LacksWords(_("Say why it is so decided."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING_LOCK])
    last = Assessment.objects.first()
    if (last.pk if last else 0) != after:
        raise Stale
    kept = Assessment.objects.create(at=clock.now(), by=actor.label, content=assessment(said).as_json(), **said)
    note(about=kept, decision=said["decision"])
    return kept
