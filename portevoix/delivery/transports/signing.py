"""A transport that signs what leaves by another: in the threads of the senders, where OpenSSL works side by side."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from portevoix.delivery.rules import dkim
from portevoix.delivery.rules.dns_records import dkim_record
from portevoix.delivery.transports import Transport
from portevoix.delivery.types import Envelope, Result

#: 1024 bits are too few, and 4096 neither fit one string of a DNS record nor are read everywhere (RFC 8301).
RSA_BITS = 2048
KINDS = ("rsa", "ed25519")


class SigningTransport:
    """Adds DKIM signatures to each message at the last moment."""

    def __init__(self, inner: Transport, signers: Sequence[dkim.Signer]) -> None:
        self._inner = inner
        self._signers = signers

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Sign, and send as the other does."""
        signed = (replace(one, content=dkim.signed(one.content, self._signers)) for one in envelopes)
        return self._inner.deliver(signed, committing=committing)

    def close(self) -> None:
        self._inner.close()


@dataclass(frozen=True)
class Published:
    """What a host writes into the DNS for one key."""

    name: str
    value: str


def make_keys(folder: Path, selector: str, domain: str) -> list[Published]:
    """Make the keys that are not there yet, readable by us alone; return what to publish for each."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for kind in KINDS:
        if not (path := key_path(folder, selector, kind)).exists():
            _write(path, _new(kind))
    return published(folder, selector, domain)


def published(folder: Path, selector: str, domain: str) -> list[Published]:
    """Return what to publish for each key. Raises FileNotFoundError."""
    return [
        Published(f"{selector}-{kind}._domainkey.{domain}", dkim_record(kind, _public(folder, selector, kind)))
        for kind in KINDS
    ]


def signers(folder: Path, selector: str, domain: str) -> list[dkim.Signer]:
    """Return what signs with the keys in a folder. Raises FileNotFoundError when they were not made."""
    return [
        dkim.Signer(f"{kind}-sha256", f"{selector}-{kind}", domain, _signing(_private(folder, selector, kind)))
        for kind in KINDS
    ]


def key_path(folder: Path, selector: str, kind: str) -> Path:
    return folder / f"{selector}-{kind}.pem"


Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def _new(kind: str) -> Private:
    return rsa.generate_private_key(65537, RSA_BITS) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()


def _write(path: Path, key: Private) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def _private(folder: Path, selector: str, kind: str) -> Private:
    key = serialization.load_pem_private_key(key_path(folder, selector, kind).read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey)  # noqa: S101
    return key


def _public(folder: Path, selector: str, kind: str) -> bytes:
    public = _private(folder, selector, kind).public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return public.public_bytes_raw()  # RFC 8463, 4.2: the bare key
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _signing(key: Private) -> Callable[[bytes], bytes]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return lambda octets: key.sign(hashlib.sha256(octets).digest())
    return lambda octets: key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
