"""What the tables of people and rights owe to the persons in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from portevoix.kernel import clock
from portevoix.people.models import (
    Alias,
    Attachment,
    BulkChange,
    Candidate,
    EmailAddress,
    FieldText,
    Household,
    HouseholdMember,
    Interaction,
    Note,
    PersonRole,
    PhoneNumber,
    PostalAddress,
    Relationship,
    Tagging,
)
from portevoix.people.types import ContactStatus
from portevoix.rights.models import Ground, Merge, Opinion, Proof, Request, RequestLetter
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.selectors.merging import Clash, clash, is_nobodys
from portevoix.rights.types import OWED, Follower, Handler, RequestState, Trace, as_rows, bring_back, put_back, register


class PointHandler(Handler):
    """A person has one main point of each kind: the kept person's, if any. Refused on one record is refused."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        former: list[dict[str, Any]] = []
        if self.same:
            refused = self.rows(absorbed_id).filter(self.is_twin(), status=ContactStatus.REFUSED)
            softer = self.rows(kept_id).filter(Exists(refused)).exclude(status=ContactStatus.REFUSED)
            former += as_rows(softer)
            softer.update(status=ContactStatus.REFUSED)
        if self.rows(kept_id).filter(is_primary=True).exists():
            second = self.rows(absorbed_id).filter(is_primary=True)
            former += as_rows(second)
            second.update(is_primary=False)
        elif self.same:
            # The absorbed record's main point, which the kept one has too without having said that it is the main one.
            main = self.rows(absorbed_id).filter(self.is_twin(), is_primary=True)
            promoted = self.rows(kept_id).filter(Exists(main))
            former += [row | {"is_promoted": True} for row in as_rows(promoted)]
            promoted.update(is_primary=True)
        trace = super().merge(kept_id, absorbed_id)
        trace.changed = former
        return trace

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Give each record its main point again, unless another was made the main one since."""
        promoted = [row for row in trace.changed if row.get("is_promoted")]
        put_back(self.model, promoted, ["is_primary"])
        softened = [row for row in trace.changed if row["person_id"] == kept_id and row not in promoted]
        put_back(self.model, softened, ["status"])
        is_chosen = self.rows(kept_id).filter(pk__in=trace.moved, is_primary=True).exists()
        super().part(Trace(trace.moved, trace.dropped), kept_id, absorbed_id)
        back = set() if is_chosen else set(self.rows(absorbed_id).values_list("pk", flat=True))
        put_back(self.model, [row for row in trace.changed if row["id"] in back], ["is_primary"])


class EmailHandler(PointHandler):
    """An address proves who asks for what one record held: once two are one, whoever has either mailbox must be asked.

    Undoing the merge gives the proof back, where nobody made the address another one in between.
    """

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        own = EmailAddress.objects.filter(person__in=(kept_id, absorbed_id), is_own=True)
        former = [row | {"was_own": True} for row in as_rows(own)]
        own.update(is_own=False)
        trace = super().merge(kept_id, absorbed_id)
        trace.changed += former
        return trace

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        former = [row for row in trace.changed if row.get("was_own")]
        others = [row for row in trace.changed if not row.get("was_own")]
        super().part(Trace(trace.moved, trace.dropped, others), kept_id, absorbed_id)
        for row in former:
            same = EmailAddress.objects.filter(pk=row["id"], person=row["person_id"], address=row["address"])
            same.update(is_own=True)


class RolesHandler(Handler):
    """Of one role held on both records, the later dues and the end are kept."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        twin = self.rows(absorbed_id).filter(self.is_twin())
        shared = PersonRole.objects.filter(person=kept_id).filter(Exists(twin))
        former = as_rows(shared)
        # PostgreSQL's greatest() passes over what is not said.
        for name in self.changing:
            shared.update(**{name: Greatest(F(name), twin.values(name)[:1])})
        written = as_rows(PersonRole.objects.filter(pk__in=[row["id"] for row in former]))
        trace = super().merge(kept_id, absorbed_id)
        trace.changed = [{"former": was, "written": now} for was, now in zip(former, written, strict=True)]
        return trace

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Give former dues and ends back, but for what somebody wrote since the merge."""
        held = PersonRole.objects.filter(pk__in=[pair["former"]["id"] for pair in trace.changed])
        now = {row["id"]: row for row in as_rows(held)}
        super().part(Trace(trace.moved, trace.dropped), kept_id, absorbed_id)
        for name in self.changing:
            untouched = [
                pair["former"]
                for pair in trace.changed
                if (row := now.get(pair["former"]["id"])) and row[name] == pair["written"][name]
            ]
            put_back(PersonRole, untouched, [name])


class TiesHandler(Handler):
    """A tie leads to two persons: it is erased with either, told to both, and moved at either end."""

    def rows(self, person_id: int) -> QuerySet[Relationship]:
        return Relationship.objects.filter(Q(person=person_id) | Q(other=person_id))

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Erase the ties of many persons at once."""
        return Relationship.objects.filter(Q(person__in=person_ids) | Q(other__in=person_ids)).delete()[0]

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        """Move both ends; what would tie the kept person to themselves, or twice, goes."""
        between = Q(person=kept_id, other=absorbed_id) | Q(person=absorbed_id, other=kept_id)
        trace = Trace()
        self._drop(Relationship.objects.filter(between), trace)
        for end, far in (("person", "other"), ("other", "person")):
            moving = Relationship.objects.filter(**{end: absorbed_id})
            twin = Relationship.objects.filter(**{end: kept_id, "kind": OuterRef("kind"), far: OuterRef(far)})
            self._drop(moving.filter(Exists(twin)), trace)
            trace.changed += as_rows(moving)
            moving.update(**{end: kept_id})
        return trace

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Move the absorbed person's ends back: the far ones may have moved since."""
        for end in ("person", "other"):
            moved = [row["id"] for row in trace.changed if row[f"{end}_id"] == absorbed_id]
            Relationship.objects.filter(pk__in=moved, **{end: kept_id}).update(**{end: absorbed_id})
        bring_back(Relationship, trace.dropped)

    def _drop(self, ties: QuerySet[Relationship], trace: Trace) -> None:
        trace.dropped += (rows := as_rows(ties))
        Relationship.objects.filter(pk__in=[row["id"] for row in rows]).delete()


