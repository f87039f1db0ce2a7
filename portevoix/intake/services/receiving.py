"""One person comes in by a form, and confirms by a link sent to their address (double opt-in)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.intake.links import submission_of
from portevoix.intake.models import Submission
from portevoix.intake.types import SignUp
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import CustomField, EmailAddress, Interaction, Person, PhoneNumber
from portevoix.people.types import ContactStatus, Kind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.selectors import current_wording
from portevoix.territory.models import Commune

#: What was never confirmed is forgotten after a month (RGPD art. 5(1)(e)).
UNCONFIRMED_LIFETIME = timedelta(days=30)


@command("intake.receive", label=_("Receive a form"), roles={Role.DIRECTOR, Role.ORGANISER}, visitors=True)
def receive(sign_up: SignUp, *, actor: Actor, keep_with: Callable[[Submission], object] | None = None) -> Submission:
    """Take a form in: match the person by address or create them, and keep the form until it is confirmed.

    The only ground given is the person's own request, enough to send the confirmation. A known person's record is
    not touched: whoever fills the form in has proven nothing yet. What else is kept of the form, ``keep_with`` keeps.
    """
    person = _match(sign_up.email) or _create(sign_up)
    submission = Submission.objects.create(
        person=person,
        email=sign_up.email,
        purposes=sorted(sign_up.purposes),
        wordings={purpose: current_wording(purpose, sign_up.language).pk for purpose in sign_up.purposes},
        answers=sign_up.answers,
        language=sign_up.language,
        source=sign_up.source,
        created_at=clock.now(),
    )
    interactions.record(person, Kind.SIGNED_UP, about=submission, source=sign_up.source)
    if keep_with is not None:
        keep_with(submission)
    # Last: from here to the commit everybody who gives a ground waits for us, at the head of the ledger.
    evidence = {"submission": submission.pk}
    rights.give(person, Purpose.SERVICE, basis=Basis.REQUEST, evidence=evidence, source=sign_up.source, actor=actor)
    note(about=submission, count=1, purposes=submission.purposes)
    return submission


@command("intake.confirm", label=_("Confirm a form"), visitors=True)
def confirm(token: str, *, actor: Actor) -> Submission:
    """Take a person's confirmation: verify the address, fill the record's blanks, give the grounds agreed to.

    A link followed again changes nothing, whatever the person chose since. Raises LinkUnusable.
    """
    submission = submission_of(token, for_update=True)
    note(about=submission, count=0)
    if submission.confirmed_at is not None:
        return submission
    submission.confirmed_at = clock.now()
    submission.save(update_fields=["confirmed_at"])
    person = submission.person
    person.emails.filter(address=submission.email).update(status=ContactStatus.VERIFIED)
    _fill_blanks(person, submission)
    # Whoever was erased and comes back by themselves may: only others may not bring them back.
    contacts = [("email", submission.email), ("phone", submission.answers.get("phone", ""))]
    rights.lift(person, contacts, actor=actor)
    interactions.record(person, Kind.CONFIRMED, about=submission, source=submission.source)
    evidence = {"submission": submission.pk, "double_opt_in": True}
    for purpose in submission.purposes:
        rights.give(
            person,
            Purpose(purpose),
            basis=Basis.CONSENT,
            evidence={**evidence, "wording": submission.wordings.get(purpose)},
            source=submission.source,
            actor=actor,
        )
    note(count=1, purposes=submission.purposes)
    return submission


@command("intake.forget_unconfirmed", label=_("Forget forms never confirmed"), roles={Role.DATA_OFFICER})
def forget_unconfirmed(*, actor: Actor) -> int:
    """Erase whom the campaign knows only by a form left unconfirmed for a month; return how many."""
    limit = clock.now() - UNCONFIRMED_LIFETIME
    old = Submission.objects.unconfirmed().filter(created_at__lt=limit)
    known_otherwise = Interaction.objects.filter(person=OuterRef("pk")).exclude(kind=Kind.SIGNED_UP)
    recent = Submission.objects.filter(person=OuterRef("pk"), created_at__gte=limit)
    strangers = Person.objects.filter(
        ~Exists(known_otherwise), ~Exists(recent), pk__in=old.values("person"), external_ref=None
    )
    forgotten = 0
    for person in strangers.iterator(chunk_size=500):
        rights.forget(person, actor=actor)
        forgotten += 1
    note(count=forgotten)
    old.delete()
    return forgotten


def _match(email: str) -> Person | None:
    address = EmailAddress.objects.select_related("person").filter(address=email).first()
    return address.person if address else None


def _create(sign_up: SignUp) -> Person:
    """Make a person, or find the one whom another form with the same address made in the same second."""
    try:
        with transaction.atomic():
            return _make(sign_up)
    except IntegrityError:
        if found := _match(sign_up.email):
            return found
        raise


def _make(sign_up: SignUp) -> Person:
    person = Person.objects.create(
        first_name=sign_up.first_name,
        last_name=sign_up.last_name,
        postcode=sign_up.postcode,
        commune_id=sign_up.commune or None,
        language=sign_up.language,
        source=sign_up.source,
        created_at=clock.now(),
    )
    EmailAddress.objects.create(person=person, address=sign_up.email, is_own=True, source=sign_up.source)
    return person


def _fill_blanks(person: Person, submission: Submission) -> None:
    answers = dict(submission.answers)
    phone = answers.pop("phone", "")
    commune = answers.pop("commune", "")
    own = answers.pop("custom", {})
    # A form may be confirmed after its field was found to say what the law protects.
    protected = {one.key for one in CustomField.objects.filter(key__in=own) if one.protection} if own else set()
    person.custom = {**{key: value for key, value in own.items() if key not in protected}, **person.custom}
    if commune and person.commune_id is None and Commune.objects.filter(pk=commune).exists():
        person.commune_id = commune
    for name, value in answers.items():
        if not getattr(person, name):
            setattr(person, name, value)
    person.save()
    if phone:
        PhoneNumber.objects.get_or_create(person=person, number=phone, defaults={"source": submission.source})
