"""Commands on persons."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Fact, Role
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Person, Tag, Tagging
from portevoix.people.types import Identity, Kind

EDITORS = {Role.DIRECTOR, Role.ORGANISER, Role.LOCAL_LEAD, Role.DATA_OFFICER}
#: What a tag or a fact written here says of where it comes from.
SOURCE = "staff"


@command("people.edit", label=_("Edit a person’s record"), roles=EDITORS)
def edit(person: Person, identity: Identity, *, actor: Actor) -> list[str]:
    """Write what staff know better (RGPD art. 16); return the fields that changed. Raises OutOfSight.

    What is hidden from the actor stays as it is. The journal and the spine hold the names of the fields, never what
    was or is in them.
    """
    kept = _locked(person, actor)
    said = asdict(identity)
    if Fact.BIRTH in kept.hidden:
        del said["born_on"]
    changed = [name for name, value in said.items() if getattr(kept, name) != value]
    note(about=kept, count=len(changed), fields=changed)
    if changed:
        for name in changed:
            setattr(kept, name, said[name])
        kept.save()
        interactions.record(kept, Kind.EDITED, source=SOURCE, detail={"fields": changed})
    return changed


@command("people.tag", label=_("Change a person’s tags"), roles=EDITORS)
def tag(person: Person, names: Collection[str], *, actor: Actor) -> None:
    """Make a person carry these tags and no other, making those that are new. Raises OutOfSight."""
    kept = _locked(person, actor)
    wanted = {name.strip() for name in names if name.strip()}
    carried = {tagging.tag.name: tagging for tagging in kept.taggings.select_related("tag")}
    added = sorted(wanted - set(carried))
    removed = [tagging.pk for name, tagging in carried.items() if name not in wanted]
    Tagging.objects.filter(pk__in=removed).delete()
    for name in added:
        known, _made = Tag.objects.get_or_create(name=name)
        Tagging.objects.create(person=kept, tag=known, source=SOURCE)
    note(about=kept, count=len(added) + len(removed), added=len(added), removed=len(removed))
    if added:
        interactions.record(kept, Kind.TAGGED, source=SOURCE, detail={"tags": len(added)})


def _locked(person: Person, actor: Actor) -> Person:
    """Return the row as it is now, held until the act ends."""
    try:
        return Person.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=person.pk)
    except Person.DoesNotExist:
        raise OutOfSight from None
