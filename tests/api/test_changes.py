"""What changed since, on a large file: found by indexes, whether little changed or everything; each person once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from portevoix.api import selectors
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.rights import gate
from tests.accounts.factories import staff
from tests.api.factories import program

pytestmark = pytest.mark.django_db
PEOPLE = 20_000
MANY = """
INSERT INTO people_person (ref, first_name, last_name, sort_key, gender, language, occupation, postcode, custom, source,
    updated_at)
SELECT gen_random_uuid(), 'Maëlle', 'Quéméneur ' || n, 'quemeneur maelle ' || n, '', 'fr', '', '', '{}', 'tests',
    %(then)s
FROM generate_series(1, %(people)s) AS n
"""
TIMELINES = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, source, detail)
SELECT id, kind, %(then)s, '', 'tests', '{}' FROM people_person, unnest(ARRAY['imported', 'mailed']) AS kind
"""


@pytest.fixture
def moment() -> datetime:
    """A file that nobody touched for a month; since when."""
    now = clock.now()
    then = {"people": PEOPLE, "then": now - timedelta(days=30)}
    with connection.cursor() as cursor:
        cursor.execute(MANY, then)
        cursor.execute(TIMELINES, then)
        cursor.execute("ANALYZE people_person, people_interaction")
    return now - timedelta(days=1)


def planned(since: datetime, after: int = 0) -> tuple[set[str], int, int]:
    """Return by which indexes a page is found, how many rows of people and of timelines were looked at for it."""
    people = selectors.people_asked_for(since=since)
    granted = gate.reveal(people, actor=staff(), purpose="tests", fields=["id"])
    page = granted.people.filter(pk__gt=after).order_by("pk")[:51]
    (told,) = json.loads(page.explain(format="json", analyze=True))
    nodes = list(_nodes(told["Plan"]))
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"], "a whole table was read"
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
    return indexes, _looked_at(nodes, "people_person"), _looked_at(nodes, "people_interaction")


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in _nodes(part))]


def _looked_at(nodes: list[dict[str, Any]], table: str) -> int:
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes
        if node.get("Relation Name") == table
    )


def test_the_few_who_changed_are_looked_up_and_nobody_else_is(moment: datetime) -> None:
    chosen = list(Person.objects.order_by("pk").values_list("pk", flat=True)[::4000])
    Person.objects.filter(pk__in=chosen[:3]).update(updated_at=clock.now())
    for pk in chosen[2:]:
        Interaction.objects.create(person_id=pk, kind="tagged", at=clock.now(), source="tests")
    Interaction.objects.create(person_id=chosen[0] + 1, kind="mailed", at=clock.now(), source="tests")
    indexes, people, timelines = planned(moment)
    assert {"person_updated", "interaction_who"} <= indexes
    assert people < 50
    assert timelines < 50
    told = program().get(f"people?changed_since={quote(moment.isoformat())}")
    assert [one["id"] for one in told["people"]] == chosen


def test_where_everybody_changed_a_page_walks_no_further_than_its_end(moment: datetime) -> None:
    Interaction.objects.filter(kind="imported").update(at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_interaction")
    middle = Person.objects.order_by("pk").values_list("pk", flat=True)[PEOPLE // 2]
    indexes, people, timelines = planned(moment, middle)
    assert "interaction_timeline" in indexes
    assert people <= 51
    assert timelines <= 51 * 2


def test_both_ways_find_the_same_people_each_once_page_by_page(
    moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = list(Person.objects.order_by("pk").values_list("pk", flat=True)[::2500])
    for pk in chosen:
        Interaction.objects.create(person_id=pk, kind="noted", at=clock.now(), source="tests")
    Person.objects.filter(pk__in=chosen[:2]).update(updated_at=clock.now())
    held = program()
    for few in (10_000, 3):
        monkeypatch.setattr(selectors, "FEW_CHANGES", few)
        seen, after = [], 0
        while after is not None:
            page = held.get(f"people?limit=3&after={after}&changed_since={quote(moment.isoformat())}")
            seen += [one["id"] for one in page["people"]]
            after = page["next"]
        assert seen == chosen
