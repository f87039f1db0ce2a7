"""A mailing through the whole house, against a loop with `smtplib` that already has its bytes."""

from __future__ import annotations

import itertools
import mmap
import os
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.types import System
from portevoix.delivery import dispatch, services
from portevoix.delivery.models import Message
from portevoix.delivery.transports import Transport
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.delivery.types import Envelope, Letter, Outcome, Result
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

CONNECTIONS = 4
PARAGRAPHS = 25
SENTENCE = (
    "Samedi, nous étions plus de deux cents place de la République pour parler de logement, d’école et de "
    "transports ; merci à toutes celles et ceux qui ont tenu les stands sous la pluie. "
)
ADD_PEOPLE = """
WITH made AS (
    INSERT INTO people_person (ref, first_name, last_name, sort_key, gender, language, occupation, postcode,
        custom, source)
    SELECT gen_random_uuid(), (ARRAY['Élise','Camille','Noé','Maëlle','Jean-Baptiste','Zoé'])[n %% 6 + 1],
        'Personne' || n, 'personne ' || n, '', 'fr', '', '', '{}', 'bench' FROM generate_series(1, %s) AS n
    RETURNING id
), mailed AS (
    INSERT INTO people_emailaddress (person_id, address, status, is_primary, source)
    SELECT id, 'p' || id || '@exemple.fr', 'verified', true, 'bench' FROM made
)
INSERT INTO rights_ground (person_id, purpose, channel, basis, evidence, withdrawal, source)
SELECT id, 'newsletter', 'email', 'consent', '{}', '{}', 'bench' FROM made
"""


def letter() -> Letter:
    """A letter as campaigns write them: some 10 kB, four merge fields, several links."""
    paragraph = f"<p style='margin:0 0 16px;line-height:24px'>{SENTENCE}</p>"
    return Letter(
        subject="{{ first_name|Bonjour }}, rendez-vous samedi à la mairie",
        text=f"Bonjour {{{{ first_name|à vous }}}},\n\n{SENTENCE * PARAGRAPHS}\n\nhttps://exemple.fr/rdv\n"
        "Vos choix : {{ preferences_url }}\nNe plus recevoir : {{ unsubscribe_url }}\n",
        html=f"<html><body><h1>Bonjour {{{{ first_name|à vous }}}}</h1>{paragraph * PARAGRAPHS}"
        "<a href='https://exemple.fr/rdv'>Je viens</a> <a href='https://exemple.fr/don'>Je donne</a>"
        "<a href='{{ preferences_url }}'>Vos choix</a> <a href='{{ unsubscribe_url }}'>Ne plus recevoir</a>"
        "</body></html>",
        sender_name="Camille Aubrac",
        sender_address="campagne@exemple.fr",
        list_name="La lettre",
    )


class Sink:
    """Debian postfix's `smtp-sink`, which takes everything and keeps nothing."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        # smtp-sink drops root's rights by itself when told whom to be.
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self._process = subprocess.Popen(
            ["/usr/sbin/smtp-sink", *user, f"127.0.0.1:{self.port}", "200"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _attempt in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("smtp-sink does not answer")

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


class Kept:
    """A transport that keeps what would leave in a file, for the other side: memory is measured too."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self.index: list[tuple[str, str, int]] = []

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        for envelope in envelopes:
            if committing(envelope.ref):
                self._file.write(envelope.content)
                self.index.append((envelope.sender, envelope.recipient, len(envelope.content)))
                yield Result(envelope.ref, Outcome.SENT, 250, "kept")

    def close(self) -> None:
        self._file.flush()


