"""Trials: who gets which version, and what became of each so far."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BigIntegerField, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import rules
from portevoix.mailings.models import Mailing, Trial, Version
from portevoix.mailings.selectors.fields import sampled
from portevoix.mailings.types import Measure, Totals
from portevoix.people.models import Person


class Bucket(Func):
    """A number from 0 to BUCKETS - 1, drawn from words: the same for ever, on any machine."""

    template = f"mod(('x' || substr(md5(%(expressions)s), 1, 8))::bit(32)::bigint, {rules.BUCKETS})"
    output_field = BigIntegerField()


def trial_of(mailing: Mailing) -> Trial | None:
    """Return the trial that a mailing is a version of, or whose audience it gives."""
    return Trial.objects.select_related("mailing", "winner__mailing").filter(versions__mailing=mailing.pk).first()


def other_versions(trial: Trial) -> list[Mailing]:
    """Return the letters that are tried beside version A."""
    versions = trial.versions.filter(place__gt=0).select_related("mailing")
    return [one.mailing for one in versions]


def part_of(people: QuerySet[Person], trial: Trial, place: int, versions: int) -> QuerySet[Person]:
    """Keep those of ``people`` who are drawn for one version."""
    begins, ends = rules.edges(trial.share, versions)[place : place + 2]
    drawn = Bucket(Concat(Cast("ref", TextField()), Value(trial.salt)))
    return people.alias(bucket=drawn).filter(bucket__gte=begins, bucket__lt=ends)


def totals_of(version: Version) -> Totals:
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


@dataclass(frozen=True)
class Tried:
    """One version beside the others."""

    version: Version
    totals: Totals
    is_best: bool

    @property
    def letter(self) -> str:
        return self.version.letter

    @property
    def subject(self) -> str:
        """The subject, as an invented reader sees it."""
        try:
            return sampled(self.version.mailing.subject)
        except LetterError:  # a field may have been taken away since
            return self.version.mailing.subject


@dataclass(frozen=True)
class Standings:
    """A trial as it stands: at its decision once that is made, now before."""

    trial: Trial
    versions: list[Tried]
    #: Whether the best is better by more than chance would often make it.
    is_clear: bool


def standings(trial: Trial) -> Standings:
    """Return the versions of a trial, one beside the other."""
    versions = list(trial.versions.select_related("mailing__batch"))
    totals = [one.totals if trial.decided_at else totals_of(one) for one in versions]
    best = rules.best(Measure(trial.measure), totals) if any(one.sent for one in totals) else -1
    rows = [Tried(one, found, place == best) for place, (one, found) in enumerate(zip(versions, totals, strict=True))]
    return Standings(trial, rows, rules.is_clear(Measure(trial.measure), totals))
