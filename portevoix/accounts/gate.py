"""Proofs of who somebody is, and how often one may try to give them.

Failures are counted before a proof is looked at and outside the transaction of any act, so that many tries at once
count as many, and a refusal that is rolled back is counted all the same.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

import pyotp
import webauthn
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portevoix.accounts import rules
from portevoix.accounts.exceptions import Closed, WrongProof
from portevoix.accounts.models import Attempts, Factor, RecoveryCode, User
from portevoix.accounts.types import FactorKind, Method, Passkey
from portevoix.kernel import clock
from portevoix.kernel.security import connection_of

#: Steps of thirty seconds by which a telephone's clock may be wrong.
DRIFT = 1
STEP = 30


@dataclass(frozen=True)
class Try:
    """One try at a proof: with whose account, from which address; or at the password of a page, by which connection."""

    account: str = ""
    address: str = ""
    guesser: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """The counters, by what they count."""
        counted = {"account": self.account.lower(), "address": connection_of(self.address), "guesser": self.guesser}
        return {kind: f"{kind[0]}:{keyed(kind, name)}" for kind, name in counted.items() if name}


def keyed(kind: str, name: str) -> str:
    """Return a keyed hash: what is counted is found again, and not told."""
    return _keyed(kind, name, settings.SECRET_KEY)


def _keyed(kind: str, name: str, secret: str) -> str:
    return salted_hmac(f"portevoix.accounts.{kind}", name, secret=secret, algorithm="sha256").hexdigest()


def claim(attempt: Try) -> None:
    """Count a try as a failure until it is forgiven. Raises Closed while there were too many."""
    now = clock.now()
    with transaction.atomic():
        counters = [_counter(key) for key in attempt.keys.values()]
        if closed := [one.closed_until for one in counters if one.closed_until and one.closed_until > now]:
            raise Closed(max(closed))
        for kind, one in zip(attempt.keys, counters, strict=True):
            is_fresh = now - one.last_at > rules.forgotten_after(kind)
            one.failures = 1 if is_fresh else one.failures + 1
            pause = rules.pause(kind, one.failures)
            one.last_at, one.closed_until = now, now + pause if pause else None
            one.save()


def forgive(attempt: Try, *, is_proved: bool = True) -> None:
    """Take back a try that proved right: an account that is proved starts anew, the rest only loses this one."""
    for kind, key in attempt.keys.items():
        counted = Attempts.objects.filter(key=key)
        if kind == "account" and is_proved:
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
    """Return whose name and password these are; nobody when they are wrong. Raises Closed.

    A password that a code must follow forgives no wrong code: whoever knows it would guess codes without end.
    """
    claim(attempt)
    user = authenticate(None, username=attempt.account, password=password)
    if user is not None:
        forgive(attempt, is_proved=not user.factors.exists())
    return user


def by_code(user: User, attempt: Try, code: str) -> Method:
    """Tell by what a typed code proves that it is ``user``: their application, or a recovery code, used up by that.

    Raises Closed, WrongProof.
    """
    claim(attempt)
    said = "".join(code.split()).replace("-", "").upper()
    if said.isdecimal() and _is_from_application(user, said):
        method = Method.TOTP
    elif RecoveryCode.objects.filter(user=user, digest__in=digests(said)).delete()[0]:
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
        # Sealed again: a former key of the instance is needed no longer than its owners stay away.
        factor.counter, factor.used_at, factor.secret = step, clock.now(), sealed(secret)
        factor.save(update_fields=["counter", "used_at", "secret"])
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


def digests(code: str) -> list[str]:
    """Return what may be kept of a recovery code made under this key of the instance or a former one."""
    return [_keyed("recovery", code, secret) for secret in _secrets()]


def sealed(secret: str) -> str:
    """Encrypt a secret with the instance's key: a copy of the database alone opens no account."""
    return _lock().encrypt(secret.encode()).decode()


def unsealed(secret: str) -> str:
    """Decrypt a secret; empty when it was sealed neither with the instance's key nor with a former one."""
    try:
        return _lock().decrypt(secret.encode()).decode()
    except InvalidToken:
        return ""


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _lock() -> MultiFernet:
    """Return what seals with the instance's key and opens with that or a former one."""
    keys = (hashlib.sha256(b"portevoix.accounts.factors" + secret.encode()).digest() for secret in _secrets())
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


@dataclass(frozen=True)
class Ceremony:
    """What the browser is asked for, and the challenge that its answer must hold."""

    options: str
    challenge: str


def _here() -> tuple[str, str]:
    """Return the name that passkeys are made for, and the origin they are asked from."""
    return urlsplit(settings.BASE_URL).hostname or "", settings.BASE_URL


def new_passkey(user: User) -> Ceremony:
    """Ask for a passkey that finds its account by itself, and that its owner has to unlock."""
    known = Factor.objects.filter(user=user, kind=FactorKind.PASSKEY)
    options = webauthn.generate_registration_options(
        rp_id=_here()[0],
        rp_name=settings.WAGTAIL_SITE_NAME,
        user_name=user.username,
        user_id=bytes.fromhex(keyed("passkey", str(user.pk))),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in known if one.credential
        ],
    )
    return Ceremony(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def made_passkey(answer: str, challenge: str) -> Passkey:
    """Return the passkey that a browser made. Raises WrongProof."""
    name, origin = _here()
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=name,
            expected_origin=origin,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise WrongProof from error
    return Passkey(
        bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key), made.sign_count
    )


def any_passkey() -> Ceremony:
    """Ask for whichever passkey of ours a browser holds."""
    options = webauthn.generate_authentication_options(
        rp_id=_here()[0], user_verification=UserVerificationRequirement.REQUIRED
    )
    return Ceremony(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def by_passkey(answer: str, challenge: str, address: str) -> User:
    """Return whose passkey signed the challenge; an account closed by wrong passwords opens all the same.

    Raises Closed for an address that guesses, WrongProof.
    """
    attempt = Try("", address)
    claim(attempt)
    name, origin = _here()
    try:
        shown = parse_authentication_credential_json(answer)
        with transaction.atomic():
            found = Factor.objects.select_for_update(of=("self",)).select_related("user")
            factor = found.get(credential=bytes_to_base64url(shown.raw_id), user__is_active=True)
            proved = webauthn.verify_authentication_response(
                credential=shown,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=name,
                expected_origin=origin,
                credential_public_key=base64url_to_bytes(factor.secret),
                credential_current_sign_count=factor.counter,
                require_user_verification=True,
            )
            factor.counter, factor.used_at = proved.new_sign_count, clock.now()
            factor.save(update_fields=["counter", "used_at"])
    except (WebAuthnException, Factor.DoesNotExist) as error:
        raise WrongProof from error
    forgive(attempt)
    return factor.user
