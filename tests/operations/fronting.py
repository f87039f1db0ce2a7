"""A real nginx with the configuration that we ship, in front of a web server."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler

NGINX = "/usr/sbin/nginx"
READER = {"User-Agent": "Mozilla/5.0 Firefox/140", "Accept-Encoding": "gzip"}
#: What Debian's own nginx.conf says around the servers, for one that is no service and leaves nothing behind.
AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes {workers};
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    {tls}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/*.server;
}}
"""


def configuration(folder: Path, *, port: int, behind: int, workers: str = "1", certificate: Path | None = None) -> Path:
    """Write nginx's files as a host would, and return the first of them; a certificate comes with its key."""
    written = StringIO()
    listen = f"127.0.0.1:{port}{' ssl' if certificate else ''}"
    call_command("nginx", port=behind, listen=[listen], cache=folder / "cache", stdout=written)
    (folder / "site.server").write_text(written.getvalue(), "utf-8")
    first = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # the folders of tests are open to nobody else
    tls = f"ssl_certificate {certificate}; ssl_certificate_key {certificate};" if certificate else ""
    first.write_text(AROUND.format(folder=folder, user=user, workers=workers, tls=tls), "utf-8")
    return first


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """Serve the product as a web server runs it, and say on which port: the tests' own server would give files too."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(WSGIHandler())  # type: ignore[no-untyped-call]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def running(first: Path, port: int) -> Iterator[None]:
    """Run nginx for the time of the block."""
    process = subprocess.Popen([NGINX, "-c", str(first), "-e", str(first.parent / "error.log")])
    try:
        for _attempt in range(300):
            assert process.poll() is None, (first.parent / "error.log").read_text()
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Front:
    """nginx, as its visitors meet it."""

    port: int
    folder: Path

    def ask(self, path: str = "/", *, method: str = "GET", host: str = "", **headers: str) -> Any:
        """Return an answer, its body read as ``body``; underscores stand for hyphens in the names of headers."""
        given = {**READER, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if host:
            given["Host"] = host
        link = http.client.HTTPConnection("localhost", self.port, timeout=30)
        link.request(method, path, headers=given)
        response: Any = link.getresponse()
        response.body = response.read()
        link.close()
        return response

    @property
    def kept(self) -> int:
        """How many pages nginx keeps."""
        return sum(1 for path in (self.folder / "cache").rglob("*") if path.is_file())
