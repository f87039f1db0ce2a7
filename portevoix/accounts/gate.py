"""Proofs of who somebody is, and how often one may try to give them.

Failures are counted before a proof is looked at and outside the transaction of any act, so that many tries at once
count as many, and a refusal that is rolled back is counted all the same.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from portevoix.accounts import rules
from portevoix.accounts.exceptions import Closed, WrongProof
from portevoix.accounts.models import Attempts, Factor, RecoveryCode, User
from portevoix.accounts.types import FactorKind, Method
from portevoix.kernel import clock

#: Steps of thirty seconds by which a telephone's clock may be wrong.
DRIFT = 1
STEP = 30


@dataclass(frozen=True)
class Try:
    """One try at a proof: with whose account, from which address."""

    account: str
    address: str

    @property
    def keys(self) -> dict[str, str]:
        """The two counters, by what they count."""
        counted = {"account": self.account.lower(), "address": self.address}
        return {kind: f"{kind[0]}:{keyed(kind, name)}" for kind, name in counted.items() if name}


def keyed(kind: str, name: str) -> str:
    """Return a keyed hash: what is counted is found again, and not told."""
    return salted_hmac(f"portevoix.accounts.{kind}", name, algorithm="sha256").hexdigest()


def claim(attempt: Try) -> None:
    """Count a try as a failure until it is forgiven. Raises Closed while there were too many."""
    now = clock.now()
    with transaction.atomic():
        counters = [_counter(key) for key in attempt.keys.values()]
        if closed := [one.closed_until for one in counters if one.closed_until and one.closed_until > now]:
            raise Closed(max(closed))
        for kind, one in zip(attempt.keys, counters, strict=True):
            is_fresh = now - one.last_at > rules.FORGOTTEN_AFTER
            one.failures = 1 if is_fresh else one.failures + 1
            pause = rules.pause(kind, one.failures)
            one.last_at, one.closed_until = now, now + pause if pause else None
            one.save()


def forgive(attempt: Try) -> None:
    """Take back a try that proved right: the account starts anew, the address only loses this one."""
    for kind, key in attempt.keys.items():
        counted = Attempts.objects.filter(key=key)
        if kind == "account":
            counted.delete()
        else:
            counted.filter(failures__gt=0).update(failures=F("failures") - 1, closed_until=None)


def closed_until(attempt: Try) -> int:
    """Return for how many seconds, from now on, no further try is taken."""
    now = clock.now()
    ends = Attempts.objects.filter(key__in=attempt.keys.values(), closed_until__gt=now).values_list("closed_until")
    return max((int((end - now).total_seconds()) for (end,) in ends if end), default=0)


def _counter(key: str) -> Attempts:
    Attempts.objects.get_or_create(key=key, defaults={"last_at": clock.now()})
    return Attempts.objects.select_for_update().get(key=key)


def by_password(attempt: Try, password: str) -> User | None:
    """Return whose name and password these are; nobody when they are wrong. Raises Closed."""
    claim(attempt)
    user = authenticate(None, username=attempt.account, password=password)
    if user is not None:
        forgive(attempt)
    return user


def by_code(user: User, attempt: Try, code: str) -> Method:
    """Tell by what a typed code proves that it is ``user``: their application, or a recovery code, used up by that.

    Raises Closed, WrongProof.
    """
    claim(attempt)
    said = "".join(code.split()).replace("-", "").upper()
    if said.isdecimal() and _is_from_application(user, said):
        method = Method.TOTP
    elif RecoveryCode.objects.filter(user=user, digest=digest(said)).delete()[0]:
        method = Method.RECOVERY_CODE
    else:
        raise WrongProof
    forgive(attempt)
    return method


def _is_from_application(user: User, code: str) -> bool:
    with transaction.atomic():
        factor = Factor.objects.select_for_update().filter(user=user, kind=FactorKind.TOTP).first()
        secret = unsealed(factor.secret) if factor else ""
        step = step_of(secret, code, after=factor.counter) if factor and secret else None
        if factor is None or step is None:
            return False
        factor.counter, factor.used_at = step, clock.now()
        factor.save(update_fields=["counter", "used_at"])
        return True


def step_of(secret: str, code: str, *, after: int = 0) -> int | None:
    """Return the step of time that ``code`` belongs to, if it is later than the last one used (RFC 6238, 5.2)."""
    here = int(clock.now().timestamp()) // STEP
    generator = pyotp.TOTP(secret, interval=STEP)
    for step in range(here - DRIFT, here + DRIFT + 1):
        if step > after and pyotp.utils.strings_equal(code, generator.generate_otp(step)):
            return step
    return None


def digest(code: str) -> str:
    """Return what is kept of a recovery code: a keyed hash is enough for eighty random bits."""
    return keyed("recovery", code)


def sealed(secret: str) -> str:
    """Encrypt a secret with the instance's key: a copy of the database alone opens no account."""
    return _lock().encrypt(secret.encode()).decode()


def unsealed(secret: str) -> str:
    """Decrypt a secret; empty when it was sealed with another key."""
    try:
        return _lock().decrypt(secret.encode()).decode()
    except InvalidToken:
        return ""


def _lock() -> Fernet:
    key = hashlib.sha256(b"portevoix.accounts.factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