class HousingHandler(Handler):
    """Of two households the kept record's stays: a person lives in one. The other ends with its last member."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        if not self.rows(kept_id).exists():
            return super().merge(kept_id, absorbed_id)
        leaving = self.rows(absorbed_id)
        homes = as_rows(Household.objects.filter(members__in=leaving))
        trace = Trace(dropped=as_rows(leaving), changed=homes)
        leaving.delete()
        return trace

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Give each record its household again, the one that had ended too."""
        bring_back(Household, trace.changed)
        super().part(Trace(trace.moved, trace.dropped), kept_id, absorbed_id)
        # A household that was given back, and whose last member was erased in the meantime, is nobody's.
        Household.objects.filter(pk__in=[row["id"] for row in trace.changed], members=None).delete()


class FilesHandler(Handler):
    """Files go from the disk with their rows, once that is certain."""

    def erase(self, person_id: int) -> int:
        return self.erase_all([person_id])

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Erase the files of many persons."""
        rows = Attachment.objects.filter(person__in=person_ids)
        for attachment in list(rows):
            transaction.on_commit(attachment.remove_from_disk)
        return rows.delete()[0]


class CandidateHandler(Handler):
    """A pair leads to two persons. Whom the absorbed record was told apart from, the kept one is too."""

    def rows(self, person_id: int) -> QuerySet[Any]:
        return Candidate.objects.filter(Q(first=person_id) | Q(second=person_id))

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Erase the pairs of many persons at once."""
        return Candidate.objects.filter(Q(first__in=person_ids) | Q(second__in=person_ids)).delete()[0]

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


