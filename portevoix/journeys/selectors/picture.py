"""An automation as it is drawn and listed: boxes, lines, figures, faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portevoix.accounts.types import Actor
from portevoix.journeys.models import Step, Version
from portevoix.journeys.rules import drawing, plan
from portevoix.journeys.selectors.checking import phrase, start_in_words
from portevoix.journeys.selectors.figures import Count, counts
from portevoix.journeys.types import ACTIONS, CONDITION, LEAVE, NO, WAIT, YES

ICONS = {WAIT: "time", CONDITION: "help", LEAVE: "cross"}


@dataclass(frozen=True)
class Shown:
    """A step on the screen."""

    step: Step
    words: str
    lines: list[str]
    icon: str
    depth: int
    count: Count
    faults: list[str]
    box: drawing.Box | None = None

    @property
    def is_mail(self) -> bool:
        return self.step.kind == "mail"

    @property
    def is_condition(self) -> bool:
        return self.step.kind == CONDITION

    @property
    def branches(self) -> list[str]:
        """The branches that steps can be put in."""
        return [YES, NO] if self.is_condition else []


@dataclass
class Picture:
    """A whole version on the screen; ``steps`` are in the order of the way."""

    version: Version
    start: str
    start_lines: list[str]
    steps: list[Shown] = field(default_factory=list)
    drawing: drawing.Drawing = field(default_factory=drawing.Drawing)
    faults: list[str] = field(default_factory=list)

    #: Where the box of what starts it stands.
    TOP = 74

    @property
    def numbers(self) -> dict[str, Any]:
        """Sizes that the template draws with."""
        return {"width": drawing.WIDTH, "height": drawing.HEIGHT, "start_x": (self.drawing.width - drawing.WIDTH) / 2}


def picture(version: Version, actor: Actor, faults: list[tuple[int, str]] | None = None) -> Picture:
    """Return a version as it is drawn, with the figures that ``actor`` may see."""
    steps = version.steps_by_key()
    nodes = [step.node for step in steps.values()]
    start = start_in_words(version)
    made = Picture(version, start, drawing.in_lines(start, signs=drawing.SIGNS_IN_BOLD))
    made.drawing = drawing.drawn(nodes, top=Picture.TOP)
    boxes = {box.key: box for box in made.drawing.boxes}
    known = counts(version.pk, actor)
    told = faults or []
    for link in plan.linked(nodes):
        step = steps[link.key]
        count = known.get(step.pk, Count())
        count.passed = step.passed if actor.departements is None else None
        words = phrase(step)
        action = ACTIONS.get(step.kind)
        made.steps.append(
            Shown(
                step=step,
                words=words,
                lines=drawing.in_lines(words),
                icon=action.icon if action else ICONS.get(step.kind, "cog"),
                depth=link.depth,
                count=count,
                faults=[words for key, words in told if key == step.key],
                box=boxes.get(step.key),
            )
        )
    made.faults = [words for key, words in told if key == 0]
    return made
