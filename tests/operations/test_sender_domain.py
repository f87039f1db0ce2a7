"""The doctor looks at what receivers will look at, and never needs a name server to go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dns.exception import Timeout

from portevoix.delivery import dispatch
from portevoix.operations.management import health
from portevoix.operations.management.health import Level


@pytest.fixture
def instance(settings: Any, tmp_path: Path) -> Any:
    settings.DATA_DIR = tmp_path
    mail = settings.INSTANCE.mail.model_copy(update={"sender": "campagne@exemple.fr", "dkim_selector": "essai"})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail, "demo": False})
    return settings


def looked(records: dict[str, list[str]]) -> tuple[Level, str]:
    (found,) = health._sender_domain(lambda name: records.get(name, []))
    return found.level, found.text


def test_a_domain_that_publishes_everything_is_good(instance: Any) -> None:
    records = {one.name: [one.value] for one in dispatch.make_keys("essai")}
    records |= {"exemple.fr": ["v=spf1 mx -all"], "_dmarc.exemple.fr": ["v=DMARC1; p=reject"]}
    assert looked(records)[0] is Level.GOOD
    del records["exemple.fr"]
    level, text = looked(records)
    assert (level, "SPF" in text, "DKIM" in text) == (Level.WARNING, True, False)


def test_another_key_than_ours_is_no_key(instance: Any) -> None:
    records = {one.name: ["v=DKIM1; p=autre"] for one in dispatch.make_keys("essai")}
    assert "DKIM" in looked(records)[1]


def test_keys_that_were_not_made_are_a_fault(instance: Any) -> None:
    assert looked({})[0] is Level.FAULT


def test_without_a_name_server_it_is_only_not_known(instance: Any) -> None:
    dispatch.make_keys("essai")

    def nobody(name: str) -> list[str]:
        raise Timeout

    (found,) = health._sender_domain(nobody)
    assert found.level is Level.WARNING


def test_a_machines_own_name_is_nobodys_domain() -> None:
    assert list(health._sender_domain()) == []
