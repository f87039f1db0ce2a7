"""What keeps an automation from being published, in sentences; and what its parts say, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor, Fact
from portevoix.actions.selectors import action_pages
from portevoix.journeys.models import Step, Version
from portevoix.journeys.rules import plan
from portevoix.journeys.selectors.people import people_who, question_of, there_now
from portevoix.journeys.types import (
    ACTIONS,
    CONDITION,
    LEAVE,
    OF_BECOMING,
    WAIT,
    Trigger,
    Unit,
    Wait,
)
from portevoix.paths.models import Path
from portevoix.paths.models import Step as PathStep
from portevoix.people.models import Tag
from portevoix.people.types import Kind, RoleKind
from portevoix.segments import rules as questions
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment
from portevoix.segments.types import Names


def faults(version: Version, actor: Actor) -> list[tuple[int, str]]:
    """Return what must be mended before a version may run: the step's number (0 is the whole) and a sentence each."""
    steps = version.steps_by_key()
    nodes = [step.node for step in steps.values()]
    found = [(0, words) for words in _faults_of_the_whole(version, actor, nodes)]
    found += _faults_of_shape(nodes)
    for step in steps.values():
        found += [(step.key, words) for words in _faults_of(step, actor)]
    return sorted(found)


def _faults_of_the_whole(version: Version, actor: Actor, nodes: list[plan.Node]) -> list[str]:
    found = start_faults(version, actor)
    for tree, what in (
        (version.only, gettext("Only for: %(fault)s")),
        (version.goal, gettext("Goal: %(fault)s")),
    ):
        found += [what % {"fault": words} for words in question_faults(tree, actor)] if tree else []
    if not nodes:
        found.append(gettext("It has no step yet: add the first one."))
    if len(nodes) > plan.MOST_STEPS:
        found.append(
            gettext("It has more than %(most)d steps: make two automations of it.") % {"most": plan.MOST_STEPS}
        )
    if plan.depth_of(nodes) > plan.DEEPEST:
        found.append(gettext("Conditions stand too deep in conditions: nobody would understand it."))
    if version.again_days is not None and any(_starts_itself(version, node) for node in nodes):
        found.append(
            gettext("It would go round in a circle: one of its steps does what starts it. Let people enter once only.")
        )
    return found


def _starts_itself(version: Version, node: plan.Node) -> bool:
    if version.trigger == Trigger.TAG:
        return node.kind == "add_tag" and node.said.get("tag") == version.said.get("tag")
    if version.trigger == Trigger.STEP:
        return node.kind == "path" and node.said.get("step") == version.said.get("step")
    kinds = {
        "add_tag": Kind.TAGGED,
        "remove_tag": Kind.UNTAGGED,
        "path": Kind.STEPPED,
        "mail": Kind.MAILED,
        "text": Kind.TEXTED,
    }
    is_of_the_spine = version.trigger == Trigger.HAPPENED
    return is_of_the_spine and kinds.get(node.kind) in version.said.get("kinds", [])


def _faults_of_shape(nodes: list[plan.Node]) -> list[tuple[int, str]]:
    return [
        *(
            (key, gettext("Both branches are empty: the condition changes nothing."))
            for key in plan.empty_conditions(nodes)
        ),
        *((key, gettext("Nobody ever comes here: everybody leaves before.")) for key in plan.never_reached(nodes)),
        *((key, gettext("Nothing comes after this wait: take it away.")) for key in plan.pointless_waits(nodes)),
    ]


def _faults_of(step: Step, actor: Actor) -> list[str]:
    if step.kind == CONDITION:
        tree = step.said.get("tree")
        return question_faults(tree, actor) if tree else [gettext("The condition asks nothing yet.")]
    if step.kind == WAIT:
        return [] if step.said.get("wait") else [gettext("Say how long to wait.")]
    if step.kind == LEAVE:
        return []
    action = ACTIONS.get(step.kind)
    return action.faults(step) if action else [gettext("This kind of step does not exist any more.")]


def question_faults(tree: Mapping[str, Any] | None, actor: Actor) -> list[str]:
    """Return what is wrong with a question: opinions, what is hidden from its author, what is gone."""
    try:
        question = question_of(tree)
        if not question.parts:
            return [gettext("The condition asks nothing yet.")]
        segments.check_draft(question, actor)
        people_who(tree)
    except InvalidTree as fault:
        return [" ".join(fault.faults.values())]
    if Names().miss(question.criteria()):
        return [gettext("The question names something that was deleted: ask it otherwise.")]
    return []


def start_faults(version: Version, actor: Actor) -> list[str]:
    """Return what is wrong with what starts an automation."""
    said = version.said
    if version.trigger == Trigger.HAPPENED and not said.get("kinds"):
        return [gettext("Say what starts it.")]
    if version.trigger == Trigger.ACTION and not action_pages().filter(pk=said.get("action", 0)).exists():
        return [gettext("The action that starts it is gone: choose another.")]
    if version.trigger == Trigger.STEP and not _place(said):
        return [gettext("The step or the path that starts it is gone: choose another.")]
    if version.trigger == Trigger.TAG and not Tag.objects.filter(pk=said.get("tag")).exists():
        return [gettext("The tag that starts it is gone: choose another.")]
    if version.trigger == Trigger.BIRTHDAY and Fact.BIRTH in hidden_from(actor):
        return [gettext("Birth dates are hidden from your role.")]
    if version.trigger in OF_BECOMING:
        return _becoming_faults(version, actor)
    return []


