"""Commands on who a person is, and on the tags they carry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Fact, Role
from portevoix.people import interactions
from portevoix.people.exceptions import ChangedMeanwhile, ProtectedName
from portevoix.people.models import CustomField, Person, Tag, Tagging
from portevoix.people.rules import CUSTOM, differences
from portevoix.people.rules.protected import protection
from portevoix.people.selectors import identity_of, locked
from portevoix.people.types import Identity, Kind

EDITORS = {Role.DIRECTOR, Role.ORGANISER, Role.LOCAL_LEAD, Role.DATA_OFFICER}
#: What a tag or a fact written here says of where it comes from.
SOURCE = "staff"
#: By what somebody is told from others; whoever changes it asks the rooms above.
NAMING = {"first_name", "last_name", "born_on", "postcode"}
#: Hook of the rooms above: given a person as they are about to be named, and who says so, raises Impossible.
NEW_IDENTITY_HOOK = "refuse_new_identity"


@command("people.edit", label=_("Edit a person’s record"), roles=EDITORS)
def edit(
    person: Person, identity: Identity, *, seen: Identity | None = None, source: str = SOURCE, actor: Actor
) -> list[str]:
    """Write what staff know better (RGPD art. 16); return the fields that changed. Raises OutOfSight, Restricted.

    ``seen`` is what was on the screen, else what ``person`` held when it was read: only what differs from it is
    written, so that two people may correct two fields at once. Raises ChangedMeanwhile, and writes nothing, where
    both changed the same field, ProtectedName for a value under a name that says what the law protects: such a field
    can only be emptied, Impossible for who may not be brought back. What is hidden from the actor stays as it is. The
    journal and the spine hold the names of the fields, never what is in them.
    """
    kept = locked(person, actor)
    now, was = _flat(identity_of(kept)), _flat(seen or identity_of(person))
    said = _flat(identity)
    if Fact.BIRTH in kept.hidden:
        del said["born_on"]
    for key in CustomField.objects.hidden_from(kept.read_by).values_list("key", flat=True):
        said.pop(f"{CUSTOM}{key}", None)
    changed, conflicts = differences(was=was, now=now, said=said)
    if conflicts:
        raise ChangedMeanwhile(conflicts)
    _refuse_protected(changed)
    note(about=kept, count=len(changed), fields=list(changed))
    if changed:
        for name, value in changed.items():
            _set(kept, name, value)
        if NAMING & set(changed):
            for refuse in hooks.get_hooks(NEW_IDENTITY_HOOK):
                refuse(kept, source)
        kept.save()
        interactions.record(kept, Kind.EDITED, source=source, detail={"fields": list(changed)})
    return list(changed)


@command("people.tag", label=_("Change a person’s tags"), roles=EDITORS)
def tag(
    person: Person,
    names: Collection[str],
    *,
    seen: Collection[str] | None = None,
    source: str = SOURCE,
    actor: Actor,
) -> None:
    """Make a person carry these tags and no other, making those that are new. Raises OutOfSight, ProtectedName.

    With ``seen``, the tags that were on the screen, those that somebody else gave or took in the meantime stay so.
    """
    kept = locked(person, actor)
    wanted = {name.strip() for name in names if name.strip()}
    carried = {tagging.tag.name: tagging for tagging in kept.taggings.select_related("tag")}
    if seen is not None:
        wanted = (set(carried) | (wanted - set(seen))) - (set(seen) - wanted)
    added = sorted(wanted - set(carried))
    for name in added:
        if what := protection(name):
            raise ProtectedName(name, what)
    removed = [tagging.pk for name, tagging in carried.items() if name not in wanted]
    Tagging.objects.filter(pk__in=removed).delete()
    for name in added:
        known, _made = Tag.objects.get_or_create(name=name)
        Tagging.objects.create(person=kept, tag=known, source=source)
    note(about=kept, count=len(added) + len(removed), added=len(added), removed=len(removed))
    if added:
        interactions.record(kept, Kind.TAGGED, source=source, detail={"tags": len(added)})
    if removed:
        interactions.record(kept, Kind.UNTAGGED, source=source, detail={"tags": len(removed)})


def _refuse_protected(changed: Mapping[str, Any]) -> None:
    keys = {
        name.removeprefix(CUSTOM) for name, value in changed.items() if name.startswith(CUSTOM) and value is not None
    }
    for field in CustomField.objects.filter(key__in=keys):
        if what := field.protection:
            raise ProtectedName(field.shown_label, what)


def _flat(identity: Identity) -> dict[str, Any]:
    """Return what is said of a person field by field, the campaign's own ones by their prefixed keys."""
    said = asdict(identity)
    custom = said.pop("custom")
    return said | {f"{CUSTOM}{key}": value for key, value in custom.items()}


def _set(person: Person, name: str, value: Any) -> None:
    key = name.removeprefix(CUSTOM)
    if key == name:
        setattr(person, name, list(value) if isinstance(value, tuple) else value)
    elif value is None:
        person.custom.pop(key, None)
    else:
        person.custom[key] = value
