"""What the tables of people and rights owe to the persons in them."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from portevoix.kernel import clock
from portevoix.people.models import (
    Alias,
    Candidate,
    EmailAddress,
    Interaction,
    PhoneNumber,
    PostalAddress,
    Tagging,
)
from portevoix.people.types import ContactStatus
from portevoix.rights.models import Ground, Merge, Proof
from portevoix.rights.selectors.merging import clash
from portevoix.rights.types import Handler, Trace, as_rows, register


class EmailHandler(Handler):
    """A person has one main address: the kept person's, if there is one."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        former: list[dict[str, Any]] = []
        if EmailAddress.objects.filter(person=kept_id, is_primary=True).exists():
            second = EmailAddress.objects.filter(person=absorbed_id, is_primary=True)
            former = as_rows(second)
            second.update(is_primary=False)
        trace = super().merge(kept_id, absorbed_id)
        trace.changed = former
        return trace


class PhoneHandler(Handler):
    """A number that one of the two records says is refused is refused."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        refused = PhoneNumber.objects.filter(person=absorbed_id, status=ContactStatus.REFUSED).values("number")
        softer = PhoneNumber.objects.filter(person=kept_id, number__in=refused).exclude(status=ContactStatus.REFUSED)
        former = as_rows(softer)
        PhoneNumber.objects.filter(pk__in=[row["id"] for row in former]).update(status=ContactStatus.REFUSED)
        trace = super().merge(kept_id, absorbed_id)
        trace.changed = former
        return trace


class CandidateHandler(Handler):
    """A pair leads to two persons. Whom the absorbed record was told apart from, the kept one is too."""

    def rows(self, person_id: int) -> QuerySet[Any]:
        return Candidate.objects.filter(Q(first=person_id) | Q(second=person_id))

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        pairs = self.rows(absorbed_id)
        trace = Trace(dropped=as_rows(pairs))
        apart = [
            (pair.first_id if pair.second_id == absorbed_id else pair.second_id, pair)
            for pair in pairs.exclude(told_apart_at=None)
        ]
        carried = [
            Candidate(
                first_id=min(kept_id, other),
                second_id=max(kept_id, other),
                score=pair.score,
                reasons=pair.reasons,
                told_apart_at=pair.told_apart_at,
            )
            for other, pair in apart
            if other != kept_id
        ]
        pairs.delete()
        Candidate.objects.bulk_create(
            carried,
            update_conflicts=True,
            unique_fields=["first", "second"],
            update_fields=["told_apart_at"],
        )
        return trace


class GroundHandler(Handler):
    """The stricter of two wills wins (RGPD art. 7(3)); no ground is dropped: messages and proofs lean on it."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        clashing = clash(kept_id, absorbed_id)
        for grounds, why in ((clashing.ended, "stricter"), (list(clashing.superseded), "same")):
            Ground.objects.filter(pk__in=grounds).update(
                withdrawn_at=Greatest(clock.now(), F("given_at")), withdrawal={"merge": why}
            )
        trace = super().merge(kept_id, absorbed_id)
        trace.changed = [{"ended": clashing.ended, "superseded": list(clashing.superseded.items())}]
        return trace

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Give again what the merge alone had ended, by new grounds: one that ended stays ended."""
        (ended,) = trace.changed
        # What the person withdrew from the whole file since then was withdrawn from both records.
        standing = set(
            Ground.objects.live()
            .filter(pk__in=[live for _gone, live in ended["superseded"]])
            .values_list("pk", flat=True)
        )
        Ground.objects.filter(person=kept_id, pk__in=trace.moved).update(person=absorbed_id)
        again = [*ended["ended"], *(gone for gone, live in ended["superseded"] if live in standing)]
        Ground.objects.bulk_create(
            [
                Ground(
                    person_id=former.person_id,
                    purpose=former.purpose,
                    channel=former.channel,
                    basis=former.basis,
                    wording_id=former.wording_id,
                    given_at=former.given_at,
                    evidence={**former.evidence, "given_again": former.pk},
                    source=former.source,
                )
                for former in Ground.objects.filter(pk__in=again)
            ],
            ignore_conflicts=True,
        )


register(EmailHandler(EmailAddress, exported=["address", "status", "source", "created_at"], changing=["is_primary"]))
register(
    PhoneHandler(
        PhoneNumber,
        exported=["number", "kind", "status", "source", "created_at"],
        same=["number"],
        changing=["status"],
    )
)
register(Handler(Alias, exported=["ref", "external_ref"]))
register(CandidateHandler(Candidate, exported=["score", "reasons", "told_apart_at"], path="first_id"))
register(Handler(Merge, exported=["at", "undone_at", "snapshot"], path="kept_id"))
register(
    Handler(
        PostalAddress,
        exported=["line1", "line2", "postcode", "city", "country", "source"],
        same=["line1", "postcode", "city"],
    )
)
register(Handler(Tagging, exported=["tag__name", "source"], same=["tag"]))
register(Handler(Interaction, exported=["kind", "at", "source", "detail"]))
register(
    GroundHandler(
        Ground,
        exported=[
            "purpose",
            "channel",
            "basis",
            "wording__text",
            "given_at",
            "withdrawn_at",
            "evidence",
            "source",
        ],
    )
)
# The database itself moves a proof with its ground, and removes it with it.
register(Handler(Proof, exported=["ground_number", "source", "evidence", "withdrawal"]))
