"""Letters, from a list of blocks to what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import factory
from factory.django import DjangoModelFactory

from portevoix.accounts.types import Actor, System
from portevoix.delivery import dispatch
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Outcome
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import sending
from portevoix.mailings.types import Draft
from tests.segments.factories import SegmentFactory

CAMPAIGN = System("tests")
Block = tuple[str, Any]


def body(*blocks: Block) -> Any:
    """Return a letter's body from its blocks: ``body(("heading", "Bonjour"))``."""
    stream = Mailing._meta.get_field("body").stream_block  # type: ignore[union-attr]
    return stream.to_python([{"type": kind, "value": value} for kind, value in blocks])


class MailingFactory(DjangoModelFactory[Mailing]):
    """A draft; ``MailingFactory(blocks=[("text", "<p>…</p>")])`` says what is in it."""

    class Meta:
        model = Mailing

    class Params:
        blocks: Iterable[Block] = [
            ("heading", "Les petits trains"),
            ("text", "<p>Bonjour {{ first_name|à vous }}.</p>"),
        ]

    title = factory.Sequence(lambda n: f"Lettre {n}")
    subject = "Un train toutes les demi-heures"
    body = factory.LazyAttribute(lambda o: body(*o.blocks))
    segment = factory.SubFactory(SegmentFactory)


def draft(**words: Any) -> Draft:
    usual = {"title": "Lettre", "subject": "Bonjour", "body": body(("text", "<p>Bonjour.</p>"))}
    return Draft(**(usual | words))


def send(mailing: Mailing, actor: Actor = CAMPAIGN) -> Mailing:
    """Send a mailing as it is, to whom it may go now."""
    return sending.send(mailing, letters.confirmation(mailing, actor), actor=actor)


def deliver(answers: dict[str, tuple[Outcome, int, str]] | None = None) -> MemoryTransport:
    """Let what waits in the outbox leave; return what was received."""
    kept = MemoryTransport(answers=answers or {})
    dispatch.run(lambda: kept, connections=1)
    return kept
