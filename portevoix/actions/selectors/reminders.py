"""Who is due to be reminded: of a form that waits for a click, of a meeting to which they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.models import Page

from portevoix.actions.models import ActionPage, Attendance, EventPage, Participation
from portevoix.actions.rules import reminders as rules
from portevoix.actions.types import REMIND_CONFIRM, REMIND_MEETING
from portevoix.correspondence import selectors as standards
from portevoix.intake.links import LINK_LIFETIME
from portevoix.kernel import clock
from portevoix.territory.selectors import elections

#: Who was asked so often within a week, or reminded once, is left alone: anybody may write anybody's address in a form.
ENOUGH = 3
#: So long before electoral silence no reminder is written any more.
BEFORE_SILENCE = timedelta(hours=1)


def forms() -> QuerySet[Participation]:
    """Return the forms whose reminder is due; none where the campaign did not turn it on.

    A form lapses with its page and with the week for which the link of its first letter works. Whoever took part in
    the same action by another form needs no reminder.
    """
    if not standards.leaves(REMIND_CONFIRM):
        return Participation.objects.none()
    now = clock.now()
    week = now - LINK_LIFETIME
    theirs = Participation.objects.filter(person=OuterRef("person"))
    asked = theirs.filter(created_at__gt=week, confirmed_at=None).order_by()
    waiting = Participation.objects.filter(
        confirmed_at=None,
        reminded_at=None,
        is_letter_due=False,
        letter__finished_at__isnull=False,
        created_at__range=(week, now - rules.AFTER),
        person__restricted_at=None,
    )
    alone = waiting.exclude(
        Exists(theirs.confirmed().filter(page=OuterRef("page")))
        | Exists(theirs.filter(reminded_at__gt=week))
        | Exists(asked[ENOUGH - 1 : ENOUGH])
    )
    return alone.filter(page__in=_open(alone)).exclude(_in_silence(now))


def _open(waiting: QuerySet[Participation]) -> list[int]:
    pages = Page.objects.live().filter(pk__in=waiting.order_by().values("page")).specific()
    return [page.pk for page in pages if isinstance(page, ActionPage) and page.is_open]


def meetings() -> list[EventPage]:
    """Return the meetings of which it is time to remind who comes, where somebody is left to be told."""
    if not standards.leaves(REMIND_MEETING):
        return []
    now = clock.now()
    near = EventPage.objects.live().filter(starts_at__range=(now, now + timedelta(days=2)))
    return [page for page in near if rules.is_time(page.starts_at, now) and coming_to(page).exists()]


def coming_to(page: EventPage) -> QuerySet[Attendance]:
    """Return who has a seat at a meeting that counts, and is still to be reminded of its day.

    Whoever says that they come once reminders leave needs none.
    """
    if EventPage.objects.filter(pk=page.pk, cancelled_at__isnull=False).exists():
        return Attendance.objects.none()
    rows = Attendance.objects.filter(page=page.pk, since__lt=rules.leaves_at(page.starts_at)).coming().counted()
    return rows.exclude(reminded_of=day_of(page)).exclude(_in_silence(clock.now()))


def day_of(page: EventPage) -> date:
    """Return the day of a meeting, in Paris."""
    return timezone.localdate(page.starts_at, clock.PARIS)


def _in_silence(now: datetime) -> Q:
    """Tell of rows with a person whether electoral silence holds where that is, or is about to (art. L. 49).

    A reminder is no propaganda by itself, but what it calls to is the campaign's: the stricter reading is taken.
    """
    silent = elections.silent_until(now, BEFORE_SILENCE)
    named = Q(person__commune__departement__in=[one for one in silent if one])
    return named | Q(person__commune=None) if "" in silent else named


@dataclass(frozen=True)
class Reminder:
    """What is to be said of a meeting's reminder: whether it leaves, when, and how many were told."""

    is_on: bool
    leaves_at: datetime
    told: int
    is_ahead: bool


def reminder_of(page: EventPage) -> Reminder:
    """Return what is to be said of the reminder of a meeting."""
    now = clock.now()
    told = Attendance.objects.filter(page=page.pk, reminded_of=day_of(page)).count()
    is_ahead = now < page.starts_at - rules.TOO_LATE
    return Reminder(standards.leaves(REMIND_MEETING), rules.leaves_at(page.starts_at), told, is_ahead)
