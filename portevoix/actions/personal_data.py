"""What the tables of this room owe to the persons in them: parts in actions, addresses that wait for a link."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.lookups import IsNull

from portevoix.actions.models import (
    Attendance,
    Enquiry,
    EnquiryAnswer,
    LinkWanted,
    MembershipApplication,
    Participation,
    Proxy,
    ShareCode,
)
from portevoix.actions.types import ApplicationState
from portevoix.people.models import EmailAddress
from portevoix.rights.models import Ground
from portevoix.rights.types import Follower, Handler, Trace, as_rows, register


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


class ParticipationHandler(Handler):
    """A person takes part once in an action: of two records' confirmed parts in the same, the kept one's stays.

    Whom the absorbed person brought was brought by the kept one.
    """

    def is_twin(self) -> Q:
        """Return what makes two parts the same: the page, both confirmed."""
        is_confirmed_too = Q(IsNull(OuterRef("confirmed_at"), False))
        return Q(page=OuterRef("page"), confirmed_at__isnull=False) & is_confirmed_too

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        """Give the rows over, and those of the people whom the absorbed person brought."""
        both = (kept_id, absorbed_id)
        among_them = Q(recruiter=kept_id, person=absorbed_id)
        brought = Participation.objects.filter(Q(recruiter=absorbed_id) | among_them)
        changed = as_rows(brought)
        # One who brought the other would have brought themselves.
        brought.filter(person__in=both).update(recruiter=None)
        brought.update(recruiter=kept_id)
        trace = super().merge(kept_id, absorbed_id)
        trace.changed = changed
        return trace

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Undo it, but for what is agreed to no longer."""
        agreed = set(Ground.objects.live().filter(person=absorbed_id).values_list("purpose", flat=True))
        trace.dropped = [row for row in trace.dropped if row["confirmed_at"] is None or row["purpose"] in agreed]
        super().part(trace, kept_id, absorbed_id)


register(
    ParticipationHandler(
        Participation,
        exported=[
            *(
                "page__title",
                "purpose",
                "answers",
                "is_public",
                "may_be_handed_over",
                "created_at",
                "confirmed_at",
            ),
            *("reminded_at", "source", "medium", "campaign", "referrer"),
        ],
        same=["page_id"],
        changing=["recruiter_id"],
    )
)
register(Handler(ShareCode, exported=["page__title", "code", "created_at"], same=["page_id"]))
register(
    Handler(
        Enquiry, exported=["page__title", "subject", "text", "more", "language", "state", "received_at", "closed_at"]
    )
)
register(Follower(EnquiryAnswer, path="enquiry__person_id", exported=["text", "at"]))
register(
    Handler(
        Attendance,
        exported=["page__title", "seats", "is_waiting", "since", "was_present", "reminded_of"],
        same=["page_id"],
    )
)


class ApplicationHandler(Handler):
    """Of two applications to the same organisation, one that was refused gives way to one that waits."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        """Give the rows over, as applying again would."""
        waits = MembershipApplication.objects.open().filter(person=absorbed_id, page=OuterRef("page"))
        refused = MembershipApplication.objects.filter(Exists(waits), person=kept_id, state=ApplicationState.REFUSED)
        gone = as_rows(refused)
        refused.delete()
        trace = super().merge(kept_id, absorbed_id)
        trace.dropped += gone
        return trace


register(
    ApplicationHandler(
        MembershipApplication,
        exported=["page__title", "street", "state", "reason", "received_at", "decided_at"],
        same=["page_id"],
    )
)
register(
    Handler(
        Proxy,
        exported=[
            *("page__title", "side", "postcode", "commune_name", "commune__name", "station"),
            *("rounds", "paired_at", "since"),
        ],
        same=["page_id"],
    )
)
