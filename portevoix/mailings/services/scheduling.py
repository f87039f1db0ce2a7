"""Commands on the hour at which a letter or a text message leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.mailings.exceptions import HourPassed, MailingError, NotScheduled, SenderGone
from portevoix.mailings.gate import check, check_text
from portevoix.mailings.models import AnyMailing, Departure, ShortMessage, TextDeparture
from portevoix.mailings.services import sending, texting
from portevoix.mailings.services.sending import SENDERS
from portevoix.mailings.types import Confirmation, State
from portevoix.mailings.wording import explain

#: Nothing leaves so long after its hour: a letter for the morning is not wanted at night.
LATEST = timedelta(hours=2)


@command("mailings.schedule", label=_("Choose the hour at which a message leaves"), roles=SENDERS)
def schedule(mailing: AnyMailing, confirmed: Confirmation, at: datetime, *, actor: Actor) -> Departure | TextDeparture:
    """Let a letter or a text leave at a moment to come, as it is confirmed now, or at another than was planned.

    Everything is asked that is asked when it leaves, and is asked again then. Raises HourPassed, NotADraft and what
    `gate.check`, or `gate.check_text`, does.
    """
    mailing = type(mailing).objects.locked_here(mailing.pk)
    now = clock.now()
    if at <= now:
        raise HourPassed
    count = _count(mailing, confirmed, at, actor)
    planner = User.objects.filter(pk=actor.ident).first() if actor.kind == "staff" else None
    facts = {
        "at": at,
        "digest": confirmed.digest,
        "count": count,
        "planned_by": planner,
        "planned_at": now,
        "fault": "",
    }
    departure, _is_new = _hours(mailing).update_or_create(mailing=mailing, defaults=facts)
    mailing.state = State.SCHEDULED
    mailing.save(update_fields=["state", "updated_at"])
    note(about=mailing, count=count, at=at.isoformat())
    return departure  # type: ignore[no-any-return]


def _count(mailing: AnyMailing, confirmed: Confirmation, at: datetime, actor: Actor) -> int:
    if isinstance(mailing, ShortMessage):
        return check_text(mailing, confirmed, actor=actor).count
    return check(mailing, confirmed, at=at, actor=actor).count


def _hours(mailing: AnyMailing) -> Any:
    return TextDeparture.objects if isinstance(mailing, ShortMessage) else Departure.objects


@command("mailings.unschedule", label=_("Cancel the hour at which a message leaves"), roles=SENDERS)
def unschedule(mailing: AnyMailing, *, actor: Actor) -> AnyMailing:
    """Make a draft again of what waits for its hour. Raises NotScheduled."""
    mailing = _locked(mailing)
    _hours(mailing).filter(mailing=mailing).delete()
    mailing.state = State.DRAFT
    mailing.save(update_fields=["state", "updated_at"])
    note(about=mailing, count=1)
    return mailing


@command("mailings.depart", label=_("Let a message leave at its hour"))
def depart(mailing: AnyMailing, *, actor: Actor) -> bool:
    """Send what is due as it was confirmed, in the name and within the mandate of whoever planned it; tell whether.

    What cannot leave so becomes a draft again that says why. Asked again, it leaves once. Raises NotScheduled.
    """
    mailing = _locked(mailing)
    departure: Departure | TextDeparture = _hours(mailing).select_related("planned_by").get(mailing=mailing)
    note(about=mailing, count=0)
    if departure.at > clock.now():
        return False
    try:
        with transaction.atomic():
            _leave(mailing, departure)
    except (LetterError, MailingError) as error:
        with translation.override(settings.LANGUAGE_CODE):
            departure.fault = explain(error)[:400]
        departure.save(update_fields=["fault"])
        type(mailing).objects.filter(pk=mailing.pk).update(state=State.DRAFT)
        note(fault=type(error).__name__)
        return False
    note(count=departure.count)
    return True


def _leave(mailing: AnyMailing, departure: Departure | TextDeparture) -> None:
    if clock.now() > departure.at + LATEST:
        raise HourPassed
    planner = departure.planned_by
    if planner is None:
        raise SenderGone
    try:
        if isinstance(mailing, ShortMessage):
            texting.send_text(mailing, departure.confirmation, actor=Staff(planner))
        else:
            sending.send(mailing, departure.confirmation, actor=Staff(planner))
    except NotAllowed as error:
        raise SenderGone from error


def _locked(mailing: AnyMailing) -> AnyMailing:
    mailing = type(mailing).objects.select_for_update(of=("self",)).get(pk=mailing.pk)
    if mailing.state != State.SCHEDULED:
        raise NotScheduled
    return mailing
