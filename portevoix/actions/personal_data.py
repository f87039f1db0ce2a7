"""What the table of this room owes to the persons in it: addresses that wait a moment for a link."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from portevoix.actions.models import LinkWanted
from portevoix.people.models import EmailAddress
from portevoix.rights.types import Follower, register


class LinkWantedHandler(Follower):
    """Nothing leads from an address to a person but the address itself."""

    def rows(self, person_id: int) -> QuerySet[LinkWanted]:
        """Return what waits under one of the person’s addresses."""
        return self._of([person_id])

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Do it for many at once."""
        return self._of(person_ids).delete()[0]

    def _of(self, person_ids: Sequence[int]) -> QuerySet[LinkWanted]:
        theirs = EmailAddress.objects.filter(person__in=person_ids).values("address")
        return LinkWanted.objects.filter(address__in=theirs)


register(LinkWantedHandler(LinkWanted, path="pk", exported=["created_at"]))
