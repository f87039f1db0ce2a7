from __future__ import annotations

import os
import signal
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from portevoix.operations.supervisor import instance_file, ports, prepared
from portevoix.operations.supervisor.children import DEATHS_ALLOWED, Child, Failed, Family, Stopped
from portevoix.operations.supervisor.prepared import Login, Prepared
from tests.operations.living import all_gone, free_port


def child(tmp_path: Path, *command: str) -> Child:
    return Child("The part", command, tmp_path / "part.log", dict(os.environ))


def catcher(tmp_path: Path) -> Child:
    folder = str(tmp_path / "mail")
    return child(tmp_path, "mailcatcher", folder, f"--smtp-port={free_port()}", f"--port={free_port()}")


@pytest.fixture
def family() -> Iterator[Family]:
    family = Family()
    yield family
    family.stop()


def test_a_part_that_keeps_dying_ends_all_with_the_place_of_its_log(tmp_path: Path, family: Family) -> None:
    family.start(child(tmp_path, "mailcatcher", "--no-such-option"))
    revived: list[str] = []

    def live() -> None:
        while True:
            revived.extend(family.bury_and_revive())
            family.pause(0.01)

    with pytest.raises(Failed, match=r"part\.log"):
        live()
    assert len(revived) == DEATHS_ALLOWED


def test_an_errand_is_run_once_and_its_end_stops_nothing(tmp_path: Path, family: Family) -> None:
    (tmp_path / "bad").mkdir()
    good, bad = child(tmp_path, "audit", "--schema"), child(tmp_path / "bad", "audit", "--no-such-option")
    good.errand = bad.errand = "It could not be done: {log}"
    for one in (good, bad):
        family.start(one)
    told: list[str] = []
    while family.children:
        told += family.bury_and_revive()
        family.pause(0.01)
    assert told == [f"It could not be done: {tmp_path}/bad/part.log"]


def test_a_step_that_fails_says_where_the_reason_is(tmp_path: Path, family: Family) -> None:
    with pytest.raises(Failed, match=r"part\.log"):
        family.complete(child(tmp_path, "mailcatcher", "--no-such-option"))
    assert "usage:" in (tmp_path / "part.log").read_text()


def test_a_wish_to_stop_interrupts_a_step(tmp_path: Path, family: Family) -> None:
    step = catcher(tmp_path)
    threading.Timer(0.1, family.stopping.set).start()
    with pytest.raises(Stopped):
        family.complete(step)
    assert step.process is not None
    family.stop()
    assert all_gone({step.process.pid}, within=1)


def test_a_child_that_will_not_stop_is_killed_at_the_second_wish(tmp_path: Path, family: Family) -> None:
    stubborn = catcher(tmp_path)
    family.start(stubborn)
    assert stubborn.process is not None
    stubborn.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, stubborn.process.pid, os.WSTOPPED | os.WNOWAIT)  # else it may take the next signal first
    family.in_a_hurry.set()
    asked = time.monotonic()
    family.stop()
    assert stubborn.process.returncode == -signal.SIGKILL
    assert time.monotonic() - asked < 2


def test_the_first_file_is_whole_private_and_has_a_key(tmp_path: Path) -> None:
    path = tmp_path / "portevoix.toml"
    instance_file.write(path, {"site": {"base_url": "http://localhost:1"}, "mail": {"port": 2}})
    values = tomllib.loads(path.read_text())
    assert values["demo"] is True
    assert values["site"]["base_url"] == "http://localhost:1"
    assert values["mail"]["port"] == 2
    assert len(values["secrets"]["key"]) >= 50
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_the_host_wrote_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "portevoix.toml"
    path.write_text('# mine\n[site]\nname = "A = [b]"\nbase_url = "http://old" # moved\n\n[mail]\nuser = "x"\n')
    instance_file.write(path, {"site": {"base_url": "http://new"}, "mail": {"port": 3}, "database": {"url": "u"}})
    text = path.read_text()
    assert text.startswith("# mine\n")
    assert tomllib.loads(text) == {
        "site": {"name": "A = [b]", "base_url": "http://new"},
        "mail": {"port": 3, "user": "x"},
        "database": {"url": "u"},
    }


def test_a_file_that_is_right_already_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "portevoix.toml"
    instance_file.write(path, {"mail": {"port": 2}})
    before = path.stat().st_ino
    instance_file.write(path, {"mail": {"port": 2}})
    assert path.stat().st_ino == before


def test_a_file_that_cannot_be_read_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "portevoix.toml"
    path.write_text("[site\n")
    with pytest.raises(Failed, match=r"portevoix\.toml"):
        instance_file.write(path, {"mail": {"port": 2}})
    assert path.read_text() == "[site\n"


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.free_port(port, taken=set()) != port


@pytest.mark.parametrize("wished", [65536, 70000])
def test_a_port_beyond_the_last_becomes_another(wished: int) -> None:
    assert 0 < ports.free_port(wished, taken=set()) <= 65535


def test_what_was_prepared_is_remembered(tmp_path: Path) -> None:
    state = Prepared("code", "http://localhost", has_content=True, logins=(Login("rôle", "user", "password"),))
    prepared.write(tmp_path, state)
    assert prepared.read(tmp_path) == state


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"logins": [{"nobody": 1}]}', '{"logins": [], "future": 1}', "\x00"])
def test_a_memory_that_cannot_be_read_means_nothing_was_prepared(tmp_path: Path, text: str) -> None:
    (tmp_path / prepared.NAME).write_text(text)
    assert prepared.read(tmp_path) == Prepared()


def test_the_fingerprint_changes_with_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations = tmp_path / "people" / "migrations"
    migrations.mkdir(parents=True)
    monkeypatch.setattr(prepared, "PRODUCT", tmp_path)
    before = prepared.fingerprint()
    (migrations / "0001_initial.py").write_text("")
    assert prepared.fingerprint() != before
