"""A town of websites on this machine: names of the real world, one server, each trick planted where a case wants it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portevoix.auditor.engine.capture.names import Answer, TableResolver

OVH, AWS_PARIS, GOOGLE, META, SCALEWAY = "213.186.33.5", "13.36.1.1", "142.250.75.238", "157.240.21.35", "51.15.1.1"
YANDEX, HETZNER, CLOUDFLARE, NOBODY, ALIBABA = "77.88.55.60", "88.198.1.1", "104.16.1.1", "198.51.100.7", "47.88.1.1"
OVH_AMERICA, RENATER, AMAZON = "147.135.1.1", "193.55.96.1", "13.224.1.1"
GIF = base64.b64decode("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")


@dataclass(frozen=True)
class Reply:
    """What a path answers; ``act`` takes the connection itself, for those that misbehave."""

    body: str | bytes = ""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


Routes = Mapping[str, Reply]


@dataclass
class Town:
    """Hosts and what they answer. ``places`` are the addresses that the world would see."""

    routes: dict[str, dict[str, Reply]] = field(default_factory=dict)
    table: dict[str, Answer] = field(default_factory=dict)
    records: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    key: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def add(
        self,
        host: str,
        routes: Routes,
        *,
        place: str | tuple[str, ...] = OVH,
        aliases: tuple[str, ...] = (),
        door: str = "https",
    ) -> None:
        """Build a host, at one place or several; one that exists gets more paths."""
        places = (place,) if isinstance(place, str) else place
        self.routes.setdefault(host, {}).update(routes)
        self.table[host] = Answer(places, aliases, ("127.0.0.1", self.ports[door]))

    @property
    def resolver(self) -> TableResolver:
        return TableResolver(self.table, self.records)


def certificate(folder: Path, name: str, *, ends_in: int = 30) -> tuple[Path, str]:
    """Make a key and a certificate; return their file and what Chromium calls the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=ends_in))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / f"{name.split()[0].lower()}.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return path, base64.b64encode(hashlib.sha256(spki).digest()).decode()


class Handler(BaseHTTPRequestHandler):
    """Answers by host and path; an unknown path of a known host is looked for under ``*``."""

    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_GET(self) -> None:
        town = cast("Server", self.server).town
        host = self.headers.get("Host", "").split(":")[0]
        path = self.path.split("?")[0]
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        town.asked.append((host, self.path, body.decode("utf-8", "replace")))
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._websocket()
            return
        routes = town.routes.get(host, {})
        reply = routes.get(path) or routes.get("*") or Reply("absent", status=404)
        if reply.act is not None:
            self.close_connection = True
            reply.act(self)
            return
        content = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Access-Control-Allow-Origin", "*")
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_POST = do_HEAD = do_OPTIONS = do_GET

    def _websocket(self) -> None:
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            while self.connection.recv(65536):
                pass

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """One door of the town."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    town: Town
    context: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread, so that a slow guest keeps nobody waiting."""
        with contextlib.suppress(OSError):
            request.settimeout(20)
            if self.context is None:
                super().finish_request(request, client_address)
                return
            with self.context.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle is no error."""


@contextlib.contextmanager
def built(folder: Path) -> Iterator[Town]:
    """Open the town's doors: « https », « http », and « bad », whose certificate nobody trusts."""
    town = Town()
    good, town.key = certificate(folder, "Certigna Rehearsal")
    bad, _key = certificate(folder, "Nobody Rehearsal", ends_in=-1)
    servers = []
    for door, pem in (("https", good), ("http", None), ("bad", bad)):
        server = Server(("127.0.0.1", 0), Handler)
        server.town = town
        if pem is not None:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(pem)
        town.ports[door] = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        servers.append(server)
    try:
        yield town
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