class ChangeHandler(Handler):
    """What an act on many changed is not carried to another record: a merge is a change, and nobody undoes it so."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        """Forget them: what an act keeps for its undoing would come back after the days that it is kept."""
        self.rows(absorbed_id).delete()
        return Trace()

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Bring nothing back, of a merge either whose snapshot still holds some."""


class GroundHandler(Handler):
    """The stricter of two wills wins (RGPD art. 7(3)); no ground is dropped: messages and proofs lean on it.

    A ground takes along what leans on it: the database moves an opinion with its ground, and deletes it when the
    ground ends. The ledger enters each end and each move by itself.
    """

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        clashing = clash(kept_id, absorbed_id)
        opinions = _settle_opinions(clashing, kept_id, absorbed_id)
        for grounds, why in ((clashing.ended, "stricter"), (list(clashing.superseded), "same")):
            Ground.objects.filter(pk__in=grounds).update(
                withdrawn_at=Greatest(clock.now(), F("given_at")), withdrawal={"merge": why}
            )
        trace = super().merge(kept_id, absorbed_id)
        superseded = list(clashing.superseded.items())
        trace.changed = [{"ended": clashing.ended, "superseded": superseded, "opinions": opinions}]
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
        taken_back = Ground.objects.filter(
            person=kept_id,
            purpose=OuterRef("purpose"),
            channel=OuterRef("channel"),
            withdrawn_at__gt=OuterRef("withdrawn_at"),
        )
        _refuse_twins(ended["superseded"])
        again = list(Ground.objects.filter(~Exists(taken_back), pk__in=ended["ended"]).values_list("pk", flat=True))
        Ground.objects.filter(person=kept_id, pk__in=trace.moved).update(person=absorbed_id)
        again = [*again, *(gone for gone, live in ended["superseded"] if live in standing)]
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
        _give_opinions_back(ended["opinions"])


def _refuse_twins(superseded: list[list[int]]) -> None:
    """Have the grounds that gave way to another's say that it was refused since: from now on they stand alone."""
    ended = Ground.objects.filter(pk__in=[live for _gone, live in superseded]).exclude(withdrawn_at=None)
    refused = {ground.pk for ground in ended if not is_nobodys(ground.withdrawal or {})}
    gone = [gone for gone, live in superseded if live in refused]
    Ground.objects.filter(pk__in=gone, withdrawal={"merge": "same"}).update(withdrawal={"merge": "stricter"})


def _settle_opinions(clashing: Clash, kept_id: int, absorbed_id: int) -> list[dict[str, Any]]:
    """Say which opinions a merge takes off their grounds; the absorbed record's goes over where it is the better one.

    It is where the kept record has none, or an older one: what the person said last counts, unless it was kept on a
    weaker ground than their consent.
    """
    gone = [*clashing.ended, *clashing.superseded]
    former = as_rows(Opinion.objects.filter(ground__in=gone))
    known = Opinion.objects.filter(person=kept_id).select_related("ground").first()
    for superseded, ground in clashing.superseded.items():
        newer = Opinion.objects.filter(ground=superseded).select_related("ground").first()
        if newer is None or (known and not _is_better(newer, known)):
            continue
        if known is not None:
            former += as_rows(Opinion.objects.filter(pk=known.pk))
            known.delete()
        Opinion.objects.filter(pk=newer.pk).update(ground=ground, person=kept_id)
    over = set(Opinion.objects.filter(person=kept_id).values_list("pk", flat=True))
    return [row | {"is_over": row["id"] in over and row["person_id"] == absorbed_id} for row in former]


def _is_better(newer: Opinion, known: Opinion) -> bool:
    is_weaker = known.ground.basis == Basis.CONSENT != newer.ground.basis
    return newer.recorded_at > known.recorded_at and not is_weaker


