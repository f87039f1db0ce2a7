"""The interface as a whole: one document, problems that say what is wrong, nothing of anybody in the logs."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from portevoix.accounts.types import Role
from portevoix.api import rules
from portevoix.api.types import SCOPES
from portevoix.api.views.interface import document
from portevoix.api.views.problems import REFUSALS
from portevoix.journal.models import Entry
from portevoix.rights.purposes import OPTIONAL
from tests.api.factories import ROOT, program
from tests.api.test_keys import code
from tests.architecture.house import ROOT as HOUSE
from tests.people.factories import PersonFactory, reachable
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db


def references(told: object) -> set[str]:
    """Return every reference of a document."""
    if isinstance(told, dict):
        own = {told["$ref"]} if isinstance(told.get("$ref"), str) else set()
        return own.union(*(references(one) for one in told.values()))
    return set().union(*(references(one) for one in told)) if isinstance(told, list) else set()


def test_the_document_is_open_whole_and_leads_nowhere_else() -> None:
    answer = Client().get(f"{ROOT}openapi.json")
    told = json.loads(answer.content)
    assert (answer.status_code, told["openapi"][:3]) == (200, "3.1")
    assert not answer.cookies
    for found in references(told):
        place = told
        for part in found.removeprefix("#/").split("/"):
            place = place[part]
    ids = [act["operationId"] for acts in told["paths"].values() for act in acts.values()]
    assert len(ids) == len(set(ids)) > 10
    assert "http" not in json.dumps(told["paths"])
    for acts in told["paths"].values():
        for act in acts.values():
            assert act["security"] == [{"Bearer": []}]
            assert act["description"]
            assert "application/problem+json" in act["responses"]["default"]["content"]
    assert told["components"]["securitySchemes"]["Bearer"] == {"type": "http", "scheme": "bearer"}


def test_an_answer_is_kept_by_nobody_on_the_way() -> None:
    held = program()
    for path in ("key", "nowhere"):
        answer = held.ask("GET", path)
        assert answer["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("GET", "nowhere", None, (404, "not-found")),
        ("GET", "people/1/", None, (404, "not-found")),
        ("GET", "people/999999", None, (404, "not-found")),
        ("GET", f"people/{10**30}", None, (404, "not-found")),
        ("GET", "segments/999999", None, (404, "not-found")),
        ("DELETE", "people/1", None, (405, "no-such-act")),
        ("POST", "people/search", b"{", (400, "not-understood")),
        ("POST", "people/search", b"[" * 60_000, (400, "not-understood")),
        ("POST", "people/search", b"\xff\xfe", (400, "not-understood")),
        ("POST", "people/search", b"[]", (422, "unfit")),
        ("POST", "people/search", b'{"email": "\\ud800"}', (422, "unfit")),
        ("POST", "people/search", b'{"email": "a\\u0000b"}', (422, "unfit")),
        ("POST", "people/search", b" " * (rules.LARGEST_BODY + 1), (413, "too-much")),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_wrong_is_told_as_a_problem(method: str, path: str, body: bytes | None, told: tuple[int, str]) -> None:
    answer = program().ask(method, path, body)
    assert answer["Content-Type"] == "application/problem+json"
    assert code(answer) == told
    assert answer.json()["status"] == answer.status_code  # type: ignore[attr-defined]
    assert answer.json()["detail"].endswith((".", "…”."))  # type: ignore[attr-defined]


def test_a_form_of_a_browser_is_not_taken() -> None:
    held = program()
    answer = Client().post(
        f"{ROOT}people/search", {"email": "a@b.fr"}, headers={"Authorization": f"Bearer {held.token}"}
    )
    assert code(answer) == (415, "not-json")


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("fr", "fr"),
        ("en", "en"),
        ("en-GB,fr;q=0.8", "en"),
        ("de, en;q=0.5, fr;q=0.9", "fr"),
        ("de", "fr"),
        ("", "fr"),
        ("*;q", "fr"),
    ],
)
def test_problems_are_told_in_the_language_that_is_asked_for(asked: str, spoken: str) -> None:
    held = program()
    held.language = asked
    answer = held.ask("GET", "nowhere")
    assert answer["Content-Language"] == spoken
    assert ("There is nothing" in answer.json()["detail"]) == (spoken == "en")  # type: ignore[attr-defined]


def test_no_word_about_anybody_is_in_the_log_even_when_the_platform_fails(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portevoix.api.views import people

    caplog.set_level(logging.DEBUG, logger="portevoix")
    caplog.set_level(logging.DEBUG, logger="django.request")
    held, person = program(), PersonFactory(with_email=True)
    address = person.emails.get().address
    held.send("POST", "people/search", {"email": address})

    def fail(*_args: object) -> None:
        raise RuntimeError(f"Key (address)=({address}) already exists")

    monkeypatch.setattr(people, "_refuse_hidden", fail)
    answer = held.ask("POST", "people/search", {"email": address})
    assert code(answer) == (500, "failed")
    assert "RuntimeError" in caplog.text
    assert address not in caplog.text + answer.content.decode()
    assert person.last_name not in caplog.text


def test_what_was_sent_is_not_said_back() -> None:
    answer = program().ask("PATCH", "people/1", {"version": "x", "born_on": "secret of somebody"})
    assert "secret of somebody" not in answer.content.decode()


def test_purposes_are_told_with_their_words_in_each_language() -> None:
    told = program(Role.READER).get("purposes")
    assert [one["purpose"] for one in told] == [purpose.value for purpose in OPTIONAL]
    assert all({words["language"] for words in one["wordings"]} == {"fr", "en"} for one in told)


def test_segments_are_told_in_figures_with_how_many_may_be_reached() -> None:
    reachable("soizic@mail.example", in_rennes=True)
    PersonFactory(in_brest=True)
    segment = SegmentFactory(name="Tout le monde")
    held = program()
    assert held.get("segments") == {
        "segments": [{"id": segment.pk, "name": "Tout le monde", "asks": held.get("segments")["segments"][0]["asks"]}],
        "next": None,
    }
    told = held.get(f"segments/{segment.pk}")
    assert (told["people"], told["is_few"], told["is_late"]) == (2, False, False)
    mail = told["ways"][0]
    assert (mail["reached"], sum(one["people"] for one in mail["left_out"])) == (1, 1)
    assert program(Role.LOCAL_LEAD, "35").get(f"segments/{segment.pk}")["people"] == 1
    assert "soizic" not in json.dumps(told)
    assert Entry.objects.filter(command="api.count_segment", about_id=str(segment.pk)).count() == 2


def test_few_who_said_an_opinion_are_not_counted_out() -> None:
    segment = SegmentFactory(tree=tree(rule("support", least=4, most=5)))
    told = program().get(f"segments/{segment.pk}")
    assert (told["people"], told["is_few"], told["ways"]) == (None, True, [])
    assert code(program(Role.TREASURER).ask("GET", f"segments/{segment.pk}")) == (403, "not-to-be-asked")


def test_segments_are_told_page_by_page() -> None:
    for number in range(3):
        SegmentFactory(name=f"Segment {number}")
    held = program()
    first = held.get("segments?limit=2")
    rest = held.get(f"segments?limit=2&after={first['next']}")
    assert (len(first["segments"]), len(rest["segments"]), rest["next"]) == (2, 1, None)


@pytest.mark.parametrize("name", ["api.md", "api.fr.md"])
def test_the_reference_names_every_address_every_scope_and_every_problem(name: str) -> None:
    words = (HOUSE / "docs/reference" / name).read_text("utf-8")
    acts = [f"`{method.upper()} {path.removeprefix('/api/v1').replace('{pk}', '{id}')}`"
            for path, methods in document()["paths"].items() for method in methods]  # fmt: skip
    codes = {f"`{problem}`" for problem, _status in REFUSALS.values()}
    assert len(acts) > 10
    assert [word for word in [*acts, *(f"`{scope}`" for scope in SCOPES), *sorted(codes)] if word not in words] == []
