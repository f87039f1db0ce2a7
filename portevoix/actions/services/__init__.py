"""What happens when a citizen acts: the form comes in, and a letter asks for confirmation."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.actions import rules
from portevoix.actions.exceptions import FormClosed
from portevoix.actions.letters import copying, preferring, welcoming
from portevoix.actions.models import (
    ActionPage,
    Attendance,
    EventPage,
    FormVersion,
    LinkWanted,
    MembershipPage,
    OriginMark,
    Participation,
    ProxyPage,
    ShareCode,
    SponsorshipPage,
    VolunteerPage,
)
from portevoix.actions.services import following
from portevoix.actions.services.asking import MOST_LETTERS_A_DAY
from portevoix.actions.services.attending import LONGEST_TITLE as TITLE
from portevoix.actions.types import Filled, Origin, Stage
from portevoix.correspondence import letters
from portevoix.correspondence import selectors as standards
from portevoix.correspondence.types import Facts
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.disclosure.links import copy_token
from portevoix.disclosure.services import answering as disclosure
from portevoix.intake.links import submission_of
from portevoix.intake.models import Submission
from portevoix.intake.services import receiving
from portevoix.intake.types import SignUp
from portevoix.kernel import clock, jobs
from portevoix.people import interactions
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import Kind
from portevoix.rights import gate, links
from portevoix.rights.exceptions import TooMany
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.selectors.requests import is_proven
from portevoix.rights.types import tell_of_change

logger = logging.getLogger(__name__)
#: Addresses that wait to be looked up: beyond, somebody is flooding the page, and everybody is asked to come back.
MOST_WAITING = 500


@command("actions.take_part", label=_("Take part in an action of the site"), visitors=True)
def take_part(page: ActionPage, filled: Filled, *, actor: Actor) -> Participation:
    """Take a form in, with the words that it showed; a job writes the letter that asks to confirm it (double opt-in).

    The answer on the site is the same whether or not the address was known, and whether or not a letter leaves. A
    second click brings nothing new, at once or a moment later. Raises FormClosed.
    """
    if not page.is_open:
        raise FormClosed
    version = _version_of(page)
    if twin := _twin_of(page, version, filled):
        note(about=twin, count=0)
        return twin
    made: list[Participation] = []
    receiving.receive(
        filled.sign_up, actor=actor, keep_with=lambda form: made.append(_keep(page, version, filled, form))
    )
    taken = made[0]
    note(about=taken, count=1)
    # After the commit: of those that ask at once, each would wait for the others' transactions. The form is kept by
    # then: should the database be lost this very moment, the minute's own job asks, and nobody is told of a fault.
    transaction.on_commit(_have_letters_written, robust=True)
    return taken


def _keep(page: ActionPage, version: FormVersion, filled: Filled, submission: Submission) -> Participation:
    taken = Participation.objects.create(
        page_id=page.pk,
        person=submission.person,
        submission=submission,
        version=version,
        purpose=page.purpose,
        answers=dict(filled.answers),
        is_public=filled.is_public,
        may_be_handed_over=filled.may_be_handed_over,
        created_at=submission.created_at,
        is_letter_due=True,
        **_said_of(filled.origin),
    )
    _mark(taken, Stage.SENT, is_recruited=_owner_of(taken) is not None)
    return taken


def _twin_of(page: ActionPage, version: FormVersion, filled: Filled) -> Participation | None:
    """Return the same form by the same person that still waits, where it came just now; of two at once, one waits."""
    sign_up = filled.sign_up
    with connection.cursor() as cursor:
        # First of all, and by nobody else: whoever holds it waits for nobody who wants it.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [sign_up.email, page.pk])
    # By the person alone: in a storm, the page and the minute are everybody's.
    known = EmailAddress.objects.filter(address=sign_up.email).values_list("person", flat=True).first()
    if known is None:
        return None
    same = Participation.objects.filter(
        person=known,
        page=page.pk,
        version=version,
        confirmed_at=None,
        created_at__gt=clock.now() - clock.SAME_CLICK,
        answers=dict(filled.answers),
        is_public=filled.is_public,
        may_be_handed_over=filled.may_be_handed_over,
        submission__answers=sign_up.answers,
        submission__purposes=sorted(sign_up.purposes),
        submission__language=sign_up.language,
    )
    return same.first()


def _have_letters_written() -> None:
    jobs.defer("actions.ask_to_confirm", once=True)


@command("actions.confirm", label=_("Confirm one’s part in an action"), visitors=True)
def confirm(token: str, *, actor: Actor) -> Submission:
    """Take a confirmation: what the form said counts from now on, in the place of what the person said here before.

    Whoever agreed to news is thanked, where the campaign turned that letter on: it is news, and leaves as such, on the
    ground just given, never in electoral silence, once for each form. A link followed again changes nothing. Raises
    LinkUnusable.
    """
    is_new = submission_of(token, for_update=True).confirmed_at is None
    submission = receiving.confirm(token, actor=actor)
    note(about=submission, count=int(is_new))
    if is_new:
        _count(submission)
        _thank(submission, actor)
    return submission


def _count(submission: Submission) -> None:
    taken = Participation.objects.filter(submission=submission).select_related("page").first()
    if taken is None:
        return
    former = Participation.objects.confirmed().filter(page=taken.page, person=submission.person).first()
    taken.recruiter_id = _owner_of(taken) or (former.recruiter_id if former else None)
    taken.share_code = ""
    taken.is_letter_due = False
    taken.confirmed_at = submission.confirmed_at
    if former is None:
        _mark(taken, Stage.CONFIRMED, is_recruited=taken.recruiter_id is not None)
    else:
        # Of its title, which may be another by now, the timeline keeps the part that counts.
        before = Q(person=taken.person_id, kind=Kind.PARTICIPATED, about_id=former.pk)
        interactions.leave_unnamed(before, as_kind=Kind.RETRACTED)
        former.delete()
    taken.save(update_fields=["confirmed_at", "is_letter_due", "recruiter", "share_code"])
    if taken.purpose == Purpose.PARTICIPATION:
        ShareCode.objects.get_or_create(page_id=taken.page_id, person=taken.person)
    said = {"purpose": taken.purpose}
    interactions.record(submission.person, Kind.PARTICIPATED, about=taken, source=taken.page.title[:TITLE], detail=said)
    following.follow(taken, actor=System("actions.confirm"))
    for changed in hooks.get_hooks("page_shows_something_new"):
        changed(taken.page)


def _thank(submission: Submission, actor: Actor) -> None:
    if Purpose.NEWSLETTER not in submission.purposes or not standards.leaves("actions.welcome"):
        return
    try:
        with transaction.atomic():
            _write_welcome(submission, actor)
    except LetterError:
        # A confirmation never fails for want of a thank-you.
        logger.exception("the letter that thanks person %d cannot be written", submission.person_id)


def _write_welcome(submission: Submission, actor: Actor) -> None:
    language = submission.language
    with translation.override(language):
        facts = welcoming()
    letter = letters.write("actions.welcome", {}, facts, language=language)
    alone = Person.objects.filter(pk=submission.person_id)
    audience = gate.admit(alone, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    delivery.send(letter, audience, about=submission, actor=actor)


@command("actions.retract", label=_("Take back one’s part in an action"), visitors=True)
def retract(taken: Participation, *, actor: Actor) -> None:
    """Erase a person's part in an action at their own wish: as easy as taking part (RGPD art. 7(3))."""
    person, page = taken.person, taken.page
    note(about=person, count=1)
    _erase(Participation.objects.filter(pk=taken.pk))
    ShareCode.objects.abandoned().filter(page=page, person=person).delete()
    interactions.record(person, Kind.WITHDREW, detail={"purpose": taken.purpose})
    following.end_what_ended(page.specific, actor=System("actions.retract"))
    for changed in hooks.get_hooks("page_shows_something_new"):
        changed(page)


