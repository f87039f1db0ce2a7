"""Trials: who gets which version, and what became of each so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, overload

from django.db.models import BigIntegerField, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.mailings import rules
from portevoix.mailings.exceptions import NotATrialYet
from portevoix.mailings.models import (
    AnyMailing,
    AnyTrial,
    AnyVersion,
    Mailing,
    ShortMessage,
    TextTrial,
    TextVersion,
    Trial,
    Version,
)
from portevoix.mailings.selectors.fields import sampled
from portevoix.mailings.types import Measure, Totals
from portevoix.people.models import Person


class Bucket(Func):
    """A number from 0 to BUCKETS - 1, drawn from words: the same for ever, on any machine."""

    template = f"mod(('x' || substr(md5(%(expressions)s), 1, 8))::bit(32)::bigint, {rules.BUCKETS})"
    output_field = BigIntegerField()


@overload
def trial_of(mailing: Mailing) -> Trial | None: ...
@overload
def trial_of(mailing: ShortMessage) -> TextTrial | None: ...
def trial_of(mailing: AnyMailing) -> AnyTrial | None:
    """Return the trial that a mailing is a version of, or whose audience it gives."""
    kind: Any = TextTrial if isinstance(mailing, ShortMessage) else Trial
    trials = kind.objects.select_related("mailing", "winner__mailing")
    found: AnyTrial | None = trials.filter(versions__mailing=mailing.pk).first()
    return found


@overload
def versions_of(trial: Trial) -> list[Version]: ...
@overload
def versions_of(trial: TextTrial) -> list[TextVersion]: ...
def versions_of(trial: AnyTrial) -> list[Version] | list[TextVersion]:
    """Return the versions of a trial in their order, with what became of them at hand."""
    versions: Any = trial.versions
    return list(versions.select_related("mailing__batch", "mailing__segment").order_by("place"))


@overload
def other_versions(trial: Trial) -> list[Mailing]: ...
@overload
def other_versions(trial: TextTrial) -> list[ShortMessage]: ...
def other_versions(trial: AnyTrial) -> list[Mailing] | list[ShortMessage]:
    """Return the messages that are tried beside version A."""
    versions: Any = trial.versions
    return [one.mailing for one in versions.filter(place__gt=0).select_related("mailing")]


@overload
def parts_of(people: QuerySet[Person], trial: Trial) -> list[tuple[Version, QuerySet[Person]]]: ...
@overload
def parts_of(people: QuerySet[Person], trial: TextTrial) -> list[tuple[TextVersion, QuerySet[Person]]]: ...
def parts_of(people: QuerySet[Person], trial: AnyTrial) -> Any:
    """Return each version with those of ``people`` who are drawn for it. Raises NotATrialYet."""
    versions: Any = versions_of(trial)
    if len(versions) < 2:
        raise NotATrialYet
    return [(one, part_of(people, trial, place, len(versions))) for place, one in enumerate(versions)]


def part_of(people: QuerySet[Person], trial: AnyTrial, place: int, versions: int) -> QuerySet[Person]:
    """Keep those of ``people`` who are drawn for one version."""
    begins, ends = rules.edges(trial.share, versions)[place : place + 2]
    drawn = Bucket(Concat(Cast("ref", TextField()), Value(trial.salt)))
    return people.alias(bucket=drawn).filter(bucket__gte=begins, bucket__lt=ends)


def totals_of(version: AnyVersion) -> Totals:
    """Return what became of a version until now."""
    if version.mailing.batch is None:
        return Totals(0)
    found = outbox.results(version.mailing.batch)
    return Totals(
        sent=found.sent,
        clicks=found.clicks,
        unsubscribed=found.unsubscribed,
        complained=found.complained,
        bounced=found.bounced,
        waiting=found.waiting,
    )


def had_its_hours(trial: AnyTrial) -> bool:
    """Tell whether what is tried has left and was there to be read as long as the trial says.

    Letters and texts may wait long: for electoral silence, the hour of the day, the pace that the host has set. Those
    that a server puts off, and the few that left after the others, hold nothing up.
    """
    batches = [one.mailing.batch for one in versions_of(trial) if one.mailing.batch is not None]
    found = outbox.outset(batches, clock.now() - timedelta(hours=trial.hours))
    return not found.untried and rules.is_few(found.left_lately, found.left)


@dataclass(frozen=True)
class Tried:
    """One version beside the others."""

    version: AnyVersion
    totals: Totals
    is_best: bool

    @property
    def letter(self) -> str:
        return self.version.letter

    @property
    def subject(self) -> str:
        """The subject of a letter, or the words of a text message, as an invented reader sees them."""
        written = self.version.mailing
        words = written.words if isinstance(written, ShortMessage) else written.subject
        try:
            return sampled(words)
        except LetterError:  # a field may have been taken away since
            return words


@dataclass(frozen=True)
class Standings:
    """A trial as it stands: at its decision once that is made, now before."""

    trial: AnyTrial
    versions: list[Tried]
    #: Whether the best is better by more than chance would often make it.
    is_clear: bool


def standings(trial: AnyTrial) -> Standings:
    """Return the versions of a trial, one beside the other."""
    versions: list[AnyVersion] = [*versions_of(trial)]
    totals = [one.totals if trial.decided_at else totals_of(one) for one in versions]
    best = rules.best(Measure(trial.measure), totals) if any(one.sent for one in totals) else -1
    rows = [Tried(one, found, place == best) for place, (one, found) in enumerate(zip(versions, totals, strict=True))]
    return Standings(trial, rows, rules.is_clear(Measure(trial.measure), totals))
