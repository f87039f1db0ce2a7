"""Commands that try a letter before it leaves: on the team, and on the sites it links to."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import services as delivery
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.services import staff
from portevoix.kernel import normalise
from portevoix.mailings import connectors, letters
from portevoix.mailings.exceptions import NoAddressForTests, NobodyToTest
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import Asked, Trial
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

SENDERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.send_tests", label=_("Send a test of a message to several of the team"), roles=SENDERS)
def send_tests(mailing: Mailing, members: Sequence[User], *, actor: Actor) -> Trial:
    """Send the letter, in its present state, to members of staff at their own addresses; say who could not get it.

    They work on it: it goes by the outbox like any letter, for that service alone, and makes nobody a subscriber.
    Raises LetterError for a letter that cannot leave, NobodyToTest, NoAddressForTests if nobody can get it.
    """
    note(about=mailing, count=0)
    if not members:
        raise NobodyToTest
    letter = letters.compose(mailing)
    people: dict[int, User] = {}
    for member in members:
        if (person := _person_of(member, actor)) is not None:
            people[person.pk] = member
    audience = gate.admit(Person.objects.filter(pk__in=people), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    reached = {people[pk] for pk in audience.grounds.values_list("person", flat=True)}
    if not reached:
        raise NoAddressForTests
    delivery.send(letter, audience, about=mailing, actor=actor)
    note(count=len(reached))
    return Trial(
        reached=[one for one in members if one in reached], missed=[one for one in members if one not in reached]
    )


@command("mailings.ask_links", label=_("Ask the sites that a message links to whether they answer"), roles=SENDERS)
def ask_links(mailing: Mailing, *, actor: Actor) -> list[Asked]:
    """Ask each outside address of a letter once, from this server; return what they answered.

    This is the one check that calls somebody else: it is made only when an author asks. Raises LetterError.
    """
    _letter, parts = letters.composed(mailing)
    asked = connectors.ask(letters.outside_links(parts))
    note(about=mailing, count=len(asked), dead=sum(not one.is_well for one in asked))
    return asked


def _person_of(member: User, actor: Actor) -> Person | None:
    address = normalise.email(member.email)
    if address is None:
        return None
    try:
        return staff.receive_staff(address, first_name=member.first_name, last_name=member.last_name, actor=actor)
    except PersonErased:
        return None
