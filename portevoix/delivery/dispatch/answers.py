"""Answers that the provider holds for us: what was written to our number, and who told it that they want no more."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from portevoix.delivery.dispatch import texts
from portevoix.delivery.models import TextReply
from portevoix.delivery.readers import texts as readers
from portevoix.delivery.types import SaidReply
from portevoix.kernel import clock, normalise
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose

#: Providers' calls that failed are made good within this time.
BACK = timedelta(days=3)


def held_by_the_provider() -> list[SaidReply]:
    """Return the answers that are not known yet. Raises ServerUnavailable; nothing where no provider holds any."""
    sms = settings.INSTANCE.sms
    if sms.backend != "ovh" or sms.missing():
        return []
    since = clock.now() - BACK
    known = set(TextReply.objects.filter(at__gte=since - BACK).values_list("reference", flat=True))
    return [*(one for raw in texts.incoming(known, since) if (one := readers.incoming(raw))), *_barred(known)]


def _barred(known: set[str]) -> list[SaidReply]:
    """Return the numbers that the provider bars, once each; those who agreed since, with the day they were barred."""
    names = {reference_of_bar(number): number for number in texts.barred()}
    told = set(TextReply.objects.filter(reference__in=names).values_list("reference", flat=True)) | known
    new = [SaidReply(name, number, "STOP", clock.now(), True) for name, number in names.items() if name not in told]
    again = _reached([number for name, number in names.items() if name in told])
    since = texts.barred_since(again) if again else {}
    return new + [
        SaidReply(reference_of_bar(number), number, "STOP", readers.moment(said), is_stop=True, is_named=False)
        for number, said in since.items()
    ]


def _reached(numbers: Sequence[str]) -> list[str]:
    """Keep the numbers of people who may be written to by text message."""
    spelt = {normalise.phone(number): number for number in numbers}
    live = Ground.objects.live().filter(purpose=Purpose.TEXTS, person__phones__number__in=[one for one in spelt if one])
    return sorted({spelt[one] for one in live.values_list("person__phones__number", flat=True) if one in spelt})


def reference_of_bar(number: str) -> str:
    """Return the name of a wish that has none of its own."""
    return "stop-" + hashlib.sha256(f"{settings.SECRET_KEY} {number}".encode()).hexdigest()[:40]
