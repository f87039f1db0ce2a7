"""Both sides in one process: SMTP on an event loop, the pages on threads beside it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from portevoix.operations.mailcatcher.pages import Pages, Response
from portevoix.operations.mailcatcher.smtp import protocol
from portevoix.operations.mailcatcher.store import Store

LOOPBACK = "127.0.0.1"
OUR_NAMES = {"localhost", LOOPBACK}


class Handler(BaseHTTPRequestHandler):
    """Connects HTTP to the pages, for browsers of this machine only."""

    protocol_version = "HTTP/1.1"
    pages: Pages

    def do_GET(self) -> None:
        self._answer(self.pages.get(self.path) if self._is_for_us() else _refused())

    def do_POST(self) -> None:
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
        origin = urlsplit(self.headers.get("Origin", "")).netloc
        ours = self._is_for_us() and origin == self.headers.get("Host")
        self._answer(self.pages.post(self.path) if ours else _refused())

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the demo's log is for faults."""

    def _is_for_us(self) -> bool:
        """Refuse a foreign name that somebody made point here, which would let a page read the mail."""
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname in OUR_NAMES

    def _answer(self, response: Response) -> None:
        self.send_response(response.status)
        headers = {
            "Content-Type": response.kind,
            "Content-Length": str(len(response.body)),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            **response.headers,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)


def _refused() -> Response:
    return Response(b"403", "text/plain", HTTPStatus.FORBIDDEN)


def serve(folder: Path, *, smtp_port: int, web_port: int, site: str) -> None:
    """Catch and show until told to stop."""
    store = Store(folder)
    handler = type("PagesHandler", (Handler,), {"pages": Pages(store, site=site)})
    web = ThreadingHTTPServer((LOOPBACK, web_port), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_catch(store, smtp_port))
    web.shutdown()


async def _catch(store: Store, port: int) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(protocol(store), LOOPBACK, port)
    await stop.wait()
    server.close()