def _give_opinions_back(rows: list[dict[str, Any]]) -> None:
    """Lean opinions on the grounds that their persons have again; without one, nothing may be kept (art. 9)."""
    persons = [row["person_id"] for row in rows]
    grounds = Ground.objects.live().filter(person__in=persons, purpose=Purpose.OPINION)
    ground_of = dict(grounds.values_list("person", "pk"))
    for row in rows:
        if ground := ground_of.get(row["person_id"]):
            if row["is_over"]:
                # As somebody may have corrected it since.
                Opinion.objects.filter(pk=row["id"]).update(ground=ground, person=row["person_id"])
            else:
                bring_back(Opinion, [{name: row[name] for name in row if name != "is_over"} | {"ground_id": ground}])


class RequestHandler(Handler):
    """What a person asked for moves with them; erased, they leave the proof that it was answered, and no identity."""

    def erase(self, person_id: int) -> int:
        return self.erase_all([person_id])

    def erase_all(self, person_ids: Sequence[int]) -> int:
        rows = Request.objects.filter(person__in=person_ids)
        # What nobody verified was not asked by anybody: it is no proof that something was answered.
        gone = rows.filter(state=RequestState.TO_VERIFY).delete()[1].get(Request._meta.label, 0)
        rows.filter(state__in=OWED).update(state=RequestState.ANSWERED, answered_at=clock.now())
        return gone + rows.update(**dict(self.blanked))


# The letters first: they lead to the person by the request, which then leads to nobody.
register(
    Follower(
        RequestLetter,
        path="request__person_id",
        exported=["kind", "note", "created_at", "sent_at", "undelivered_at", "told_on"],
    )
)
register(
    RequestHandler(
        Request,
        exported=[
            *("kind", "way", "state", "email__address", "address", "language", "words", "purposes", "restriction"),
            *("proposal", "received_on", "created_at", "verified_at", "paused_on", "extended_on", "due_on"),
            *("answered_at", "reason", "lifting_reason", "lifted_at"),
        ],
        erasure="blank",
        blanked=[
            *[(name, "") for name in ("address", "words", "reason", "lifting_reason")],
            ("proposal", {}),
            ("email", None),
            ("person", None),
        ],
    )
)
register(EmailHandler(EmailAddress, exported=["address", "status", "is_primary", "is_own", "source", "created_at"]))
register(
    PointHandler(
        PhoneNumber, exported=["number", "kind", "status", "is_primary", "source", "created_at"], same=["number"]
    )
)
register(Handler(Alias, exported=["ref", "external_ref"]))
register(CandidateHandler(Candidate, exported=["score", "reasons", "told_apart_at"], path="first_id"))
register(Handler(Merge, exported=["at", "is_automatic", "undone_at", "snapshot"], path="kept_id"))
register(
    PointHandler(
        PostalAddress,
        exported=[
            *("line1", "line2", "postcode", "city", "country", "commune__name"),
            *("status", "is_primary", "source"),
        ],
        same=["line1", "postcode", "city"],
    )
)
register(ChangeHandler(BulkChange, exported=["run__act", "run__created_at", "before"]))
register(Handler(Tagging, exported=["tag__name", "source"], same=["tag"]))
register(
    RolesHandler(
        PersonRole,
        exported=["kind", "detail", "since", "until", "dues_paid_on", "dues_until", "source"],
        same=["kind", "detail", "since"],
        changing=["until", "dues_paid_on", "dues_until"],
    )
)
register(
    HousingHandler(
        HouseholdMember,
        exported=[
            *("household__name", "household__line1", "household__line2", "household__postcode", "household__city"),
            *("household__country", "source", "created_at"),
        ],
    )
)
# The database writes it from the record itself, which is exported with its fields.
register(Follower(FieldText, exported=["field__label", "text"]))
register(TiesHandler(Relationship, exported=["kind", "created_at", "source"]))
register(Handler(Note, exported=["text", "created_at", "edited_at", "source"]))
register(FilesHandler(Attachment, exported=["name", "file", "size", "created_at", "source"]))
register(Follower(Opinion, exported=["support_level", "issues", "vote_intention", "recorded_at", "source"]))
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
            "withdrawal",
            "evidence",
            "source",
        ],
    )
)
# The database itself moves a proof with its ground, and removes it with it.
register(Handler(Proof, exported=["ground_number", "source", "evidence", "withdrawal"]))
