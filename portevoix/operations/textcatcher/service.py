"""Both sides in one process: the interface that the campaign calls, and the telephones that people look at."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import tomllib
import urllib.error
import urllib.request
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from portevoix.operations.textcatcher.interface import NOBODY, PARIS, Interface, Keys
from portevoix.operations.textcatcher.phones import Pages, Response
from portevoix.operations.textcatcher.store import Sms, Store

LOOPBACK = "127.0.0.1"
OUR_NAMES = {"localhost", LOOPBACK}
BASE = "/1.0"
MOST = 65536


class Operator:
    """The whole of it: takes messages, tells the campaign what became of them, and passes answers on."""

    def __init__(self, store: Store, keys: Keys, *, base: str, callback: str, site: str) -> None:
        self.store = store
        self.interface = Interface(store, keys, base=base, taken=self._take)
        self.pages = Pages(store, site=site, answer=self.answer)
        #: The campaign's address for calls, with a final slash; nothing is told without.
        self.callback = callback
        self._to_tell: SimpleQueue[Sms] = SimpleQueue()

    def _take(self, sms: Sms) -> None:
        self._to_tell.put(sms)

    def tell_receipts(self) -> int:
        """Tell what became of the messages taken since, as the real one does some seconds later; return how many."""
        told = 0
        with contextlib.suppress(Empty):
            while True:
                sms = self._to_tell.get_nowait()
                is_nobody = sms.phone.endswith(NOBODY)
                description, ptt = ("2", "23") if is_nobody else ("1", "4")
                self.store.settle(sms.ident, description=description, ptt=ptt)
                date = datetime.now(PARIS).strftime("%Y-%m-%d %H:%M:%S")
                said = {"id": sms.ident, "ptt": ptt, "date": date, "description": description}
                self._call("receipt", {**said, "descriptionDlr": "Failed" if is_nobody else "Success"})
                told += 1
        return told

    def answer(self, phone: str, words: str) -> Sms:
        """Let a telephone's owner write back."""
        at = datetime.now(PARIS).isoformat(timespec="seconds")
        sms = self.store.add(phone, sender=phone, words=words, at=at, is_answer=True)
        if words.strip().lower().startswith("stop"):
            self.store.bar(phone, at=at)
        self._call("reply", {"id": sms.ident, "sender": phone, "message": words, "creationDatetime": at})
        return sms

    def _call(self, what: str, said: dict[str, Any]) -> None:
        if not self.callback:
            return
        address = f"{self.callback}{what}/?{urlencode(said, quote_via=quote)}"
        with contextlib.suppress(OSError, urllib.error.HTTPError), urllib.request.urlopen(address, timeout=10):  # noqa: S310
            pass


class Handler(BaseHTTPRequestHandler):
    """Connects HTTP to the operator, for this machine only."""

    protocol_version = "HTTP/1.1"
    operator: Operator

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the demo's log is for faults."""

    def _answer(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST))
        if not self._is_for_us():
            self._send(Response(b"403", "text/plain", HTTPStatus.FORBIDDEN))
        elif self.path.startswith(f"{BASE}/"):
            found = self.operator.interface.answer(self.command, self.path[len(BASE) :], self.headers, body)  # type: ignore[arg-type]
            self._send(Response(json.dumps(found.said).encode(), "application/json", found.status))
        elif self.command == "GET":
            self._send(self.operator.pages.get(self.path))
        elif urlsplit(self.headers.get("Origin", "")).netloc == self.headers.get("Host"):
            self._send(self.operator.pages.post(self.path, parse_qs(body.decode("utf-8", "replace"))))
        else:
            self._send(Response(b"403", "text/plain", HTTPStatus.FORBIDDEN))

    def _is_for_us(self) -> bool:
        """Refuse a foreign name that somebody made point here, which would let a page read the messages."""
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname in OUR_NAMES

    def _send(self, response: Response) -> None:
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


def keys_of(config: Path) -> tuple[Keys, str]:
    """Return the keys, and the secret of the campaign's address for calls, that an instance's file names."""
    sms = tomllib.loads(config.read_text("utf-8")).get("sms", {})
    names = ("ovh_application_key", "ovh_application_secret", "ovh_consumer_key", "ovh_service")
    return Keys(*(str(sms.get(name, "")) for name in names)), str(sms.get("webhook_secret", ""))


def serve(folder: Path, *, port: int, site: str, keys: Keys, secret: str) -> None:
    """Take, show and pass on until told to stop."""
    callback = f"{site}/sms/{secret}/" if secret else ""
    base = f"http://localhost:{port}{BASE}"
    operator = Operator(Store(folder / "texts.jsonl"), keys, base=base, callback=callback, site=site)
    web = ThreadingHTTPServer((LOOPBACK, port), type("OperatorHandler", (Handler,), {"operator": operator}))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=web.serve_forever, daemon=True).start()
    while not stop.wait(1.0):
        operator.tell_receipts()
    web.shutdown()
