"""Political opinions in a file: left aside and counted, or kept with the agreement that somebody declares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from portevoix.exchange import selectors
from portevoix.rights import services
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.purposes import Basis, Purpose
from tests.exchange import files
from tests.exchange.files import imported, person, problems

pytestmark = pytest.mark.django_db


def test_without_a_declared_agreement_nothing_is_kept_and_the_report_says_how_much_and_why() -> None:
    run = imported(person(1, support_level="5", party="PAX"), person(2, support_level=""))
    assert not Opinion.objects.exists()
    assert not Ground.objects.filter(purpose=Purpose.OPINION).exists()
    assert run.arrival.counts["merged"]["opinions_left"] == 1
    refused = dict(selectors.columns(run)[0][1])
    assert set(refused) == {"support_level", "party"}
    assert "RGPD art. 9" in refused["support_level"]
    assert 1 in dict(selectors.consents(run)).values()


def test_a_declared_agreement_keeps_the_level_on_a_ground_that_proves_itself() -> None:
    run = imported(person(1, support_level="5", party="PAX", inferred_support_level="2"), opinions=True)
    opinion = Opinion.objects.select_related("ground").get()
    assert (opinion.support_level, opinion.source) == (5, "people.csv")
    assert (opinion.ground.basis, opinion.ground.is_live) == (Basis.DECLARED_AT_IMPORT, True)
    assert opinion.ground.evidence["row"] == 2
    assert run.arrival.counts["merged"]["opinions"] == 1
    refused = {title for title, _said in selectors.columns(run)[0][1]}
    assert refused == {"party", "inferred_support_level"}


@pytest.mark.parametrize("again", [False, True])
def test_whoever_withdrew_here_gets_no_opinion_back_from_a_file(again: bool) -> None:
    imported(person(1, support_level="5"), opinions=True)
    known = Opinion.objects.get().person
    services.withdraw(known, [Purpose.OPINION], evidence={}, source="tests", actor=files.ACTOR)
    imported(person(1, support_level="5", note="other" if again else ""), opinions=True)
    assert not Opinion.objects.exists()


def test_whoever_is_not_to_be_contacted_gets_none_either() -> None:
    imported(person(1, support_level="4", do_not_contact="true"), opinions=True)
    assert not Opinion.objects.exists()


def test_what_is_known_of_an_opinion_stays() -> None:
    imported(person(1, support_level="5"), opinions=True)
    imported(person(1, support_level="1"), opinions=True, name="later.csv")
    assert Opinion.objects.get().support_level == 5


def test_what_is_no_level_is_left_aside_as_such() -> None:
    run = imported(person(1, support_level="strong"), opinions=True)
    assert problems(run) == [(2, [("not_a_level", "support_level")])]
    assert not Opinion.objects.exists()


def everything_kept() -> Iterator[tuple[str, str]]:
    """Yield every cell of every table that somebody could read an opinion in, with the name of its table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND (data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'USER-DEFINED'))"
        )
        columns = cursor.fetchall()
        assert len(columns) > 500
        for table, column in columns:
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            yield from ((table, value) for (value,) in cursor.fetchall())


UNREADABLE = {"born_at": "31/31/1990"}
TOLD = {"support_level": "5", "party": "PAX", "tag_list": "tracts,parti PAX"}


@pytest.mark.parametrize("opinions", [False, True])
@pytest.mark.parametrize(
    "broken", [UNREADABLE, {"email": "", "nationbuilder_id": "", "first_name": "", "last_name": ""}]
)
def test_a_row_left_aside_keeps_no_opinion(opinions: bool, broken: dict[str, str]) -> None:
    run = imported(person(1, **TOLD) | broken, person(2), opinions=opinions)
    (kept,) = run.arrival.left_aside.all()
    cells = dict(zip([column["title"] for column in run.columns], kept.cells, strict=True))
    assert (cells["support_level"], cells["party"], cells["tag_list"]) == ("", "", "tracts")
    assert {table for table, value in everything_kept() if "PAX" in value} <= {"intake_arrival"}  # as a tag of the file


@pytest.mark.parametrize("line", ["3,Anne,PAX,5,tracts,trop\n", "3,Anne,PAX\n", '3,Anne,"PAX,5\n'])
def test_a_row_that_was_cut_wrongly_keeps_nothing_where_the_file_tells_of_opinions(line: str) -> None:
    run = files.imported_file(f"nationbuilder_id,first_name,party,support_level,tag_list\n1,Luc,,,\n{line}".encode())
    (kept,) = run.arrival.left_aside.all()
    assert (kept.cells, bool(kept.problems)) == ([], True)
    assert {table for table, value in everything_kept() if "PAX" in value} == set()


def test_a_row_that_was_cut_wrongly_keeps_its_cells_but_for_the_tags_that_the_law_protects() -> None:
    run = files.imported_file(b"nationbuilder_id,first_name,tag_list\n1,Luc,\n2,Anne,parti PAX,parti PAX\n")
    (kept,) = run.arrival.left_aside.all()
    assert kept.cells == ["2", "Anne", "", ""]
