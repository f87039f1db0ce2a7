"""How fast bounces are taken in, from a Maildir to the states of addresses."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from benchmarks.mail import ADD_PEOPLE, letter
from portevoix.accounts.types import System
from portevoix.delivery import dispatch, services, tasks
from portevoix.delivery.models import Bounce, Message
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose
from tests.delivery.returned_mail import SAMPLES


@register
class TenThousandBounces(Benchmark):
    """Ours: reports a minute, of every kind of server, the original of 10 kB quoted. Reference: the goal itself.

    One thread; the database's work on the same machine counts as well.
    """

    name = "mail.bounces"
    n = 10_000
    unit = "reports/min"
    goal = 1.0
    side = "at least"
    rounds = 3

    def set_up(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bounces-"))
        mail = settings.INSTANCE.mail.model_copy(update={"return_address": "retours@exemple.fr"})
        returns = settings.INSTANCE.returns.model_copy(update={"maildir": str(self._folder)})
        settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail, "returns": returns})
        (self._folder / "new").mkdir()
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
            cursor.execute("VACUUM ANALYZE")
        everybody = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
        services.send(letter(), everybody, actor=System("benchmark"))
        kept = MemoryTransport()
        while Message.objects.filter(state="queued").exists():
            dispatch.run(lambda: kept, connections=1, seconds=60)
        kinds = itertools.cycle(one.raw for one in SAMPLES if one.bad is not None and one.bad != "complaint")
        self._reports = [
            raw.replace("{to}", envelope.sender).replace("{id}", "x@y").encode() + envelope.content
            for raw, envelope in zip(kinds, kept.sent, strict=False)
        ]

    def between(self) -> None:
        Bounce.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE people_emailaddress SET status = 'verified'")
            cursor.execute("VACUUM ANALYZE")
        for number, report in enumerate(self._reports):
            (self._folder / "new" / f"{number:08}").write_bytes(report)

    def ours(self) -> float:
        with timed() as seconds:
            counts = tasks.take_in_returns()
        assert counts.total() == self.n, counts
        assert counts["unproven"] == counts["other"] == 0, counts
        return self.n / seconds() * 60

    def reference(self) -> float:
        return 10_000.0
