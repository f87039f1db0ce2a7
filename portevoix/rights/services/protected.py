"""Commands on fields and tags from former times whose names say what the law protects (RGPD art. 9 and 10).

What somebody agreed to have recorded goes to the one place of opinions; the rest is erased. Nothing else is lawful.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock, jobs
from portevoix.people import interactions
from portevoix.people.models import BulkChange, CustomField, Person, Tag, Tagging
from portevoix.people.types import Kind
from portevoix.rights.exceptions import ChangedSince
from portevoix.rights.models import Merge, Opinion
from portevoix.rights.rules.placing import placed
from portevoix.rights.selectors import protected as selectors
from portevoix.rights.selectors.protected import AGREED, Misplaced
from portevoix.rights.types import OpinionPlace, Views

KEEPERS = {Role.DIRECTOR, Role.DATA_OFFICER}
#: Persons of one transaction.
PORTION = 1_000
SOURCE = "staff"
ERASE = ""


@command("rights.place_opinions", label=_("Move a field or a tag to the opinions"), roles=KEEPERS, nationwide=True)
def place_opinions(it: Misplaced, place: OpinionPlace, *, seen: int, actor: Actor) -> None:
    """Have what a field or a tag says put with the opinions of who agreed to it, and erased of everybody else.

    ``seen`` is of how many it was said that it would be erased. Raises ChangedSince when they are more by now;
    ValueError for a place that it does not have.
    """
    if place not in it.places:
        raise ValueError(place)
    counts = selectors.carried(it)
    if counts.unfounded > seen:
        raise ChangedSince
    note(about=it.thing, count=counts.used, place=place.value, erased=counts.unfounded, restricted=counts.restricted)
    _begin(it, place)


@command("rights.erase_protected", label=_("Erase a protected field or tag"), roles=KEEPERS, nationwide=True)
def erase_protected(it: Misplaced, *, seen: int, actor: Actor) -> None:
    """Have what a field or a tag says erased of everybody. Raises ChangedSince when they are more than was ``seen``."""
    counts = selectors.carried(it)
    if counts.used > seen:
        raise ChangedSince
    note(about=it.thing, count=counts.used, restricted=counts.restricted)
    _begin(it, ERASE)


def _begin(it: Misplaced, place: str) -> None:
    """Show the field to nobody from now on; the worker does the rest, however many carry it."""
    if isinstance(it.thing, CustomField):
        CustomField.objects.filter(pk=it.thing.pk, retired_at=None).update(retired_at=clock.now())
    jobs.defer("rights.settle_protected", once=True, slug=it.slug, pk=it.thing.pk, place=place)


@command("rights.settle_portion", label=_("Move or erase what the law protects, a portion at a time"))
def settle_portion(slug: str, pk: int, place: str, *, actor: Actor) -> bool:
    """Do it for a thousand people; tell whether there are more. Whose data is restricted are left alone (art. 18)."""
    it = selectors.one(slug, pk)
    note(count=0)
    if it is None:
        return False
    chosen = it.carriers().unrestricted().order_by("pk")[:PORTION].values_list("pk", flat=True)
    taken = Person.objects.select_for_update(of=("self",), no_key=True).order_by("pk").filter(pk__in=list(chosen))
    people = list(taken)
    note(about=it.thing, count=len(people))
    if not people:
        _end(it)
        return False
    moved = _move(it, people, OpinionPlace(place)) if place else []
    _erase(it, [person.pk for person in people], moved)
    return True


def _move(it: Misplaced, people: list[Person], place: OpinionPlace) -> list[int]:
    """Put what it says with the opinions of who agreed, under the lock of their ground; return whose changed."""
    grounds = {ground.person_id: ground for ground in AGREED.filter(person__in=people).select_for_update()}
    known = {one.person_id: one for one in Opinion.objects.filter(person__in=list(grounds))}
    moved = []
    for person in (one for one in people if one.pk in grounds):
        now = known[person.pk].views if person.pk in known else Views()
        views = placed(now, it.name, it.value_of(person), place)
        if views != now:
            said = {**vars(views), "issues": list(views.issues), "source": SOURCE, "recorded_at": clock.now()}
            Opinion.objects.update_or_create(person=person, defaults={**said, "ground": grounds[person.pk]})
            moved.append(person.pk)
    return moved


def _erase(it: Misplaced, people: list[int], moved: list[int]) -> None:
    kind, told = Kind.UNTAGGED, dict[str, Any](tags=1)
    if isinstance(it.thing, CustomField):
        without = Func(F("custom"), Value(it.thing.key), template="(%(expressions)s)", arg_joiner=" - ")
        Person.objects.filter(pk__in=people).update(custom=without, updated_at=clock.now())
        kind, told = Kind.EDITED, {"fields": [it.thing.key]}
    else:
        Tagging.objects.filter(tag=it.thing, person__in=people).delete()
    # Undoing a merge would bring it back.
    Merge.objects.standing().filter(kept__in=people).update(snapshot=None)
    for one, ids, detail in ((kind, people, told), (Kind.EDITED, moved, {"fields": ["opinions"]})):
        interactions.record_all(ids, one, at=clock.now(), about=it.thing, source=SOURCE, detail=detail)


def _end(it: Misplaced) -> None:
    """Let nothing bring it back: what acts on many changed is not undone, and a tag that nobody carries goes."""
    if isinstance(it.thing, CustomField):
        BulkChange.objects.filter(run__said__field=it.thing.key).delete()
        return
    BulkChange.objects.filter(run__said__tag=it.thing.pk).delete()
    if not it.carriers().exists():
        interactions.leave_unnamed(Q(about_kind="people.tag", about_id=it.thing.pk))
        Tag.objects.filter(pk=it.thing.pk).delete()
