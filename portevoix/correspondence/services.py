"""Commands on the words of standard letters."""

from __future__ import annotations

from dataclasses import asdict

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.correspondence import letters, selectors
from portevoix.correspondence.exceptions import NoAddressForTests, NotOptional
from portevoix.correspondence.models import OwnWords, TurnedOn
from portevoix.correspondence.types import STANDARDS, WRITERS, Words
from portevoix.delivery import services as delivery
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.services import staff
from portevoix.kernel import clock, normalise
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose


@command("correspondence.edit", label=_("Change the words of a standard letter"), roles=WRITERS, nationwide=True)
def edit(key: str, language: str, words: Words, *, actor: Actor) -> None:
    """Say a standard letter in the campaign's own words, once they have been tried on an example. Raises LetterError.

    Only words change: the link, the law's sentences and who writes are added when the letter leaves.
    """
    letters.sample(key, words, language=language)
    kept, _made = OwnWords.objects.update_or_create(
        key=key,
        language=language,
        defaults={**asdict(words), "edited_at": clock.now(), "edited_by": actor.label[:200]},
    )
    note(about=kept, count=1, key=key, language=language)


@command(
    "correspondence.restore", label=_("Give a standard letter its first words again"), roles=WRITERS, nationwide=True
)
def restore(key: str, language: str, *, actor: Actor) -> bool:
    """Go back to the product's words; return whether there were others."""
    gone, _by_table = OwnWords.objects.filter(key=key, language=selectors.spoken(language)).delete()
    note(count=gone, key=key, language=language)
    return bool(gone)


@command(
    "correspondence.send_test", label=_("Send oneself a test of a standard letter"), roles=WRITERS, nationwide=True
)
def send_test(key: str, language: str, to: User, *, actor: Actor) -> str:
    """Send the example of a letter, in its present words, to a member of staff at their own address; return that.

    It goes by the outbox on the ground of their own request, as every test does. Raises LetterError, NoAddressForTests.
    """
    own = selectors.own_words(key, language)
    words = own.words if own else selectors.default_words(key, language)
    letter = letters.sample(key, words, language=language)
    address = normalise.email(to.email)
    if address is None:
        raise NoAddressForTests
    try:
        person = staff.receive_staff(address, first_name=to.first_name, last_name=to.last_name, actor=actor)
    except PersonErased as error:
        raise NoAddressForTests from error
    alone = Person.objects.filter(pk=person.pk)
    audience = gate.admit(alone, purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    if not audience.count():
        raise NoAddressForTests
    delivery.send(letter, audience, actor=actor)
    note(count=1, key=key, language=language)
    return str(person.emails.get(is_primary=True).address)


@command("correspondence.turn", label=_("Turn an optional letter on or off"), roles=WRITERS, nationwide=True)
def turn(key: str, *, on: bool, actor: Actor) -> None:
    """Let a letter leave that the campaign may do without, or let it leave no more. Raises NotOptional."""
    if not STANDARDS[key].is_optional:
        raise NotOptional
    if on:
        kept = {"since": clock.now(), "by": actor.label[:200]}
        TurnedOn.objects.get_or_create(key=key, defaults=kept)
    else:
        TurnedOn.objects.filter(key=key).delete()
    note(count=int(on), key=key)
