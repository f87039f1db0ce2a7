"""One person comes in by a form that they filled in elsewhere: on paper, or where a program of the campaign asks."""

from __future__ import annotations

from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.intake.exceptions import KnownElsewhere, NotOfThisTerritory, PersonErased
from portevoix.intake.types import Sheet
from portevoix.kernel import clock, normalise
from portevoix.people import interactions
from portevoix.people.models import EmailAddress, Person, PhoneNumber, sort_key_of
from portevoix.people.selectors import locked
from portevoix.people.selectors.elsewhere import check_may_ask
from portevoix.people.types import Kind, PhoneKind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.rules.likeness import Known, looked_for
from portevoix.rights.selectors import current_wording, suppressions_of, taken_back_since, wait_at_the_entrance
from portevoix.territory.models import Commune


class Entered(NamedTuple):
    """What became of a form on paper; ``taken_back`` are the agreements that the person ended since they signed."""

    person: Person
    is_new: bool
    taken_back: tuple[Purpose, ...]


@command(
    "intake.enter",
    label=_("Enter a form on paper"),
    roles={Role.DIRECTOR, Role.ORGANISER, Role.LOCAL_LEAD},
)
def enter(sheet: Sheet, *, actor: Actor) -> Entered:
    """Take in what somebody wrote on paper: find them by their address or make their record, give what they agreed to.

    Only blanks are filled. Each ground is a consent whose evidence is the paper: where and when it was signed, who
    copied it out (RGPD art. 7(1)); what the person took back since they signed stays so. A program brings in what
    people filled in elsewhere the same way. Raises PersonErased, NotOfThisTerritory, Restricted; AskedTooOften when
    too many addresses of others were tried in a day.
    """
    if sheet.email:
        check_may_ask(actor)
    wait_at_the_entrance()
    if suppressions_of(sheet.contacts).exists():
        raise PersonErased
    known = _known(sheet, actor)
    if known is None and suppressions_of(looked_for(_told_by(sheet))).exists():
        raise PersonErased
    if known is None:
        person = _made(sheet, actor)
    else:
        if not Person.objects.visible_to(actor).filter(pk=known.pk).exists():
            raise KnownElsewhere
        person = _filled(locked(known, actor), sheet)
    _add_contacts(person, sheet)
    kind = Kind.ENTERED if sheet.is_paper else Kind.ADDED
    interactions.record(person, kind, source=sheet.source, detail=sheet.told)
    taken_back = taken_back_since(person, sheet.signed_on)
    evidence = {**sheet.told, "entered_by": actor.label}
    given = sorted(sheet.purposes - taken_back)
    # The right to record grounds is the data officer's: here it follows from the paper, not from the role.
    platform = System("intake.enter")
    for purpose in given:
        # The words on the screen, which the paper says as much as: the platform's, in French.
        proof = {**evidence, "wording": current_wording(purpose, "fr").pk}
        rights.give(person, purpose, basis=Basis.CONSENT, evidence=proof, source=sheet.source, actor=platform)
    note(about=person, count=1, is_new=known is None, purposes=given)
    return Entered(person, is_new=known is None, taken_back=tuple(sorted(sheet.purposes & taken_back)))


def _known(sheet: Sheet, actor: Actor) -> Person | None:
    """Return whom the address names; else who has the number and the name, since families share telephones."""
    if sheet.email and (found := EmailAddress.objects.select_related("person").filter(address=sheet.email).first()):
        return found.person
    named = sort_key_of(sheet.first_name, sheet.last_name)
    if not (sheet.phone and named):
        return None
    people = Person.objects.visible_to(actor).filter(phones__number=sheet.phone, sort_key=named)
    return people.order_by("pk").first()


def _told_by(sheet: Sheet) -> Known:
    """Return by what somebody erased, whose address or number is not theirs alone, would be known again."""
    shared = (sheet.phone,) if sheet.phone else ()
    name = sort_key_of(sheet.first_name, sheet.last_name)
    return Known(name, None, sheet.postcode, shared=shared, has_contact=bool(sheet.email))


def _made(sheet: Sheet, actor: Actor) -> Person:
    if actor.departements is not None and not _covers(actor, sheet.commune):
        raise NotOfThisTerritory
    return Person.objects.create(
        first_name=sheet.first_name,
        last_name=sheet.last_name,
        postcode=sheet.postcode,
        commune_id=sheet.commune or None,
        source=sheet.source,
        created_at=clock.now(),
    )


def _covers(actor: Actor, commune: str) -> bool:
    return Commune.objects.filter(pk=commune, departement__in=actor.departements or ()).exists()


def _filled(person: Person, sheet: Sheet) -> Person:
    """Fill the blanks of a record that is known."""
    for name in ("first_name", "last_name", "postcode"):
        if not getattr(person, name):
            setattr(person, name, getattr(sheet, name))
    if person.commune_id is None and person.postcode in {"", sheet.postcode}:
        person.commune_id = sheet.commune or None
    person.save()
    return person


def _add_contacts(person: Person, sheet: Sheet) -> None:
    """Add the address and the number that the record lacks. Raises NotOfThisTerritory where a form came first."""
    if sheet.email and not person.emails.filter(address=sheet.email).exists():
        try:
            with transaction.atomic():
                has_main = person.emails.filter(is_primary=True).exists()
                EmailAddress.objects.create(
                    person=person, address=sheet.email, is_primary=not has_main, source=sheet.source
                )
        except IntegrityError as error:
            raise NotOfThisTerritory from error
    if sheet.phone:
        kind = PhoneKind.MOBILE if normalise.is_mobile(sheet.phone) else PhoneKind.HOME
        PhoneNumber.objects.get_or_create(
            person=person,
            number=sheet.phone,
            defaults={"kind": kind, "source": sheet.source, "created_at": clock.now()},
        )
