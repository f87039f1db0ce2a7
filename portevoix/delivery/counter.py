"""What readers do with a letter, counted: totals for everybody, their own deeds for those who agreed to that.

Totals hold no address, no program and no person (CNIL, délibération 2026-042: individual measuring takes a consent of
its own). Under a name only what somebody does who agreed when the letter left, and still agrees now: whoever takes
that back is a total from then on, in letters of long ago as well.
"""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from portevoix.delivery.models import Batch, LinkTotal, Message
from portevoix.delivery.rules import tokens
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose

# One statement each: the hour is made by whoever comes first in it.
CLICK = """
WITH followed AS (
    UPDATE delivery_linktotal l SET clicks = l.clicks + 1 FROM delivery_batch b
    WHERE b.id = l.batch_id AND b.code = %(code)s AND l.number = %(number)s RETURNING l.id
)
INSERT INTO delivery_clickhour AS h (link_id, hour, clicks) SELECT id, %(hour)s, 1 FROM followed
ON CONFLICT (link_id, hour) DO UPDATE SET clicks = h.clicks + 1
"""
OPEN = """
INSERT INTO delivery_openhour AS h (batch_id, hour, opens)
SELECT id, %(hour)s, 1 FROM delivery_batch WHERE code = %(code)s AND counts_opens
ON CONFLICT (batch_id, hour) DO UPDATE SET opens = h.opens + 1
"""


def follow(code: str, number: int, word: str = "", *, counted: bool) -> str | None:
    """Return where a batch's link leads, counting one click when it is to be counted; None for no such link."""
    link = LinkTotal.objects.filter(batch__code=code, number=number).values_list("target", flat=True).first()
    if link is not None and counted:
        _count(CLICK, code=code, number=number)
        if word:
            _note(code, word, Kind.CLICKED, {"link": number})
    return link


def see(code: str, word: str = "") -> bool:
    """Count that a letter was opened; tell whether its openings are counted at all."""
    counted = _count(OPEN, code=code)
    if counted and word:
        _note(code, word, Kind.OPENED, {})
    return counted


def _count(statement: str, **said: str | int) -> bool:
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**said, "hour": hour})
        return bool(cursor.rowcount)


def _note(code: str, word: str, kind: Kind, detail: dict[str, int]) -> None:
    """Write the first time of a deed on the spine of whoever the word stands for, if they still agree."""
    batch, reader = _reader_of(code, word)
    if batch is None or reader is None:
        return
    same = Interaction.objects.filter(person=reader, kind=kind, about_kind=batch._meta.label_lower, about_id=batch.pk)
    if same.filter(detail=detail).exists():
        return
    try:
        with transaction.atomic():
            interactions.record(reader, kind, about=batch, source="delivery", detail=detail)
    except IntegrityError:
        # They took their consent back this very moment: the database's own lock refuses to note it (rights, 0031).
        return


def _reader_of(code: str, word: str) -> tuple[Batch | None, Person | None]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    number = tokens.message_in(word, [tokens.reader_key_from(secret) for secret in secrets])
    if number is None:
        return None, None
    sent = Message.objects.filter(pk=number, batch__code=code, batch__measures_people=True)
    agreeing = Ground.objects.in_use(Purpose.MEASUREMENT).values("person")
    message = sent.filter(person__in=agreeing).select_related("batch", "person").first()
    return (message.batch, message.person) if message else (None, None)
