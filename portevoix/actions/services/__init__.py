"""What happens when a citizen acts: the form comes in, and a letter asks for confirmation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.actions.letters import confirming, copying, preferring
from portevoix.correspondence import letters
from portevoix.correspondence.types import Facts
from portevoix.delivery import services as delivery
from portevoix.disclosure.links import copy_token
from portevoix.disclosure.services import answering as disclosure
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import Submission
from portevoix.intake.services import receiving
from portevoix.intake.types import SignUp
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import ContactStatus
from portevoix.rights import gate, links
from portevoix.rights.purposes import Channel, Purpose

#: Letters that anyone can have sent to an address by filling in a form, at most, in a day.
MOST_LETTERS_A_DAY = 3


@command("actions.sign_up", label=_("Sign up on the site"), visitors=True)
def sign_up(form: SignUp, *, actor: Actor) -> Submission:
    """Take a sign-up in and send the letter that asks to confirm it (double opt-in).

    The answer on the site is the same whether or not the address was known, and whether or not a letter left.
    """
    submission = receiving.receive(form, actor=actor)
    note(about=submission, count=1)
    if not _has_had_enough(submission.person):
        path = reverse("actions:confirm", args=[confirmation_token(submission)])
        _write(submission.person, "confirm", confirming, settings.BASE_URL + path, form.language, actor)
    return submission


@command("actions.send_preferences_link", label=_("Send a link to one's own data"), visitors=True)
def send_preferences_link(email: str, *, actor: Actor) -> None:
    """Send the owner of an address the link to their preferences; do nothing, visibly the same, for an unknown one."""
    address = EmailAddress.objects.select_related("person").filter(address=email).first()
    note(count=int(address is not None))
    if address is None:
        return
    person = address.person
    submission = receiving.receive(SignUp(email=email, source="preferences", language=person.language), actor=actor)
    if not _has_had_enough(submission.person):
        url = links.preferences_url(person.ref)
        _write(person, "preferences", preferring, url, person.language, actor)


@command("actions.send_copy_link", label=_("Send the link to a copy of one's own data"), visitors=True)
def send_copy_link(person: Person, *, actor: Actor) -> None:
    """Send a person the link that gives them, once, everything held on them (RGPD art. 15 and 20).

    It goes to their verified main address and nowhere else: a preference link may have been forwarded or found, and
    an address that a file brought in may be somebody else's.
    """
    note(about=person, count=0)
    address = person.emails.filter(is_primary=True, status=ContactStatus.VERIFIED).first()
    asked = disclosure.ask_for_copy(person, actor=actor) if address else None
    if address is None or asked is None:
        return
    receiving.receive(SignUp(email=address.address, source="preferences", language=person.language), actor=actor)
    url = settings.BASE_URL + reverse("actions:copy", args=[copy_token(asked)])
    note(count=1)
    _write(person, "copy", copying, url, person.language, actor)


def _has_had_enough(person: Person) -> bool:
    since = clock.now() - timedelta(days=1)
    return Submission.objects.filter(person=person, created_at__gte=since).count() > MOST_LETTERS_A_DAY


def _write(person: Person, name: str, said: Callable[[str], Facts], url: str, language: str, actor: Actor) -> None:
    with translation.override(language):
        facts = said(url)
    letter = letters.write(f"actions.{name}", {}, facts, language=language)
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    delivery.send(letter, alone, actor=actor)
