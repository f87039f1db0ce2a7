"""Commands on how long things are kept (RGPD art. 5(1)(e)): set a term, begin a night's work, do a stretch of it.

The work asks the same question as the preview (``selectors.retention``) and asks it again, of the same persons, once
it holds them: who confirmed something in the meantime stays.
"""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock, jobs
from portevoix.people.models import Person
from portevoix.rights.exceptions import ChangedSince, TermRefused
from portevoix.rights.models import Ground, RetentionRule, RetentionRun
from portevoix.rights.models.retention import LEAST_REASON, OPEN, RunState
from portevoix.rights.purposes import RULES
from portevoix.rights.rules.retention import is_too_many
from portevoix.rights.selectors import retention as selectors
from portevoix.rights.selectors import wait_at_the_entrance
from portevoix.rights.selectors.retention import Going
from portevoix.rights.services.erasing import forget_all
from portevoix.rights.types import tell_of_change

KEEPERS = {Role.DIRECTOR, Role.DATA_OFFICER}
#: Numbers of persons looked at in one transaction, and persons erased in one.
SLICE, MOST_ERASED = 20_000, 500


@command("rights.set_term", label=_("Set how long things are kept"), roles=KEEPERS, nationwide=True)
def set_term(code: str, months: int, *, reason: str, actor: Actor) -> RetentionRule:
    """Set the term of a rule, in months; the former rule stays with its reason. Raises TermRefused."""
    term = RULES[code]
    if not 0 <= months <= term.most:
        raise TermRefused(gettext("The law allows %(most)d months at most (%(article)s).") % vars(term))
    if len(reason.strip()) < LEAST_REASON:
        raise TermRefused(gettext("Say why, in a sentence: whoever inspects the campaign will ask."))
    rule = RetentionRule.objects.create(code=code, months=months, reason=reason.strip(), by=actor.label, at=clock.now())
    note(about=rule, code=code, months=months, usual=term.months)
    return rule


@command("rights.begin_retention", label=_("Begin the night’s destruction"), roles=KEEPERS, nationwide=True)
def begin_retention(*, actor: Actor) -> RetentionRun:
    """Begin today's run, or return the one that is open or was done today.

    Too large a run waits for somebody to look at it, and so does one that a member of staff begins by hand.
    """
    now = clock.now()
    unfinished = (
        RetentionRun.objects.filter(state__in=OPEN).first() or RetentionRun.objects.filter(day=clock.today()).first()
    )
    if unfinished:
        note(about=unfinished)
        return unfinished
    found = selectors.forecast()
    is_braked = is_too_many(found.going, found.people, settings.INSTANCE.retention.brake_percent)
    is_braked = is_braked or (actor.kind == "staff" and found.going > 0)
    run = RetentionRun.objects.create(
        day=clock.today(),
        state=RunState.BRAKED if is_braked else RunState.RUNNING,
        people=found.people,
        foreseen=found.going,
        last=Person.objects.aggregate(last=Max("pk"))["last"] or 0,
        started_at=now,
    )
    note(about=run, count=found.going, braked=is_braked)
    return run


@command("rights.advance_retention", label=_("Do a stretch of the night’s destruction"))
def advance_retention(run_id: int, *, size: int = SLICE, actor: Actor) -> bool:
    """End the grounds and erase the persons of one stretch whose time is over; tell whether more is to be done.

    The cursor moves with what was done, in one transaction: a worker that was killed did all of a stretch or none.
    """
    run = RetentionRun.objects.select_for_update().get(pk=run_id)
    note(about=run, count=0)
    if run.state != RunState.RUNNING:
        return False
    until = min(run.cursor + size, run.last)
    found = selectors.over((run.cursor, until))
    chosen = list(dict.fromkeys(going.person_id for going in found))
    if len(chosen) > MOST_ERASED:
        chosen = sorted(chosen)[:MOST_ERASED]
        until = chosen[-1]
    done = _end(chosen, actor)
    run.counts = dict(Counter(run.counts) + done)
    run.erased = sum(number for name, number in run.counts.items() if name.startswith("people."))
    run.cursor = until
    if until >= run.last:
        run.state, run.ended_at = RunState.DONE, clock.now()
    elif _goes_too_far(run):
        run.state = RunState.BRAKED
    run.save(update_fields=["counts", "erased", "cursor", "state", "ended_at"])
    note(count=sum(done.values()), by_rule=dict(done))
    return run.state == RunState.RUNNING


@command("rights.confirm_retention", label=_("Confirm a large destruction"), roles=KEEPERS, nationwide=True)
def confirm_retention(run_id: int, *, seen: int, actor: Actor) -> RetentionRun:
    """Let a run that the brake stopped go on, by who has ``seen`` how many it would erase.

    Raises ChangedSince when more would go by now.
    """
    run = RetentionRun.objects.select_for_update().get(pk=run_id)
    note(about=run, count=seen)
    if run.state != RunState.BRAKED:
        return run
    found = selectors.forecast()
    if found.going > seen:
        raise ChangedSince
    run.state, run.confirmed, run.confirmed_by = RunState.RUNNING, run.erased + seen, actor.label
    run.last = Person.objects.aggregate(last=Max("pk"))["last"] or 0
    run.save(update_fields=["state", "confirmed", "confirmed_by", "last"])
    jobs.defer("rights.retain", once=True, run_id=run.pk)
    return run


@command("rights.stop_retention", label=_("Stop a night’s destruction"), roles=KEEPERS, nationwide=True)
def stop_retention(run_id: int, *, actor: Actor) -> RetentionRun:
    """Stop a run where it is; what is done is done, and the next night begins again."""
    run = RetentionRun.objects.select_for_update().get(pk=run_id)
    note(about=run, count=run.erased)
    if run.state in OPEN:
        run.state, run.ended_at = RunState.STOPPED, clock.now()
        run.save(update_fields=["state", "ended_at"])
    return run


def _goes_too_far(run: RetentionRun) -> bool:
    """Tell whether more went than anybody foresaw: a rule was shortened while the run was at work."""
    percent = settings.INSTANCE.retention.brake_percent
    return run.erased > (run.confirmed or 0) and is_too_many(run.erased, run.people, percent)


def _end(person_ids: list[int], actor: Actor) -> Counter[str]:
    """Take the persons, ask again what is over for them, and do it: grounds first, then who has nothing left."""
    if not person_ids:
        return Counter()
    wait_at_the_entrance()
    taken = Person.objects.select_for_update(of=("self",), no_key=True).order_by("pk").filter(pk__in=person_ids)
    still = selectors.over(list(taken.values_list("pk", flat=True)))
    _expire([going for going in still if not going.is_person])
    going = {one.ident: one for one in still if one.is_person}
    refusing = [ident for ident, one in going.items() if one.has_refused]
    if going:
        forget_all(list(going), refusing=refusing, actor=actor)
    return Counter(selectors.key(one.is_person, one.code) for one in still)


def _expire(over: list[Going]) -> None:
    """End grounds: the ledger enters each as expired, opinions go with theirs, the doors ask again."""
    terms = selectors.terms_in_force()
    for code in sorted({going.code for going in over}):
        idents = [going.ident for going in over if going.code == code]
        Ground.objects.live().filter(pk__in=idents).update(
            withdrawn_at=clock.now(), withdrawal={"retention": terms[code]}
        )
    if over:
        tell_of_change()
