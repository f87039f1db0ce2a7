"""Erasing a person, from every table and file, for good: no file brings them back (RGPD art. 17)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.people.models import Alias, EmailAddress, Person
from portevoix.rights.models import Suppression
from portevoix.rights.purposes import Act
from portevoix.rights.rules.likeness import liftable, likenesses
from portevoix.rights.selectors import hold, suppression_keys, suppressions_of, wait_at_the_entrance
from portevoix.rights.selectors.likeness import known_of, numbers_of
from portevoix.rights.types import HANDLERS, tell_of_change


@command("rights.erase", label=_("Erase a person"), roles={Role.DIRECTOR, Role.DATA_OFFICER})
def erase(person: Person, *, actor: Actor) -> dict[str, int]:
    """Erase a person who asked for it (RGPD art. 17); return the number of rows touched by table.

    Their contacts stay as keyed hashes only, and so does their name with what goes with it (``rules.likeness``), so
    that no file and no member of staff brings them back; they themselves may, by a form that they confirm. A number
    that somebody else has too is not theirs alone.
    The ledger keeps that it was done, under the person's random number.
    """
    note(about=person, count=1)
    wait_at_the_entrance()
    hold(person, actor)
    _suppress([person.pk], beside=[person.pk])
    return _remove(person)


@command("rights.forget", label=_("Forget a person kept too long"), roles={Role.DIRECTOR, Role.DATA_OFFICER})
def forget(person: Person, *, actor: Actor) -> dict[str, int]:
    """Erase a person whose time is over (RGPD art. 5(1)(e)); return the number of rows touched by table.

    Nobody asked for it, so nothing keeps them from coming in again.
    """
    note(about=person, count=1)
    hold(person, actor)
    return _remove(person)


@command("rights.forget_all", label=_("Forget people kept too long"), roles={Role.DIRECTOR, Role.DATA_OFFICER})
def forget_all(person_ids: list[int], *, refusing: Collection[int] = (), actor: Actor) -> dict[str, int]:
    """Erase persons whose time is over, as ``forget`` does one (RGPD art. 5(1)(e)); return rows touched by table.

    Of those in ``refusing``, who wanted no contact, what keeps a file from bringing them back stays as after an
    erasure (art. 21). A person who went meanwhile is passed over.
    """
    wait_at_the_entrance()
    people = Person.objects.visible_to(actor).select_for_update(of=("self",), no_key=True).order_by("pk")
    refs = dict(people.filter(pk__in=person_ids).values_list("pk", "ref"))
    note(count=len(refs))
    if not refs:
        return {}
    _suppress([ident for ident in refs if ident in set(refusing)], beside=list(refs))
    touched = {name: handler.erase_all(list(refs)) for name, handler in HANDLERS.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rights_note_person(%s, ref) FROM unnest(%s::uuid[]) AS ref", [Act.ERASED, [*refs.values()]]
        )
    Person.objects.filter(pk__in=list(refs)).delete()
    tell_of_change()
    return touched


@command("rights.lift", label=_("Let an erased person come back"), visitors=True)
def lift(person: Person, contacts: list[tuple[str, str]], *, actor: Actor) -> int:
    """Drop what kept a person's contacts out, once they came back by themselves and confirmed it; return how many.

    The ledger keeps that it was done.
    """
    alike = {one for known in known_of([person.pk], shared=None) for one in liftable(known)}
    lifted = suppressions_of([*contacts, *sorted(alike)]).delete()[0]
    note(about=person, count=lifted)
    if lifted:
        _note(Act.RETURNED, person)
    return lifted


def _suppress(person_ids: list[int], *, beside: list[int]) -> None:
    """Keep what many are known by as keyed hashes; a number that somebody else has who stays is not theirs alone."""
    if not person_ids:
        return
    emails = EmailAddress.objects.filter(person__in=person_ids).values_list("address", flat=True)
    refs = Person.objects.filter(pk__in=person_ids).exclude(external_ref=None).values_list("external_ref", flat=True)
    former = Alias.objects.filter(person__in=person_ids).exclude(external_ref=None)
    numbers, shared = numbers_of(person_ids, beside=beside)
    kept = {
        *(("email", address) for address in emails),
        *(("phone", number) for number in numbers - shared),
        *(("reference", str(ref)) for ref in [*refs, *former.values_list("external_ref", flat=True)]),
    }
    for known in known_of(person_ids, shared=shared):
        kept |= likenesses(known)
    key, now = suppression_keys()[0], clock.now()
    Suppression.objects.bulk_create(
        (Suppression(digest=key.digest(*one), key=key.name, created_at=now) for one in sorted(kept)),
        ignore_conflicts=True,
    )


def _remove(person: Person) -> dict[str, int]:
    # Upper rooms come first in the registry, as in INSTALLED_APPS: what leans on a ground goes before the ground.
    touched = {name: handler.erase(person.pk) for name, handler in HANDLERS.items()}
    _note(Act.ERASED, person)
    person.delete()
    tell_of_change()
    return touched


def _note(act: Act, person: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rights_note_person(%s, %s)", [act, person.ref])
