"""Trees of criteria: from JSON and back, to a condition, to a sentence. No database."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, ngettext
from pydantic import ValidationError

from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.types import CRITERIA, Criterion, Group, Match, Names, Part

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
    conditions = [condition(child) for child in part.parts]
    if not conditions:
        return Q()
    if part.match == Match.ALL:
        return reduce(and_, conditions)
    together = reduce(or_, conditions)
    return together if part.match == Match.ANY else ~together


def sentence(group: Group, names: Names) -> str:
    """Say a question in plain words."""
    if not group.parts:
        return gettext("Everybody.")
    if group.match == Match.NONE:
        return gettext("Everybody but people who %(clause)s.") % {"clause": _either(group, names)}
    if group.match == Match.ANY:
        return gettext("People who %(clause)s.") % {"clause": _either(group, names)}
    kept = [_clause(part, names) for part in group.parts if not _is_exclusion(part)]
    excepted = [_either(part, names) for part in group.parts if isinstance(part, Group) and _is_exclusion(part)]
    if not kept:
        return gettext("Everybody but people who %(clause)s.") % {"clause": gettext(" or who ").join(excepted)}
    who = gettext(" and who ").join(kept)
    if not excepted:
        return gettext("People who %(clause)s.") % {"clause": who}
    return gettext("People who %(clause)s, except those who %(exception)s.") % {
        "clause": who,
        "exception": gettext(" or who ").join(excepted),
    }


def _is_exclusion(part: Part) -> bool:
    return isinstance(part, Group) and part.match == Match.NONE


def _either(group: Group, names: Names) -> str:
    return gettext(" or who ").join(_clause(part, names) for part in group.parts)


def _clause(part: Part, names: Names) -> str:
    if isinstance(part, Criterion):
        return part.clause(names)
    if len(part.parts) == 1 and part.match != Match.NONE:
        return _clause(part.parts[0], names)
    if part.match == Match.NONE:
        return gettext("are not among those who %(clause)s") % {"clause": _either(part, names)}
    link = gettext(" and who ") if part.match == Match.ALL else gettext(" or who ")
    return "(" + link.join(_clause(child, names) for child in part.parts) + ")"


def days(number: int) -> str:
    """Say a number of days."""
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}
