"""What the database's own gate costs, against the time that a mailing of the same size takes to leave."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from benchmarks.mail import ADD_PEOPLE, CONNECTIONS, Sink, letter
from portevoix.accounts.types import System
from portevoix.delivery import dispatch, services
from portevoix.delivery.dispatch import queueing
from portevoix.delivery.models import Message
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

#: Messages claimed and closed to find the gate's cost at those steps; the rest costs the same.
SAMPLE, CHUNK = 50_000, 1_000
TRIGGERS = ("delivery_gate_on_insert", "delivery_gate_on_update")
MOVE = "UPDATE delivery_message SET state = %s WHERE id = ANY(%s)"
ROW_BY_ROW = """
CREATE FUNCTION bench_gate_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rights_ground WHERE id = NEW.ground_id AND withdrawn_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no live ground';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bench_gate_row BEFORE INSERT OR UPDATE ON delivery_message
    FOR EACH ROW WHEN (NEW.state IN ('queued', 'sending')) EXECUTE FUNCTION bench_gate_row();
"""


@register
class GateAtAMillion(Benchmark):
    """Ours: seconds spent in the trigger for a mailing of a million. Reference: seconds until it has left.

    PostgreSQL itself times its triggers (EXPLAIN ANALYZE): at queueing, at claiming, at closing.
    """

    name = "mail.gate.1m"
    n = 1_000_000
    unit = "s"
    goal = 0.1
    side = "at most"
    rounds = 1

    def set_up(self) -> None:
        self._sink = Sink()
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
            cursor.execute("VACUUM ANALYZE")

    def ours(self) -> float:
        return self._seconds_in_triggers("delivery_gate")

    def row_by_row(self) -> float:
        """The same gate fired once a row, for the decision record."""
        with connection.cursor() as cursor:
            cursor.execute(ROW_BY_ROW)
            for trigger in TRIGGERS:
                cursor.execute(f"ALTER TABLE delivery_message DISABLE TRIGGER {trigger}")
        seconds = self._seconds_in_triggers("bench_gate_row")
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER bench_gate_row ON delivery_message")
            for trigger in TRIGGERS:
                cursor.execute(f"ALTER TABLE delivery_message ENABLE TRIGGER {trigger}")
        return seconds

    def _seconds_in_triggers(self, name: str) -> float:
        self._clear()
        nobody = gate.admit(Person.objects.none(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
        batch = services.send(letter(), nobody, actor=System("benchmark"))
        everybody = "SELECT id FROM rights_ground"
        filling = queueing.FILL.format(grounds=everybody, others="", moment=queueing.AT_ONCE, places="")
        filled = _in_triggers(name, filling, [batch.pk, 1, batch.created_at])
        moving = 0.0
        for _chunk in range(min(SAMPLE, self.n) // CHUNK):
            waiting = Message.objects.filter(state="queued").order_by("priority", "id")
            ids = list(waiting.values_list("pk", flat=True)[:CHUNK])
            moving += _in_triggers(name, MOVE, ["sending", ids]) + _in_triggers(name, MOVE, ["sent", ids])
        moving *= self.n / min(SAMPLE, self.n)
        print(f"  {name}: {filled:.1f} s while queueing, {moving:.1f} s while claiming and closing")
        return filled + moving

    def reference(self) -> float:
        self._clear()
        everybody = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
        with timed() as queueing:
            services.send(letter(), everybody, actor=System("benchmark"))
        with timed() as sending:
            summary = dispatch.run(
                lambda: SmtpTransport(SmtpServer(host="127.0.0.1", port=self._sink.port)),
                connections=CONNECTIONS,
                seconds=20,
            )
        return queueing() + sending() * self.n / summary.answered

    def _clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE delivery_message, delivery_batch, delivery_linktotal, people_interaction CASCADE")
            cursor.execute("VACUUM rights_ground")

    def tear_down(self) -> None:
        self._sink.stop()


def _in_triggers(name: str, statement: str, parameters: list[Any]) -> float:
    """Run a statement; return the seconds it spent in triggers whose name begins so."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]
    return sum(one["Time"] for one in plan["Triggers"] if one["Trigger Name"].startswith(name)) / 1000
