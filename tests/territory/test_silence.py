"""Hours of electoral silence, at the minute: each place by its own clocks, the strictest where no place is known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portevoix.kernel.clock import PARIS
from portevoix.territory.rules.silence import EARLY, NOWHERE, ZONES, silences

SUNDAY = date(2028, 4, 23)
EVERYWHERE = {"75", "35", *ZONES}


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type,misc]


def test_in_metropolitan_france_it_begins_on_saturday_at_zero_hours_and_ends_when_the_last_office_closes() -> None:
    found = silences(SUNDAY, {"35"}, ())["35"]
    assert found.begins_at == paris(2028, 4, 22, 0, 0)
    assert found.ends_at == paris(2028, 4, 23, 20, 0)


@pytest.mark.parametrize(
    ("departement", "begins"),
    [
        ("975", datetime(2028, 4, 21, 2, tzinfo=UTC)),  # Saint-Pierre-et-Miquelon: UTC−2 in summer
        ("973", datetime(2028, 4, 21, 3, tzinfo=UTC)),  # Guyane
        ("971", datetime(2028, 4, 21, 4, tzinfo=UTC)),  # Guadeloupe
        ("972", datetime(2028, 4, 21, 4, tzinfo=UTC)),  # Martinique
        ("977", datetime(2028, 4, 21, 4, tzinfo=UTC)),  # Saint-Barthélemy
        ("978", datetime(2028, 4, 21, 4, tzinfo=UTC)),  # Saint-Martin
        ("987", datetime(2028, 4, 21, 9, tzinfo=UTC)),  # Polynesia: the earliest of its three hours, of the Gambier
    ],
)
def test_where_one_votes_on_saturday_it_begins_on_friday_by_the_clocks_there(
    departement: str, begins: datetime
) -> None:
    found = silences(SUNDAY, EVERYWHERE, EARLY)[departement]
    assert found.begins_at == begins


@pytest.mark.parametrize(
    ("departement", "begins"),
    [
        ("974", datetime(2028, 4, 21, 20, tzinfo=UTC)),
        ("976", datetime(2028, 4, 21, 21, tzinfo=UTC)),
        ("986", datetime(2028, 4, 21, 12, tzinfo=UTC)),
        ("988", datetime(2028, 4, 21, 13, tzinfo=UTC)),
    ],
)
def test_east_of_paris_one_votes_on_sunday_and_is_silent_earlier(departement: str, begins: datetime) -> None:
    assert silences(SUNDAY, EVERYWHERE, EARLY)[departement].begins_at == begins


def test_a_poll_over_two_days_is_over_for_nobody_before_metropolitan_france_has_voted() -> None:
    found = silences(SUNDAY, EVERYWHERE, EARLY)
    assert {one.ends_at for one in found.values()} == {paris(2028, 4, 23, 20, 0)}


def test_where_all_vote_on_sunday_each_place_has_its_own_last_hour() -> None:
    found = silences(SUNDAY, EVERYWHERE, ())
    assert found["971"].ends_at == datetime(2028, 4, 24, 0, tzinfo=UTC)
    assert found["987"].ends_at == datetime(2028, 4, 24, 6, tzinfo=UTC)  # 20 h in Tahiti, the last of the three
    assert found["988"].ends_at == paris(2028, 4, 23, 20, 0).astimezone(UTC).replace(hour=9)


def test_whose_place_is_not_known_is_silent_from_the_first_beginning_to_the_last_end() -> None:
    found = silences(SUNDAY, EVERYWHERE, EARLY)
    known = [one for place, one in found.items() if place != NOWHERE]
    assert found[NOWHERE].begins_at == min(one.begins_at for one in known) == datetime(2028, 4, 21, 2, tzinfo=UTC)
    assert found[NOWHERE].ends_at == max(one.ends_at for one in known)


def test_the_change_of_the_clock_in_the_night_of_saturday_neither_lengthens_nor_shortens_the_legal_hours() -> None:
    """On 26 March 2028 Paris loses an hour: from zero hours on Saturday to 20 h on Sunday there are 43 hours."""
    spring, autumn = (silences(day, {"35"}, ())["35"] for day in (date(2028, 3, 26), date(2028, 10, 29)))
    assert spring.begins_at == datetime(2028, 3, 24, 23, tzinfo=UTC)
    assert spring.ends_at == datetime(2028, 3, 26, 18, tzinfo=UTC)
    assert (spring.ends_at - spring.begins_at).total_seconds() == 43 * 3600
    assert (autumn.ends_at - autumn.begins_at).total_seconds() == 45 * 3600


def test_an_election_of_one_territory_that_votes_early_ends_there_on_its_own_day() -> None:
    found = silences(SUNDAY, {"987"}, {"987"})["987"]
    assert found.ends_at == datetime(2028, 4, 23, 6, tzinfo=UTC)


def test_an_election_nowhere_is_silent_nowhere() -> None:
    assert silences(SUNDAY, (), ()) == {}
