"""A dry run: what would happen to one person and when, without doing it."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from portevoix.journeys.models import Step, Trip, Version
from portevoix.journeys.rules import moments, plan
from portevoix.journeys.selectors.checking import in_words, phrase
from portevoix.journeys.selectors.people import earlier, people_who
from portevoix.journeys.types import ACTIONS, CONDITION, LEAVE, WAIT, Foreseen, Standing
from portevoix.kernel import clock
from portevoix.people.models import Person


def due_at(step: Step, version: Version, now: datetime) -> datetime:
    """Return when somebody who comes to a step now is done with it: at once, when the wait is over, not at night."""
    if step.kind == WAIT:
        return moments.over_at(step.said, now)
    action = ACTIONS.get(step.kind)
    if action and action.keeps_quiet:
        return moments.after_quiet(now, version.quiet_from, version.quiet_until)
    return now


def foresee(version: Version, person: Person) -> list[Foreseen]:
    """Return what would happen to a person who entered now, as they are today: answers may differ by then.

    Raises InvalidTree when a question asks about what is gone.
    """
    now = clock.now()
    if refusal := _refusal(version, person, now):
        return [Foreseen(now, 0, gettext("Enters"), refusal, happens=False)]
    found = [Foreseen(now, 0, gettext("Enters"), gettext("They may enter."))]
    steps = version.steps_by_key()
    links = {link.key: link for link in plan.linked(step.node for step in steps.values())}
    key = next(iter(links), None)
    while key is not None:
        step = steps[key]
        if version.goal and _holds(version.goal, person):
            return [*found, Foreseen(now, key, "", gettext("They leave: the goal is reached."), happens=False)]
        now = due_at(step, version, now)
        line, goes_on, is_yes = _line(step, person, now)
        found.append(line)
        if not goes_on:
            return found
        key = links[key].next if is_yes else links[key].otherwise
    return [*found, Foreseen(now, 0, gettext("The end"), gettext("They come to the end."))]


def _refusal(version: Version, person: Person, now: datetime) -> str:
    if person.restricted_at is not None:
        return gettext("They would not enter: their data is restricted (GDPR art. 18).")
    if version.only and not _holds(version.only, person):
        return gettext("They would not enter: it is not for them. %(only)s") % {"only": in_words(version.only)}
    last = earlier(version, now).filter(person=person).order_by("-entered_at").first()
    return _been_before(last, version) if last is not None else ""


def _been_before(last: Trip, version: Version) -> str:
    """Say what keeps somebody from entering who was on the automation before."""
    if last.state == Standing.UNDER_WAY:
        return gettext("They would not enter: they are on it already.")
    said = {"day": date_format(localtime(last.entered_at, clock.PARIS), "DATE_FORMAT"), "days": version.again_days}
    if version.again_days is None:
        return gettext("They would not enter: they entered on %(day)s, and each person enters once.") % said
    words = ngettext(
        "They would not enter again yet: they entered on %(day)s, less than %(days)d day ago.",
        "They would not enter again yet: they entered on %(day)s, less than %(days)d days ago.",
        version.again_days,
    )
    return words % said


def _line(step: Step, person: Person, now: datetime) -> tuple[Foreseen, bool, bool]:
    """Return the line of one step, whether they go on from it, and by which of two ways."""
    if step.kind == CONDITION:
        holds = _holds(step.said.get("tree"), person)
        answer = gettext("Yes: %(question)s") if holds else gettext("No: %(question)s")
        return Foreseen(now, step.key, gettext("Condition"), answer % {"question": phrase(step)}), True, holds
    if step.kind == WAIT:
        until = date_format(localtime(now, clock.PARIS), "DATETIME_FORMAT")
        words = gettext("%(wait)s: until %(moment)s") % {"wait": phrase(step), "moment": until}
        return Foreseen(now, step.key, gettext("Wait"), words), True, True
    if step.kind == LEAVE:
        return Foreseen(now, step.key, gettext("Leaves"), phrase(step), happens=False), False, True
    action = ACTIONS[step.kind]
    happens, words = action.foresee(step, person.pk, now)
    goes_on = happens or step.said.get("otherwise") == "go_on"
    return Foreseen(now, step.key, str(action.label), words, happens=happens), goes_on, True


def _holds(tree: object, person: Person) -> bool:
    return people_who(tree).filter(pk=person.pk).exists()  # type: ignore[arg-type]
