"""What the tables of people and rights owe to the persons in them."""

from __future__ import annotations

from portevoix.people.models import EmailAddress, Interaction, PhoneNumber, PostalAddress, Tagging
from portevoix.rights.models import Ground, Proof
from portevoix.rights.types import Handler, register

register(Handler(EmailAddress, exported=["address", "status", "source", "created_at"]))
register(Handler(PhoneNumber, exported=["number", "kind", "status", "source", "created_at"], same=["number"]))
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
