"""Whom automations are about: who enters, for whom they are, whose goal is reached. Questions, never lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portevoix.accounts.types import System
from portevoix.actions.models import Participation
from portevoix.journeys.models import Trip, Version
from portevoix.journeys.types import Standing, Trigger
from portevoix.kernel import clock
from portevoix.paths.models import Passage
from portevoix.paths.types import Act
from portevoix.people.models import Interaction, Person, PersonRole, Tagging
from portevoix.people.types import Kind, RoleKind
from portevoix.rights.rules.retention import EXCHANGES
from portevoix.segments import rules as questions
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment
from portevoix.segments.types import Group

#: The platform looks, all over France; whoever published it may write to all over France.
ACTOR = System("journeys")
#: What counts as a sign of life: what the person did, and what they did with us.
ACTIVITY = (*EXCHANGES, Kind.SIGNED_UP.value, Kind.ADDED.value, Kind.ASKED.value, Kind.STEPPED.value)
#: What the platform or the team does on its own starts nothing.
NO_START = {
    *(Kind.CONSULTED, Kind.EXPORTED, Kind.MERGED, Kind.SEPARATED, Kind.RESTRICTED, Kind.RELEASED, Kind.MAILED),
    Kind.RETRACTED,
}
#: A line of a place's history and the line of the spine are written in one act.
TOGETHER = timedelta(seconds=5)


def question_of(tree: Mapping[str, Any] | None) -> Group:
    """Return a stored question; none asks nothing. Raises InvalidTree."""
    return questions.read(tree) if tree else Group()


def people_who(tree: Mapping[str, Any] | None) -> QuerySet[Person]:
    """Return whom a question finds. Raises InvalidTree, OpinionsAsked among them: nobody is picked by opinions."""
    return segments.people_who(question_of(tree), ACTOR)


def earlier(version: Version, now: datetime) -> QuerySet[Trip]:
    """Return the runs that keep whoever had them from entering: any, or those under way and the recent ones."""
    before = Trip.objects.filter(journey=version.journey_id)
    if version.again_days is not None:
        again = now - timedelta(days=version.again_days)
        before = before.filter(Q(state=Standing.UNDER_WAY) | Q(entered_at__gt=again))
    return before


def of_the_spine(version: Version, after: int, until: int) -> QuerySet[Any, Any]:
    """Return the persons to whom what starts a version happened, in the lines of the spine between two numbers."""
    lines = Interaction.objects.filter(pk__gt=after, pk__lte=until).order_by()
    if version.trigger == Trigger.HAPPENED:
        return lines.filter(kind__in=version.said["kinds"]).values("person")
    if version.trigger == Trigger.ACTION:
        # What was taken back since, or is agreed to no more, starts nothing.
        taken = Participation.objects.filter(pk=OuterRef("about_id"), page=version.said["action"]).counted()
        about = Participation._meta.label_lower
        return lines.filter(Exists(taken), kind=Kind.PARTICIPATED, about_kind=about).values("person")
    passages = Passage.objects.filter(place=OuterRef("about_id"))
    if step := version.said.get("step"):
        passages = passages.filter(step=step, act__in=[Act.JOINED, Act.MOVED, Act.RESHAPED])
    else:
        passages = passages.filter(place__path=version.said["path"], act=Act.REACHED)
    together = passages.filter(at__gte=OuterRef("at") - TOGETHER, at__lte=OuterRef("at") + TOGETHER)
    return lines.filter(Exists(together), kind=Kind.STEPPED, about_kind="paths.place").values("person")


def there_now(version: Version) -> QuerySet[Person]:
    """Return who is now in what an automation compares: in the segment, with the tag, silent. Raises InvalidTree."""
    if version.trigger == Trigger.TAG:
        tagged = Tagging.objects.filter(person=OuterRef("pk"), tag=version.said["tag"])
        return Person.objects.filter(Exists(tagged))
    if version.trigger == Trigger.ROLE:
        return people_who({"match": "all", "parts": [{"criterion": "role", "role": version.said["role"]}]})
    if version.trigger == Trigger.INACTIVE:
        return Person.objects.filter(silent_since(clock.now() - timedelta(days=version.said["days"])))
    segment = Segment.objects.filter(pk=version.said["segment"]).first()
    if segment is None:
        raise InvalidTree({"": "the segment is gone"})
    return segments.people_of(segment, ACTOR)


def silent_since(moment: datetime) -> Q:
    """Return the condition of those from whom nothing came since, and who were known before."""
    lately = Interaction.objects.filter(person=OuterRef("pk"), kind__in=ACTIVITY, at__gte=moment)
    return Q(~Exists(lately), created_at__lt=moment)


def on_days(version: Version, days: Sequence[date]) -> QuerySet[Person]:
    """Return whose day is one of ``days``."""
    if version.trigger == Trigger.DAY:
        return Person.objects.all()
    if version.trigger == Trigger.BIRTHDAY:
        return Person.objects.filter(reduce(or_, map(_born_on, days)))
    shift = timedelta(days=version.said.get("days", 0))
    ends = PersonRole.objects.filter(
        person=OuterRef("pk"), kind=RoleKind.MEMBER, dues_until__in=[day - shift for day in days]
    )
    return Person.objects.filter(Exists(ends))


def _born_on(day: date) -> Q:
    born = Q(born_on__month=day.month, born_on__day=day.day)
    is_leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    if (day.month, day.day) == (2, 28) and not is_leap:
        born |= Q(born_on__month=2, born_on__day=29)
    return born


def fixed_moment(version: Version) -> datetime:
    """Return the moment of an automation that starts on a day."""
    return datetime.combine(date.fromisoformat(version.said["on"]), time(version.said["hour"]), clock.PARIS)
