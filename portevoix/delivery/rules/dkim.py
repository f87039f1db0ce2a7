"""DKIM (RFC 6376): what is signed and how it is written; relaxed for headers and body alike.

Messages come from our own renderer: CRLF line ends, no lone CR. Keys do the arithmetic elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: RFC 6376, 5.4, and what RFC 8058 (4) wants signed. Named once more than they occur, From can get no twin.
SIGNED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type",
    b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"auto-submitted",
)  # fmt: skip
BLANKS = re.compile(rb"[ \t]+")
BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n|\Z)")
FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r]|\r\n[ \t])*)\r\n")
LINE = 70


@dataclass(frozen=True)
class Signer:
    """A published key: its algorithm as DKIM names it, its selector, and what signs with it."""

    algorithm: str
    selector: str
    domain: str
    #: Takes the octets to sign; Ed25519 signs their SHA-256 (RFC 8463, 3).
    sign: Callable[[bytes], bytes]


def signed(content: bytes, signers: Sequence[Signer]) -> bytes:
    """Return the message under one signature a key."""
    head, _blank, body = content.partition(b"\r\n\r\n")
    fields = _fields(head + b"\r\n")
    digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
    return b"".join(_signature(fields, digest, signer) for signer in signers) + content


def relaxed_body(body: bytes) -> bytes:
    """Return a body in the form of RFC 6376, 3.4.4."""
    if b"\t" in body or b"  " in body:
        body = BLANKS.sub(b" ", body)
    if b" \r\n" in body or body.endswith(b" "):
        body = BLANKS_AT_END.sub(b"", body)
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Return the fields to sign, each in the form of RFC 6376, 3.4.2; ours has each of them once."""
    found = {}
    for name, value in FIELD.findall(head):
        if (plain := name.lower()) in SIGNED:
            found[plain] = plain + b":" + BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip() + b"\r\n"
    return found


def _signature(fields: dict[bytes, bytes], digest: bytes, signer: Signer) -> bytes:
    names = b":".join((*fields, b"from"))
    tags = (
        f"v=1; a={signer.algorithm}; c=relaxed/relaxed;".encode(),
        f"d={signer.domain}; s={signer.selector};".encode(),
        b"h=" + names.replace(b":list-id", b":\r\n list-id") + b";",
        b"bh=" + digest + b";",
        b"b=",
    )
    unsigned = b"\r\n ".join(tags)
    relaxed = b"dkim-signature:" + BLANKS.sub(b" ", unsigned.replace(b"\r\n", b""))
    octets = b"".join((*fields.values(), relaxed))
    words = base64.b64encode(signer.sign(octets))
    lines = b"\r\n  ".join(words[at : at + LINE] for at in range(0, len(words), LINE))
    return b"DKIM-Signature: " + unsigned + lines + b"\r\n"
