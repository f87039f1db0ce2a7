"""Commands on what staff write on a record: notes, files, roles, ties to other persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.exceptions import ChangedMeanwhile, Impossible, OutOfSight
from portevoix.people.models import Attachment, Note, Person, PersonRole, Relationship
from portevoix.people.rules import differences
from portevoix.people.selectors import locked
from portevoix.people.services.editing import EDITORS, SOURCE
from portevoix.people.types import DAYS_OF_A_ROLE, SYMMETRIC, Conflict, Held, Kind, RelationKind

#: A record is no archive: letters and forms, not films.
LARGEST_FILE = 10 * 1024 * 1024
MOST_FILES = 50
#: By the end of the name; files are never shown by the browser, only downloaded.
FILE_TYPES = ("pdf", "png", "jpg", "jpeg", "webp", "txt", "odt", "ods", "doc", "docx", "xls", "xlsx", "csv", "eml")


@command("people.write_note", label=_("Write a note on a person"), roles=EDITORS)
def write_note(person: Person, text: str, *, actor: Actor) -> Note:
    """Keep a note under the name of whoever wrote it. Raises OutOfSight."""
    kept = locked(person, actor)
    author = int(actor.ident) if actor.kind == "staff" else None
    written = Note.objects.create(
        person=kept, text=text, author_id=author, author_name=actor.label, source=SOURCE, created_at=clock.now()
    )
    note(about=kept, count=1)
    interactions.record(kept, Kind.NOTED, about=written, source=SOURCE)
    return written


@command("people.correct_note", label=_("Correct one’s note on a person"), roles=EDITORS)
def correct_note(written: Note, text: str, *, seen: str, actor: Actor) -> None:
    """Change or, with no text, remove a note; ``seen`` is what the screen showed.

    Raises OutOfSight, also for a note that is gone; Impossible when somebody else wrote it; ChangedMeanwhile, and
    writes nothing, where it says something else by now.
    """
    kept = locked(written.person, actor)
    if actor.kind != "system" and str(written.author_id) != actor.ident:
        raise Impossible(gettext("Only who wrote a note may change it."))
    stored = Note.objects.filter(pk=written.pk, person=kept).values_list("text", flat=True).first()
    if stored is None:
        raise OutOfSight
    if stored not in {seen, text}:
        raise ChangedMeanwhile([Conflict("text", stored, text)])
    if text.strip():
        written.text, written.edited_at = text, clock.now()
        written.save(update_fields=["text", "edited_at"])
    else:
        written.delete()
    is_left = bool(text.strip())
    note(about=kept, count=1, removed=not is_left)
    # What is gone is not named: its number would lead to nothing.
    kind = Kind.CORRECTED if is_left else Kind.UNNOTED
    interactions.record(kept, kind, about=written if is_left else None, source=SOURCE)


@command("people.add_file", label=_("Add a file to a person’s record"), roles=EDITORS)
def add_file(person: Person, file: File[bytes], *, actor: Actor) -> Attachment:
    """Keep a file where no address leads. Raises OutOfSight; Impossible for its size, its type, or one too many."""
    kept = locked(person, actor)
    name = (file.name or "").replace("\\", "/").rsplit("/", 1)[-1][-200:]
    if file.size > LARGEST_FILE:
        raise Impossible(gettext("The file is larger than %(limit)d MB.") % {"limit": LARGEST_FILE // 1024**2})
    if name.rpartition(".")[2].lower() not in FILE_TYPES:
        raise Impossible(gettext("Files of these types are kept: %(types)s.") % {"types": ", ".join(FILE_TYPES)})
    if kept.attachments.count() >= MOST_FILES:
        raise Impossible(gettext("There are %(limit)d files already: remove one first.") % {"limit": MOST_FILES})
    added = Attachment(
        person=kept, name=name, size=file.size, author_name=actor.label, source=SOURCE, created_at=clock.now()
    )
    added.file.save(name, file, save=True)
    note(about=kept, count=1, size=file.size)
    interactions.record(kept, Kind.FILED, about=added, source=SOURCE)
    return added


@command("people.remove_file", label=_("Remove a file from a person’s record"), roles=EDITORS)
def remove_file(attachment: Attachment, *, actor: Actor) -> None:
    """Remove a file from the record, and from the disk once that is certain. Raises OutOfSight."""
    kept = locked(attachment.person, actor)
    attachment.delete()
    transaction.on_commit(attachment.remove_from_disk)
    note(about=kept, count=1)
    interactions.record(kept, Kind.UNFILED, source=SOURCE)


@command("people.give_role", label=_("Give a person a role"), roles=EDITORS)
def give_role(person: Person, held: Held, *, source: str = SOURCE, is_new: bool = False, actor: Actor) -> PersonRole:
    """Say what a person is to the campaign; the same role from the same day learns what is said, and forgets nothing.

    Raises OutOfSight; with ``is_new``, Impossible where that role is there and says otherwise.
    """
    kept = locked(person, actor)
    told = {name: value for name in DAYS_OF_A_ROLE if (value := getattr(held, name)) is not None}
    role, made = PersonRole.objects.get_or_create(
        person=kept, kind=held.kind, detail=held.detail, since=held.since, defaults={**told, "source": source}
    )
    if not made:
        if is_new and any(getattr(role, name) not in (None, value) for name, value in told.items()):
            raise Impossible(gettext("This role is on the record already, from the same day: correct it there."))
        PersonRole.objects.filter(pk=role.pk).update(**told, source=source)
        role.refresh_from_db()
    note(about=kept, count=1, role=held.kind)
    interactions.record(kept, Kind.PLAYED, about=role, source=source, detail={"role": held.kind})
    return role


@command("people.correct_role", label=_("Correct a person’s role"), roles=EDITORS)
def correct_role(role: PersonRole, said: Mapping[str, Any], *, seen: Mapping[str, Any], actor: Actor) -> None:
    """Write the last day of a role and its dues; ``seen`` is what the screen showed.

    Raises OutOfSight; ChangedMeanwhile, and writes nothing, where somebody else wrote something else.
    """
    kept = locked(role.person, actor)
    stored = PersonRole.objects.filter(pk=role.pk, person=kept).values(*DAYS_OF_A_ROLE).first()
    if stored is None:
        raise OutOfSight
    changed, conflicts = differences(was=seen, now=stored, said=said)
    if conflicts:
        raise ChangedMeanwhile(conflicts)
    if changed:
        PersonRole.objects.filter(pk=role.pk).update(**changed)
        interactions.record(kept, Kind.PLAYED, about=role, source=SOURCE, detail={"role": role.kind})
    note(about=kept, count=len(changed), role=role.kind)


@command("people.remove_role", label=_("Take a role from a person"), roles=EDITORS)
def remove_role(role: PersonRole, *, seen: Mapping[str, Any], actor: Actor) -> None:
    """Take away a role that was never one; for a role that ended, give it its last day.

    ``seen`` is what the screen showed of its days. Raises OutOfSight; ChangedMeanwhile, and takes nothing away, where
    somebody else wrote something else.
    """
    kept = locked(role.person, actor)
    stored = PersonRole.objects.filter(pk=role.pk, person=kept).values(*DAYS_OF_A_ROLE).first()
    if stored is None:
        raise OutOfSight
    changed = [Conflict(name, day, None) for name, day in stored.items() if day != seen.get(name)]
    if changed:
        raise ChangedMeanwhile(changed)
    role.delete()
    note(about=kept, count=1, role=role.kind)
    interactions.record(kept, Kind.PLAYED, source=SOURCE, detail={"removed": role.kind})


@command("people.tie", label=_("Tie two persons"), roles=EDITORS)
def tie(person: Person, kind: RelationKind, other: Person, *, actor: Actor) -> Relationship:
    """Say how a person is tied to another, read both ways. Raises OutOfSight for either; Impossible to oneself."""
    if person.pk == other.pk:
        raise Impossible(gettext("Nobody is tied to themselves."))
    kept, to = locked(person, actor), locked(other, actor)
    known = Relationship.objects.filter(kind=kind).filter(
        Q(person=kept, other=to) | (Q(person=to, other=kept) if kind in SYMMETRIC else Q(pk=None))
    )
    made = known.first() or Relationship.objects.create(
        person=kept, kind=kind, other=to, source=SOURCE, created_at=clock.now()
    )
    note(about=kept, count=1, tie=kind)
    for one in (kept, to):
        interactions.record(one, Kind.TIED, about=made, source=SOURCE, detail={"tie": kind})
    return made


@command("people.untie", label=_("Untie two persons"), roles=EDITORS)
def untie(relationship: Relationship, *, actor: Actor) -> None:
    """End what ties two persons, from either's record. Raises OutOfSight when the actor may see neither."""
    sight = Person.objects.visible_to(actor).filter(pk__in=[relationship.person_id, relationship.other_id]).first()
    kept = locked(sight or relationship.person, actor)
    relationship.delete()
    note(about=kept, count=1, tie=relationship.kind)
    interactions.record(kept, Kind.TIED, source=SOURCE, detail={"removed": relationship.kind})
