"""The command that writes to persons about their requests: `rights` says what is owed, `delivery` takes it away."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.actions.letters import words_of
from portevoix.delivery import letters, selectors
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.models import RequestLetter
from portevoix.rights.purposes import Channel, Purpose

logger = logging.getLogger(__name__)
#: So many at a time: each is a batch of its own in the outbox.
MOST = 100
#: For so long it is looked whether a letter came back; servers give up trying within five days.
WATCHED = timedelta(days=14)


@command("actions.write_about_requests", label=_("Write to persons about their requests"))
def write_about_requests(*, actor: Actor) -> int:
    """Hand over to the outbox the letters that persons are owed about their requests; return how many.

    A letter leans on the person's own request, like every other: who has no address that works, or withdrew even that,
    gets none; then the letter says that it could not be delivered, and the desk shows it.
    """
    due = RequestLetter.objects.due().select_related("request__person")
    written = 0
    for letter in due.select_for_update(of=("self",), skip_locked=True)[:MOST]:
        is_written = False
        if letter.request.person is not None:
            try:
                with transaction.atomic():
                    is_written = _write(letter, letter.request.person, actor)
            except LetterError:
                # One that cannot be written keeps no other waiting: links are among them, and a clock runs.
                logger.exception("the letter %d about a request cannot be written", letter.pk)
                continue
        written += is_written
        letter.sent_at, letter.undelivered_at = (clock.now(), None) if is_written else (None, clock.now())
        letter.save(update_fields=["sent_at", "undelivered_at"])
    note(count=written)
    return written


@command("actions.note_undelivered", label=_("Note which letters about requests came back"))
def note_undelivered(*, actor: Actor) -> int:
    """Write down which letters, of those handed over lately, reached nobody; return how many."""
    kind = RequestLetter._meta.label_lower
    lost = selectors.lost_about(kind, since=clock.now() - WATCHED)
    letters = RequestLetter.objects.filter(pk__in=lost, sent_at__isnull=False, undelivered_at=None)
    count = letters.update(undelivered_at=clock.now())
    note(count=count)
    return count


def _write(owed: RequestLetter, person: Person, actor: Actor) -> bool:
    """Hand one letter over; tell whether it goes to anybody."""
    with translation.override(owed.request.language):
        words = words_of(owed)
        # What staff wrote is quoted, never filled in: a brace is a brace.
        quote = re.sub(r"([{}])(?=\1)", r"\1 ", words.quote).splitlines()
        facts = {"words": words, "quote": quote, "site": settings.INSTANCE.site.name}
        letter = letters.service("actions/letters/request", subject=words.subject, **facts)
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    return delivery.send(letter, alone, about=owed, actor=actor).messages.exists()
