"""Signed references to a message, short enough for a header and valid for ever.

An unsubscribe link must still work in years, so it carries no date and needs no row of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from functools import lru_cache

SIGNATURE_BYTES = 15
#: Mail servers may change the case of a local part: five bits a character, in one case.
RETURN_BYTES = 10
#: As `return_address` writes it, and nothing like a Message-ID: the code of a batch may be all digits in old ones.
RETURN = re.compile(rb"\+([1-9][0-9]{0,18})-([a-z2-7]{16})@", re.ASCII | re.IGNORECASE)
MESSAGE_ID = re.compile(rb"<([1-9][0-9]{0,18})\.[a-z0-9]{1,12}\.([a-z2-7]{16})@", re.ASCII | re.IGNORECASE)
#: Without signs that are taken for others when read aloud.
CODE_LETTERS = "abcdefghijkmnpqrstuvwxyz"
CODE_ALPHABET = f"{CODE_LETTERS}23456789"
CODE_LENGTH = 8
TOKEN = re.compile(r"([1-9][0-9]{0,18})\.([A-Za-z0-9_-]{20})", re.ASCII)


def new_code() -> str:
    """Return the name of a batch in links and Message-IDs: it begins with a letter, so that it is never a number."""
    return secrets.choice(CODE_LETTERS) + "".join(secrets.choice(CODE_ALPHABET) for _sign in range(CODE_LENGTH - 1))


def key_from(secret: str | bytes) -> bytes:
    """Return the key of these links, so that no other signature of the house can stand for theirs."""
    return hashlib.sha256(
        b"portevoix.delivery.message " + (secret.encode() if isinstance(secret, str) else secret)
    ).digest()


@lru_cache(maxsize=16)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


def _mac(key: bytes, words: bytes) -> bytes:
    """Sign words. `hmac.digest` would give the same, and the interpreter's lock to the senders at each call."""
    signing = _begun(key).copy()
    signing.update(words)
    return signing.digest()


def token_of(message_id: int, key: bytes) -> str:
    """Return the reference to a message."""
    digest = _mac(key, b"%d" % message_id)[:SIGNATURE_BYTES]
    return f"{message_id}.{base64.urlsafe_b64encode(digest).decode()}"


def message_in(token: str, keys: Sequence[bytes]) -> int | None:
    """Return the message a token refers to, or None for a token that none of the keys signed."""
    found = TOKEN.fullmatch(token)
    if found is None:
        return None
    message_id = int(found[1])
    genuine = [hmac.compare_digest(token_of(message_id, key), token) for key in keys]
    return message_id if any(genuine) else None


def reader_key_from(secret: str) -> bytes:
    """Return the key of the links of readers who agreed to be measured: one that unsubscribes cannot stand for it."""
    return hashlib.sha256(b"portevoix.delivery.reader " + secret.encode()).digest()


def return_key_from(secret: str) -> bytes:
    """Return the key of return addresses."""
    return hashlib.sha256(b"portevoix.delivery.return " + secret.encode()).digest()


def return_signature(message_id: int, address: str, key: bytes) -> str:
    """Sign that a message went to an address: only that reader, and servers on the way, ever see it."""
    digest = _mac(key, b"%d " % message_id + address.lower().encode())[:RETURN_BYTES]
    return base64.b32encode(digest).decode().lower()


def return_address(base: str, message_id: int, signature: str) -> str:
    """Return a message's own return path (VERP): `name+number-signature@domain`, 64 signs before the @ at most."""
    local, _at, domain = base.rpartition("@")
    return f"{local}+{message_id}-{signature}@{domain}"


def returned(raw: bytes) -> tuple[int, str] | None:
    """Find the message that a report is about, by a return path or a Message-ID anywhere in it; nothing is proved."""
    found = RETURN.search(raw) or MESSAGE_ID.search(raw)
    return (int(found[1]), found[2].decode().lower()) if found else None


def went_to(message_id: int, signature: str, addresses: Sequence[str], keys: Sequence[bytes]) -> str | None:
    """Return which of a person's addresses the signature proves a message went to, if any."""
    for address in addresses:
        for key in keys:
            if hmac.compare_digest(return_signature(message_id, address, key), signature):
                return address
    return None


#: Under this name a message's proof travels with what a provider is told of it.
PROOF = "portevoix"
PROOF_WORDS = re.compile(r"([1-9][0-9]{0,18})-([a-z2-7]{16})", re.ASCII)


def proof(message_id: int, signature: str) -> str:
    """Write which message, with its signature, in one word."""
    return f"{message_id}-{signature}"


def read_proof(word: str) -> tuple[int, str] | None:
    """Read that word; nothing is proved yet."""
    found = PROOF_WORDS.fullmatch(word)
    return (int(found[1]), found[2]) if found else None
