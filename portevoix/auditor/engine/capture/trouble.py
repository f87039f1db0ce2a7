"""Why a page could not be read, in few words that reports translate."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from portevoix.auditor.engine.capture.record import Record
from portevoix.auditor.engine.capture.wire import Wire

SAID = (
    (("ERR_TOO_MANY_REDIRECTS",), "redirects without end"),
    (("ERR_SSL_VERSION", "ERR_SSL_OBSOLETE"), "old TLS"),
    (("ERR_CERT", "ERR_SSL", "ERR_BAD_SSL"), "invalid TLS"),
    (("Download is starting", "net::ERR_ABORTED"), "a download, not a page"),
    (("ERR_INVALID_RESPONSE", "ERR_RESPONSE_HEADERS", "ERR_INVALID_HTTP", "ERR_EMPTY_RESPONSE"), "invalid answer"),
    (("crash", "Target closed", "has been closed"), "the page crashed"),
    (("Timeout",), "timeout"),
)
CHALLENGE = re.compile(
    r"captcha|are you (?:a )?(?:human|robot)|êtes-vous (?:un )?(?:humain|robot)|checking your browser|just a moment"
    r"|access denied|accès refusé|enable javascript and cookies to continue|vérification de votre navigateur",
    re.IGNORECASE,
)


def of_error(error: Exception, url: str, wire: Wire, record: Record) -> str:
    """Return what an error of the browser means."""
    if wire.is_cut:
        return "too much data"
    said = "Timeout" if isinstance(error, TimeoutError) else str(error)
    if "ERR_SOCKS" in said or "ERR_PROXY" in said or "ERR_CONNECTION" in said or "ERR_NAME" in said:
        return _of_wire(url, wire, record)
    if record.navigations > 15:
        return "navigates without end"
    return next((words for signs, words in SAID if any(sign in said for sign in signs)), "could not be loaded")


def _of_wire(url: str, wire: Wire, record: Record) -> str:
    """A refusal on the wire: of the address asked for, or of one it led to."""
    hosts = [urlsplit(url).hostname or ""]
    hosts += [urlsplit(one.url).hostname or "" for one in record.requests.values() if one.kind == "document"]
    for host in reversed(hosts):
        if (known := wire.hosts.get(host)) is not None and known.refused:
            return {"private": "private address", "unresolved": "name not found"}[known.refused]
    return "cannot be reached"


def looks_blocked(status: int, title: str, text: str, kind: str) -> str:
    """Tell a page that is no page: refused, a riddle for machines, empty, something else than HTML."""
    if status in {401, 403, 406, 429, 451, 503}:
        return f"refused (HTTP {status})"
    if status >= 400:
        return f"HTTP {status}"
    if kind and not re.match(r"(?:text/html|application/xhtml|text/plain)", kind):
        return "not a page"
    if len(text) < 1500 and CHALLENGE.search(f"{title} {text}"):
        return "a riddle for machines"
    return "" if text.strip() else "empty page"
