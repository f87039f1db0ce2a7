"""The pages that show telephones: what to answer to a request, without the network."""

from __future__ import annotations

import html
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from string import Template
from urllib.parse import quote, unquote, urlsplit

from portevoix.operations.textcatcher.store import Sms, Store
from portevoix.operations.wording import gettext as _
from portevoix.operations.wording import language

HERE = Path(__file__).parent
STATIC = Path(__file__).parents[2] / "kernel" / "static"
MOST_SHOWN = 300
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Response:
    """An answer, complete."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Response(b"404", "text/plain", HTTPStatus.NOT_FOUND)


class Pages:
    """Answers about one store of one site; ``answer`` lets a telephone's owner write back."""

    def __init__(self, store: Store, *, site: str, answer: Callable[[str, str], Sms]) -> None:
        self.store, self.site = store, site.rstrip("/")
        self._write_back = answer

    def get(self, target: str) -> Response:
        """Answer to a reader."""
        path = urlsplit(target).path
        if path == "/":
            telephones = self.store.telephones()
            return self._page(telephones, telephones[0][0] if telephones else "")
        if path == "/count":
            return Response(str(len(self.store.messages)).encode(), "text/plain")
        if found := re.fullmatch(r"/tel/(%2B|\+)(\d+)", path):
            telephones = self.store.telephones()
            number = f"+{found[2]}"
            return self._page(telephones, number) if number in dict(telephones) else NOT_FOUND
        if path in {"/style.css", "/refresh.js"}:
            return _file(HERE / "markup" / path.lstrip("/"))
        if path.startswith("/static/"):
            file = (STATIC / unquote(path.removeprefix("/static/"))).resolve()
            return _file(file) if file.is_relative_to(STATIC.resolve()) and file.is_file() else NOT_FOUND
        return NOT_FOUND

    def post(self, target: str, said: Mapping[str, list[str]]) -> Response:
        """Write back as the telephone's owner."""
        found = re.fullmatch(r"/tel/(%2B|\+)(\d+)", urlsplit(target).path)
        words = (said.get("words") or [""])[0].strip()[:1600]
        if not found or f"+{found[2]}" not in dict(self.store.telephones()):
            return NOT_FOUND
        if words:
            self._write_back(f"+{found[2]}", words)
        return Response(b"", status=HTTPStatus.SEE_OTHER, headers={"Location": f"/tel/%2B{found[2]}"})

    def _page(self, telephones: list[tuple[str, list[Sms]]], current: str) -> Response:
        rows = "".join(self._row(number, texts, current) for number, texts in telephones[:MOST_SHOWN])
        empty = _escape(_("No text message yet. Send one from the back office: it arrives here."))
        values = {
            "lang": language(),
            "site": _escape(self.site),
            "title": _escape(_("Telephones")),
            "count": len(self.store.messages),
            "lead": _escape(_("Nothing leaves this machine: every text message the demo sends stops here.")),
            "credits": _escape(_("Credit: {number} parts").format(number=f"{self.store.credits:g}")),
            "to_site": _escape(_("Public site")),
            "telephones": f'<ol class="telephones">{rows}</ol>' if rows else f'<p class="empty">{empty}</p>',
            "telephone": self._telephone(current, dict(telephones).get(current, [])) if current else "",
        }
        template = Template((HERE / "markup" / "telephones.html").read_text("utf-8"))
        return Response(template.substitute(values).encode(), headers={"Content-Security-Policy": POLICY})

    def _row(self, number: str, texts: list[Sms], current: str) -> str:
        last = texts[-1]
        shown = ' aria-current="page"' if number == current else ""
        words = _escape(" ".join(last.words.split())[:60])
        return (
            f'<li><a href="/tel/{quote(number)}"{shown}><strong>{_escape(_spaced(number))}</strong>'
            f"<span>{words}</span></a></li>"
        )

    def _telephone(self, number: str, texts: list[Sms]) -> str:
        bubbles = "".join(self._bubble(one) for one in texts)
        barred = ""
        if number in self.store.barred:
            said = _("This telephone said STOP: the operator bars it from messages to lists.")
            barred = f'<p class="barred">{_escape(said)}</p>'
        label, send, stop = _escape(_("Answer from this telephone")), _escape(_("Send")), _escape(_("Answer STOP"))
        target = f"/tel/{quote(number)}"
        return (
            f'<div class="handset"><h2>{_escape(_spaced(number))}</h2><ol class="bubbles">{bubbles}</ol>{barred}'
            f'<form method="post" action="{target}"><label for="words">{label}</label>'
            f'<input id="words" name="words" maxlength="1600" autocomplete="off"><button>{send}</button></form>'
            f'<form method="post" action="{target}"><input type="hidden" name="words" value="STOP">'
            f'<button class="stop">{stop}</button></form></div>'
        )

    def _bubble(self, sms: Sms) -> str:
        kind = "out" if sms.is_answer else "in"
        states = {"0": _("on its way"), "1": _("delivered"), "2": _("not delivered")}
        at = f"{datetime.fromisoformat(sms.at):%d/%m %H:%M}"
        about = at if sms.is_answer else f"{sms.sender} · {at} · {states.get(sms.description, '')} · {sms.parts}×"
        return f'<li class="{kind}"><p>{_with_links(sms.words)}</p><small>{_escape(about)}</small></li>'


def _spaced(number: str) -> str:
    if number.startswith("+33") and len(number) == 12:
        national = f"0{number[3:]}"
        return " ".join(national[at : at + 2] for at in range(0, 10, 2))
    return number


def _with_links(words: str) -> str:
    parts, last = [], 0
    for found in ADDRESS.finditer(words):
        address = _escape(found[0])
        link = f'<a href="{address}" target="_blank" rel="noreferrer noopener">{address}</a>'
        parts += [_escape(words[last : found.start()]), link]
        last = found.end()
    return "".join([*parts, _escape(words[last:])]).replace("\n", "<br>")


def _file(path: Path) -> Response:
    return Response(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream")


def _escape(value: str) -> str:
    return html.escape(value, quote=True)
