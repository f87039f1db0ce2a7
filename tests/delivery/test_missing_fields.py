"""What becomes of a field that is missing when letters leave: one outcome for each way of missing, and no guess."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

import pytest

from portevoix.delivery import dispatch
from portevoix.delivery.exceptions import NoWayOut, UnclosedCondition
from portevoix.delivery.models import Batch, State
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import MERGE_FIELDS, MergeField
from tests.delivery.factories import queue, states
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
OUT = "\n{{ unsubscribe_url }}"


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def received() -> dict[str, str]:
    """Let what waits leave; return the first line of each reader's text."""
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    found = {}
    for envelope in kept.sent:
        seen: Any = message_from_bytes(envelope.content, policy=policy.default)
        found[envelope.recipient] = seen.get_body(("plain",)).get_content().splitlines()[0]
    return found


def people() -> tuple[str, str]:
    """Make somebody of Rennes, and somebody of whom nothing is known."""
    known = PersonFactory(reachable=True, in_rennes=True, first_name="Zoé")
    unknown = PersonFactory(reachable=True, first_name="", last_name="")
    return known.emails.get().address, unknown.emails.get().address


@pytest.mark.parametrize(
    ("source", "for_zoe", "for_unknown"),
    [
        ("Bonjour {{ first_name|à vous }}", "Bonjour Zoé", "Bonjour à vous"),
        ("Bonjour {{ first_name }}.", "Bonjour Zoé.", "Bonjour ."),
        ("Venez{{ if commune }} près de {{ commune }}{{ end }} !", "Venez près de Rennes !", "Venez !"),
        ("{{ if commune = rennes }}Métro{{ else }}Bus{{ end }}", "Métro", "Bus"),
        ("{{ si pas commune }}D’où êtes-vous ?{{ sinon }}Bienvenue{{ fin }}", "Bienvenue", "D’où êtes-vous ?"),
    ],
)
def test_what_a_reader_lacks_is_written_as_the_author_said(source: str, for_zoe: str, for_unknown: str) -> None:
    zoe, unknown = people()
    queue(text=source + OUT)
    assert received() == {zoe: for_zoe, unknown: for_unknown}


def test_a_field_that_a_room_gave_up_stops_its_own_letter_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    people()
    monkeypatch.setitem(MERGE_FIELDS._items, "sign", MergeField("sign", "Lion", lambda to: ["Lion"] * len(to)))
    gone = queue(text="{{ if sign }}Votre signe{{ end }}" + OUT)
    well = queue()
    monkeypatch.delitem(MERGE_FIELDS._items, "sign")
    received()
    assert (states(gone), states(well)) == ({State.FAILED: 2}, {State.SENT: 2})
    assert set(gone.messages.values_list("reply", flat=True)) == {"unknown merge field: sign"}


def test_a_condition_that_never_ends_is_refused_before_anybody_is_queued() -> None:
    people()
    with pytest.raises(UnclosedCondition):
        queue(text="{{ if commune }}Bonjour" + OUT)
    assert not Batch.objects.exists()


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_way_out_within_a_condition_is_none(part: str) -> None:
    people()
    with pytest.raises(NoWayOut):
        queue(**{part: "Bonjour {{ if commune }}{{ unsubscribe_url }}{{ end }}"})
