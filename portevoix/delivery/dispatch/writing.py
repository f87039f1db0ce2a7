"""From claimed messages to envelopes: each letter is compiled once a run, each person's words are filled in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime

from django.conf import settings

from portevoix.delivery import selectors
from portevoix.delivery.dispatch.outbox import Claimed
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.models import Batch
from portevoix.delivery.rules import clicks, tokens
from portevoix.delivery.rules.mime import CompiledLetter, Particulars
from portevoix.delivery.types import MERGE_FIELDS, Envelope, Outcome, Recipient, Result
from portevoix.kernel import clock
from portevoix.rights.purposes import OPTIONAL


@dataclass(frozen=True)
class _Desk:
    """One batch's letter, ready to be addressed."""

    letter: CompiledLetter
    code: str
    sender: str
    return_address: str
    is_list: bool
    #: Whether those of its readers who agree to it get links of their own.
    measures: bool

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


class Writer:
    """Writes envelopes for any number of batches."""

    def __init__(self) -> None:
        self._desks: dict[int, _Desk | LetterError] = {}

    def write(self, claimed: Sequence[Claimed]) -> Iterator[Envelope | Result]:
        """Yield an envelope for each message, or a refusal where the letter can no longer be written."""
        by_batch: dict[int, list[Recipient]] = defaultdict(list)
        for one in claimed:
            by_batch[one.batch_id].append(one.recipient)
        for batch_id, recipients in by_batch.items():
            desk = self._desk(batch_id)
            if isinstance(desk, LetterError):
                for recipient in recipients:
                    yield Result(recipient.message_id, Outcome.REFUSED, 0, str(desk))
            else:
                yield from _addressed(desk, recipients)

    def _desk(self, batch_id: int) -> _Desk | LetterError:
        if batch_id not in self._desks:
            batch = Batch.objects.get(pk=batch_id)
            # A newsletter says by being a list that nobody waits for answers; what an automation writes to a list says
            # for itself that a machine does.
            is_list = batch.purpose in OPTIONAL
            try:
                words = batch.letter if is_list else batch.letter.automatic
                letter = CompiledLetter(words, known={*MERGE_FIELDS, clicks.READER})
            except LetterError as error:
                # A field was taken away since the letter was accepted.
                self._desks[batch_id] = error
            else:
                self._desks[batch_id] = _Desk(
                    letter,
                    batch.code,
                    batch.sender_address,
                    settings.INSTANCE.mail.return_address,
                    is_list,
                    batch.measures_people,
                )
        return self._desks[batch_id]


def _column(name: str, desk: _Desk, recipients: list[Recipient]) -> Sequence[str]:
    if name == clicks.READER:
        return selectors.readers_own(recipients) if desk.measures else [""] * len(recipients)
    return MERGE_FIELDS[name].values(recipients)


def _ways_out(desk: _Desk, recipients: list[Recipient], known: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return each reader's way out; letters to lists hold it, so that it is made already."""
    if not desk.is_list:
        return [""] * len(recipients)
    return known.get("unsubscribe_url") or selectors.unsubscribe_urls(recipients)


def _addressed(desk: _Desk, recipients: list[Recipient]) -> Iterator[Envelope]:
    date = format_datetime(clock.now().astimezone(clock.PARIS))
    names = desk.letter.fields
    columns = [_column(name, desk, recipients) for name in names]
    ways_out = _ways_out(desk, recipients, dict(zip(names, columns, strict=True)))
    key = tokens.return_key_from(settings.SECRET_KEY)
    for at, recipient in enumerate(recipients):
        number = recipient.message_id
        signature = tokens.return_signature(number, recipient.address, key)
        to = Particulars(
            recipient=recipient.address,
            # The same at each attempt, so that a receiver may see a copy for what it is.
            message_id=f"{number}.{desk.code}.{signature}@{desk.domain}",
            date=date,
            unsubscribe_url=ways_out[at],
        )
        values = {name: column[at] for name, column in zip(names, columns, strict=True)}
        sender = tokens.return_address(desk.return_address, number, signature) if desk.return_address else desk.sender
        yield Envelope(number, sender, recipient.address, desk.letter.render(values, to))
