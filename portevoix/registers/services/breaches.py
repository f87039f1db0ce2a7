"""Commands about breaches. What is written stays: amending adds a statement, and the database refuses anything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.services.reminding import remind
from portevoix.accounts.types import READERS, Actor
from portevoix.kernel import clock
from portevoix.registers import rules
from portevoix.registers.exceptions import LacksWords, Stale
from portevoix.registers.models import Breach, Notification, Reminder, Statement
from portevoix.registers.selectors.breaches import case_of, keepers, moment, running
from portevoix.registers.types import Addressee


@command("registers.record_breach", label=gettext_lazy("Record a data breach"), roles=READERS, nationwide=True)
def record_breach(*, actor: Actor, **said: Any) -> Breach:
    """Open a breach with its first statement; the 72 hours run from ``aware_at`` (RGPD art. 33)."""
    _refuse_future(said["aware_at"], said.get("began_at"))
    breach = Breach.objects.create(recorded_at=clock.now())
    statement = Statement.objects.create(breach=breach, version=1, at=clock.now(), by=actor.label, **said)
    note(about=breach, risk=statement.risk, nature=statement.nature)
    return breach


@command("registers.amend_breach", label=gettext_lazy("Amend a data breach"), roles=READERS, nationwide=True)
def amend_breach(breach: Breach, *, version: int, reason: str, actor: Actor, **said: Any) -> Statement:
    """Add a statement that takes the place of the last, which stays readable.

    ``version`` is the statement that was being amended. Raises Stale when another came meanwhile, LacksWords when
    no reason is given, or when the breach may not be closed yet.
    """
    _hold(breach)
    case = case_of(breach)
    if case.now.version != version:
        raise Stale
    if not reason.strip():
        raise LacksWords(_("Say why it is amended."))
    _refuse_future(said["aware_at"], said.get("began_at"))
    statement = Statement(
        breach=breach, version=version + 1, at=clock.now(), by=actor.label, reason=reason.strip(), **said
    )
    if statement.is_closed and (lacking := type(case)(breach, statement, case.notifications).lacks):
        raise LacksWords(" ".join(lacking))
    statement.save(force_insert=True)
    note(about=breach, version=statement.version, risk=statement.risk, closed=statement.is_closed)
    return statement


@command(
    "registers.notify_breach", label=gettext_lazy("Note who was told of a data breach"), roles=READERS, nationwide=True
)
def notify_breach(
    breach: Breach, *, addressee: Addressee, made_at: datetime, told: str, actor: Actor, **more: Any
) -> Notification:
    """Note that the authority, or people, were told; ``more``: reference, delay_reason, persons.

    Raises LacksWords for a moment to come, one before the breach was known, or a first notification to the authority
    after 72 hours without its reason.
    """
    _hold(breach)
    case = case_of(breach)
    if made_at > clock.now():
        raise LacksWords(_("This moment is still to come."))
    if made_at < case.now.aware_at:
        raise LacksWords(_("The breach was not known yet at that moment."))
    is_first = addressee == Addressee.AUTHORITY and Addressee.AUTHORITY not in case.told
    if is_first and rules.is_late(case.now.aware_at, made_at) and not more.get("delay_reason", "").strip():
        raise LacksWords(_("More than 72 hours after: say why (art. 33(1))."))
    made = Notification.objects.create(
        breach=breach, addressee=addressee, made_at=made_at, told=told, at=clock.now(), by=actor.label, **more
    )
    note(about=breach, addressee=addressee, late=rules.is_late(case.now.aware_at, made_at), count=made.persons)
    return made


@command("registers.remind_of_breaches", label=gettext_lazy("Remind of data breaches"), roles=())
def remind_of_breaches(*, actor: Actor) -> int:
    """Write to directors and data officers at 24, 48 and 60 hours, and when it is late; return how many letters.

    Twice in one hour writes once: each reminder leaves a row. Only the last hour that has come is told of.
    """
    letters = 0
    for case in running():
        step = rules.step_due(case.now.aware_at, clock.now())
        if step is None:
            continue
        reminded = Reminder.objects.filter(breach=case.breach, step=step).values("user")
        for user in keepers().exclude(pk__in=reminded):
            letters += _remind(user, case.breach, step, case.deadline, actor)
    note(count=letters)
    return letters


def _remind(user: User, breach: Breach, step: int, deadline: datetime, actor: Actor) -> bool:
    """Write to one member of staff; where an earlier letter still waits to leave, try again at the next round."""
    is_late = step == rules.STEPS[-1]
    subject = (
        _("Data breach no. %(number)d: the 72 hours are over")
        if is_late
        else _("Data breach no. %(number)d: known for %(hours)d hours")
    ) % {"number": breach.pk, "hours": step}
    body = _(
        "The CNIL must be told before %(deadline)s, unless the breach is judged harmless for people. "
        "Nobody has noted that it was told."
    ) % {"deadline": moment(deadline)}
    sent = remind(user, subject=subject, body=body, path=reverse("registers:breach", args=[breach.pk]), actor=actor)
    if sent:
        Reminder.objects.create(breach=breach, user=user, step=step, at=clock.now())
    return sent


def _hold(breach: Breach) -> None:
    """Let one amend at a time."""
    Breach.objects.select_for_update().get(pk=breach.pk)


def _refuse_future(aware_at: datetime, began_at: datetime | None) -> None:
    if aware_at > clock.now() or (began_at and began_at > clock.now()):
        raise LacksWords(_("This moment is still to come."))
