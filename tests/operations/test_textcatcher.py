"""The demo's operator: as strict as the real interface, and readable as a telephone."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from portevoix.delivery.rules import ovh
from portevoix.operations.management import health
from portevoix.operations.textcatcher.interface import Answer, Interface, Keys
from portevoix.operations.textcatcher.phones import Pages
from portevoix.operations.textcatcher.service import keys_of
from portevoix.operations.textcatcher.store import Sms, Store
from tests.delivery.operator import Telephones, configure

KEYS = Keys("application", "secret", "consumer", "sms-test-1")
BASE = "http://localhost:1/1.0"
PHONE = "+33639985000"


def ask(interface: Interface, method: str, target: str, said: Any = None, **wrong: str) -> Answer:
    body = json.dumps(said).encode() if said is not None else b""
    moment = wrong.pop("moment", str(int(time.time())))
    signed = ovh.signature((KEYS.secret, KEYS.consumer), method, BASE + target, body.decode(), moment)
    headers = {
        "X-Ovh-Application": KEYS.application,
        "X-Ovh-Consumer": KEYS.consumer,
        "X-Ovh-Timestamp": moment,
        "X-Ovh-Signature": signed,
        **{name.replace("_", "-"): value for name, value in wrong.items()},
    }
    return interface.answer(method, target, headers, body)


def job(**said: Any) -> dict[str, Any]:
    return {"message": "Bonjour", "receivers": [PHONE], "sender": "Ricochet", "noStopClause": False, **said}


@pytest.fixture
def interface() -> Interface:
    return Interface(Store(credits=5), KEYS, base=BASE)


def test_a_job_is_taken_counted_and_found_again(interface: Interface) -> None:
    answer = ask(interface, "POST", "/sms/sms-test-1/jobs", job(tag="pv7"))
    assert answer.status == 200
    assert answer.said["totalCreditsRemoved"] == 1
    assert answer.said["validReceivers"] == [PHONE]
    [ident] = answer.said["ids"]
    found = ask(interface, "GET", f"/sms/sms-test-1/outgoing/{ident}").said
    assert (found["message"], found["receiver"], found["tag"]) == ("Bonjour\nSTOP au 36180", PHONE, "pv7")
    assert ask(interface, "GET", "/sms/sms-test-1").said["creditsLeft"] == 4
    assert ask(interface, "GET", "/sms").said == ["sms-test-1"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"X_Ovh_Application": "other"}, 403, "INVALID_KEY"),
        ({"X_Ovh_Consumer": "other"}, 403, "NOT_CREDENTIAL"),
        ({"X_Ovh_Signature": "$1$" + "0" * 40}, 400, "INVALID_SIGNATURE"),
        ({"moment": "1366560945"}, 400, "QUERY_TIME_OUT"),
    ],
)
def test_a_call_that_is_not_signed_well_is_refused(
    interface: Interface, wrong: dict[str, str], status: int, code: str
) -> None:
    answer = ask(interface, "POST", "/sms/sms-test-1/jobs", job(), **wrong)
    assert (answer.status, answer.said["errorCode"]) == (status, code)
    assert not interface.store.messages


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (job(message=""), 400),
        (job(receivers=[]), 400),
        (job(sender=""), 400),
        (job(message="é" * 1000), 403),  # seven parts, and five are paid for
    ],
)
def test_a_job_that_cannot_be_done_is_refused_and_costs_nothing(
    interface: Interface, said: dict[str, Any], status: int
) -> None:
    assert ask(interface, "POST", "/sms/sms-test-1/jobs", said).status == status
    assert interface.store.credits == 5


def test_numbers_that_are_none_and_those_that_said_stop_get_nothing(interface: Interface) -> None:
    interface.store.bar(PHONE, at="2027-03-16T10:00:00+01:00")
    said = ask(interface, "POST", "/sms/sms-test-1/jobs", job(receivers=[PHONE, "0612", "+33639980000"])).said
    assert (said["ids"], len(said["invalidReceivers"])) == ([], 3)
    asked_for = ask(interface, "POST", "/sms/sms-test-1/jobs", job(noStopClause=True)).said
    assert asked_for["validReceivers"] == [PHONE]
    assert ask(interface, "GET", "/sms/sms-test-1/blacklists").said == [PHONE]
    since = {"number": PHONE, "dateCreation": "2027-03-16T10:00:00+01:00"}
    assert ask(interface, "GET", f"/sms/sms-test-1/blacklists/{PHONE}").said == since
    assert ask(interface, "GET", "/sms/sms-test-1/blacklists/+33600000000").status == 404


def test_other_services_and_addresses_do_not_exist(interface: Interface) -> None:
    assert ask(interface, "GET", "/sms/another").status == 404
    assert ask(interface, "GET", "/me").status == 404


def test_what_was_taken_survives_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path / "texts.jsonl")
    sms = first.add(PHONE, sender="Ricochet", words="Bonjour", at="2027-03-16T10:00:00+01:00")
    first.settle(sms.ident, description="1", ptt="4")
    first.spend(3)
    first.bar(PHONE, at="2027-03-16T10:00:00+01:00")
    again = Store(tmp_path / "texts.jsonl")
    assert again.messages[sms.ident].description == "1"
    assert (again.credits, set(again.barred)) == (9_997, {PHONE})


def test_the_page_shows_telephones_and_escapes_what_they_say() -> None:
    store, answered = Store(), []
    store.add(PHONE, sender="Ricochet", words="<b>Bonjour</b> https://r.example/l/a/1", at="2027-03-16T10:00:00+01:00")

    def answer(phone: str, words: str) -> Sms:
        answered.append((phone, words))
        return store.add(phone, sender=phone, words=words, at="2027-03-16T10:05:00+01:00", is_answer=True)

    pages = Pages(store, site="http://localhost:8000", answer=answer)
    shown = pages.get("/").body.decode()
    assert "06 39 98 50 00" in shown
    assert "&lt;b&gt;Bonjour&lt;/b&gt;" in shown
    assert 'href="https://r.example/l/a/1"' in shown
    assert pages.get("/count").body == b"1"
    assert pages.post("/tel/%2B33639985000", {"words": ["STOP"]}).status == 303
    assert pages.post("/tel/%2B33600000000", {"words": ["STOP"]}).status == 404
    assert answered == [(PHONE, "STOP")]
    assert pages.get("/tel/%2B33639985000").status == 200
    assert {pages.get(path).status for path in ("/tel/%2B1", "/static/../../settings", "/elsewhere")} == {404}


def test_the_keys_are_those_of_the_instances_file(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[sms]\novh_service = "s"\novh_application_key = "a"\nwebhook_secret = "w"\n')
    assert keys_of(tmp_path / "p.toml") == (Keys("a", "", "", "s"), "w")


def told(settings: Any) -> list[tuple[str, str]]:
    return [(one.level.value, one.text) for one in health._texts()]


def test_the_doctor_asks_the_provider(settings: Any) -> None:
    with Telephones(credits=1200) as telephones:
        configure(settings, telephones)
        assert told(settings) == [("good", "SMS : 1200 parties sont payées.")] or told(settings)[0][0] == "good"
        telephones.store.credits = 12
        assert told(settings)[0][0] == "warning"
        telephones.store.credits = 0
        assert told(settings)[0][0] == "fault"
        configure(settings, telephones, ovh_consumer_key="x", webhook_secret="")
        assert [level for level, _text in told(settings)] == ["warning", "fault"]
    configure(settings)
    assert [level for level, _text in told(settings)] == ["fault"]
    configure(settings, ovh_service="")
    assert "sms.ovh_service" in told(settings)[0][1]
    configure(settings, backend="none")
    assert told(settings) == []
