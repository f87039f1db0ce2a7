from __future__ import annotations

import os
import shutil
import signal
import smtplib
import socket
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.living import AS_NOBODY, LivingDemo, all_gone, fetch, free_port

IS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    """A folder in which a demo has run once, up to a Ctrl-C."""
    folder = tmp_path_factory.mktemp("demo")
    demo = LivingDemo(folder, port)
    assert "First start" in demo.wait_until_announced()
    family = demo.family()
    assert len(family) >= 4
    assert demo.end(signal.SIGINT) == (0, "Stopping…\n", "")
    assert all_gone(family, within=1)
    return folder


@pytest.fixture
def demo(folder: Path, port: int) -> Iterator[LivingDemo]:
    """A second start of the same demo."""
    demo = LivingDemo(folder, port)
    demo.wait_until_announced()
    yield demo
    if demo.process.poll() is None:
        demo.end(signal.SIGTERM)


def test_a_second_start_prepares_nothing_lives_through_a_death_and_stops_in_order(demo: LivingDemo) -> None:
    assert "Preparing" not in "".join(demo.lines)
    assert demo.address("Public site") == f"http://localhost:{demo.port}/"
    assert "Portevoix" in fetch(demo.address("Back office"))
    assert_refused(LivingDemo(demo.folder, demo.port), f"Another Portevoix already runs on {demo.folder}")

    os.kill(member(demo, b"mailcatcher"), signal.SIGKILL)
    assert "The mail catcher stopped unexpectedly (status -9)" in demo.read_until("mail catcher stopped")
    send_mail(int(tomllib.loads((demo.folder / "portevoix.toml").read_text())["mail"]["port"]))
    assert "encore" in fetch(demo.address("Caught mail"))

    family = demo.family()
    assert demo.end(signal.SIGTERM) == (0, "Stopping…\n", "")
    assert all_gone(family, within=1)


def test_nothing_outlives_a_killed_supervisor_and_its_folder_starts_again(demo: LivingDemo) -> None:
    family = demo.family()
    assert len(family) >= 4
    demo.end(signal.SIGKILL)
    again = LivingDemo(demo.folder, demo.port)
    assert all_gone(family)
    again.wait_until_announced()

    os.kill(member(again, b"bin/postgres"), signal.SIGKILL)
    status, _said, complained = again.end()
    assert status == 1
    assert complained.startswith("The database stopped unexpectedly")
    assert complained.count("\n") == 1


def member(demo: LivingDemo, name: bytes) -> int:
    """Return the number of the descendant whose command line holds the name."""
    return next(number for number in demo.family() if name in command_line(number))


def send_mail(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.sendmail("a@exemple.test", ["b@exemple.test"], "Subject: encore\n\n")
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def command_line(number: int) -> bytes:
    return Path(f"/proc/{number}/cmdline").read_bytes()


def test_a_busy_port_is_refused_by_its_number(folder: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert_refused(LivingDemo(folder, port=port), f"Port {port} is already used")


def test_a_damaged_database_is_told(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("run"))
    (tmp_path / "copy/postgres/data/global/pg_control").write_bytes(b"")
    assert_refused(LivingDemo(tmp_path / "copy"), "The database in ")


def test_a_configuration_that_cannot_be_read_is_told_with_its_key(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("run"))
    file = tmp_path / "copy/portevoix.toml"
    file.write_text(file.read_text().replace("demo = true", 'demo = "perhaps"'))
    assert_refused(LivingDemo(tmp_path / "copy"), f"{file}: demo = 'perhaps'")


def test_a_configuration_that_is_not_toml_is_told(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("run"))
    (tmp_path / "copy/portevoix.toml").write_text("[site\n")
    assert_refused(LivingDemo(tmp_path / "copy"), f"{tmp_path}/copy/portevoix.toml")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_refused(LivingDemo(tmp_path / "file"), f"The folder {tmp_path}/file cannot be written")


@pytest.mark.skipif(not IS_ROOT, reason="root is needed to be somebody without the right to write")
def test_a_folder_without_the_right_to_write_is_refused(tmp_path: Path) -> None:
    demo = LivingDemo(tmp_path / "closed", prefix=AS_NOBODY)
    assert_refused(demo, f"The folder {tmp_path}/closed cannot be written")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_an_impossible_port_is_refused(tmp_path: Path, port: str) -> None:
    assert_refused(LivingDemo(tmp_path, port=port), "PORTEVOIX_PORT = ")  # type: ignore[arg-type]


def test_a_wish_to_stop_during_the_first_start_is_heard(tmp_path: Path) -> None:
    demo = LivingDemo(tmp_path)
    demo.read_until("Preparing")
    family = demo.family()
    status, _said, complained = demo.end(signal.SIGINT)
    assert (status, complained) == (0, "")
    assert all_gone(family, within=1)


def assert_refused(demo: LivingDemo, beginning: str) -> None:
    """Exit status 1, one sentence on the error stream, nobody left behind."""
    status, _said, complained = demo.end()
    assert status == 1
    assert complained.startswith(beginning), complained
    assert complained.count("\n") == 1, complained
