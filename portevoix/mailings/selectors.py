"""Reads about mailings: whom one may reach, what became of it, and why a reader gets it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor
from portevoix.delivery import selectors as delivery
from portevoix.delivery.rules import merge
from portevoix.delivery.types import MERGE_FIELDS, MergeField, Recipient
from portevoix.kernel import clock
from portevoix.mailings import rules
from portevoix.mailings.exceptions import NoSegment, SegmentOfOpinions, UnreadableSegment
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import Reach, Share, State
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree, OpinionsAsked

#: Fields of the footer: authors need not place them.
OF_THE_FOOTER = {"unsubscribe_url", "preferences_url", "origin"}


def people_of(mailing: Mailing, actor: Actor) -> QuerySet[Person]:
    """Return the people of the mailing's segment whom the actor's mandate covers.

    Raises NoSegment, SegmentOfOpinions, UnreadableSegment.
    """
    if mailing.segment is None:
        raise NoSegment
    try:
        return segments.people_of(mailing.segment, actor)
    except OpinionsAsked as error:
        raise SegmentOfOpinions from error
    except InvalidTree as error:
        raise UnreadableSegment from error


def reach(people: QuerySet[Person], purpose: Purpose) -> Reach:
    """Count whom a purpose's letters may reach, as the gate says, and the others by reason.

    Four plain counts: one statement that asks three questions of each person is ten times slower at a million.
    """
    grounds = Ground.objects.for_purpose(purpose, Channel.EMAIL)
    if people.query.where:
        grounds = grounds.filter(person__in=people.order_by())
    agreed_once = grounds.aggregate(people=Count("person", distinct=True))["people"]
    agreed = grounds.live().count()
    admitted = gate.admit(people, purpose=purpose, channel=Channel.EMAIL).count()
    return Reach(
        chosen=people.count(),
        admitted=admitted,
        withdrew=max(0, agreed_once - agreed),
        no_address=max(0, agreed - admitted),
    )


@dataclass(frozen=True)
class Figures:
    """A mailing with what became of it, in totals, for lists that compare."""

    mailing: Mailing
    recipients: int
    sent: int
    undelivered: int
    unsubscribed: int
    clicks: int

    @property
    def unsubscribed_percent(self) -> float:
        return rules.share(self.unsubscribed, self.sent)

    @property
    def clicks_percent(self) -> float:
        """Clicks for a hundred letters: nobody is told apart, so it may pass 100."""
        return rules.share(self.clicks, self.sent)


def figures(mailings: Iterable[Mailing]) -> dict[int, Figures]:
    """Return what became of these mailings, by id, in a constant number of queries."""
    found = list(mailings)
    ids = [mailing.pk for mailing in found if not mailing.is_draft]
    gone = Mailing.objects.filter(pk__in=ids).order_by()
    clicks = dict(gone.values_list("pk").annotate(Sum("batch__links__clicks")))
    left = gone.filter(batch__messages__unsubscribed_at__isnull=False)
    departures = dict(left.values_list("pk").annotate(Count("batch__messages")))
    return {mailing.pk: _figures(mailing, clicks, departures) for mailing in found}


def _figures(mailing: Mailing, clicks: dict[int, int | None], departures: dict[int, int]) -> Figures:
    sent, undelivered = mailing.sent, mailing.failed + mailing.uncertain + mailing.suppressed
    if mailing.state == State.SENDING:
        now = delivery.results(mailing.batch)  # type: ignore[arg-type]
        sent, undelivered = now.sent, now.failed + now.uncertain + now.suppressed
    return Figures(
        mailing=mailing,
        recipients=mailing.recipients,
        sent=sent,
        undelivered=undelivered,
        unsubscribed=departures.get(mailing.pk, 0),
        clicks=clicks.get(mailing.pk) or 0,
    )


@dataclass(frozen=True)
class Outcome:
    """Everything the results page says of one mailing."""

    states: list[Share]
    links: list[Share]
    total: int
    sent: int
    waiting: int
    unsubscribed: int
    clicks: int

    @property
    def is_over(self) -> bool:
        return self.waiting == 0

    @property
    def done(self) -> int:
        return self.total - self.waiting

    @property
    def done_percent(self) -> float:
        return rules.share(self.done, self.total)

    @property
    def sent_percent(self) -> float:
        return rules.share(self.sent, self.total)

    @property
    def unsubscribed_percent(self) -> float:
        return rules.share(self.unsubscribed, self.sent)

    @property
    def clicks_percent(self) -> float:
        """Clicks for a hundred letters."""
        return rules.share(self.clicks, self.sent)

    @property
    def bar(self) -> list[Share]:
        """The states that occur, side by side from 0 to 100."""
        starts = itertools.accumulate((one.percent for one in self.states), initial=0.0)
        return [replace(one, start=start) for one, start in zip(self.states, starts, strict=False) if one.count]


def outcome(mailing: Mailing) -> Outcome:
    """Return what became of a mailing that has left, now."""
    found = delivery.results(mailing.batch)  # type: ignore[arg-type]
    named = [
        ("sent", _("accepted by the reader’s server"), found.sent),
        ("waiting", _("waiting to leave"), found.waiting),
        ("failed", _("refused by the reader’s server"), found.failed),
        ("uncertain", _("uncertain: the server did not answer"), found.uncertain),
        ("suppressed", _("held back: stopped, withdrawn or without address"), found.suppressed),
    ]
    most = max((clicks for _target, clicks in found.links), default=0)
    return Outcome(
        states=[Share(label, count, rules.share(count, found.total), kind) for kind, label, count in named],
        links=[Share(target, clicks, rules.share(clicks, most), "clicks") for target, clicks in found.links],
        total=found.total,
        sent=found.sent,
        waiting=found.waiting,
        unsubscribed=found.unsubscribed,
        clicks=found.clicks,
    )


def sampled(words: str) -> str:
    """Return an author's words as an invented reader would see them. Raises LetterError."""
    samples = {name: str(field.sample) for name, field in MERGE_FIELDS.items()}
    return merge.filled(merge.cut(words, known=MERGE_FIELDS), samples)


def fields_for_authors() -> list[tuple[str, MergeField]]:
    """Return the merge fields that authors may place, with their names."""
    return [(name, field) for name, field in MERGE_FIELDS.items() if name not in OF_THE_FOOTER]


def _origins(recipients: Sequence[Recipient]) -> list[str]:
    """Say to each reader from where the campaign knows them (RGPD art. 14(2)(f))."""
    people = [one.person_id for one in recipients]
    grounds = Ground.objects.live().filter(person__in=people, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    known = {
        person: (basis, given_at) for person, basis, given_at in grounds.values_list("person", "basis", "given_at")
    }
    with translation.override(settings.LANGUAGE_CODE):
        return [_origin(*known.get(person, (None, None))) for person in people]


def _origin(basis: str | None, given_at: object) -> str:
    if basis is None or given_at is None:
        return gettext("you asked for a test of it")
    day = date_format(given_at.astimezone(clock.PARIS), "j F Y")  # type: ignore[attr-defined]
    if basis == Basis.DECLARED_AT_IMPORT:
        return gettext("you had agreed to it with our campaign, whose file we took over on %(day)s") % {"day": day}
    return gettext("you agreed to it on %(day)s") % {"day": day}


MERGE_FIELDS.add(
    "origin",
    MergeField(_("from where we know the reader"), _("you agreed to it on 12 March 2028"), _origins),
)
