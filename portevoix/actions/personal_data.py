"""What the table of this room owes to the persons in it: addresses that wait a moment for a link."""

from __future__ import annotations

from django.db.models import QuerySet

from portevoix.actions.models import LinkWanted
from portevoix.people.models import EmailAddress
from portevoix.rights.types import Follower, register


class LinkWantedHandler(Follower):
    """Nothing leads from an address to a person but the address itself."""

    def rows(self, person_id: int) -> QuerySet[LinkWanted]:
        """Return what waits under one of the person’s addresses."""
        mine = EmailAddress.objects.filter(person=person_id).values("address")
        return LinkWanted.objects.filter(address__in=mine)


register(LinkWantedHandler(LinkWanted, path="pk", exported=["created_at"]))
