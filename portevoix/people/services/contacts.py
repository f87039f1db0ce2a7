"""Commands on how a person is reached: addresses and numbers added, corrected, made main, removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.people import interactions
from portevoix.people.exceptions import AddressElsewhere, ChangedMeanwhile, Impossible, RefusedByThem
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress
from portevoix.people.rules import differences
from portevoix.people.selectors import locked
from portevoix.people.selectors.elsewhere import check_may_ask
from portevoix.people.services.editing import EDITORS, SOURCE
from portevoix.people.types import Conflict, ContactChange, ContactStatus, Kind
from portevoix.territory.models import Commune

ContactPoint = EmailAddress | PhoneNumber | PostalAddress
TABLES: dict[str, type[EmailAddress] | type[PhoneNumber] | type[PostalAddress]] = {
    "email": EmailAddress,
    "phone": PhoneNumber,
    "address": PostalAddress,
}
#: Hook of the rooms above: given a contact point about to be written on a record, raises Impossible.
NEW_CONTACT_HOOK = "refuse_new_contact"
#: What makes a contact point another one: the state of the former says nothing of it.
VALUE = {"email": ("address",), "phone": ("number",), "address": ("line1", "postcode", "city")}


@command("people.edit_contacts", label=_("Change how a person is reached"), roles=EDITORS)
def edit_contacts(
    person: Person, changes: Sequence[ContactChange], *, source: str = SOURCE, actor: Actor
) -> dict[str, int]:
    """Add, correct and remove contact points (RGPD art. 16); return how many of each.

    Raises OutOfSight; ChangedMeanwhile when a row no longer holds what was on the screen; Impossible when an e-mail
    address is on another record, or twice on this one, or is of somebody who may not be brought back, or when a row is
    said to be verified, which its owner alone makes it; AddressElsewhere when the other record is not theirs to see,
    AskedTooOften after too many of these in a day; RefusedByThem when a program would change what the person refused.
    Nothing is written then.
    """
    kept = locked(person, actor)
    if any(change.kind == "email" and change.values.get("address") != change.seen.get("address") for change in changes):
        check_may_ask(actor)
    done: Counter[str] = Counter()
    # Rows that go, or are main no more, make room for those that come.
    for change in sorted(changes, key=lambda one: (not one.is_removed, bool(one.values.get("is_primary")))):
        if act := _apply(kept, change, source, actor):
            done[act] += 1
    note(about=kept, count=done.total(), **done)
    if done:
        interactions.record(kept, Kind.EDITED, source=source, detail={"fields": ["contacts"], **done})
    return dict(done)


def _apply(person: Person, change: ContactChange, source: str, actor: Actor) -> str:
    if change.pk is None:
        _write(TABLES[change.kind](person=person, source=source), change, dict(change.values), actor)
        return "added"
    row = TABLES[change.kind].objects.select_for_update().filter(person=person, pk=change.pk).first()
    if row is not None and actor.scopes is not None and row.status == ContactStatus.REFUSED:
        # Taken away or made another, it could come back as new: that the person refused it would be forgotten.
        raise RefusedByThem
    if change.is_removed:
        return _remove(row, change) if row else ""
    if row is None:
        raise ChangedMeanwhile([Conflict(change.kind, None, dict(change.values))])
    now = {name: getattr(row, name) for name in change.seen}
    changed, conflicts = differences(was=change.seen, now=now, said=change.values)
    if conflicts:
        raise ChangedMeanwhile(conflicts)
    if not changed:
        return ""
    if set(changed) & set(VALUE[change.kind]) and "status" not in changed:
        changed["status"] = ContactStatus.UNVERIFIED
    _write(row, change, changed, actor)
    return "corrected"


def _remove(row: ContactPoint, change: ContactChange) -> str:
    now = {name: getattr(row, name) for name in change.seen}
    if now != change.seen:
        raise ChangedMeanwhile([Conflict(change.kind, now, None)])
    row.delete()
    return "removed"


def _write(row: ContactPoint, change: ContactChange, values: dict[str, Any], actor: Actor) -> None:
    if values.get("status") == ContactStatus.VERIFIED:
        raise Impossible(gettext("Only the person verifies how they are reached, by the link of a letter."))
    for name, value in values.items():
        setattr(row, name, value)
    if isinstance(row, EmailAddress) and "address" in values:
        row.is_own = False
    others: QuerySet[Any] = type(row)._default_manager.exclude(pk=row.pk)
    if isinstance(row, EmailAddress):
        _check_is_free(row, others, actor)
    _check(row, change, others, is_new=bool(set(values) & set(VALUE[change.kind])))
    mine = others.filter(person=row.person, is_primary=True)
    if row.is_primary:
        mine.update(is_primary=False)
    elif not mine.exists() and isinstance(row, EmailAddress):
        row.is_primary = True  # letters go to the main address: there is one as soon as there is any
    if isinstance(row, PostalAddress) and set(values) & {"postcode", "city"}:
        found = list(Commune.objects.with_postcode(row.postcode)[:2]) if row.country == "FR" else []
        row.commune = found[0] if len(found) == 1 else None
    row.save()


def _check_is_free(row: EmailAddress, others: QuerySet[Any], actor: Actor) -> None:
    """Refuse an address of another record, which is named to those alone who may see that one."""
    other = others.filter(address=row.address).first()
    if other is None:
        return
    if not Person.objects.visible_to(actor).filter(pk=other.person_id).exists():
        raise AddressElsewhere
    raise Impossible(gettext("The address %(address)s is on a record already.") % {"address": row.address})


def _check(row: ContactPoint, change: ContactChange, others: QuerySet[Any], *, is_new: bool) -> None:
    same: dict[str, Any] = {name: getattr(row, name) for name in VALUE[change.kind]}
    if others.filter(person=row.person, **same).exists():
        raise Impossible(gettext("%(contact)s is on this record already.") % {"contact": row})
    if is_new:
        for refuse in hooks.get_hooks(NEW_CONTACT_HOOK):
            refuse(row)
