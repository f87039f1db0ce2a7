"""Commands on trials: several versions of a letter or of a text, the best of which goes to all the others."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, may, note
from portevoix.accounts.types import Actor, Role, Staff
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.mailings import rules, selectors
from portevoix.mailings.exceptions import (
    AlreadyDecided,
    ChangedMeanwhile,
    IsAVersion,
    MailingError,
    NotATrial,
    SenderGone,
    TooManyVersions,
    TrialPaused,
)
from portevoix.mailings.models import (
    MOST_VERSIONS,
    AnyMailing,
    AnyTrial,
    AnyVersion,
    ShortMessage,
    TextTrial,
    Trial,
)
from portevoix.mailings.selectors import texts
from portevoix.mailings.services import composing, texting
from portevoix.mailings.services.composing import WRITERS
from portevoix.mailings.types import UNDER_WAY, Draft, Measure, State, TextDraft, TrialPlan
from portevoix.mailings.wording import explain

SENDERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.try_versions", label=_("Plan a trial of versions of a message"), roles=WRITERS)
def plan(mailing: AnyMailing, planned: TrialPlan, *, actor: Actor) -> AnyTrial:
    """Say how the versions of a draft are tried; the first time, version A is the draft and B a copy of it.

    Raises NotADraft, IsAVersion.
    """
    mailing = type(mailing).objects.locked_draft(mailing.pk)
    trial: AnyTrial | None = selectors.trial_of(mailing)
    if trial is not None and trial.mailing_id != mailing.pk:
        raise IsAVersion
    if trial is None:
        trial = TextTrial(mailing=mailing) if isinstance(mailing, ShortMessage) else Trial(mailing=mailing)
        trial.plan = planned
        trial.save()
        _versions(trial).create(mailing=mailing, place=0)
        _add(trial, actor)
    else:
        trial.plan = planned
        trial.save()
    note(about=mailing, count=trial.versions.count(), share=trial.share, hours=trial.hours)
    return trial


@command("mailings.add_version", label=_("Add a version to a trial"), roles=WRITERS)
def add_version(trial: AnyTrial, *, actor: Actor) -> AnyMailing:
    """Add a copy of version A, to be changed. Raises NotADraft, TooManyVersions."""
    mailing = type(trial.mailing).objects.locked_draft(trial.mailing_id)
    version = _add(trial, actor)
    note(about=mailing, count=trial.versions.count())
    return version.mailing


@command("mailings.drop_trial", label=_("Give up a trial of versions"), roles=WRITERS)
def drop(trial: AnyTrial, *, actor: Actor) -> None:
    """Keep version A alone; the drafts of the others are deleted. Raises NotADraft."""
    mailing = type(trial.mailing).objects.locked_draft(trial.mailing_id)
    others = [one.pk for one in selectors.other_versions(trial)]
    trial.delete()
    type(mailing).objects.drafts().filter(pk__in=others).delete()
    note(about=mailing, count=len(others))


def _versions(trial: AnyTrial) -> Any:
    return trial.versions


def _add(trial: AnyTrial, actor: Actor) -> AnyVersion:
    taken = set(_versions(trial).values_list("place", flat=True))
    free = [place for place in range(MOST_VERSIONS) if place not in taken]
    if not free:
        raise TooManyVersions
    version: AnyVersion = _versions(trial).model(trial=trial, place=free[0])
    version.mailing = _copy(trial.mailing, version.letter, actor)
    version.save()
    return version


def _copy(original: AnyMailing, letter: str, actor: Actor) -> AnyMailing:
    kind: type[Draft] | type[TextDraft] = TextDraft if isinstance(original, ShortMessage) else Draft
    words = {one.name: getattr(original, one.name) for one in fields(kind)}
    words["title"] = gettext("%(title)s, version %(letter)s") % {"title": original.title[:100], "letter": letter}
    if isinstance(original, ShortMessage):
        return texting.write_text(TextDraft(**words), actor=actor)
    return composing.create(Draft(**words), actor=actor)


@command("mailings.decide", label=_("Send the version of a message that was chosen"), roles=SENDERS)
def decide(trial: AnyTrial, version: AnyVersion, *, actor: Actor) -> int:
    """Send the version chosen by hand to all those who have none; return how many. Once.

    Raises NotATrial, AlreadyDecided, TrialPaused.
    """
    return _decide(_locked(trial), version, actor=actor, is_by_hand=True)


@command("mailings.decide_by_totals", label=_("Send the best version of a message"))
def decide_by_totals(trial: AnyTrial, *, actor: Actor) -> bool:
    """Send the version that its totals say, in the name of whoever began the trial; tell whether it was sent.

    What speaks against it is written down, and somebody must choose by hand. Raises NotATrial, AlreadyDecided.
    """
    trial = _locked(trial)
    note(about=trial.mailing, count=0)
    try:
        with transaction.atomic():
            count = _by_totals(trial)
    except TrialPaused:
        # It goes on with the mailing.
        return False
    except (LetterError, MailingError) as error:
        with translation.override(settings.LANGUAGE_CODE):
            fault = explain(error)[:400]
        type(trial).objects.filter(pk=trial.pk).update(fault=fault)
        note(fault=type(error).__name__)
        return False
    note(count=count)
    return True


def _by_totals(trial: AnyTrial) -> int:
    starter = trial.started_by
    sender: Actor | None = Staff(starter) if starter is not None else None
    if sender is None or not may(sender, "mailings.send"):
        raise SenderGone
    versions: list[AnyVersion] = [*selectors.versions_of(trial)]
    best = rules.best(Measure(trial.measure), [selectors.totals_of(one) for one in versions])
    return _decide(trial, versions[best], actor=sender.within(SENDERS), is_by_hand=False)


def _decide(trial: AnyTrial, chosen: AnyVersion, *, actor: Actor, is_by_hand: bool) -> int:
    versions: list[AnyVersion] = [*selectors.versions_of(trial)]
    if chosen.pk not in {one.pk for one in versions}:
        raise NotATrial
    if any(one.mailing.state not in UNDER_WAY or one.mailing.state == State.PAUSED for one in versions):
        raise TrialPaused
    people = selectors.people_of(trial.mailing, actor)
    audience = selectors.audience_of(trial.mailing, people)
    if not is_by_hand and rules.has_grown(trial.count, audience.count()):
        raise ChangedMeanwhile
    for one in versions:
        for name, value in asdict(selectors.totals_of(one)).items():
            if name != "waiting":
                setattr(one, name, value)
        one.save()
    winner = next(one for one in versions if one.pk == chosen.pk)
    batches = [one.mailing.batch_id for one in versions if one.mailing.batch_id is not None]
    assert winner.mailing.batch is not None  # noqa: S101 - it is under way
    count = delivery.send_more(winner.mailing.batch, audience, but_for=batches, actor=actor)
    winner.mailing.recipients += count
    kept = ["recipients", "updated_at"]
    if isinstance(winner.mailing, ShortMessage):
        counted = texts.counted(winner.mailing.words, label=selectors.label_of(winner.mailing))
        winner.mailing.foreseen_cents += texts.estimate(counted, count).cents
        kept.append("foreseen_cents")
    winner.mailing.save(update_fields=kept)
    trial.winner, trial.decided_at, trial.is_by_hand, trial.fault = winner, clock.now(), is_by_hand, ""
    trial.save()
    note(about=trial.mailing, count=count, version=winner.letter, by_hand=is_by_hand)
    return count


def _locked(trial: AnyTrial) -> AnyTrial:
    # Mailings first, as whoever stops or sends them does.
    family = type(trial.mailing).objects.filter(version__trial=trial.pk)
    list(family.select_for_update(of=("self",)).order_by("pk"))
    trials: Any = type(trial).objects
    trial = trials.select_for_update(of=("self",)).select_related("mailing", "started_by").get(pk=trial.pk)
    if trial.decided_at is not None:
        raise AlreadyDecided
    if trial.started_at is None:
        raise NotATrial
    return trial
