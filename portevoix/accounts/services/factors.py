"""Commands on second factors: each member of staff keeps their own."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.exceptions import LastFactor, NotAllowed, WrongProof
from portevoix.accounts.gate import digest, sealed, step_of
from portevoix.accounts.models import Factor, RecoveryCode, SignIn, User
from portevoix.accounts.types import Actor, FactorKind, Method, Passkey
from portevoix.kernel import clock

RECOVERY_CODES = 10
#: Without letters and figures that are taken for each other.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 16


@command("accounts.add_totp", label=_("Add a code application"), own=True)
def add_totp(user: User, *, secret: str, code: str, session: SignIn, actor: Actor) -> Factor:
    """Keep the secret of a code application, in the place of an earlier one, once it has shown a right code.

    The session in which that was shown counts as proved by two factors. Raises WrongProof, NotAllowed.
    """
    _prove_right(user, session)
    step = step_of(secret, code)
    if step is None:
        raise WrongProof
    Factor.objects.filter(user=user, kind=FactorKind.TOTP).delete()
    factor = Factor.objects.create(
        user=user,
        kind=FactorKind.TOTP,
        name=str(FactorKind.TOTP.label),
        secret=sealed(secret),
        counter=step,
        created_at=clock.now(),
    )
    _strengthen(session, Method.TOTP)
    note(about=user, factor=FactorKind.TOTP.value)
    return factor


@command("accounts.add_passkey", label=_("Add a passkey"), own=True)
def add_passkey(user: User, passkey: Passkey, *, name: str, session: SignIn, actor: Actor) -> Factor:
    """Keep the public half of a passkey whose ceremony was verified. Raises NotAllowed."""
    _prove_right(user, session)
    factor = Factor.objects.create(
        user=user,
        kind=FactorKind.PASSKEY,
        name=name,
        secret=passkey.public_key,
        credential=passkey.credential,
        counter=passkey.uses,
        created_at=clock.now(),
    )
    _strengthen(session, Method.PASSKEY)
    note(about=user, factor=FactorKind.PASSKEY.value)
    return factor


@command("accounts.remove_factor", label=_("Remove a second factor"), own=True)
def remove_factor(user: User, pk: int, *, session: SignIn, actor: Actor) -> None:
    """Forget one of one's factors.

    Raises Factor.DoesNotExist, NotAllowed, LastFactor when no other is left and everybody must have one.
    """
    _prove_right(user, session)
    mine = {factor.pk: factor for factor in Factor.objects.select_for_update().filter(user=user)}
    if pk not in mine:
        raise Factor.DoesNotExist
    if settings.SECOND_FACTOR_REQUIRED and len(mine) == 1:
        raise LastFactor
    note(about=user, factor=mine[pk].kind)
    mine[pk].delete()
    if len(mine) == 1:
        RecoveryCode.objects.filter(user=user).delete()


@command("accounts.make_recovery_codes", label=_("Make recovery codes"), own=True)
def make_recovery_codes(user: User, *, session: SignIn, actor: Actor) -> list[str]:
    """Return ten new codes, to be shown once; those made before are good for nothing. Raises NotAllowed."""
    _prove_right(user, session)
    made = ["".join(secrets.choice(ALPHABET) for _sign in range(CODE_LENGTH)) for _code in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=digest(code)) for code in made)
    note(about=user, count=len(made))
    return ["-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4)) for code in made]


def _prove_right(user: User, session: SignIn) -> None:
    """A password alone changes nothing for an account that has a second factor."""
    if session.user_id != user.pk or (not session.is_strong and Factor.objects.filter(user=user).exists()):
        raise NotAllowed("accounts.second_factor")


def _strengthen(session: SignIn, method: Method) -> None:
    if not session.is_strong:
        session.method = method
        session.save(update_fields=["method"])
