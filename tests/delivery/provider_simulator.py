"""Servers that behave as the documented interfaces of Scaleway, Brevo and Mailjet do, on a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Close the line without an answer; say nothing for as long as the test lasts.
HANG_UP, SAY_NOTHING = -1, -2
Answer = tuple[int, dict[str, Any]]


def accepted(provider: str, asked: dict[str, Any]) -> Answer:
    """Return what the provider says to a message that it takes."""
    if provider == "brevo":
        return 201, {"messageId": "<202611242000.1@smtp-relay.brevo.example>"}
    if provider == "scaleway":
        return 200, {"emails": [{"id": "1", "mail_rcpt": asked["to"][0]["email"], "status": "sending"}]}
    to = asked["Messages"][0]["To"][0]["Email"]
    return 200, {"Messages": [{"Status": "success", "To": [{"Email": to, "MessageID": 7, "MessageUUID": "u"}]}]}


class Simulator:
    """Takes everything with the right key, unless `answer` says otherwise for the n-th message."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[int], Answer | int | None] = lambda number: None
        self.stopped = threading.Event()
        simulator = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                simulator._answer(self, json.loads(body))

            def log_message(self, *words: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Simulator:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _may(self, headers: Any) -> bool:
        key = {"brevo": ("api-key", "k"), "scaleway": ("X-Auth-Token", "k")}.get(self.provider)
        name, value = key or ("Authorization", "Basic azpz")
        return bool(headers[name] == value)

    def _answer(self, handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
        status: Answer | int | None
        if not self._may(handler.headers):
            status = (401, {"code": "unauthorized"})
        else:
            self.asked.append(asked)
            status = self.answer(len(self.asked))
        if status == SAY_NOTHING:
            self.stopped.wait(20)
        if isinstance(status, int):
            handler.close_connection = True
            return
        code, words = status or accepted(self.provider, asked)
        octets = json.dumps(words).encode()
        handler.send_response(code)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(octets)))
        handler.end_headers()
        handler.wfile.write(octets)
