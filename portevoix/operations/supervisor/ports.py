"""Ports of this machine: whether one is free, and finding one that is."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(wished: int, *, taken: set[int]) -> int:
    """Return the wished port, or one of the machine's choice where it is not to be had."""
    if wished <= 65535 and wished not in taken and is_free(wished):
        return wished
    with socket.socket() as any_port:
        any_port.bind((LOOPBACK, 0))
        return int(any_port.getsockname()[1])
