"""Automations: a hundred thousand people led from entering to a tag, against the SQL that a good hand would write."""

from __future__ import annotations

from typing import Any

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.types import System
from portevoix.journeys import tasks
from portevoix.journeys.models import Journey, Mark, Trip
from portevoix.journeys.services import designing, following, publishing
from portevoix.journeys.services.designing import Place
from portevoix.people.models import Interaction, Tag, Tagging

ACTOR = System("benchmark")
PEOPLE = 100_000
ADD_PEOPLE = """
INSERT INTO people_person (id, ref, first_name, last_name, sort_key, gender, language, occupation, postcode, custom,
    source)
SELECT n, gen_random_uuid(), 'Prénom', 'Nom' || n, 'nom' || n, '', 'fr', '', '', '{}', 'bench'
FROM generate_series(1::bigint, %s) AS n
"""
HAPPENS = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, source, by, detail)
SELECT id, 'confirmed', now(), '', 'bench', '', '{}' FROM people_person
"""
# What leads people on leaves behind: entered, tagged, told on their timelines, marked, and at the end.
BY_HAND = (
    """
INSERT INTO journeys_trip (person_id, journey_id, version_id, step_id, state, why, entered_at, since, due_at)
SELECT DISTINCT person_id, %(journey)s::bigint, %(version)s::bigint, %(step)s::bigint, 'under_way', '', now(), now(),
    now()
FROM people_interaction WHERE id > %(after)s AND kind = 'confirmed'
""",
    """
INSERT INTO people_tagging (person_id, tag_id, source)
SELECT person_id, %(tag)s, 'staff' FROM journeys_trip WHERE step_id = %(step)s ON CONFLICT DO NOTHING
""",
    """
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
SELECT person_id, 'tagged', now(), 'people.tag', %(tag)s, 'bench', '', '{"tags": 1}' FROM journeys_trip
WHERE step_id = %(step)s
""",
    """
INSERT INTO journeys_mark (trip_id, key, kind, at)
SELECT id, 1, 'add_tag', now() FROM journeys_trip WHERE step_id = %(step)s
""",
    "UPDATE journeys_trip SET state = 'done', ended_at = now() WHERE step_id = %(step)s",
)


@register
class AdvanceAHundredThousand(Benchmark):
    """Ours: seconds to read the spine, let people enter, tag them once and end. Reference: five statements by hand."""

    name = "journeys.advance.100k"
    n = PEOPLE
    unit = "s"
    goal = 2.0
    side = "at most"
    rounds = 3
    memory_limit = 250

    def set_up(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
        self.tag = Tag.objects.create(name="Bench")
        version = designing.create(name="Bench", actor=ACTOR).draft
        assert version is not None
        designing.add_step(version, "add_tag", {"tag": self.tag.pk}, Place(), actor=ACTOR)
        self.journey = publishing.publish(version, actor=ACTOR)

    def between(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE journeys_mark, journeys_trip, journeys_call, people_tagging, people_interaction CASCADE"
            )
            cursor.execute(HAPPENS)
            cursor.execute("VACUUM ANALYZE people_interaction")
            cursor.execute("SELECT min(id) - 1 FROM people_interaction")
            (self.after,) = cursor.fetchone()
        Journey.objects.update(cursor=self.after)

    def ours(self) -> float:
        with timed() as seconds:
            tasks.lead(self.journey, until=following.settle(actor=ACTOR))
        self.check()
        return seconds()

    def reference(self) -> float:
        version = self.journey.live
        assert version is not None
        known: dict[str, Any] = {
            "journey": self.journey.pk,
            "version": version.pk,
            "step": version.steps.get().pk,
            "tag": self.tag.pk,
            "after": self.after,
        }
        with timed() as seconds, connection.cursor() as cursor:
            for statement in BY_HAND:
                cursor.execute(statement, known)
        self.check()
        return seconds()

    def check(self) -> None:
        """Both sides leave the same rows."""
        assert Trip.objects.filter(state="done").count() == self.n
        assert Tagging.objects.count() == Mark.objects.count() == self.n
        assert Interaction.objects.filter(kind="tagged").count() == self.n
