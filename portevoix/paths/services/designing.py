"""Commands on what a path is: its name and its steps. No change of a path loses anybody who is on it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths import rules
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible
from portevoix.paths.models import Path, Step
from portevoix.paths.types import DESIGNERS, Act, StepDraft
from portevoix.people.types import Kind

#: A board of more columns is read by nobody.
MOST_STEPS = 12

# Everybody at one step goes to another, in one statement, and each reads it on their timeline. Those whose path has
# ended stay ended.
RESHAPE = """
WITH moved AS (
    UPDATE paths_place SET step_id = %(to)s, since = CASE WHEN state = 'under_way' THEN %(now)s ELSE since END,
        version = version + 1
    WHERE step_id = %(gone)s RETURNING id, person_id, state
), history AS (
    INSERT INTO paths_passage (place_id, act, step_id, step_name, at, by)
    SELECT id, %(act)s, %(to)s, %(name)s, %(now)s, %(by)s FROM moved WHERE state = 'under_way'
), story AS (
    INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
    SELECT person_id, %(kind)s, %(now)s, 'paths.place', id, %(source)s, %(by)s,
        jsonb_build_object('act', %(act)s::text) FROM moved WHERE state = 'under_way'
)
SELECT count(*) FROM moved
"""


@command("paths.design", label=_("Make or change a path"), roles=DESIGNERS, nationwide=True)
def design(
    path: Path | None, *, name: str, purpose: str, steps: Sequence[StepDraft], seen: int | None = None, actor: Actor
) -> Path:
    """Make a path, or change its name and its steps, in the order given; steps that are not named stay, at the end.

    ``seen`` is the version that was on the screen. Raises MovedMeanwhile when somebody changed the path since;
    NotPossible without a step, with two of one name, or with too many.
    """
    kept = Path.objects.select_for_update().get(pk=path.pk) if path else Path(created_at=clock.now())
    if path and seen is not None and seen != kept.version:
        raise MovedMeanwhile(kept.name)
    known = {step.pk: step for step in kept.steps.all()} if path else {}
    _check(kept, name, steps, known)
    kept.name, kept.purpose, kept.version = name, purpose, kept.version + 1
    kept.save()
    named = {draft.pk for draft in steps}
    for position, draft in enumerate(steps, 1):
        step = known[draft.pk] if draft.pk else Step(path=kept)
        step.position, step.name, step.expected = position, draft.name, draft.expected
        step.days, step.role = draft.days, draft.role
        step.save()
    for position, pk in enumerate((pk for pk in known if pk not in named), len(steps) + 1):
        Step.objects.filter(pk=pk).update(position=position)
    note(about=kept, count=len(steps), made=path is None)
    return kept


@command("paths.remove_step", label=_("Remove a step of a path"), roles=DESIGNERS, nationwide=True)
def remove_step(step: Step, *, to: Step | None, actor: Actor) -> int:
    """Remove a step, moving whoever stands on it to another one of the path; return how many.

    Raises NotPossible when people are there and no other step is named, when it is the last one, or when the data of
    somebody there is restricted.
    """
    path = Path.objects.select_for_update().get(pk=step.path_id)
    others = {one.pk: one for one in path.steps.exclude(pk=step.pk)}
    if not others:
        raise NotPossible(gettext("A path has at least one step."))
    target = others.get(to.pk) if to else None
    if target is None and step.places.exists():
        raise NotPossible(gettext("People are at this step: say to which other step they go."))
    if step.places.filter(person__restricted_at__isnull=False).exists():
        raise NotPossible(
            gettext(
                "The data of somebody at this step is restricted (GDPR art. 18): they are led nowhere, so the step "
                "stays until the restriction ends."
            )
        )
    moved = _reshape(step, target, actor) if target else 0
    step_id, step_path = step.pk, step.path_id
    step.delete()
    for position, one in enumerate(path.steps.all(), 1):
        Step.objects.filter(pk=one.pk).update(position=position)
    Path.objects.filter(pk=step_path).update(version=path.version + 1)
    note(about=path, count=moved, step=step_id, to=target.pk if target else None)
    return moved


@command("paths.shelve", label=_("Put a path away, or take it up again"), roles=DESIGNERS, nationwide=True)
def shelve(path: Path, *, is_shelved: bool, actor: Actor) -> None:
    """Put nobody on a path any more; those who are on it stay, and may be moved."""
    path.shelved_at = clock.now() if is_shelved else None
    path.save(update_fields=["shelved_at"])
    note(about=path, count=1, is_shelved=is_shelved)


def _check(path: Path, name: str, steps: Sequence[StepDraft], known: dict[int, Step]) -> None:
    if not steps:
        raise NotPossible(gettext("A path has at least one step."))
    named = {draft.pk for draft in steps if draft.pk}
    if named - set(known):
        raise NotPossible(gettext("One of the steps is not there any more: open the path again."))
    kept = [step.name for pk, step in known.items() if pk not in named]
    if twice := rules.numbered([*(draft.name for draft in steps), *kept]):
        raise NotPossible(gettext("Two steps have the same name: %(names)s.") % {"names": ", ".join(twice)})
    if len(steps) + len(kept) > MOST_STEPS:
        raise NotPossible(gettext("A path has %(most)d steps at most.") % {"most": MOST_STEPS})
    if Path.objects.filter(name__iexact=name).exclude(pk=path.pk).exists():
        raise NotPossible(gettext("There is a path of this name already."))


def _reshape(step: Step, target: Step, actor: Actor) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            RESHAPE,
            {
                "to": target.pk,
                "gone": step.pk,
                "now": clock.now(),
                "act": Act.RESHAPED.value,
                "name": target.name,
                "by": actor.label[:200] if actor.kind == "staff" else "",
                "kind": Kind.STEPPED.value,
                "source": f"{step.path.name} : {target.name}"[:200],
            },
        )
        (moved,) = cursor.fetchone()
    return int(moved)
