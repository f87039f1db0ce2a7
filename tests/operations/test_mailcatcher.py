from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from portevoix.operations.mailcatcher.pages import ON_A_PAGE, Pages
from portevoix.operations.mailcatcher.store import Store
from tests.operations.living import free_port

SITE = "http://localhost:8000"


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Aurore Vasseur <campagne@exemple.test>"
    message["To"] = "Éloïse Durand <eloise@exemple.test>"
    message["Subject"] = "Une réunion <près> de chez vous"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"Bonjour,\nvenez : {SITE}/agenda/?a=1&b=2.\n")
    return message


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "mail")


@pytest.fixture
def pages(store: Store) -> Pages:
    return Pages(store, site=SITE)


def keep(store: Store, message: EmailMessage) -> str:
    return store.save(message.as_bytes(), sender="retour@exemple.test", recipients=["eloise@exemple.test"])


def shown(pages: Pages, target: str) -> str:
    response = pages.get(target)
    assert response.status is HTTPStatus.OK, target
    return response.body.decode()


def test_a_message_is_kept_as_it_came_with_its_envelope(store: Store) -> None:
    message = letter()
    ident = keep(store, message)
    assert store.source(ident).endswith(message.as_bytes())
    caught = store.headers(ident)
    assert caught.header("X-Envelope-To") == "eloise@exemple.test"
    assert caught.header("To") == "Éloïse Durand <eloise@exemple.test>"


def test_an_envelope_cannot_add_headers(store: Store) -> None:
    ident = store.save(b"Subject: a\r\n\r\nb", sender="a@b\r\nBcc: c@d", recipients=["e@f\nX: y"])
    assert set(store.headers(ident).message.keys()) == {"X-Envelope-From", "X-Envelope-To", "Subject"}


def test_the_newest_message_comes_first_and_pages_follow(store: Store, pages: Pages) -> None:
    for number in range(ON_A_PAGE + 1):
        store.save(f"Subject: numero-{number:03d}\r\n\r\n".encode(), sender="a@b", recipients=["c@d"])
    first, second = shown(pages, "/"), shown(pages, "/?page=2")
    assert re.findall(r"numero-(\d+)", first)[:2] == [f"{ON_A_PAGE:03d}", f"{ON_A_PAGE - 1:03d}"]
    assert re.findall(r"numero-(\d+)", second) == ["000"]
    assert pages.get("/count").body == str(ON_A_PAGE + 1).encode()


@pytest.mark.parametrize("page", ["0", "99", "-1", "abc", "²"])
def test_an_impossible_page_number_shows_a_page(store: Store, pages: Pages, page: str) -> None:
    keep(store, letter())
    assert "Une réunion" in shown(pages, f"/?page={page}")


def test_text_is_escaped_and_its_addresses_are_links(store: Store, pages: Pages) -> None:
    page = shown(pages, f"/{keep(store, letter())}")
    assert "Une réunion &lt;près&gt; de chez vous" in page
    assert 'href="http://localhost:8000/agenda/?a=1&amp;b=2"' in page


def test_html_is_shown_in_a_frame_that_may_run_nothing(store: Store, pages: Pages) -> None:
    message = letter()
    message.add_alternative("<html><head></head><body><p>Bonjour</p></body></html>", subtype="html")
    ident = keep(store, message)
    assert re.search(
        r'<iframe src="/[\d-]+/html" sandbox="(?!.*allow-(scripts|same-origin))', shown(pages, f"/{ident}")
    )
    frame = pages.get(f"/{ident}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert b'<base target="_blank">' in frame.body


def test_a_picture_that_travels_in_the_message_is_shown(store: Store, pages: Pages) -> None:
    message = letter()
    message.add_alternative('<img src="cid:logo@exemple">', subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG", "image", "png", cid="<logo@exemple>")
    html.add_related(b"alert(1)", "text", "javascript", cid="<script@exemple>")
    ident = keep(store, message)
    address = re.search(rb'src="([^"]+)"', pages.get(f"/{ident}/html").body)
    assert address is not None
    picture = pages.get(address[1].decode())
    assert (picture.body, picture.kind) == (b"\x89PNG", "image/png")
    assert pages.get(f"/{ident}/part/script@exemple").status is HTTPStatus.NOT_FOUND


def test_headers_and_source_can_be_read(store: Store, pages: Pages) -> None:
    ident = keep(store, letter(List_Unsubscribe=f"<{SITE}/u/1>"))
    headers = shown(pages, f"/{ident}?view=headers")
    assert "List-Unsubscribe" in headers
    assert f'href="{SITE}/u/1' in headers
    source = pages.get(f"/{ident}/source")
    assert source.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "target",
    [
        "/absent",
        "/00000000000000000000-000000",
        "/00000000000000000000-000000/html",
        "/00000000000000000000-000000/source",
        "/static/../../conf/instance.py",
        "/static/%2e%2e/%2e%2e/conf/instance.py",
        "/static/kernel",
    ],
)
def test_what_is_not_there_is_not_found(pages: Pages, target: str) -> None:
    assert pages.get(target).status is HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"no headers at all",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x",
        b"To: =?utf-8?b?broken\r\nSubject: \xe9t\xe9\r\nDate: never\r\n\r\nx",
        b"From: a@b@c, <\r\nTo: undisclosed:;\r\n\r\nx",
    ],
)
def test_a_broken_message_is_shown_all_the_same(store: Store, pages: Pages, source: bytes) -> None:
    ident = store.save(source, sender="", recipients=["a@b"])
    shown(pages, "/")
    for view in ("", "?view=text", "?view=headers"):
        shown(pages, f"/{ident}{view}")


