"""Decisions on how long things are kept, without a database: days, what counts as an exchange, when to stop.

Days are those of Paris. A term of N months after a day ends on the same day of the month, or on its last one.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from portevoix.kernel.clock import PARIS, months_later
from portevoix.people.types import Kind

#: Whether a kind of event is an exchange that comes from the person: only that keeps them in the file (CNIL,
#: délibération 2012-020: a positive act of keeping up contact). What we do, and what anybody could do in their name,
#: prolongs nothing.
COMES_FROM_THE_PERSON: dict[Kind, bool] = {
    Kind.IMPORTED: False,
    Kind.SIGNED_UP: False,  # whoever fills a form in has proven nothing before they confirm
    Kind.ENTERED: True,
    Kind.ADDED: False,  # a program says so: what they agreed to there is a consent, which does
    Kind.CONFIRMED: True,
    Kind.PARTICIPATED: True,
    Kind.RETRACTED: False,  # what is taken back prolongs nothing
    Kind.ATTENDED: True,  # they came, in person
    Kind.CONSENTED: True,
    Kind.WITHDREW: False,  # a refusal is no wish to stay
    Kind.MAILED: False,
    Kind.OPENED: False,  # a mail program, or whoever a letter was passed on to, does the same
    Kind.CLICKED: False,
    Kind.TEXTED: False,
    Kind.REPLIED: True,  # they wrote to us; who asks for no more is a withdrawal, not a reply
    Kind.CALLED: False,  # that we called says nothing of what they want
    Kind.POSTED: False,
    Kind.VISITED: False,
    Kind.EDITED: False,
    Kind.TAGGED: False,
    Kind.UNTAGGED: False,
    Kind.EXPORTED: False,
    Kind.MERGED: False,
    Kind.SEPARATED: False,
    Kind.CONSULTED: False,
    Kind.NOTED: False,
    Kind.CORRECTED: False,
    Kind.UNNOTED: False,
    Kind.FILED: False,
    Kind.UNFILED: False,
    Kind.TIED: False,
    Kind.HOUSED: False,
    Kind.PLAYED: False,
    Kind.STEPPED: False,
    Kind.ASKED: False,  # whoever asks what is held, or to be left alone, asks for no more
    Kind.ANSWERED: False,
    Kind.RESTRICTED: False,
    Kind.RELEASED: False,
}
EXCHANGES = tuple(sorted(kind.value for kind, counts in COMES_FROM_THE_PERSON.items() if counts))

#: The nightly work begins at three, in Paris.
HOUR = 3
#: A small file may lose a few people at once without anybody being asked.
FEW = 10
#: Notice given of what is about to end.
NOTICE = timedelta(days=30)
#: How long somebody who decides alone must wait before a campaign's file is destroyed.
REFLECTION = timedelta(hours=72)


def last_day_over(today: date, months: int) -> date:
    """Return the latest day whose term of ``months`` is over ``today``."""
    day = months_later(today, -months)
    while months_later(following := day + timedelta(days=1), months) <= today:
        day = following
    return day


def limit(today: date, months: int) -> datetime:
    """Return the moment before which the last exchange is too old today: whole days, in Paris."""
    return datetime.combine(last_day_over(today, months) + timedelta(days=1), time.min, PARIS)


def is_due(now: datetime, last: date | None) -> bool:
    """Tell whether the nightly work should begin: after three in Paris, once a day there, whatever clocks do."""
    here = now.astimezone(PARIS)
    return here.hour >= HOUR and (last is None or last < here.date())


def is_too_many(going: int, people: int, percent: int) -> bool:
    """Tell whether so many people would go at once that somebody must look at it first."""
    return going > FEW and going * 100 > people * percent
