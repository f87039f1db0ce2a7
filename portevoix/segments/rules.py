"""Trees of criteria: from JSON and back, to a condition, to a sentence. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from pydantic import ValidationError

from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.types import CRITERIA, Criterion, Group, Line, Match, Named, Names, Part

#: Deeper, nobody understands the question any more, and readers of trees would run out of stack.
DEEPEST = 50
#: More, and the statement takes longer to plan than to run.
MOST_RULES = 200


def read(raw: Any) -> Group:
    """Return the question that a stored or sent tree asks. Raises InvalidTree with every fault."""
    measure(raw)
    faults: dict[str, str] = {}
    group = _read_group(raw, "", faults)
    if faults:
        raise InvalidTree(faults)
    return group


def measure(raw: Any) -> None:
    """Refuse a tree that is too deep or too large, without following it by recursion. Raises InvalidTree."""
    waiting, rules = [(raw, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST:
            raise InvalidTree(
                {"": gettext("Groups are nested more than %(limit)d deep: simplify the segment.") % {"limit": DEEPEST}}
            )
        rules += 1
        if rules > MOST_RULES:
            raise InvalidTree({"": gettext("The segment has more than %(limit)d conditions.") % {"limit": MOST_RULES}})
        if isinstance(part, dict) and isinstance(part.get("parts"), list):
            waiting.extend((child, depth + 1) for child in part["parts"])


def _read_group(raw: Any, place: str, faults: dict[str, str]) -> Group:
    parts = raw.get("parts") if isinstance(raw, dict) else None
    if not isinstance(parts, list) or raw.get("match") not in Match.values or set(raw) != {"match", "parts"}:
        faults[place] = gettext("This is not a group of conditions.")
        return Group()
    if not parts and place:
        faults[place] = gettext("This group is empty: add a condition to it, or take it away.")
    prefix = f"{place}." if place else ""
    return Group(
        Match(raw["match"]), tuple(_read_part(part, f"{prefix}{index}", faults) for index, part in enumerate(parts))
    )


def _read_part(raw: Any, place: str, faults: dict[str, str]) -> Part:
    if not isinstance(raw, dict) or "criterion" not in raw:
        return _read_group(raw, place, faults)
    kind = CRITERIA.get(str(raw["criterion"]))
    if kind is None:
        faults[place] = gettext("There is no condition called “%(name)s”.") % {"name": str(raw["criterion"])[:60]}
        return Group()
    try:
        return kind.model_validate({name: value for name, value in raw.items() if name != "criterion"})
    except ValidationError as error:
        names = sorted({str(fault["loc"][0]) if fault["loc"] else "" for fault in error.errors()})
        faults[place] = gettext("“%(label)s”: missing or wrong: %(fields)s.") % {
            "label": kind.label,
            "fields": ", ".join(names),
        }
        return Group()


def as_json(part: Part) -> dict[str, Any]:
    """Return what ``read`` reads."""
    if isinstance(part, Group):
        return {"match": part.match.value, "parts": [as_json(child) for child in part.parts]}
    return {"criterion": part.key, **part.model_dump(mode="json")}


def condition(part: Part) -> Q:
    """Return the condition on persons that a question comes to."""
    if isinstance(part, Criterion):
        return part.q()
    if not part.parts:
        return Q()
    if part.match == Match.ALL:
        return reduce(and_, [condition(child) for child in part.parts])
    conditions = _of_any(part.parts)
    if part.match == Match.ANY:
        return reduce(or_, conditions)
    # Each denied by itself: PostgreSQL joins « not this and not that », and walks « not (this or that) ».
    return reduce(and_, (~one for one in conditions))


def _of_any(parts: Sequence[Part]) -> list[Q]:
    """Return conditions of which any holds where any of the parts does; criteria of one kind are asked together."""
    conditions: list[Q] = []
    alike: dict[type[Criterion], list[Criterion]] = {}
    for part in parts:
        if isinstance(part, Criterion):
            alike.setdefault(type(part), []).append(part)
        else:
            conditions.append(condition(part))
    for kind, several in alike.items():
        conditions += kind.q_of_any(several) if len(several) > 1 else [several[0].q()]
    return conditions


def resolved(question: Group, known: Mapping[int, tuple[str, Group]], way: tuple[int, ...] = ()) -> Group:
    """Put in the place of each segment that is named its own question, so that all is one condition.

    ``known`` gives the name and the question of each; ``way`` says which segments one is in already. Raises
    InvalidTree when segments go round in a circle, when one is gone, or when all together are beyond measure.
    """
    left = [MOST_RULES]
    return _resolved(question, known, way, 1, left)


def _resolved(
    group: Group, known: Mapping[int, tuple[str, Group]], way: tuple[int, ...], depth: int, left: list[int]
) -> Group:
    parts: list[Part] = []
    left[0] -= 1
    if depth > DEEPEST:
        raise InvalidTree({"": gettext("With the segments it names, the segment is nested too deep: simplify it.")})
    for part in group.parts:
        if isinstance(part, Group):
            parts.append(_resolved(part, known, way, depth + 1, left))
        elif not isinstance(part, Named):
            parts.append(part)
            left[0] -= 1
        elif part.segment in way:
            circle = [*way[way.index(part.segment) :], part.segment]
            names = " → ".join(gettext("“%(name)s”") % {"name": known[pk][0]} for pk in circle)
            raise InvalidTree({"": gettext("These segments go round in a circle: %(way)s.") % {"way": names}})
        elif part.segment not in known:
            raise InvalidTree({"": gettext("A segment that is named here does not exist any more.")})
        else:
            inner = known[part.segment][1]
            parts.append(_resolved(inner, known, (*way, part.segment), depth + 1, left))
        if left[0] < 0:
            raise InvalidTree(
                {
                    "": gettext("With the segments it names, the segment has more than %(limit)d conditions.")
                    % {"limit": MOST_RULES}
                }
            )
    return Group(group.match, tuple(parts))


def sentence(group: Group, names: Names) -> str:
    """Say a question in plain words."""
    if not group.parts:
        return gettext("Everybody.")
    if group.match == Match.NONE:
        return gettext("Everybody but people who %(clause)s.") % {"clause": _listed(group.parts, names, Match.ANY)}
    if group.match == Match.ANY:
        return gettext("People who %(clause)s.") % {"clause": _listed(group.parts, names, Match.ANY)}
    kept = [part for part in group.parts if not _is_exclusion(part)]
    excepted = [
        child for part in group.parts if isinstance(part, Group) and _is_exclusion(part) for child in part.parts
    ]
    if not kept:
        return gettext("Everybody but people who %(clause)s.") % {"clause": _listed(excepted, names, Match.ANY)}
    who = _listed(kept, names, Match.ALL)
    if not excepted:
        return gettext("People who %(clause)s.") % {"clause": who}
    return gettext("People who %(clause)s, except those who %(exception)s.") % {
        "clause": who,
        "exception": _listed(excepted, names, Match.ANY),
    }


def outline(group: Group, names: Names) -> list[Line]:
    """Say a question line by line, each as deep as it is nested: for trees that no sentence makes plain."""
    lines: list[Line] = []
    waiting: list[tuple[Part, int]] = [(group, 0)]
    while waiting:
        part, depth = waiting.pop()
        lines.append(Line(depth, str(part.match.label) if isinstance(part, Group) else part.clause(names)))
        if isinstance(part, Group):
            waiting.extend((child, depth + 1) for child in reversed(part.parts))
    return lines


def _is_exclusion(part: Part) -> bool:
    return isinstance(part, Group) and part.match == Match.NONE


def _listed(parts: Sequence[Part], names: Names, match: Match) -> str:
    """Put side by side what people are, each after its « who »."""
    clauses = [_clause(part, names, 1) for part in parts]
    if match == Match.ALL:
        return gettext(", who ").join(clauses[:-1]) + (gettext(" and who ") if clauses[1:] else "") + clauses[-1]
    # A comma keeps apart what is long in itself.
    is_long = any(isinstance(part, Group) and len(part.parts) > 1 for part in parts)
    return (gettext(", or who ") if is_long else gettext(" or who ")).join(clauses)


def _clause(part: Part, names: Names, depth: int) -> str:
    """Say a part after « who ». Depth tells groups apart: in words first, in brackets where words would blur."""
    if isinstance(part, Criterion):
        return part.clause(names)
    if part.match == Match.NONE:
        return _denied(part, names, depth)
    if len(part.parts) == 1:
        return _clause(part.parts[0], names, depth)
    clauses = [_clause(child, names, depth + 1) for child in part.parts]
    if part.match == Match.ALL:
        said = _last(clauses, gettext(", "), gettext(" and "))
        said = gettext("both %(clauses)s") % {"clauses": said} if len(clauses) == 2 else said
    else:
        said = gettext("either %(clauses)s") % {"clauses": gettext(", or ").join(clauses)}
    return f"[{said}]" if depth > 1 else said


def _denied(group: Group, names: Names, depth: int) -> str:
    """Say that none of the parts holds: each denied, or all together where one is a group itself."""
    if all(isinstance(part, Criterion) for part in group.parts):
        denied = [part.negation(names) for part in group.parts if isinstance(part, Criterion)]
        said = _last(denied, gettext(", "), gettext(" and "))
        return f"[{said}]" if depth > 1 and denied[1:] else said
    clause = _clause(Group(Match.ANY, group.parts), names, depth + 1)
    return gettext("are not among those who %(clause)s") % {"clause": clause}


def _last(clauses: Sequence[str], between: str, last: str) -> str:
    return between.join(clauses[:-1]) + (last if clauses[1:] else "") + clauses[-1]


def days(number: int) -> str:
    """Say a number of days."""
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}


def lately(number: int) -> str:
    """Say the days that have just passed."""
    return ngettext("the last day", "the last %(number)d days", number) % {"number": number}


def day(one: date) -> str:
    """Say a day."""
    return date_format(one, "DATE_FORMAT")
