"""The record that says what was destroyed: its exact text, its signature (Ed25519, RFC 8032), and the proof of both.

A file is the canonical JSON of the record, the key it can be checked with and the signature: one byte more, less or
other and it is none.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portevoix.rights.exceptions import RecordForged

FORM = "portevoix.destruction.1"


def signing_key(secret: str) -> Ed25519PrivateKey:
    """Derive the instance's key from its secret, for this use only (HKDF, RFC 5869)."""
    derivation = HKDF(hashes.SHA256(), length=32, salt=None, info=b"portevoix.rights.destruction")
    return Ed25519PrivateKey.from_private_bytes(derivation.derive(secret.encode()))


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public half, as people compare it."""
    return key.public_key().public_bytes_raw().hex()


def canonical(value: dict[str, Any]) -> bytes:
    """Return the one way to write a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign(record: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Return the file of a record."""
    signature = key.sign(canonical({"form": FORM, "record": record})).hex()
    return canonical({"form": FORM, "record": record, "key": public_text(key), "signature": signature})


def check(file: bytes, expected: str = "") -> tuple[dict[str, Any], str]:
    """Return the record of a file and the key it was signed with.

    Raises RecordForged when a byte is not as it was signed, or when the key is not the ``expected`` one: a key that
    only the file itself names proves that the file is whole, not whose it is.
    """
    try:
        told = json.loads(file)
        record, key, signature = told["record"], told["key"], told["signature"]
        whole = canonical({"form": FORM, "record": record, "key": key, "signature": signature})
        public = Ed25519PublicKey.from_public_bytes(_bytes(key))
        public.verify(_bytes(signature), canonical({"form": FORM, "record": record}))
    except (ValueError, TypeError, KeyError, InvalidSignature, RecursionError) as error:
        raise RecordForged from error
    if whole != file or (expected and key != expected.strip().lower()):
        raise RecordForged
    return record, key


def _bytes(text: str) -> bytes:
    """Read hexadecimal digits, written in the one way that we write them. Raises ValueError."""
    read = bytes.fromhex(text)
    if read.hex() != text:
        raise ValueError(text)
    return read
