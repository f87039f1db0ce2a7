"""The mail catcher's pages in a real browser: what its policy allows is enough for them, and no more."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portevoix.operations.mailcatcher.store import Store
from tests.browser.conftest import Watch
from tests.operations.living import free_port


def save(store: Store, subject: str) -> None:
    message = EmailMessage()
    message["To"] = "Éloïse Durand <eloise@exemple.test>"
    message["Subject"] = subject
    message.set_content("Bonjour : http://localhost:8000/confirmer")
    message.add_alternative(
        '<html><head></head><body><h1>Bonjour</h1><script>document.body.textContent = "ran"</script></body></html>',
        subtype="html",
    )
    store.save(message.as_bytes(), sender="a@exemple.test", recipients=["eloise@exemple.test"])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def page(chromium: Browser, store: Store) -> Iterator[Page]:
    port = free_port()
    command = [sys.executable, "-m", "portevoix", "mailcatcher", str(store.folder)]
    process = subprocess.Popen([*command, f"--smtp-port={free_port()}", f"--port={port}"])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    watch = Watch(f"http://localhost:{port}")
    with chromium.new_context(base_url=f"http://localhost:{port}") as context:
        watch.over(context)
        page = context.new_page()
        page.goto("/")
        yield page
    process.terminate()
    process.wait(10)
    # The script of the message was refused, as the browser says itself; nothing else may be said.
    assert [fault for fault in watch.faults if "/html" not in fault and "sandboxed" not in fault] == []


def test_a_message_appears_without_a_click_and_is_read(page: Page, store: Store) -> None:
    save(store, "Première lettre")
    page.get_by_text("Première lettre").click()
    assert page.frame_locator("iframe").locator("h1").inner_text() == "Bonjour"
    assert page.frame_locator("iframe").locator("body").inner_text() != "ran"


def test_the_pages_wear_the_product_s_style(page: Page, store: Store) -> None:
    assert page.evaluate("getComputedStyle(document.querySelector('.band')).backgroundColor") == "rgb(6, 44, 46)"
    assert page.evaluate("document.fonts.ready.then(fonts => fonts.size)") > 0
