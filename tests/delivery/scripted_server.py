"""A small SMTP server that answers as each test tells it to, on a real socket, in a thread.

`answers` maps the start of a line to what happens: a reply, or an act such as `HANG_UP`. Every line
that came in is kept with the message contents, so that a test reads the conversation afterwards.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("localhost.pem")

HANG_UP = "(close the line)"
SAY_NOTHING = "(wait until told to stop)"
Answer = str | Callable[[int], str]


@dataclass
class ScriptedServer:
    """Answers `250 ok`, unless told otherwise."""

    answers: dict[str, Answer] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING",)
    tls: bool = False
    #: Bytes of a message's content after which the line is closed.
    content_limit: int | None = None
    lines: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    #: Lines that came in one read: shows what was pipelined.
    reads: list[bytes] = field(default_factory=list)
    sessions: int = 0

    def __enter__(self) -> ScriptedServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stopped = threading.Event()
        self._counts: dict[str, int] = {}
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def recipients(self) -> list[str]:
        return [line.split("<")[1].split(">")[0] for line in self.lines if line.startswith("RCPT")]

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sessions += 1
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        conversation = _Conversation(self, sock)
        with suppress(OSError):
            conversation.hold()
        conversation.sock.close()

    def answer_to(self, line: str, default: str) -> str:
        for start, answer in self.answers.items():
            if line.startswith(start):
                self._counts[start] = self._counts.get(start, 0) + 1
                return answer if isinstance(answer, str) else answer(self._counts[start])
        return default

    def wait_for_the_end(self) -> None:
        self._stopped.wait(20)


class _Conversation:
    def __init__(self, server: ScriptedServer, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self.received = b""

    def hold(self) -> None:
        if not self.say("greeting", "220 scripted"):
            return
        while (line := self.line()) is not None:
            self.server.lines.append(line)
            verb = line.split(" ")[0].upper()
            default = {"EHLO": self.hello(), "DATA": "354 go on", "STARTTLS": "220 go on"}.get(verb, "250 ok")
            if not self.say(line, "221 bye" if verb == "QUIT" else default) or verb == "QUIT":
                return
            if verb == "STARTTLS" and self.said.startswith("220"):
                self.start_tls()
            if verb == "DATA" and self.said.startswith("354") and not self.content():
                return

    def hello(self) -> str:
        lines = ["scripted", *self.server.extensions, *(("STARTTLS",) if self.server.tls else ())]
        return "\r\n".join(f"250{' ' if line == lines[-1] else '-'}{line}" for line in lines)

    def start_tls(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self.sock = context.wrap_socket(self.sock, server_side=True)

    def say(self, line: str, default: str) -> bool:
        """Answer a line; False when the line is closed."""
        self.said = self.server.answer_to(line, default)
        if self.said == SAY_NOTHING:
            self.server.wait_for_the_end()
        if self.said in (HANG_UP, SAY_NOTHING):
            return False
        words = self.said.removesuffix(HANG_UP)
        goes_on = words == self.said
        self.sock.sendall(words.encode() + (b"\r\n" if goes_on else b""))
        return goes_on

    def content(self) -> bool:
        while (b"\r\n" + self.received).find(b"\r\n.\r\n") < 0:
            limit = self.server.content_limit
            if limit is not None and len(self.received) >= limit:
                return False
            if not self.more():
                return False
        end = (b"\r\n" + self.received).find(b"\r\n.\r\n")
        self.server.contents.append(self.received[: max(end - 2, 0)])
        self.received = self.received[end + 3 :]
        return self.say("final dot", "250 taken")

    def line(self) -> str | None:
        while b"\r\n" not in self.received:
            if not self.more():
                return None
        line, _, self.received = self.received.partition(b"\r\n")
        return line.decode()

    def more(self) -> bool:
        received = self.sock.recv(65536)
        self.server.reads.append(received)
        self.received += received
        return bool(received)
