"""The pages that show caught messages: what to answer to a request, without the network."""

from __future__ import annotations

import html
import mimetypes
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote, unquote, urlsplit

from portevoix.operations.mailcatcher.store import RECIPIENTS_HEADER, Caught, Store
from portevoix.operations.wording import gettext as _
from portevoix.operations.wording import language

HERE = Path(__file__).parent
#: Style and fonts are those of the product; the folder holds nothing that is not public.
STATIC = Path(__file__).parents[2] / "kernel" / "static"
ON_A_PAGE = 50
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")
VIEWS = ("html", "text", "headers")
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Response:
    """An answer, complete."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Response(b"404", "text/plain", HTTPStatus.NOT_FOUND)


class Pages:
    """Answers for one folder of messages of one site."""

    def __init__(self, store: Store, *, site: str) -> None:
        self.store = store
        self.site = site.rstrip("/")
        self._routes: list[tuple[re.Pattern[str], Callable[..., Response]]] = [
            (re.compile(r"/"), self._list),
            (re.compile(r"/count"), self._count),
            (re.compile(r"/([\d-]{27})"), self._message),
            (re.compile(r"/([\d-]{27})/html"), self._html),
            (re.compile(r"/([\d-]{27})/source"), self._source),
            (re.compile(r"/([\d-]{27})/part/(.+)"), self._part),
            (re.compile(r"/style\.css|/refresh\.js"), self._own_file),
            (re.compile(r"/static/(.+)"), self._static),
        ]

    def get(self, target: str) -> Response:
        """Answer to a reader."""
        address = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        for pattern, answer in self._routes:
            if found := pattern.fullmatch(address.path):
                return answer(query, found)
        return NOT_FOUND

    def post(self, target: str) -> Response:
        """Do what a mail program does behind its unsubscribe button (RFC 8058): ask the sender's site, once."""
        found = re.fullmatch(r"/([\d-]{27})/unsubscribe", urlsplit(target).path)
        caught = self.store.read(found[1]) if found else None
        if caught is None or not (address := self._one_click_address(caught)):
            return NOT_FOUND
        request = urllib.request.Request(address, data=b"List-Unsubscribe=One-Click", method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        return Response(
            b"", status=HTTPStatus.SEE_OTHER, headers={"Location": f"/{caught.ident}?unsubscribed={status}"}
        )

    def _list(self, query: dict[str, str], _found: re.Match[str]) -> Response:
        idents = self.store.idents()
        pages = max(1, -(-len(idents) // ON_A_PAGE))
        number = min(max(int(query.get("page", "1")) if query.get("page", "1").isdecimal() else 1, 1), pages)
        shown = [self.store.headers(ident) for ident in idents[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]]
        rows = "".join(self._row(caught) for caught in shown)
        empty = _("No message yet. Sign up on the site, or send a mailing: it arrives here.")
        return self._page(
            "list",
            title=_("Caught mail"),
            count=len(idents),
            heading=_("Caught mail"),
            lead=_("Nothing leaves this machine: every message the demo sends stops here."),
            rows=f'<ol class="mails">{rows}</ol>' if rows else f'<p class="empty">{_escape(empty)}</p>',
            pages=self._page_links(number, pages),
        )

    def _row(self, caught: Caught) -> str:
        subject = _escape(caught.header("Subject") or _("(no subject)"))
        return (
            f'<li><a href="/{caught.ident}"><span class="to">{_escape(_recipient(caught))}</span>'
            f'<span class="subject">{subject}</span>'
            f'<time datetime="{caught.at.isoformat()}">{_moment(caught.at)}</time></a></li>'
        )

    def _page_links(self, number: int, pages: int) -> str:
        if pages == 1:
            return ""
        newer, older = _escape(_("Newer")), _escape(_("Older"))
        before = f'<a href="/?page={number - 1}" rel="prev">{newer}</a>' if number > 1 else ""
        after = f'<a href="/?page={number + 1}" rel="next">{older}</a>' if number < pages else ""
        return f'<nav class="pages">{before}<span>{number} / {pages}</span>{after}</nav>'

    def _count(self, _query: dict[str, str], _found: re.Match[str]) -> Response:
        return Response(str(len(self.store.idents())).encode(), "text/plain")

    def _message(self, query: dict[str, str], found: re.Match[str]) -> Response:
        caught = self.store.read(found[1])
        if caught is None:
            return NOT_FOUND
        has = {"html": caught.body("html") is not None, "text": caught.body("plain") is not None, "headers": True}
        first = next(view for view in VIEWS if has[view])
        view = query.get("view", first) if has.get(query.get("view", first)) else first
        return self._page(
            "message",
            title=caught.header("Subject") or _("(no subject)"),
            heading=caught.header("Subject") or _("(no subject)"),
            back=_("All messages"),
            from_label=_("From"),
            from_=caught.header("From"),
            to_label=_("To"),
            to=_recipient(caught),
            at_label=_("Received"),
            at=_moment(caught.at),
            tabs=self._tabs(caught, [name for name in VIEWS if has[name]], view),
            unsubscribe=self._unsubscribe(caught, query.get("unsubscribed", "")),
            content=self._content(caught, view),
        )

    def _tabs(self, caught: Caught, views: list[str], current: str) -> str:
        names = {"html": _("As seen"), "text": _("Plain text"), "headers": _("Headers")}
        links = [
            f'<a href="/{caught.ident}?view={view}"{" aria-current=page" if view == current else ""}>'
            f"{_escape(names[view])}</a>"
            for view in views
        ]
        source = _escape(_("Source (.eml)"))
        return "".join(links) + f'<a href="/{caught.ident}/source" download>{source}</a>'

    def _unsubscribe(self, caught: Caught, status: str) -> str:
        if status.isdecimal():
            if status.startswith("2"):
                accepted = _escape(_("The site accepted the one-click unsubscription."))
                return f'<p class="done" role="status">{accepted}</p>'
            refused = _("The site refused the one-click unsubscription (answer {status}).").format(status=status)
            return f'<p class="refused" role="status">{_escape(refused)}</p>'
        if not self._one_click_address(caught):
            return ""
        label = _("Unsubscribe in one click, as mail programs do")
        return f'<form method="post" action="/{caught.ident}/unsubscribe"><button>{_escape(label)}</button></form>'

    def _one_click_address(self, caught: Caught) -> str:
        """Return the address of RFC 8058, only where it is the demo's own site: we ask nobody else."""
        if "one-click" not in caught.header("List-Unsubscribe-Post").lower():
            return ""
        addresses = re.findall(r"<([^>\s]+)>", "".join(caught.header("List-Unsubscribe").split()))
        return next((address for address in addresses if address.startswith(f"{self.site}/")), "")

    def _content(self, caught: Caught, view: str) -> str:
        if view == "html":
            label = _escape(_("The message as a mail program shows it"))
            rights = "allow-popups allow-popups-to-escape-sandbox"
            return f'<iframe src="/{caught.ident}/html" sandbox="{rights}" title="{label}"></iframe>'
        if view == "text":
            return f'<pre class="text">{_with_links(caught.body("plain") or "")}</pre>'
        rows = "".join(f"<dt>{_escape(name)}</dt><dd>{_with_links(value)}</dd>" for name, value in caught.headers())
        return f'<dl class="headers">{rows}</dl>'

    def _html(self, _query: dict[str, str], found: re.Match[str]) -> Response:
        caught = self.store.read(found[1])
        body = caught.body("html") if caught else None
        if body is None:
            return NOT_FOUND
        # Links open beside the catcher; pictures that travel in the message are fetched from it.
        body = re.sub(
            r"cid:([^\"'\s)>]+)", lambda cid: f"/{found[1]}/part/{quote(html.unescape(cid[1]), safe='')}", body
        )
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: {self.site}; font-src {self.site}; "
            "frame-ancestors 'self'; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
        )
        return Response(
            b'<base target="_blank">' + body.encode() if "<html" not in body.lower() else _with_base(body).encode(),
            headers={"Content-Security-Policy": policy},
        )

    def _source(self, _query: dict[str, str], found: re.Match[str]) -> Response:
        try:
            source = self.store.source(found[1])
        except FileNotFoundError:
            return NOT_FOUND
        disposition = f'attachment; filename="{found[1]}.eml"'
        return Response(source, "message/rfc822", headers={"Content-Disposition": disposition})

    def _part(self, _query: dict[str, str], found: re.Match[str]) -> Response:
        caught = self.store.read(found[1])
        part = caught.embedded(unquote(found[2])) if caught else None
        content = part.get_payload(decode=True) if part else None
        if part is None or part.get_content_maintype() != "image" or not isinstance(content, bytes):
            return NOT_FOUND
        return Response(content, part.get_content_type())

    def _own_file(self, _query: dict[str, str], found: re.Match[str]) -> Response:
        return _file(HERE / "markup" / found[0].lstrip("/"))

    def _static(self, _query: dict[str, str], found: re.Match[str]) -> Response:
        path = (STATIC / unquote(found[1])).resolve()
        return _file(path) if path.is_relative_to(STATIC.resolve()) and path.is_file() else NOT_FOUND

    def _page(self, name: str, **values: object) -> Response:
        """Fill a template. Values are escaped, but those that are markup already."""
        markup = {"rows", "pages", "tabs", "unsubscribe", "content"}
        filled = {
            key: str(value) if key in markup else _escape(str(value))
            for key, value in {**values, "lang": language(), "site": self.site, "to_site": _("Public site")}.items()
        }
        template = Template((HERE / "markup" / f"{name}.html").read_text("utf-8"))
        return Response(template.substitute(filled).encode(), headers={"Content-Security-Policy": POLICY})


def _file(path: Path) -> Response:
    return Response(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream")


def _with_base(body: str) -> str:
    return re.sub(r"(<head[^>]*>)", r'\1<base target="_blank">', body, count=1, flags=re.IGNORECASE)


def _escape(value: str) -> str:
    return html.escape(value, quote=True)


def _with_links(text: str) -> str:
    """Escape a text and make its addresses clickable."""
    parts, last = [], 0
    for found in ADDRESS.finditer(text):
        address = _escape(found[0])
        link = f'<a href="{address}" target="_blank" rel="noreferrer noopener">{address}</a>'
        parts += [_escape(text[last : found.start()]), link]
        last = found.end()
    return "".join([*parts, _escape(text[last:])])


def _recipient(caught: Caught) -> str:
    return caught.header("To") or caught.header(RECIPIENTS_HEADER)


def _moment(at: datetime) -> str:
    return f"{at:%d/%m/%Y %H:%M:%S}"