@command("actions.forget_ended", label=_("Erase actions that are agreed to no more"), roles={Role.DATA_OFFICER})
def forget_ended(*, actor: Actor) -> int:
    """Erase what was confirmed and is agreed to no longer: answers go with the agreement (RGPD art. 17(1)(b))."""
    agreed = Participation.objects.agreed().values("pk")
    erased = _erase(Participation.objects.confirmed().exclude(pk__in=agreed))
    ShareCode.objects.abandoned().delete()
    for kind in (EventPage, MembershipPage, ProxyPage, SponsorshipPage, VolunteerPage):
        for page in kind.objects.all():
            following.end_what_ended(page, actor=System("actions.forget_ended"))
    note(count=erased)
    tell_of_change()
    return erased


def _erase(ended: QuerySet[Participation]) -> int:
    """Erase parts that ended, and their pages from the timelines: that somebody did something is all that stays.

    It stays as a part that was taken back: no question finds anybody by it, and no term starts from it.
    """
    numbers = list(ended.values_list("pk", flat=True))
    parts = Participation.objects.filter(pk__in=numbers)
    theirs = parts.filter(person=OuterRef("person"))
    titles = [Left("page__title", TITLE), Left(KeyTextTransform("title", "version__content"), TITLE)]
    # Where a merge let one of two parts go, only the title leads from its line to the other.
    named = Exists(
        theirs.annotate(now=titles[0], then=titles[1]).filter(Q(now=OuterRef("source")) | Q(then=OuterRef("source")))
    )
    seats = Attendance.objects.filter(Exists(parts.filter(page=OuterRef("page"), person=OuterRef("person"))))
    took_part = Q(kind=Kind.PARTICIPATED) & (Q(about_id__in=numbers) | named)
    came = Q(kind=Kind.ATTENDED) & (Q(about_id__in=list(seats.values_list("pk", flat=True))) | named)
    by_form = Q(kind__in=(Kind.SIGNED_UP, Kind.CONFIRMED)) & Exists(
        theirs.filter(submission__source=OuterRef("source"))
    )
    theirs_too = Q(person__in=parts.values("person"))
    interactions.leave_unnamed(theirs_too & (took_part | came), as_kind=Kind.RETRACTED)
    interactions.leave_unnamed(Q(theirs_too, by_form))
    return parts.delete()[0]


