"""A mailing through the whole house, against a loop with `smtplib` that already has its bytes."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import threading
import time
from collections import deque

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.types import System
from portevoix.delivery import dispatch, services
from portevoix.delivery.models import Message
from portevoix.delivery.transports import Transport
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.delivery.types import Envelope, Letter
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

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@register
class SendTenThousand(Benchmark):
    """From a letter and an audience to 10,000 results in the database, against the same bytes from a list in memory.

    Ours: gate, outbox, claims, rendering, diary, results. Reference: `smtplib.sendmail` and nothing else.
    """

    name = "mail.send.10k"
    n = 10_000
    unit = "messages/s"
    goal = 0.60
    side = "at least"
    rounds = 5

    def set_up(self) -> None:
        self._sink = Sink()
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
            cursor.execute("VACUUM ANALYZE")
        self._envelopes = self._same_bytes()

    def _same_bytes(self) -> list[Envelope]:
        """What our side puts on the wire, kept for the other."""
        self._queue()
        kept = MemoryTransport()
        while Message.objects.filter(state="queued").exists():
            dispatch.run(lambda: kept, connections=1, seconds=60)
        assert len(kept.sent) == self.n
        return kept.sent

    def _queue(self) -> None:
        everybody = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
        services.send(letter(), everybody, actor=System("benchmark"))

    def between(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE delivery_message, delivery_batch, delivery_linktotal, delivery_run, people_interaction,"
                " procrastinate_jobs CASCADE"
            )

    def ours(self) -> float:
        with timed() as seconds:
            self._queue()
            dispatch.run(self._transport, connections=CONNECTIONS, seconds=300)
        assert Message.objects.filter(state="sent").count() == self.n
        return self.n / seconds()

    def _transport(self) -> Transport:
        return SmtpTransport(SmtpServer(host="127.0.0.1", port=self._sink.port))

    def reference(self) -> float:
        waiting = deque(self._envelopes)
        sent: list[int] = []
        with timed() as seconds:
            threads = [threading.Thread(target=self._loop, args=(waiting, sent)) for _line in range(CONNECTIONS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(sent) == self.n
        return self.n / seconds()

    def _loop(self, waiting: deque[Envelope], sent: list[int]) -> None:
        with smtplib.SMTP("127.0.0.1", self._sink.port) as smtp:
            while True:
                try:
                    envelope = waiting.popleft()
                except IndexError:
                    return
                smtp.sendmail(envelope.sender, envelope.recipient, envelope.content)
                sent.append(envelope.ref)

    def tear_down(self) -> None:
        self._sink.stop()
