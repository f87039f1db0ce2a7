"""A member of staff asks for a letter at their own address: to try a mailing before it leaves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.models import Submission
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person, PhoneNumber
from portevoix.people.types import PhoneKind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.selectors import suppressions_of
from portevoix.rights.services.asking import ask_for_text

SOURCE = "staff"


@command(
    "intake.receive_staff",
    label=_("Receive a member of staff’s own address"),
    roles={Role.DIRECTOR, Role.COMMUNICATIONS},
)
def receive_staff(address: str, *, first_name: str, last_name: str, actor: Actor) -> Person:
    """Return the person that a member of staff is, known by their address, with the ground that their request gives.

    The ground is their own request, for this service alone: it makes nobody a subscriber. Whoever is known by
    this only is forgotten a month after their last test, like every form that was never confirmed. Raises
    PersonErased for the address of somebody who asked to be erased.
    """
    known = EmailAddress.objects.select_related("person").filter(address=address).first()
    if known is None and suppressions_of([("email", address)]).exists():
        raise PersonErased
    person = known.person if known else _create(address, first_name, last_name)
    submission, _made = Submission.objects.update_or_create(
        person=person,
        source=SOURCE,
        confirmed_at=None,
        defaults={"email": address, "created_at": clock.now()},
    )
    evidence = {"submission": submission.pk}
    # The right to record grounds is the data officer's: here it follows from the act, not from the role.
    platform = System("intake.receive_staff")
    rights.give(person, Purpose.SERVICE, basis=Basis.REQUEST, evidence=evidence, source=SOURCE, actor=platform)
    note(about=submission, count=1)
    return person


def _create(address: str, first_name: str, last_name: str) -> Person:
    person = Person.objects.create(first_name=first_name, last_name=last_name, source=SOURCE, created_at=clock.now())
    EmailAddress.objects.create(person=person, address=address, source=SOURCE)
    return person


@command(
    "intake.receive_staff_number",
    label=_("Receive a member of staff’s own mobile number"),
    roles={Role.DIRECTOR, Role.COMMUNICATIONS},
)
def receive_staff_number(address: str, number: str, *, first_name: str, last_name: str, actor: Actor) -> Person:
    """Return the person that a member of staff is, with a mobile number of theirs and the ground of their request.

    The number comes first among theirs, so that the test goes there. Raises PersonErased.
    """
    if not PhoneNumber.objects.filter(number=number).exists() and suppressions_of([("phone", number)]).exists():
        raise PersonErased
    person = receive_staff(address, first_name=first_name, last_name=last_name, actor=actor)
    PhoneNumber.objects.filter(person=person, is_primary=True).exclude(number=number).update(is_primary=False)
    PhoneNumber.objects.update_or_create(
        person=person,
        number=number,
        defaults={"kind": PhoneKind.MOBILE, "is_primary": True},
        create_defaults={"kind": PhoneKind.MOBILE, "is_primary": True, "source": SOURCE, "created_at": clock.now()},
    )
    ask_for_text(person, evidence={"test": True}, source=SOURCE, actor=System("intake.receive_staff"))
    note(about=person, count=1)
    return person
