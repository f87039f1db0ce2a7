"""What happens when a citizen acts: the form comes in, and a letter asks for confirmation."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.actions.letters import confirming, copying, preferring, welcoming
from portevoix.actions.models import LinkWanted
from portevoix.correspondence import letters
from portevoix.correspondence import selectors as standards
from portevoix.correspondence.types import Facts
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.disclosure.links import copy_token
from portevoix.disclosure.services import answering as disclosure
from portevoix.intake.links import confirmation_token, submission_of
from portevoix.intake.models import Submission
from portevoix.intake.services import receiving
from portevoix.intake.types import SignUp
from portevoix.kernel import clock, jobs
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import ContactStatus
from portevoix.rights import gate, links
from portevoix.rights.exceptions import TooMany
from portevoix.rights.purposes import Channel, Purpose

logger = logging.getLogger(__name__)
#: Letters that anyone can have sent to an address by filling in a form, at most, in a day.
MOST_LETTERS_A_DAY = 3
#: Addresses that wait to be looked up: beyond, somebody is flooding the page, and everybody is asked to come back.
MOST_WAITING = 500


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


@command("actions.confirm", label=_("Confirm a form and be thanked for it"), visitors=True)
def confirm(token: str, *, actor: Actor) -> Submission:
    """Take a person's confirmation, and thank whoever agreed to news, where the campaign turned that letter on.

    It is news, and leaves as such: on the ground just given, never in electoral silence, once for each form. Raises
    LinkUnusable.
    """
    is_new = submission_of(token, for_update=True).confirmed_at is None
    submission = receiving.confirm(token, actor=actor)
    note(about=submission, count=int(is_new))
    if is_new and Purpose.NEWSLETTER in submission.purposes and standards.leaves("actions.welcome"):
        try:
            with transaction.atomic():
                _thank(submission, actor)
        except LetterError:
            # A confirmation never fails for want of a thank-you.
            logger.exception("the letter that thanks person %d cannot be written", submission.person_id)
    return submission


def _thank(submission: Submission, actor: Actor) -> None:
    language = submission.language
    with translation.override(language):
        facts = welcoming()
    letter = letters.write("actions.welcome", {}, facts, language=language)
    alone = Person.objects.filter(pk=submission.person_id)
    audience = gate.admit(alone, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    delivery.send(letter, audience, about=submission, actor=actor)


@command("actions.ask_for_link", label=_("Ask for a link to one's own data"), visitors=True)
def ask_for_link(email: str, *, actor: Actor) -> None:
    """Take an address down, and look at nothing: whose it is, a job finds out.

    The same work is done for a known address and for an unknown one, so that neither the answer nor its time tells
    them apart. Raises TooMany, which does not depend on the address either.
    """
    if LinkWanted.objects.count() >= MOST_WAITING:
        raise TooMany
    LinkWanted.objects.create(address=email, created_at=clock.now())
    note(count=1)
    jobs.defer("actions.send_links", once=True)


@command("actions.send_links", label=_("Send links to who asked for them"))
def send_links(*, actor: Actor) -> int:
    """Send the owners of the addresses that wait the link to their preferences; return how many have an owner.

    What is nobody's is forgotten at once.
    """
    found = 0
    for wanted in LinkWanted.objects.select_for_update(skip_locked=True)[:MOST_WAITING]:
        address = EmailAddress.objects.select_related("person").filter(address=wanted.address).first()
        wanted.delete()
        if address is None:
            continue
        found += 1
        try:
            with transaction.atomic():
                _send_preferences_link(address, actor)
        except LetterError:
            # One that cannot be written keeps no other waiting.
            logger.exception("the letter with a link to person %d cannot be written", address.person_id)
    note(count=found)
    return found


def _send_preferences_link(address: EmailAddress, actor: Actor) -> None:
    person = address.person
    submission = receiving.receive(
        SignUp(email=address.address, source="preferences", language=person.language), actor=actor
    )
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
