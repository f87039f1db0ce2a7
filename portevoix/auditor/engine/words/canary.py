"""Words that nobody else uses: whoever sends them on had them from the auditor's own hand."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote, unquote_plus

#: Typed into fields; no real person's.
CANARY = "pvx7kestrel"
CANARY_MAIL = f"{CANARY}@example.org"
#: Typed into fields that search: a site may look up for itself what it was asked to look up.
CANARY_SEARCH = "pvx7osprey"


def _spellings(*words: str) -> dict[str, str]:
    """Return how typed words may be sent: plain, encoded, or hashed as advertisers do."""
    found: dict[str, str] = {}
    for word in words:
        raw = word.encode()
        found |= {
            word: "plain",
            quote(word, safe=""): "plain",
            raw.hex(): "hex",
            hashlib.md5(raw, usedforsecurity=False).hexdigest(): "md5",
            hashlib.sha1(raw, usedforsecurity=False).hexdigest(): "sha1",
            hashlib.sha256(raw).hexdigest(): "sha256",
        }
        for shift in range(3):  # the word may begin at any place of a base64 group
            coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
            found[coded[(0, 2, 3)[shift] : -1 or None]] = "base64"
    return found


SPELLINGS = _spellings(CANARY, CANARY_MAIL)
SEARCHED = _spellings(CANARY_SEARCH)


def typed(told: str, *, with_searches: bool = False) -> str:
    """Return how the typed words stand in a message, empty when they do not."""
    plain, wanted = unquote_plus(told), SPELLINGS | SEARCHED if with_searches else SPELLINGS
    return next((name for spelling, name in wanted.items() if spelling in told or spelling in plain), "")
