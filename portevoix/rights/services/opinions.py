"""Commands on political opinions (RGPD art. 9): nothing is kept without the person's ground, nothing outlives it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.exceptions import ChangedMeanwhile
from portevoix.people.models import Person
from portevoix.people.rules import differences
from portevoix.people.selectors import locked
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NoGroundForOpinion
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.purposes import OPTIONAL, Purpose
from portevoix.rights.types import Views

RECORDERS = {Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER, Role.LOCAL_LEAD}
SOURCE = "staff"


@command("rights.record_opinion", label=_("Record a person’s political opinions"), roles=RECORDERS)
def record_opinion(person: Person, views: Views, *, seen: Views, source: str = SOURCE, actor: Actor) -> None:
    """Keep what a person said of their opinions, on their own ground (RGPD art. 9(2)(a), (d)); empty, it goes.

    Raises NoGroundForOpinion and Restricted, whose texts say why, OutOfSight, and ChangedMeanwhile where somebody else
    wrote since ``seen``. The journal and the spine hold the names of the fields only. The database refuses the same by
    itself.
    """
    kept = locked(person, actor)
    ground = (
        Ground.objects.live()
        .for_purpose(Purpose.OPINION, OPTIONAL[Purpose.OPINION])
        .filter(person=kept)
        .select_for_update()
        .first()
    )
    if ground is None:
        raise NoGroundForOpinion
    known = Opinion.objects.filter(person=kept).first()
    now = known.views if known else Views()
    changed, conflicts = differences(was=vars(seen), now=vars(now), said=vars(views))
    if conflicts:
        raise ChangedMeanwhile(conflicts)
    note(about=kept, count=len(changed), fields=list(changed))
    if not changed:
        return
    merged = Views(**{**vars(now), **changed})
    if merged == Views():
        Opinion.objects.filter(person=kept).delete()
    else:
        said = {**vars(merged), "issues": list(merged.issues)}
        defaults = {**said, "ground": ground, "source": source, "recorded_at": clock.now()}
        Opinion.objects.update_or_create(person=kept, defaults=defaults)
    interactions.record(kept, Kind.EDITED, source=source, detail={"fields": list(changed)})
