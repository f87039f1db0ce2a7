"""A whole ledger proves more than itself: the grounds in use are what it says, in the words that were verified."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portevoix.accounts.types import Role, System
from portevoix.kernel import clock
from portevoix.rights import services, tasks
from portevoix.rights.models import Ground, Wording
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.types import Fault, Verification
from tests.accounts.factories import signed_in
from tests.people.factories import PersonFactory
from tests.rights.ledger import asleep

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def agreed_then_withdrew(number: int) -> None:
    for _one in range(number):
        person, why = PersonFactory(), {"source": "tests", "actor": SYSTEM}
        services.give(person, Purpose.NEWSLETTER, basis=Basis.CONSENT, evidence={"form": 1}, **why)
        services.withdraw(person, [Purpose.NEWSLETTER], evidence={"link": 1}, **why)


def verify() -> Verification:
    return services.verify(actor=SYSTEM)


def broken() -> tuple[int, str] | None:
    found = verify().broken
    return (found.number, found.fault) if found else None


def last_wording_number() -> int:
    return Wording.objects.latest("pk").pk


def worded(version: int, *, ago: timedelta = timedelta(days=1)) -> Wording:
    at = clock.now() - ago
    return Wording.objects.create(
        purpose=Purpose.NEWSLETTER, language="fr", version=version, text="Oui.", created_at=at
    )


@pytest.mark.parametrize(
    ("statement", "strayed"),
    [
        ("UPDATE rights_ground SET withdrawn_at = NULL", 3),
        ("UPDATE rights_ground SET evidence = '{}'", 3),
        ("DELETE FROM rights_ground", 3),
        (
            "INSERT INTO rights_ground (person_id, purpose, channel, basis, source, evidence, withdrawal, given_at) "
            "SELECT max(person_id), 'calls', 'phone', 'consent', 'forged', '{}', '{}', now() FROM rights_ground",
            1,
        ),
    ],
)
def test_a_ground_that_is_not_what_the_ledger_says_is_found_at_night(
    statement: str, strayed: int, caplog: pytest.LogCaptureFixture
) -> None:
    agreed_then_withdrew(4)
    Ground.objects.latest("pk").delete()
    tasks.verify()
    assert "broken" not in caplog.text
    asleep(statement)
    found = verify()
    assert found.broken is not None
    assert (found.broken.fault, found.strayed) == (Fault.STRAYED, strayed)
    tasks.verify()
    assert "broken" in caplog.text
    assert "Consentement" in signed_in(Role.DATA_OFFICER).get("/gestion/").content.decode()
    services.rebuild(dry_run=False, actor=SYSTEM)
    assert broken() is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rights_wording SET text = text || ' And to all else.' WHERE id = (SELECT {} FROM rights_wording)",
        "UPDATE rights_wording SET version = version + 40 WHERE id = (SELECT {} FROM rights_wording)",
        "DELETE FROM rights_wording WHERE id = (SELECT {} FROM rights_wording)",
    ],
)
@pytest.mark.parametrize("place", ["min(id)", "max(id)"])
def test_words_written_anew_are_found_night_after_night(statement: str, place: str) -> None:
    for version in (1, 2):
        worded(version)
    last = last_wording_number()
    verify()
    asleep(statement.format(place))
    for _night in range(2):
        assert broken() == (last, Fault.REWORDED)


def test_new_words_beside_the_old_ones_are_no_break() -> None:
    verify()
    worded(99)
    assert broken() is None
    asleep("UPDATE rights_wording SET text = 'Non.' WHERE version = 99")
    assert broken() == (last_wording_number(), Fault.REWORDED)


def test_words_that_come_in_late_under_an_earlier_number_are_no_break() -> None:
    first, late, seen = worded(1), worded(2, ago=timedelta(0)), worded(3, ago=timedelta(0))
    asleep(f"DELETE FROM rights_wording WHERE id = {late.pk}")
    assert verify().words.startswith(f"{first.pk}-")
    late.save(force_insert=True)
    assert broken() is None
    with clock.stopped_at(clock.now() + timedelta(hours=2)):
        assert verify().words.startswith(f"{seen.pk}-")
    assert verify().words.startswith(f"{seen.pk}-"), "nor is what was verified ever left out again"