@dataclass
class Received:
    path: str
    body: bytes


@pytest.fixture
def site() -> Iterator[tuple[str, list[Received]]]:
    """A site that accepts one-click unsubscriptions."""
    received: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(Received(self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}", received
    server.shutdown()
    server.server_close()


def test_one_click_unsubscription_is_asked_of_the_site_as_a_mail_program_does(
    store: Store, site: tuple[str, list[Received]]
) -> None:
    address, received = site
    pages = Pages(store, site=address)
    one_click = {"List_Unsubscribe_Post": "List-Unsubscribe=One-Click"}
    ident = keep(store, letter(List_Unsubscribe=f"<mailto:a@b>, <{address}/u/42>", **one_click))
    assert "/unsubscribe" in shown(pages, f"/{ident}")
    answer = pages.post(f"/{ident}/unsubscribe")
    assert received == [Received("/u/42", b"List-Unsubscribe=One-Click")]
    assert answer.headers["Location"] == f"/{ident}?unsubscribed=200"


def test_no_other_site_is_ever_asked(store: Store, pages: Pages) -> None:
    one_click = {"List_Unsubscribe_Post": "List-Unsubscribe=One-Click"}
    ident = keep(store, letter(List_Unsubscribe="<http://localhost:80001/u/42>", **one_click))
    assert "/unsubscribe" not in shown(pages, f"/{ident}")
    assert pages.post(f"/{ident}/unsubscribe").status is HTTPStatus.NOT_FOUND


@dataclass(frozen=True)
class Answer:
    status: int
    policy: str
    body: str


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[bytes]
    smtp: int
    web: int

    def ask(self, method: str, target: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=10)
        connection.request(method, target, headers={"Host": f"localhost:{self.web}", **headers})
        with contextlib.closing(connection), connection.getresponse() as response:
            policy = response.getheader("Content-Security-Policy") or ""
            return Answer(response.status, policy, response.read().decode())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real command, on real ports."""
    smtp, web = free_port(), free_port()
    folder = tmp_path_factory.mktemp("mail")
    command = [sys.executable, "-m", "portevoix", "mailcatcher", str(folder)]
    process = subprocess.Popen([*command, f"--smtp-port={smtp}", f"--port={web}"], env={**os.environ, "LANG": "C"})
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", smtp)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    yield Running(process, smtp, web)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_what_is_sent_by_smtp_is_read_on_the_page(running: Running) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp) as client:
        client.send_message(letter())
    page = running.ask("GET", "/").body
    assert "Éloïse Durand" in page


def test_a_page_of_another_name_cannot_read_the_mail(running: Running) -> None:
    assert running.ask("GET", "/", Host="rebound.example").status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("origin", ["", "null", "http://elsewhere.example"])
def test_a_page_from_elsewhere_cannot_press_buttons(running: Running, origin: str) -> None:
    answer = running.ask("POST", "/00000000000000000000-000000/unsubscribe", Origin=origin)
    assert answer.status == HTTPStatus.FORBIDDEN


def test_pages_may_load_only_their_own_parts(running: Running) -> None:
    answer = running.ask("GET", "/")
    assert "default-src 'none'" in answer.policy
    parts = re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js))"', answer.body)
    assert len(parts) == 2
    for part in parts:
        assert running.ask("GET", part).status == HTTPStatus.OK
