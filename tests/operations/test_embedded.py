from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from portevoix.operations.embedded import THROWAWAY, Cluster, Fault, Unusable
from portevoix.operations.embedded.cluster import Identity
from tests.operations.living import AS_NOBODY, NOBODY, all_gone

IS_ROOT = os.geteuid() == 0
OWNER = """
import sys, time
from pathlib import Path
from portevoix.operations.embedded import THROWAWAY, Cluster, Unusable
cluster = Cluster(Path(sys.argv[1]), settings=THROWAWAY)
try:
    cluster.start()
except Unusable as error:
    print(error.fault.value, error, flush=True)
    sys.exit(1)
print(cluster.process.pid, flush=True)
time.sleep(60)
"""


def start_owner(folder: Path, *, prefix: list[str] | None = None) -> tuple[subprocess.Popen[str], str]:
    owner = subprocess.Popen(
        [*(prefix or []), sys.executable, "-c", OWNER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LANG": "fr_FR.UTF-8"},
    )
    assert owner.stdout is not None
    return owner, owner.stdout.readline().strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster made once and stopped, to be copied by the tests that spoil theirs."""
    folder = tmp_path_factory.mktemp("made")
    with Cluster(folder, settings=THROWAWAY):
        pass
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def cluster(home: Path) -> Iterator[Cluster]:
    cluster = Cluster(home, settings=THROWAWAY)
    yield cluster
    cluster.stop()


@pytest.mark.parametrize("identity", ["any", "user"] if IS_ROOT else ["any"])
def test_a_cluster_is_made_and_answers_even_below_a_closed_folder(tmp_path: Path, identity: Identity) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Cluster(closed / "home", settings=THROWAWAY, identity=identity) as cluster:
        cluster.ensure_database()
        with psycopg.connect(cluster.url()) as connection:
            row = connection.execute(
                "SELECT current_user, current_setting('server_encoding'), current_setting('listen_addresses')"
            ).fetchone()
    assert row == ("portevoix", "UTF8", "")


def test_the_role_of_the_campaign_has_no_power_over_the_server(cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_database()
    cluster.ensure_database()
    with psycopg.connect(cluster.url()) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    assert row == (False,)


def test_what_was_written_is_there_after_a_restart(cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_database()
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Éloïse' AS name")
    cluster.stop()
    cluster.start()
    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT name FROM kept").fetchone() == ("Éloïse",)


@pytest.mark.skipif(not IS_ROOT, reason="only root becomes somebody else")
def test_data_change_hands_when_root_must_run_as_another_user(home: Path) -> None:
    identities: tuple[Identity, ...] = ("user", "namespace", "user")
    for identity in identities:
        with Cluster(home, settings=THROWAWAY, identity=identity) as cluster:
            cluster.ensure_database()


def test_a_long_path_keeps_its_socket_elsewhere_and_always_at_the_same_place(tmp_path: Path) -> None:
    long = tmp_path / ("n" * 120)
    with Cluster(long, settings=THROWAWAY) as cluster:
        cluster.ensure_database()
        assert cluster.socket_folder == Cluster(long).socket_folder
        with psycopg.connect(cluster.url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    cluster.socket_folder.rmdir()


def test_no_server_outlives_an_owner_that_was_killed(home: Path) -> None:
    owner, server = start_owner(home)
    owner.kill()
    owner.communicate()
    assert all_gone({int(server)})


def test_a_folder_can_be_used_again_right_after_its_owner_was_killed(home: Path, cluster: Cluster) -> None:
    owner, _server = start_owner(home)
    owner.kill()
    owner.communicate()
    cluster.start()


def test_a_killed_server_is_recovered(home: Path, cluster: Cluster) -> None:
    owner, server = start_owner(home)
    os.kill(int(server), signal.SIGKILL)
    owner.kill()
    owner.communicate()
    cluster.start()


def test_a_folder_in_use_is_refused_at_once(home: Path, cluster: Cluster) -> None:
    owner, _server = start_owner(home)
    asked = time.monotonic()
    with pytest.raises(Unusable) as refusal:
        cluster.start()
    owner.kill()
    owner.communicate()
    assert refusal.value.fault is Fault.LOCKED
    assert time.monotonic() - asked < 2


def empty_version(data: Path) -> None:
    (data / "PG_VERSION").write_text("")


def lose_version(data: Path) -> None:
    (data / "PG_VERSION").unlink()


def lose_control(data: Path) -> None:
    (data / "global" / "pg_control").unlink()


def scramble_control(data: Path) -> None:
    (data / "global" / "pg_control").write_bytes(b"\x00" * 8192)


def lose_the_log(data: Path) -> None:
    shutil.rmtree(data / "pg_wal")
    (data / "pg_wal").mkdir()


@pytest.mark.parametrize("spoil", [empty_version, lose_version, lose_control, scramble_control, lose_the_log])
def test_a_damaged_folder_is_told_in_one_sentence(home: Path, cluster: Cluster, spoil: Callable[[Path], None]) -> None:
    spoil(home / "data")
    with pytest.raises(Unusable) as refusal:
        cluster.start()
    assert refusal.value.fault is Fault.DAMAGED
    assert str(home / "data") in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_cluster_of_another_major_version_is_told_with_both_numbers(home: Path, cluster: Cluster) -> None:
    (home / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(Unusable, match=r"PostgreSQL 15\b.* PostgreSQL 18\b") as refusal:
        cluster.start()
    assert refusal.value.fault is Fault.VERSION


def test_an_interrupted_first_start_leaves_nothing_half_made(tmp_path: Path) -> None:
    (tmp_path / "home" / "data.new" / "base").mkdir(parents=True)
    (tmp_path / "home" / "data").mkdir()
    with Cluster(tmp_path / "home", settings=THROWAWAY) as cluster:
        cluster.ensure_database()


def test_a_pid_file_of_a_dead_machine_is_not_believed(home: Path, cluster: Cluster) -> None:
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}/data\n1\n5432\n\n\n\n")
    cluster.start()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(Unusable) as refusal:
        Cluster(tmp_path / "home").start()
    assert refusal.value.fault is Fault.PERMISSION


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user is covered by every other test")
def test_an_ordinary_user_runs_a_cluster(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    owner, server = start_owner(tmp_path / "home", prefix=AS_NOBODY)
    owner_of_server = Path(f"/proc/{server}").stat().st_uid
    owner.kill()
    owner.communicate()
    assert owner_of_server == NOBODY
    assert all_gone({int(server)})


@pytest.mark.skipif(not IS_ROOT, reason="root is needed to hand a folder to somebody else")
def test_a_folder_without_the_right_to_write_is_refused_in_the_language_of_the_host(tmp_path: Path) -> None:
    owner, answer = start_owner(tmp_path / "home", prefix=AS_NOBODY)
    owner.communicate()
    assert answer.startswith("permission ")
    assert str(tmp_path / "home") in answer


@pytest.mark.skipif(not IS_ROOT, reason="mounting a small disk needs root")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    mount = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=20m disk "$0" && exec "$@"',
        str(tmp_path),
    ]
    if subprocess.run([*mount, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a disk")
    owner, answer = start_owner(tmp_path / "home", prefix=mount)
    owner.communicate()
    assert answer.startswith("space ")
