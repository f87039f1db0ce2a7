"""Answers that the provider holds for us: what was written to our number, and who told it that they want no more."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings

from portevoix.delivery.dispatch import texts
from portevoix.delivery.models import TextReply
from portevoix.delivery.readers import texts as readers
from portevoix.delivery.types import SaidReply
from portevoix.kernel import clock

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
    found = [SaidReply(reference_of_bar(number), number, "STOP", clock.now(), True) for number in texts.barred()]
    done = set(
        TextReply.objects.filter(reference__in=[one.reference for one in found]).values_list("reference", flat=True)
    )
    return [one for one in found if one.reference not in done | known]


def reference_of_bar(number: str) -> str:
    """Return the name of a wish that has none of its own: once is enough."""
    return "stop-" + hashlib.sha256(f"{settings.SECRET_KEY} {number}".encode()).hexdigest()[:40]
