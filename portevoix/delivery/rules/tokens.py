"""Signed references to a message, short enough for a header and valid for ever.

An unsubscribe link must still work in years, so it carries no date and needs no row of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

SIGNATURE_BYTES = 15
TOKEN = re.compile(r"([1-9][0-9]{0,18})\.([A-Za-z0-9_-]{20})", re.ASCII)


def key_from(secret: str | bytes) -> bytes:
    """Return the key of these links, so that no other signature of the house can stand for theirs."""
    return hashlib.sha256(
        b"portevoix.delivery.message " + (secret.encode() if isinstance(secret, str) else secret)
    ).digest()


def token_of(message_id: int, key: bytes) -> str:
    """Return the reference to a message."""
    digest = hmac.digest(key, b"%d" % message_id, "sha256")[:SIGNATURE_BYTES]
    return f"{message_id}.{base64.urlsafe_b64encode(digest).decode()}"


def message_in(token: str, keys: Sequence[bytes]) -> int | None:
    """Return the message a token refers to, or None for a token that none of the keys signed."""
    found = TOKEN.fullmatch(token)
    if found is None:
        return None
    message_id = int(found[1])
    genuine = [hmac.compare_digest(token_of(message_id, key), token) for key in keys]
    return message_id if any(genuine) else None
