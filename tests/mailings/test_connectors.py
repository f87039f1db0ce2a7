"""Asking other sites: a real one on this machine, and the addresses that are never asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portevoix.journal.models import Entry
from portevoix.mailings import connectors
from portevoix.mailings.services import trials
from tests.mailings.factories import CAMPAIGN, MailingFactory

ASKED: list[str] = []


class Site(BaseHTTPRequestHandler):
    """Answers by the number in the path, and remembers what it was asked."""

    def do_HEAD(self) -> None:
        ASKED.append(f"{self.command} {self.path}")
        kind = self.path.strip("/").partition("?")[0]
        if kind == "onward":
            self.send_response(301)
            self.send_header("Location", "/404")
        elif kind == "home":
            self.send_response(302)
            self.send_header("Location", "http://10.0.0.1/")
        elif kind == "round":
            self.send_response(302)
            self.send_header("Location", "/round")
        else:
            self.send_response(int(kind or 200))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    ASKED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def on_this_machine(number: str) -> bool:
    return number == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "status", "fault"),
    [
        ("/200", 200, ""),
        ("/404", 404, "gone"),
        ("/410", 410, "gone"),
        ("/503", 503, "failing"),
        ("/403", 403, ""),
        ("/405", 405, ""),
        ("/onward", 404, "gone"),
        ("/round", 302, ""),
        ("/home", 0, "private"),
    ],
)
def test_each_answer_is_told_for_what_it_is(site: str, path: str, status: int, fault: str) -> None:
    (asked,) = connectors.ask([site + path], may_reach=on_this_machine)
    assert (asked.status, asked.fault, asked.is_well) == (status, fault, not fault)


def test_nothing_but_heads_is_asked_and_each_address_once(site: str) -> None:
    connectors.ask([site + "/200?a=1", site + "/200?a=1", site + "/204"], may_reach=on_this_machine)
    assert sorted(ASKED) == ["HEAD /200?a=1", "HEAD /204"]


def test_a_machine_of_our_own_is_never_asked(site: str) -> None:
    (asked,) = connectors.ask([site + "/200"])
    assert (asked.fault, ASKED) == ("private", [])


@pytest.mark.parametrize(
    "number", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "0.0.0.0", "100.64.0.1"]
)
def test_only_the_public_internet_is_reached(number: str) -> None:
    assert not connectors.is_public(number)


def test_a_public_number_is_reached() -> None:
    assert connectors.is_public("93.184.216.34")


def test_a_port_that_nobody_listens_to_gives_no_answer() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    (asked,) = connectors.ask([address], may_reach=on_this_machine)
    assert (asked.status, asked.fault) == (0, "silent")


@pytest.mark.parametrize("address", ["http://[::1/", "ftp://127.0.0.1/", "https:///x", "http://127.0.0.1:99999/"])
def test_what_is_no_address_breaks_nothing(address: str) -> None:
    (asked,) = connectors.ask([address], may_reach=on_this_machine)
    assert not asked.is_well


@pytest.mark.django_db
def test_a_letters_outside_links_are_asked_when_an_author_wants_it(site: str) -> None:
    words = f'<p><a href="{site}/200">Là</a> <a href="https://ondes.example/x/">chez nous</a></p>'
    asked = trials.ask_links(MailingFactory(blocks=[("text", words)]), actor=CAMPAIGN)
    assert [(one.address, one.fault) for one in asked] == [(f"{site}/200", "private")]
    line = Entry.objects.get(command="mailings.ask_links")
    assert (line.count, line.detail) == (1, {"dead": 1})


def test_links_beyond_the_most_are_told_and_not_asked(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors, "MOST", 1)
    asked = connectors.ask([site + "/200", site + "/204"], may_reach=on_this_machine)
    assert [one.fault for one in asked] == ["", "unasked"]
    assert len(ASKED) == 1