def _becoming_faults(version: Version, actor: Actor) -> list[str]:
    try:
        there_now(version)
        if segment := Segment.objects.filter(pk=version.said.get("segment")).first():
            segments.check_draft(segment.question, actor)
    except (InvalidTree, KeyError) as fault:
        told = " ".join(fault.faults.values()) if isinstance(fault, InvalidTree) else ""
        return [gettext("The segment that starts it cannot be used. %(why)s") % {"why": told}]
    return []


def _place(said: Mapping[str, Any]) -> str:
    if step := PathStep.objects.select_related("path").filter(pk=said.get("step", 0)).first():
        return f"{step.path.name} : {step.name}"
    path = Path.objects.filter(pk=said.get("path", 0)).first()
    return path.name if path else ""


def start_in_words(version: Version) -> str:
    """Say what starts an automation."""
    said = version.said
    gone = gettext("(deleted)")
    match version.trigger:
        case Trigger.HAPPENED:
            kinds = [str(Kind(kind).label) for kind in said.get("kinds", []) if kind in Kind.values]
            return gettext("When the person: %(what)s") % {"what": gettext(" or ").join(kinds) or "…"}
        case Trigger.ACTION:
            page = action_pages().filter(pk=said.get("action", 0)).first()
            return gettext("On taking part in “%(title)s”") % {"title": page.title if page else gone}
        case Trigger.STEP:
            if said.get("step"):
                return gettext("At the step “%(step)s”") % {"step": _place(said) or gone}
            return gettext("At the end of the path “%(path)s”") % {"path": _place(said) or gone}
        case Trigger.TAG:
            tag = Tag.objects.filter(pk=said.get("tag")).first()
            return gettext("When the tag “%(tag)s” is given") % {"tag": tag or gone}
        case Trigger.ROLE:
            role = said.get("role")
            return gettext("On becoming: %(role)s") % {"role": RoleKind(role).label if role in RoleKind.values else "…"}
        case Trigger.SEGMENT_IN | Trigger.SEGMENT_OUT:
            segment = Segment.objects.filter(pk=said.get("segment")).first()
            words = (
                gettext("On entering the segment “%(name)s”")
                if version.trigger == Trigger.SEGMENT_IN
                else gettext("On leaving the segment “%(name)s”")
            )
            return words % {"name": segment or gone}
        case _:
            return _day_in_words(version)


def compares(trigger: str) -> str:
    """Say how an automation learns what starts it, where that is by comparing now and then who is there; else nothing.

    The number of minutes is `turns.LOOKS_EVERY`.
    """
    if trigger not in OF_BECOMING:
        return ""
    return gettext(
        "Every five minutes the platform compares who is there with who was: a person may enter up to five minutes "
        "late, and whoever comes and goes in between does not."
    )


def _day_in_words(version: Version) -> str:
    said = version.said
    days = abs(int(said.get("days", 0)))
    if version.trigger == Trigger.INACTIVE:
        return ngettext("After %(days)d day without a sign", "After %(days)d days without a sign", days) % {
            "days": days
        }
    at = gettext("%(hour)d h") % {"hour": int(said.get("hour", 0))}
    if version.trigger == Trigger.DAY:
        day = date_format(date.fromisoformat(said["on"]), "DATE_FORMAT") if said.get("on") else "…"
        return gettext("On %(day)s at %(at)s") % {"day": day, "at": at}
    if version.trigger == Trigger.BIRTHDAY:
        return gettext("On their birthday at %(at)s") % {"at": at}
    if not days:
        return gettext("When their membership ends")
    words = (
        ngettext("%(days)d day after their membership ends", "%(days)d days after their membership ends", days)
        if int(said["days"]) > 0
        else ngettext("%(days)d day before their membership ends", "%(days)d days before their membership ends", days)
    )
    return words % {"days": days}


def phrase(step: Step) -> str:
    """Say what a step does, as it stands in its box."""
    if step.kind == WAIT:
        return wait_in_words(step.said)
    if step.kind == LEAVE:
        return gettext("Everybody leaves here")
    if step.kind == CONDITION:
        return in_words(step.said.get("tree")) or gettext("A condition that asks nothing yet")
    action = ACTIONS.get(step.kind)
    return action.sentence(step) if action else step.kind


def in_words(tree: Mapping[str, Any] | None) -> str:
    """Say a question in plain words, or nothing."""
    if not tree:
        return ""
    try:
        question = question_of(tree)
    except InvalidTree as fault:
        return " ".join(fault.faults.values())
    names = Names()
    names.read(question.criteria())
    return questions.sentence(question, names)


def wait_in_words(said: Mapping[str, Any]) -> str:
    """Say how long a step waits."""
    kind, at = said.get("wait"), str(said.get("at", ""))
    if kind == Wait.FOR:
        number = int(said["number"])
        words = {
            Unit.MINUTES: ngettext("Wait %(number)d minute", "Wait %(number)d minutes", number),
            Unit.HOURS: ngettext("Wait %(number)d hour", "Wait %(number)d hours", number),
            Unit.DAYS: ngettext("Wait %(number)d day", "Wait %(number)d days", number),
            Unit.WEEKS: ngettext("Wait %(number)d week", "Wait %(number)d weeks", number),
        }[Unit(said["unit"])]
        return words % {"number": number}
    if kind == Wait.DAY:
        day = date_format(date.fromisoformat(said["on"]), "DATE_FORMAT")
        return gettext("Wait until %(day)s, %(at)s") % {"day": day, "at": at}
    if kind == Wait.WEEKDAY:
        # The fifth of January 1970 was a Monday.
        day = date_format(date(1970, 1, 5 + int(said["weekday"])), "l")
        return gettext("Wait until the next %(day)s, %(at)s") % {"day": day, "at": at}
    if kind == Wait.HOUR:
        return gettext("Wait until %(at)s") % {"at": at}
    return gettext("A wait that does not say how long")
