"""Whom a mailing may reach."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from portevoix.accounts.types import Actor
from portevoix.mailings.exceptions import NoSegment, SegmentOfOpinions, UnreadableSegment
from portevoix.mailings.models import AnyMailing, Mailing
from portevoix.mailings.selectors import again
from portevoix.mailings.types import Reach
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.gate import Way
from portevoix.rights.purposes import Advertising, Channel, Purpose
from portevoix.rights.types import Standing
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree, OpinionsAsked
from portevoix.segments.models import Segment


@dataclass(frozen=True)
class Targets:
    """The segments of a mailing: those it goes to, and those it leaves out."""

    included: list[Segment]
    excluded: list[Segment]

    def __str__(self) -> str:
        said = " + ".join(one.name for one in self.included)
        return said + "".join(f" − {one.name}" for one in self.excluded)

    @property
    def key(self) -> tuple[list[int], list[int]]:
        """What tells these targets from others."""
        return [one.pk for one in self.included], [one.pk for one in self.excluded]


def targets_of(mailing: AnyMailing) -> Targets:
    """Return a mailing's segments: the one of its draft first, then the others."""
    others = list(mailing.targets.select_related("segment")) if isinstance(mailing, Mailing) and mailing.pk else []
    included = [mailing.segment] if mailing.segment is not None else []
    included += [one.segment for one in others if not one.is_excluded and one.segment_id != mailing.segment_id]
    return Targets(included, [one.segment for one in others if one.is_excluded])


def people_of(mailing: AnyMailing, actor: Actor) -> QuerySet[Person]:
    """Return the people of the mailing's segments whom the actor's mandate covers: one statement.

    Of what is sent again, only those whom it did not reach. Raises NoSegment, SegmentOfOpinions, UnreadableSegment.
    """
    targets = targets_of(mailing)
    if not targets.included:
        raise NoSegment
    try:
        people = segments.people_of_some(targets.included, targets.excluded, actor)
    except OpinionsAsked as error:
        raise SegmentOfOpinions from error
    except InvalidTree as error:
        raise UnreadableSegment from error
    resending = again.resending_of(mailing) if isinstance(mailing, Mailing) else None
    return people if resending is None else again.not_reached(people, resending.original, resending.again)


def reach(
    people: QuerySet[Person],
    purpose: Purpose,
    channel: Channel = Channel.EMAIL,
    advertising: Advertising = Advertising.NONE,
) -> Reach:
    """Count whom a purpose's letters may reach, as the gate says, and the others by reason."""
    found = gate.census(people)
    standings = found.standings[Way(channel, purpose)]
    admitted = shown = standings[Standing.ADMITTED]
    if advertising != Advertising.NONE:
        shown = gate.admit(people, purpose=purpose, channel=channel, advertising=advertising).count()
    nowhere = [standings[one] for one in (Standing.BOUNCING, Standing.REFUSED, Standing.NO_POINT)]
    return Reach(
        chosen=found.people,
        admitted=shown,
        withdrew=standings[Standing.WITHDRAWN],
        no_address=sum(nowhere),
        no_advertising=admitted - shown,
        bouncing=standings[Standing.BOUNCING],
        refused=standings[Standing.REFUSED],
        restricted=standings[Standing.RESTRICTED],
        lapsed=standings[Standing.LAPSED],
    )
