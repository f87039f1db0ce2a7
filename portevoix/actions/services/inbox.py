"""Commands on what people write to the campaign: take in, say who answers, answer, close, forget."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.services.reminding import remind
from portevoix.accounts.types import Actor, Role, Staff, System
from portevoix.actions.exceptions import NobodyThere, NotTheirs
from portevoix.actions.letters.entailed import answering
from portevoix.actions.models import Enquiry, EnquiryAnswer, Participation
from portevoix.actions.selectors.inbox import term_in_force
from portevoix.actions.types import EnquiryState
from portevoix.correspondence import letters
from portevoix.delivery import services as delivery
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.rules.deadlines import months_after

ANSWERERS = {Role.DIRECTOR, Role.COMMUNICATIONS, Role.ORGANISER, Role.LOCAL_LEAD}
SUBJECT, TEXT = "q_subject", "q_message"


@command("actions.take_message", label=_("Take in a message to the campaign"))
def take_message(taken: Participation, *, actor: Actor) -> Enquiry:
    """Put a message, whose address is confirmed, before those who answer."""
    answers = dict(taken.answers)
    subject, text = str(answers.pop(SUBJECT, "")), str(answers.pop(TEXT, ""))
    labels = {question.key: question.label for question in taken.version.questions}
    more = {labels.get(key, key): answer for key, answer in answers.items()}
    enquiry = Enquiry.objects.create(
        page_id=taken.page_id,
        person=taken.person,
        subject=subject or gettext("Message"),
        text=text,
        more=more,
        language=taken.submission.language,
        received_at=clock.now(),
    )
    note(about=enquiry, count=1)
    return enquiry


@command("actions.assign_message", label=_("Say who answers a message"), roles=ANSWERERS)
def assign_message(enquiry: Enquiry, user: User | None, *, actor: Actor) -> None:
    """Say who answers; they are told by a letter that names nobody. Raises NotTheirs for one who may not see it."""
    kept = _hold(enquiry, actor)
    if user is not None and not _may_answer(user, kept):
        raise NotTheirs
    has_changed = user is not None and user.pk != kept.answerer_id
    kept.answerer = user
    kept.save(update_fields=["answerer"])
    note(about=kept, count=1, to=user.pk if user else None)
    if user is not None and has_changed and str(user.pk) != actor.ident:
        with translation.override("fr"):
            remind(
                user,
                subject=gettext("A message to the campaign waits for your answer"),
                body=gettext("Somebody of the team asked you to answer it. What it says stays in the back office."),
                path=reverse("actions_people:enquiry", args=[kept.pk]),
                actor=System("actions.assign_message"),
            )


@command("actions.answer_message", label=_("Answer a message"), roles=ANSWERERS)
def answer_message(enquiry: Enquiry, text: str, *, actor: Actor) -> EnquiryAnswer:
    """Write back to who wrote, by e-mail: it leans on their own request. Raises NobodyThere, and keeps nothing then."""
    kept = _hold(enquiry, actor)
    answer = EnquiryAnswer.objects.create(enquiry=kept, text=text, by=actor.label, at=clock.now())
    with translation.override(kept.language):
        facts, values = answering(kept, text)
    letter = letters.write("actions.answer", values, facts, language=kept.language)
    alone = gate.admit(Person.objects.filter(pk=kept.person_id), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    if not delivery.send(letter, alone, about=answer, actor=System("actions.answer_message")).messages.exists():
        raise NobodyThere
    kept.state, kept.closed_at = EnquiryState.ANSWERED, clock.now()
    kept.answerer_id = kept.answerer_id or (int(actor.ident) if actor.kind == "staff" else None)
    kept.save(update_fields=["state", "closed_at", "answerer"])
    note(about=kept, count=1)
    interactions.record(kept.person, Kind.ANSWERED, about=kept)
    return answer


@command("actions.close_message", label=_("Close a message, or open it again"), roles=ANSWERERS)
def close_message(enquiry: Enquiry, *, is_open: bool = False, actor: Actor) -> None:
    """Say that a message needs no answer, or that it does after all."""
    kept = _hold(enquiry, actor)
    kept.state = EnquiryState.NEW if is_open else EnquiryState.CLOSED
    kept.closed_at = None if is_open else clock.now()
    kept.save(update_fields=["state", "closed_at"])
    note(about=kept, count=1, state=kept.state)


@command("actions.forget_messages", label=_("Forget messages that were answered"), roles={Role.DATA_OFFICER})
def forget_messages(*, actor: Actor) -> int:
    """Erase what was answered or closed for as long as a request is kept (RGPD art. 5(1)(e))."""
    limit = months_after(clock.today(), -term_in_force())
    old = Enquiry.objects.filter(~Q(state=EnquiryState.NEW), closed_at__date__lt=limit)
    count = old.count()
    old.delete()
    note(count=count)
    return count


def _may_answer(user: User, enquiry: Enquiry) -> bool:
    member = Staff(user).within(ANSWERERS)
    return bool(member.roles) and Enquiry.objects.visible_to(member).filter(pk=enquiry.pk).exists()


def _hold(enquiry: Enquiry, actor: Actor) -> Enquiry:
    """Let one change a message at a time. Raises DoesNotExist for one that the actor may not see."""
    return Enquiry.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=enquiry.pk)
