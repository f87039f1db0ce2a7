"""What ends soon: consents by the campaign's rules, roles by their last day; the days are those of Paris."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from portevoix.accounts.types import Role, System
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person, PersonRole
from portevoix.people.types import Kind, RoleKind
from portevoix.rights.purposes import RULES, Purpose
from portevoix.rights.rules.retention import limit
from portevoix.rights.selectors.retention import Limit, forecast
from portevoix.rights.services import requests, retention
from portevoix.rights.types import Asked, RequestKind, RequestWay
from portevoix.segments import rules, selectors
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.types import Names
from tests.accounts.factories import staff
from tests.people.factories import GroundFactory, PersonFactory
from tests.segments.factories import rule, tree

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
NOW = datetime(2028, 3, 10, 12, 0, tzinfo=clock.PARIS)
MONTHS = RULES[Purpose.NEWSLETTER.value].months


def found(*parts: dict[str, Any], match: str = "all") -> set[Person]:
    return set(selectors.people_who(rules.read(tree(*parts, match=match)), SYSTEM))


def ending(days: int) -> dict[str, Any]:
    return rule("consent_soon", purpose="newsletter", days=days)


def agreed(day: date, **known: Any) -> Person:
    """Return somebody who agreed to the newsletter on a day, at noon in Paris, and gave no sign of life since."""
    person = PersonFactory(**known)
    GroundFactory(person=person, given_at=datetime.combine(day, datetime.min.time(), clock.PARIS) + timedelta(hours=12))
    return person


@pytest.mark.parametrize("days", [[date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29)],
                                  [date(2027, 3, 30), date(2027, 3, 31), date(2027, 4, 1), date(2027, 10, 31)],
                                  [date(2026, 12, 31), date(2028, 1, 1), date(2027, 4, 30)]])  # fmt: skip
def test_the_database_counts_terms_as_the_nightly_work_does(days: list[date]) -> None:
    PersonFactory()
    asked = {f"at_{day:%Y%m%d}_{months}": (day, months) for day in days for months in (1, 2, 6, 11, 12, 13, 36)}
    told = {name: Limit(day, Value(months)) for name, (day, months) in asked.items()}
    row = Person.objects.annotate(**told).values(*told).get()
    assert row == {name: limit(day, months) for name, (day, months) in asked.items()}


def test_a_consent_is_found_by_the_days_that_are_left_of_it() -> None:
    with clock.stopped_at(NOW):
        last = clock.months_later(clock.today(), -MONTHS)
        near, far = agreed(last + timedelta(days=20)), agreed(last + timedelta(days=40))
        withdrawn = agreed(last + timedelta(days=20))
        withdrawn.grounds.update(withdrawn_at=clock.now())
        PersonFactory()
        assert found(ending(19)) == set()
        assert found(ending(20)) == {near}
        assert found(ending(40)) == {near, far}
        assert near not in found(ending(20), match="none")


def test_a_sign_of_life_prolongs_and_what_we_do_does_not() -> None:
    with clock.stopped_at(NOW):
        day = clock.months_later(clock.today(), -MONTHS) + timedelta(days=5)
        heard, written = agreed(day), agreed(day)
        interactions.record(heard, Kind.CONFIRMED, at=NOW - timedelta(days=30))
        interactions.record(written, Kind.MAILED, at=NOW - timedelta(days=30))
        assert found(ending(30)) == {written}


def test_the_campaigns_own_term_counts_from_the_day_it_is_set() -> None:
    with clock.stopped_at(NOW):
        person = agreed(clock.months_later(clock.today(), -6) + timedelta(days=3))
        assert found(ending(30)) == set()
        reason = "La campagne a décidé de garder moins longtemps."
        retention.set_term("newsletter", 6, reason=reason, actor=staff(Role.DATA_OFFICER))
        assert found(ending(30)) == {person}


def test_it_finds_whom_the_preview_of_retention_counts_and_nobody_that_is_held() -> None:
    with clock.stopped_at(NOW):
        day = clock.months_later(clock.today(), -MONTHS) + timedelta(days=10)
        soon = {agreed(day), agreed(day + timedelta(days=12))}
        agreed(day, restricted_at=clock.now())
        said = Asked(kind=RequestKind.ACCESS, way=RequestWay.LETTER, received_on=clock.today())
        requests.enter_request(agreed(day), said, actor=staff())
        line = next(line for line in forecast().lines if line.code == "newsletter")
        assert (found(ending(30)), line.soon) == (soon, len(soon))


def test_the_term_is_read_in_the_one_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        found(ending(30), rule("role_soon", role="member", days=30))
    assert len(queries) == 1


def test_a_role_that_ends_soon_is_not_one_that_another_prolongs() -> None:
    with clock.stopped_at(NOW):
        today = clock.today()
        ends, prolonged, open_ended, gone = PersonFactory.create_batch(4)
        for person, detail, until in (
            (ends, "", today + timedelta(days=30)),
            (prolonged, "a", today + timedelta(days=30)),
            (prolonged, "b", today + timedelta(days=300)),
            (open_ended, "", None),
            (gone, "", today - timedelta(days=1)),
        ):
            PersonRole.objects.create(person=person, kind=RoleKind.ELECTED, detail=detail, until=until, source="tests")
        asked = {"criterion": "role_soon", "role": RoleKind.ELECTED.value}
        assert found({**asked, "days": 29}) == set()
        assert found({**asked, "days": 30}) == {ends}
        assert found({**asked, "days": 365}) == {ends, prolonged}


def test_each_is_said_in_plain_french() -> None:
    asked = tree(ending(30), rule("role_soon", role="member", days=1))
    with translation.override("fr"):
        said = rules.sentence(rules.read(asked), Names())
    assert said == (
        "Les personnes qui ont donné pour «\xa0nouvelles de la campagne par e-mail\xa0» un accord qui arrive à son "
        "terme d’ici 30 jours et qui ont le rôle «\xa0adhérent\xa0», qui se termine d’ici 1 jour."
    )


@pytest.mark.parametrize(
    "wrong",
    [ending(-1), ending(366), rule("consent_soon", purpose="nothing", days=1), rule("role_soon", role="king", days=1)],
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidTree):
        rules.read(tree(wrong))
