"""Anonymous pages behind nginx as it is shipped, against the same bytes as a file of that nginx."""

from __future__ import annotations

import http.client
import re
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from benchmarks.harness import register
from benchmarks.site import Home, free_port
from tests.operations.fronting import READER, configuration, running

VISITORS = 32
SECONDS = 6
STATIC = """
server {{
    listen 127.0.0.1:{port};
    access_log off;
    location / {{ root {folder}; gzip_static on; default_type text/html; }}
}}
"""


@register
class Front(Home):
    """The demo's home page given by nginx, visits counted; wrk keeps its connections open and accepts gzip."""

    name = "site.nginx"
    n = VISITORS
    goal = 0.8
    rounds = 5

    def set_up(self) -> None:
        super().set_up()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="portevoix-nginx-")))
        self.front, self.file = free_port(), free_port()
        first = configuration(folder, port=self.front, behind=self.port, workers="auto")
        (folder / "file.server").write_text(STATIC.format(port=self.file, folder=folder / "pages"))
        (folder / "pages").mkdir()
        self.stack.enter_context(running(first, self.front))
        body = self.page(self.front, "/")
        (folder / "pages" / "page.html").write_bytes(b"never read: gzip is accepted")
        (folder / "pages" / "page.html.gz").write_bytes(body)
        assert self.page(self.file, "/page.html") == body

    def page(self, port: int, path: str) -> bytes:
        link = http.client.HTTPConnection("localhost", port)
        link.request("GET", path, headers=READER)
        answer = link.getresponse()
        assert answer.status == 200
        assert answer.getheader("Content-Encoding") == "gzip"
        return answer.read()

    def ours(self) -> float:
        before = (settings.DATA_DIR / "visits.log").stat().st_size
        figure = wrk(self.front, "/")
        assert (settings.DATA_DIR / "visits.log").stat().st_size > before  # counted, not only given
        return figure

    def reference(self) -> float:
        return wrk(self.file, "/page.html")

    def tear_down(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()
        super().tear_down()


def wrk(port: int, path: str) -> float:
    """Return how many answers a second all visitors got together; none may be a fault."""
    headers = [word for name, value in READER.items() for word in ("-H", f"{name}: {value}")]
    said = subprocess.run(
        ["wrk", "-t1", f"-c{VISITORS}", f"-d{SECONDS}s", *headers, f"http://localhost:{port}{path}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Non-2xx" not in said, said
    assert "Socket errors" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])
