"""Commands that call a meeting off, and bring it back; whoever comes or waits is told of either.

The mark on the page and the letters are one transaction: nobody is told of what did not happen, and nothing happens of
which nobody is told. A cancellation calls to nothing: it leaves in electoral silence too, but without free words.
"""

from __future__ import annotations

from collections import defaultdict

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.actions.exceptions import TooLate
from portevoix.actions.letters import calling_off as words
from portevoix.actions.models import Attendance, EventPage
from portevoix.actions.selectors import calling_off as reads
from portevoix.actions.selectors.coming import among, hold, hold_people
from portevoix.actions.services import attending
from portevoix.actions.types import MEETING_CANCELLED, MEETING_RESTORED
from portevoix.correspondence import letters
from portevoix.delivery import services as delivery
from portevoix.kernel import clock

#: Who answers for meetings: for all of France, since whoever comes may live anywhere.
CALLERS = {Role.DIRECTOR, Role.COMMUNICATIONS, Role.ORGANISER}
#: Who writes to those concerned: not everybody who answers for meetings may write to many.
SENDER = System("actions.call_off")


@command("actions.cancel_meeting", label=_("Cancel a meeting"), roles=CALLERS, nationwide=True)
def cancel_meeting(page: EventPage, *, reason: str = "", actor: Actor) -> int:
    """Close a meeting at once and tell who comes or waits; return how many letters leave. A second press does nothing.

    Raises TooLate once it has begun, LetterError: then nothing is changed. A reason is left out in electoral silence.
    """
    page = _held(page)
    if page.cancelled_at is not None:
        note(about=page, count=0)
        return 0
    EventPage.objects.filter(pk=page.pk).update(cancelled_at=clock.now())
    told = _tell(page, MEETING_CANCELLED, "" if reads.is_silent() else reason.strip())
    note(about=page, count=told)
    return told


@command("actions.restore_meeting", label=_("Bring a cancelled meeting back"), roles=CALLERS, nationwide=True)
def restore_meeting(page: EventPage, *, actor: Actor) -> int:
    """Open a cancelled meeting again and tell who was told of the contrary; return how many letters leave.

    Seats that were freed meanwhile go to who waits. Raises TooLate once it has begun, LetterError.
    """
    page = _held(page)
    if page.cancelled_at is None:
        note(about=page, count=0)
        return 0
    EventPage.objects.filter(pk=page.pk).update(cancelled_at=None)
    told = _tell(page, MEETING_RESTORED, "")
    attending.free_seats(page, actor=SENDER)
    note(about=page, count=told)
    return told


def _held(page: EventPage) -> EventPage:
    """Lock who comes, then the page; return it as it is now."""
    hold_people(Attendance.objects.filter(page=page.pk).values_list("person", flat=True))
    hold(page)
    now: EventPage = EventPage.objects.get(pk=page.pk)
    if now.starts_at <= clock.now():
        raise TooLate
    return now


def _tell(page: EventPage, key: str, reason: str) -> int:
    by_language: dict[str, list[int]] = defaultdict(list)
    for person, language in reads.concerned(page).values_list("person", "person__language"):
        by_language[language].append(person)
    told = 0
    for language, people in by_language.items():
        with translation.override(language):
            facts, blanks = words.about(page, reason)
        letter = letters.write(key, blanks, facts, language=language)
        batch = delivery.send(letter, among(people), about=page, not_after=page.starts_at, actor=SENDER)
        told += batch.messages.count()
    return told