def _version_of(page: ActionPage) -> FormVersion:
    content = page.content_asked()
    version, _made = FormVersion.objects.get_or_create(
        page_id=page.pk, digest=rules.digest(content), defaults={"content": content, "created_at": clock.now()}
    )
    return version


def _said_of(origin: Origin) -> dict[str, str]:
    return {
        "source": rules.origin_word(origin.source),
        "medium": rules.origin_word(origin.medium),
        "campaign": rules.origin_word(origin.campaign),
        "referrer": origin.referrer[:253],
        "share_code": origin.recruiter if rules.is_share_code(origin.recruiter) else "",
    }


def _owner_of(taken: Participation) -> int | None:
    """Return whose link a participant came by: somebody else, whose own part in the action counts."""
    if not taken.share_code:
        return None
    code = ShareCode.objects.in_force().filter(page=taken.page_id, code=taken.share_code)
    return code.exclude(person=taken.person_id).values_list("person", flat=True).first()


def _mark(taken: Participation, stage: Stage, *, is_recruited: bool) -> None:
    """Count a form where nobody is named: the figures outlive who sent it."""
    said = {name: getattr(taken, name) for name in ("source", "medium", "campaign", "referrer")}
    OriginMark.objects.create(page_id=taken.page_id, day=clock.today(), stage=stage, is_recruited=is_recruited, **said)


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

    What is nobody's is forgotten at once; so is a second click.
    """
    found = 0
    for wanted in LinkWanted.objects.select_for_update(skip_locked=True)[:MOST_WAITING]:
        address = EmailAddress.objects.select_related("person").filter(address=wanted.address).first()
        wanted.delete()
        if address is None:
            continue
        found += 1
        if _was_just_asked(address.person, "preferences", wanted.created_at):
            continue
        try:
            with transaction.atomic():
                _send_preferences_link(address, actor)
        except LetterError:
            # One that cannot be written keeps no other waiting.
            logger.exception("the letter with a link to person %d cannot be written", address.person_id)
    note(count=found)
    return found


def _was_just_asked(person: Person, source: str, when: datetime) -> bool:
    """Tell whether a link was sent so short a time before that this is the same click."""
    since = when - clock.SAME_CLICK
    return Submission.objects.filter(person=person, source=source, created_at__gt=since).exists()


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

    It goes to the main address that they brought and verified themselves, and nowhere else: a preference link may have
    been forwarded or found, and an address that staff or a file brought in may be somebody else's. A second click
    brings no second letter.
    """
    note(about=person, count=0)
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)  # of two clicks at once, one waits
    if _was_just_asked(person, "copy", clock.now()):
        return
    address = person.emails.filter(is_primary=True).first()
    asked = disclosure.ask_for_copy(person, actor=actor) if is_proven(address, since=clock.now()) else None
    if address is None or asked is None:
        return
    receiving.receive(SignUp(email=address.address, source="copy", language=person.language), actor=actor)
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
