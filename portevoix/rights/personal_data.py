"""What the tables of people and rights owe to the persons in them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet

from portevoix.people.models import (
    Attachment,
    EmailAddress,
    Interaction,
    Note,
    PersonRole,
    PhoneNumber,
    PostalAddress,
    Relationship,
    Tagging,
)
from portevoix.rights.models import Ground, Opinion, Proof
from portevoix.rights.types import Handler, register


class TiesHandler(Handler):
    """A tie leads to two persons: it is erased with either, told to both, and moved at either end."""

    def rows(self, person_id: int) -> QuerySet[Relationship]:
        return Relationship.objects.filter(Q(person=person_id) | Q(other=person_id))

    def merge(self, kept_id: int, absorbed_id: int) -> None:
        """Move both ends; what would tie the kept person to themselves, or twice, goes."""
        between = Q(person=kept_id, other=absorbed_id) | Q(person=absorbed_id, other=kept_id)
        Relationship.objects.filter(between).delete()
        for end, far in (("person", "other"), ("other", "person")):
            known = Relationship.objects.filter(**{end: kept_id}).values_list("kind", far)
            moving = Relationship.objects.filter(**{end: absorbed_id})
            twins = [tie.pk for tie in moving if (tie.kind, getattr(tie, f"{far}_id")) in set(known)]
            moving.filter(pk__in=twins).delete()
            moving.update(**{end: kept_id})


class FilesHandler(Handler):
    """Files go from the disk with their rows, once that is certain."""

    def erase(self, person_id: int) -> int:
        attachments = list(Attachment.objects.filter(person=person_id))
        number = super().erase(person_id)
        for attachment in attachments:
            transaction.on_commit(attachment.remove_from_disk)
        return number


class OpinionsHandler(Handler):
    """One row a person, held by their own ground: an absorbed one moves with its ground, or goes if there is one."""

    def merge(self, kept_id: int, absorbed_id: int) -> None:
        if Opinion.objects.filter(person=kept_id).exists():
            Opinion.objects.filter(person=absorbed_id).delete()
        # Otherwise it follows its ground: the key between them cascades.


register(Handler(EmailAddress, exported=["address", "status", "is_primary", "source", "created_at"]))
register(
    Handler(PhoneNumber, exported=["number", "kind", "status", "is_primary", "source", "created_at"], same=["number"])
)
register(
    Handler(
        PostalAddress,
        exported=["line1", "line2", "postcode", "city", "country", "status", "is_primary", "source"],
        same=["line1", "postcode", "city"],
    )
)
register(Handler(Tagging, exported=["tag__name", "source"], same=["tag"]))
register(
    Handler(
        PersonRole,
        exported=["kind", "detail", "since", "until", "dues_paid_on", "dues_until", "source"],
        same=["kind", "detail", "since"],
    )
)
register(TiesHandler(Relationship, exported=["kind", "created_at", "source"]))
register(Handler(Note, exported=["text", "created_at", "edited_at", "source"]))
register(FilesHandler(Attachment, exported=["name", "size", "created_at", "source"]))
register(OpinionsHandler(Opinion, exported=["support_level", "issues", "vote_intention", "recorded_at", "source"]))
register(Handler(Interaction, exported=["kind", "at", "source", "detail"]))
register(
    Handler(
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
