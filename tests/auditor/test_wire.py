"""The way out of an audit: names, refusals, the budget."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from portevoix.auditor.engine.capture.names import Answer, TableResolver, Unresolved, is_public
from portevoix.auditor.engine.capture.options import place_of
from portevoix.auditor.engine.capture.wire import Wire
from tests.auditor.rehearsal import alone


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.5.4",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["213.186.33.5", "2001:41d0::1", "::ffff:213.186.33.5"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def greeted(wire: Wire, host: str, port: int = 80) -> tuple[int, Ends]:
    """Ask the wire for a host as a browser does; return its answer, and the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(wire.address.rsplit(":", 1)[1]))
    writer.write(b"\x05\x01\x00")
    await reader.readexactly(2)
    name = host.encode()
    writer.write(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
    return (await reader.readexactly(10))[1], (reader, writer)


async def opened(wire: Wire, host: str) -> Ends:
    """Return a connection to a host that is reached."""
    status, ends = await greeted(wire, host)
    assert status == 0
    return ends


async def asked(wire: Wire, host: str, port: int = 80) -> tuple[int, bytes]:
    """Ask the wire for a host; return its answer and what came."""
    status, (reader, writer) = await greeted(wire, host, port)
    came = b""
    if status == 0:
        writer.write(b"hello")
        came = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return status, came


def through(
    resolver: TableResolver,
    host: str,
    *,
    allow_private: bool = False,
    private_for: frozenset[tuple[str, int]] = frozenset(),
    budget: int = 10**6,
) -> tuple[int, bytes, Wire]:
    """Run one request through a wire, against a server that answers 100,000 bytes."""

    async def run() -> tuple[int, bytes, Wire]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(5)
            writer.write(b"x" * 100_000)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        resolver.table = {
            name: Answer(one.addresses, one.aliases, ("127.0.0.1", port)) for name, one in resolver.table.items()
        }
        async with Wire(resolver, allow_private=allow_private, private_for=private_for, budget=budget) as wire:
            status, came = await asked(wire, host)
        server.close()
        return status, came, wire

    return alone(run())


def test_a_public_host_is_reached_and_remembered_with_its_aliases() -> None:
    resolver = TableResolver({"m.site.example": Answer(("213.186.33.5",), ("x.eulerian.net",))})
    status, came, wire = through(resolver, "m.site.example")
    assert (status, len(came)) == (0, 100_000)
    assert wire.hosts["m.site.example"].aliases == ("x.eulerian.net",)


def test_a_private_address_is_refused_and_the_refusal_remembered() -> None:
    status, _came, wire = through(TableResolver({"inside.example": Answer(("10.0.0.7",))}), "inside.example")
    assert status != 0
    assert wire.hosts["inside.example"].refused == "private"


def test_a_name_with_a_public_and_a_private_address_is_reached_by_the_public_one_only() -> None:
    resolver = TableResolver({"both.example": Answer(("10.0.0.7", "213.186.33.5"))})
    assert through(resolver, "both.example")[0] == 0
    resolver = TableResolver({"both.example": Answer(("10.0.0.7", "127.0.0.1"))})
    assert through(resolver, "both.example")[0] != 0


def test_an_address_typed_as_such_is_refused_as_well() -> None:
    assert through(TableResolver({}), "127.0.0.1")[0] != 0


def test_private_addresses_are_reached_when_that_is_asked_for() -> None:
    resolver = TableResolver({"inside.example": Answer(("10.0.0.7",))})
    assert through(resolver, "inside.example", allow_private=True)[0] == 0


def test_only_the_site_that_is_named_may_be_private() -> None:
    table = {name: Answer(("10.0.0.7",)) for name in ("ours.example", "other.example")}
    ours = frozenset({place_of("http://Ours.example/page")})
    assert through(TableResolver(dict(table)), "ours.example", private_for=ours)[0] == 0
    assert through(TableResolver(dict(table)), "other.example", private_for=ours)[0] != 0
    elsewhere = frozenset({place_of("https://ours.example")})
    assert through(TableResolver(dict(table)), "ours.example", private_for=elsewhere)[0] != 0


def test_a_name_that_leads_nowhere_is_remembered_as_such() -> None:
    status, _came, wire = through(TableResolver({}), "nowhere.example")
    assert status != 0
    assert wire.hosts["nowhere.example"].refused == "unresolved"


def test_the_wire_is_cut_when_the_budget_is_spent() -> None:
    resolver = TableResolver({"big.example": Answer(("213.186.33.5",))})
    _status, came, wire = through(resolver, "big.example", budget=10_000)
    assert wire.is_cut
    assert len(came) < 100_000


def test_nothing_leaves_a_wire_that_is_held_and_it_carries_again_once_it_is_let_go() -> None:
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(100):
            came.append(piece)
            writer.write(piece)
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        table = {"a.example": Answer(("213.186.33.5",), (), ("127.0.0.1", server.sockets[0].getsockname()[1]))}
        async with Wire(TableResolver(table)) as wire:
            reader, writer = await opened(wire, "a.example")
            writer.write(b"before")
            assert await reader.readexactly(6) == b"before"
            wire.hold()
            writer.write(b"secret")
            assert (await asked(wire, "a.example"))[0] != 0
            assert (await asked(wire, "b.example"))[0] != 0
            wire.release()
            assert await asyncio.wait_for(reader.read(), 10) == b""  # what has lost something is no connection
            writer.close()
            _reader, writer = await opened(wire, "a.example")
            writer.write(b"after")
            assert await _reader.readexactly(5) == b"after"
            writer.close()
            assert set(wire.hosts) == {"a.example"}
        server.close()

    alone(run())
    assert b"".join(came) == b"beforeafter"


def test_a_table_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    path.write_text(
        '{"a.example": {"addresses": ["213.186.33.5"], "dial": "127.0.0.1:81"}, "records": {"NS a.example": ["x"]}}'
    )
    resolver = TableResolver.read(path)
    assert alone(resolver.resolve("A.example.")) == Answer(("213.186.33.5",), (), ("127.0.0.1", 81))
    assert alone(resolver.records("a.example", "NS")) == ("x",)
    with pytest.raises(Unresolved):
        alone(resolver.resolve("b.example"))


def test_nothing_listens_once_an_audit_is_over() -> None:
    _status, _came, wire = through(TableResolver({"a.example": Answer(("213.186.33.5",))}), "a.example")
    assert wire._server is not None
    assert not wire._server.is_serving()
