"""The browser's only way out: a SOCKS server of one pass, which names, refuses, counts and remembers.

Whatever a page or its service worker asks for passes here, redirects and sockets too, so that a private address is
refused at the last moment, on the address really dialled, and no host is reached unseen.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import Callable
from types import TracebackType

from portevoix.auditor.engine.capture.names import Answer, Resolver, Unresolved, is_public
from portevoix.auditor.engine.types import Host

CONNECTED, FAILED, FORBIDDEN, UNREACHABLE = 0, 1, 2, 4
CHUNK = 64 * 1024
DIAL_SECONDS = 8.0


class Wire:
    """One pass's way out. ``budget`` is how many bytes may come in before the wire is cut."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        allow_private: bool = False,
        private_for: frozenset[tuple[str, int]] = frozenset(),
        budget: int = 100 * 2**20,
    ) -> None:
        self.resolver = resolver
        self.allow_private = allow_private
        self.private_for = private_for
        self.left = budget
        self.hosts: dict[str, Host] = {}
        self.dialled: dict[str, float] = {}
        self.is_cut = False
        self._is_held = False
        self._spoiled: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def address(self) -> str:
        """Where the browser finds it."""
        if self._server is None:
            raise RuntimeError("use « async with »")
        return f"socks5://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    # ---- held

    def hold(self) -> None:
        """Let nothing out any more, on old connections or new ones: what is sent is lost."""
        self._is_held = True

    def release(self) -> None:
        """Let out again; connections that have lost something are closed."""
        self._is_held = False
        for writer in self._spoiled:
            writer.close()
        self._spoiled.clear()

    # ---- carried

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            try:
                host, port = await asyncio.wait_for(self._greeting(reader, writer), DIAL_SECONDS)
                status, far = await self._dialled(host, port)
                writer.write(bytes([5, status, 0, 1, 0, 0, 0, 0, 0, 0]))
                await writer.drain()
                if far is not None:
                    await self._joined((reader, writer), far)
            finally:
                writer.close()

    async def _greeting(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        """Read the two messages of RFC 1928: no password, one CONNECT."""
        _version, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        _version, command, _zero, kind = await reader.readexactly(4)
        if kind == 3:
            length = (await reader.readexactly(1))[0]
            host = (await reader.readexactly(length)).decode("ascii", "replace")
        else:
            host = str(ipaddress.ip_address(await reader.readexactly(4 if kind == 1 else 16)))
        port = int.from_bytes(await reader.readexactly(2), "big")
        if command != 1:
            raise OSError("only CONNECT")
        return host, port

    async def _dialled(
        self, host: str, port: int
    ) -> tuple[int, tuple[asyncio.StreamReader, asyncio.StreamWriter] | None]:
        if self._is_held:
            return UNREACHABLE, None
        try:
            answer = await self.resolver.resolve(host)
        except Unresolved:
            self._remember(host, Answer(()), "unresolved")
            return UNREACHABLE, None
        is_free = self.allow_private or (host.rstrip(".").lower(), port) in self.private_for
        allowed = [one for one in answer.addresses if is_free or is_public(one)]
        if not allowed:
            self._remember(host, answer, "private")
            return FORBIDDEN, None
        self._remember(host, answer, "")
        self.dialled[host.lower()] = time.monotonic()
        for place, number in [answer.dial] if answer.dial else [(one, port) for one in allowed[:3]]:
            with contextlib.suppress(OSError, TimeoutError):
                return CONNECTED, await asyncio.wait_for(asyncio.open_connection(place, number), DIAL_SECONDS)
        return UNREACHABLE, None

    def _remember(self, host: str, answer: Answer, refused: str) -> None:
        self.hosts[host.lower()] = Host(host.lower(), answer.aliases, answer.addresses, refused)

    async def _joined(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry both ways until both are done, or the budget is."""
        try:
            await asyncio.gather(
                self._carried(near[0], far[1], lambda size: self._is_held),
                self._carried(far[0], near[1], self._counted),
            )
        finally:
            far[1].close()

    def _counted(self, size: int) -> bool:
        self.left -= size
        if self.left <= 0:
            self.is_cut = True
            raise OSError("budget spent")
        return False

    async def _carried(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_lost: Callable[[int], bool]
    ) -> None:
        while piece := await source.read(CHUNK):
            if is_lost(len(piece)):
                self._spoiled.add(target)
                continue
            target.write(piece)
            await target.drain()
        with contextlib.suppress(OSError):
            target.write_eof()
