from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portevoix.accounts import rules

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.mark.parametrize(
    ("kind", "failures", "seconds"),
    [("account", 4, 0), ("account", 5, 30), ("account", 6, 60), ("account", 8, 240), ("account", 99, 1800),
     ("address", 19, 0), ("address", 20, 30)],
)  # fmt: skip
def test_each_failure_too_many_closes_for_twice_as_long(kind: str, failures: int, seconds: int) -> None:
    assert rules.pause(kind, failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("agent", "name"),
    [(FIREFOX, "Firefox, Linux"), (SAFARI, "Safari, iPhone"), (EDGE, "Edge, Windows"), ("curl/8", ""), ("", "")],
)
def test_a_device_is_called_as_its_owner_calls_it(agent: str, name: str) -> None:
    assert rules.device_name(agent) == name


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", ""), ("unix", "")],
)
def test_an_address_loses_its_end(address: str, network: str) -> None:
    assert rules.network(address) == network


@pytest.mark.parametrize(
    ("age", "silence", "is_over"), [(1, 0, False), (11, 1.9, False), (12.1, 0, True), (3, 2.1, True)]
)
def test_a_session_is_over_when_it_is_old_or_was_left_alone(age: float, silence: float, is_over: bool) -> None:
    now = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    assert rules.is_over(now - timedelta(hours=age), now - timedelta(hours=silence), now) is is_over