@register
class SendAHundredThousand(Benchmark):
    """From a letter and an audience to 100,000 results in the database, against bytes that are there already.

    Ours: gate, outbox, claims, rendering, diary, results. Reference: `smtplib.sendmail` and nothing else, ten times
    what our side puts on the wire for the first 10,000.
    """

    name = "mail.send.100k"
    n = 100_000
    kept = 10_000
    unit = "messages/s"
    goal = 0.80
    side = "at least"
    rounds = 3
    memory_limit = 250

    def set_up(self) -> None:
        self._sink = Sink()
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
            cursor.execute("VACUUM ANALYZE")
        self._path = Path(tempfile.mkstemp(prefix="bench-mail-")[1])
        self._index = self._same_bytes()

    def _same_bytes(self) -> list[tuple[str, str, int]]:
        """Keep what our side puts on the wire for the first of them."""
        some = Person.objects.filter(
            pk__in=list(Person.objects.order_by("pk").values_list("pk", flat=True)[: self.kept])
        )
        chosen = gate.admit(some, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
        services.send(letter(), chosen, actor=System("benchmark"))
        kept = Kept(self._path)
        while Message.objects.filter(state="queued").exists():
            dispatch.run(lambda: kept, connections=1, seconds=60)
        assert len(kept.index) == self.kept
        return kept.index

    def between(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE delivery_message, delivery_batch, delivery_linktotal, delivery_run, people_interaction,"
                " procrastinate_jobs CASCADE"
            )

    def ours(self) -> float:
        with timed() as seconds:
            everybody = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
            services.send(letter(), everybody, actor=System("benchmark"))
            dispatch.run(self._transport, connections=CONNECTIONS, seconds=1800)
        assert Message.objects.filter(state="sent").count() == self.n
        return self.n / seconds()

    def _transport(self) -> Transport:
        return SmtpTransport(SmtpServer(host="127.0.0.1", port=self._sink.port))

    def reference(self) -> float:
        waiting: deque[tuple[str, str, int, int]] = deque()
        offset = 0
        for sender, recipient, length in self._index:
            waiting.append((sender, recipient, offset, length))
            offset += length
        waiting = deque(itertools.chain.from_iterable(itertools.repeat(tuple(waiting), self.n // self.kept)))
        sent: list[int] = []
        with self._path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
            octets[:]  # in memory before the clock runs
            with timed() as seconds:
                threads = [
                    threading.Thread(target=self._loop, args=(waiting, octets, sent)) for _ in range(CONNECTIONS)
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        assert len(sent) == self.n
        return self.n / seconds()

    def _loop(self, waiting: deque[tuple[str, str, int, int]], octets: mmap.mmap, sent: list[int]) -> None:
        with smtplib.SMTP("127.0.0.1", self._sink.port) as smtp:
            while True:
                try:
                    sender, recipient, offset, length = waiting.popleft()
                except IndexError:
                    return
                smtp.sendmail(sender, recipient, octets[offset : offset + length])
                sent.append(length)

    def tear_down(self) -> None:
        self._sink.stop()
        self._path.unlink()


@register
class AMillionRecipients(Benchmark):
    """Building the list of recipients through the gate, against the bare `INSERT … SELECT` of the same rows.

    The reference has the table's own constraints, and neither the gate nor the locks that it needs.
    """

    name = "mail.recipients.1m"
    n = 1_000_000
    unit = "s"
    goal = 1.5
    side = "at most"
    rounds = 3

    BARE = """
    INSERT INTO delivery_message (batch_id, person_id, ground_id, channel, purpose, priority, state, not_before)
    SELECT %s, g.person_id, g.id, g.channel, g.purpose, 1, 'queued', now() FROM rights_ground g
    """

    def set_up(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
            cursor.execute("VACUUM ANALYZE")

    def between(self) -> None:
        SendAHundredThousand.between(self)  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.execute("VACUUM rights_ground")

    def ours(self) -> float:
        everybody = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
        with timed() as seconds:
            services.send(letter(), everybody, actor=System("benchmark"))
        assert Message.objects.count() == self.n
        return seconds()

    def reference(self) -> float:
        nobody = gate.admit(Person.objects.none(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
        batch = services.send(letter(), nobody, actor=System("benchmark"))
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE delivery_message DISABLE TRIGGER delivery_gate_on_insert")
            with timed() as seconds:
                cursor.execute(self.BARE, [batch.pk])
            cursor.execute("ALTER TABLE delivery_message ENABLE TRIGGER delivery_gate_on_insert")
        assert Message.objects.count() == self.n
        return seconds()
