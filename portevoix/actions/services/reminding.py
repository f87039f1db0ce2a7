"""Commands that remind: of a form that waits for a click, of a meeting; each once, whatever dies meanwhile.

The letter and the mark on who was reminded are one transaction: there is never the one without the other.
"""

from __future__ import annotations

import logging
from collections import defaultdict

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.actions.letters import reminding as words
from portevoix.actions.models import EventPage, Participation
from portevoix.actions.selectors import reminders
from portevoix.actions.selectors.coming import among, hold, hold_people
from portevoix.actions.services.asking import LINK, MOST_AT_ONCE
from portevoix.actions.types import REMIND_CONFIRM, REMIND_MEETING
from portevoix.correspondence import letters
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.territory.selectors import elections

logger = logging.getLogger(__name__)


@command("actions.remind_to_confirm", label=_("Remind of a form that is not confirmed"))
def remind_to_confirm(*, actor: Actor) -> int:
    """Write once more to who filled a form in a day ago and never confirmed; return how many.

    Of several forms of one person, of the last. Raises LetterError: what cannot be written is due still.
    """
    first = reminders.forms().order_by("person_id", "-created_at", "-pk").distinct("person_id")
    people = list(first.values_list("person", flat=True)[:MOST_AT_ONCE])
    # Whom another worker reminded meanwhile is due no more.
    hold_people(people)
    by_language: dict[str, dict[int, int]] = defaultdict(dict)
    still = reminders.forms().filter(person__in=people).order_by("person_id", "-created_at", "-pk")
    for pk, person, language in still.distinct("person_id").values_list("pk", "person", "submission__language"):
        by_language[language][pk] = person
    told = 0
    for language, due in by_language.items():
        told += _ask_again(due, language, actor)
    note(count=told)
    return told


def _ask_again(due: dict[int, int], language: str, actor: Actor) -> int:
    with translation.override(language):
        facts = words.confirming_again(LINK)
    letter = letters.write(REMIND_CONFIRM, {}, facts, language=language)
    audience = among(due.values())
    batch = delivery.send(letter, audience, not_after=elections.next_beginning(clock.now()), actor=actor)
    # The link in the letter is found by the letter's own: the first one, which has left, gives its place.
    return Participation.objects.filter(pk__in=due).update(letter=batch, reminded_at=clock.now())


@command("actions.remind_of_meeting", label=_("Remind who comes to a meeting"))
def remind_of_meeting(page: EventPage, *, actor: Actor) -> int:
    """Remind who has a seat of the day and the place; return how many.

    Nothing of it leaves once the meeting begins, nor in electoral silence.
    """
    hold_people(reminders.coming_to(page).values_list("person", flat=True))
    hold(page)
    day = reminders.day_of(page)
    silence = elections.next_beginning(clock.now())
    until = min(page.starts_at, silence) if silence else page.starts_at
    by_language: dict[str, dict[int, int]] = defaultdict(dict)
    for pk, person, language in reminders.coming_to(page).values_list("pk", "person", "person__language"):
        by_language[language][pk] = person
    told = 0
    for language, due in by_language.items():
        try:
            with transaction.atomic():
                with translation.override(language):
                    facts, blanks = words.meeting_soon(page)
                letter = letters.write(REMIND_MEETING, blanks, facts, language=language)
                delivery.send(letter, among(due.values()), about=page, not_after=until, actor=actor)
                told += reminders.coming_to(page).filter(pk__in=due).update(reminded_of=day)
        except LetterError:
            # One language that cannot be written keeps no other waiting; it is due still.
            logger.exception("the reminder of the meeting at page %d cannot be written", page.pk)
    note(about=page, count=told)
    return told
