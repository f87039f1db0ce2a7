"""Become whom PostgreSQL accepts to be, and die with the parent; then be replaced by the program.

PostgreSQL refuses to run as root, and a checkout of root's may lie where nobody else can read. So, for root:

1. a user namespace in which root's files and processes bear another number; nothing changes hands; else
2. another user, to whom the data folders are given, who keeps the capability to pass through root's folders.

A user without a name (a container's) gets the namespace too, since initdb wants a name.
Standard library only, and quick to start: it runs before each server.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import struct
import sys
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CLONE_NEWUSER = 0x10000000
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522
NOBODY = 65534

libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> None:
    """Usage: launch.py PARENT SIGNAL HOW FOLDERS PROGRAM …

    The program gets SIGNAL when PARENT dies, and must own FOLDERS (separated by ":"). HOW is "same" for a
    program that may be anybody, else the way to become somebody: "namespace", "user", or "any" of them.
    """
    parent, number, how, folders, *program = arguments
    if how != "same" and (os.geteuid() == 0 or not _has_a_name(os.geteuid())):
        try:
            _become_somebody(how, [Path(folder) for folder in folders.split(":") if folder])
        except OSError as error:
            sys.stderr.write(f"portevoix-launch: identity: {error}\n")
            raise SystemExit(125) from None
    # Last before the program: changing users forgets it. A parent that died meanwhile sends no signal.
    libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != int(parent):
        raise SystemExit(125)
    # A shell that starts us in the background has its children ignore a Ctrl-C; ours must not.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        os.execv(program[0], program)  # noqa: S606
    except PermissionError as error:
        sys.stderr.write(f"portevoix-launch: identity: {error}\n")
        raise SystemExit(125) from None


def _become_somebody(how: str, folders: list[Path]) -> None:
    somebody = _an_ordinary_user()
    if how in ("any", "namespace"):
        try:
            _own(folders, os.geteuid(), os.getegid())
            _enter_namespace(somebody)
            return
        except OSError:
            if how == "namespace" or os.geteuid() != 0:
                raise
    _own(folders, somebody, somebody)
    _change_user(somebody)


def _has_a_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _an_ordinary_user() -> int:
    if _has_a_name(NOBODY):
        return NOBODY
    return next((user.pw_uid for user in pwd.getpwall() if user.pw_uid), NOBODY)


def _own(folders: list[Path], uid: int, gid: int) -> None:
    for folder in folders:
        if folder.stat().st_uid == uid:
            continue
        for path, names, files in os.walk(folder):
            for name in (*names, *files):
                os.lchown(Path(path) / name, uid, gid)
        os.lchown(folder, uid, gid)


def _enter_namespace(inside: int) -> None:
    uid, gid = os.geteuid(), os.getegid()
    _checked(libc.unshare(CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {gid} 1")


def _change_user(uid: int) -> None:
    kept = [capability for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) if _is_permitted(capability)]
    mask = sum(1 << capability for capability in kept)
    _checked(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    _checked(libc.capset(header, struct.pack("=6I", mask, mask, mask, 0, 0, 0)))
    for capability in kept:
        _checked(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _is_permitted(capability: int) -> bool:
    status = Path("/proc/self/status").read_text()
    permitted = next(line for line in status.splitlines() if line.startswith("CapPrm:"))
    return bool(int(permitted.split()[1], 16) >> capability & 1)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1:])
