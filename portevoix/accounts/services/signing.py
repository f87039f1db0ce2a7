"""Commands of sessions: begin one, refuse one, end one's own."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import Attempts, Notice, SignIn, User
from portevoix.accounts.rules import FORGOTTEN_AFTER, LONGEST_SESSION
from portevoix.accounts.types import Actor, Device, Method, NoticeKind
from portevoix.kernel import clock

#: A session that ended is kept that long: somebody may ask who was in their account.
KEPT = timedelta(days=365)


@command("accounts.sign_in", label=_("Sign in"), own=True)
def sign_in(user: User, *, method: Method, device: Device, actor: Actor) -> SignIn:
    """Begin a session. A letter is due when the account was used before, and never from this device."""
    now = clock.now()
    before = SignIn.objects.filter(user=user)
    is_new = before.exists() and not before.filter(device_key=device.key).exists()
    session = SignIn.objects.create(
        user=user,
        method=method,
        device_key=device.key,
        device=device.name,
        network=device.network,
        started_at=now,
        seen_at=now,
    )
    if is_new:
        Notice.objects.create(user=user, kind=NoticeKind.NEW_DEVICE, sign_in=session, created_at=now)
    note(about=session, method=method.value, new_device=is_new)
    return session


@command("accounts.refuse_sign_in", label=_("Refuse a sign-in"), visitors=True)
def refuse_sign_in(user: User | None, *, reason: str, closed_for: int = 0, actor: Actor) -> None:
    """Keep that a proof was wrong, and for how many seconds the account or the address is closed because of it."""
    note(about=user, reason=reason)
    if closed_for:
        note(closed_seconds=closed_for)


@command("accounts.sign_out", label=_("Sign out"), own=True)
def sign_out(session: SignIn, *, actor: Actor) -> None:
    """End the session that one is in."""
    SignIn.objects.open().filter(pk=session.pk).update(ended_at=clock.now())
    note(about=session)


@command("accounts.end_sessions", label=_("End one’s sessions elsewhere"), own=True)
def end_sessions(user: User, *, keep: SignIn, only: int | None = None, actor: Actor) -> int:
    """End one's other sessions, or one of them; the browsers that hold them are signed out at their next request."""
    others = SignIn.objects.open().filter(user=user).exclude(pk=keep.pk)
    if only is not None:
        others = others.filter(pk=only)
    ended = others.update(ended_at=clock.now())
    note(about=user, count=ended)
    return ended


@command("accounts.forget_old", label=_("Forget old sessions"))
def forget_old(*, actor: Actor) -> int:
    """Forget sessions and letters of a year ago, failures that count no more, and expired sessions of browsers.

    Sessions nobody signed out of are ended first, when they are too old to be used (RGPD art. 5(1)(e)).
    """
    now = clock.now()
    SignIn.objects.open().filter(started_at__lt=now - LONGEST_SESSION).update(ended_at=now)
    count, _by_model = SignIn.objects.filter(ended_at__lt=now - KEPT).delete()
    Notice.objects.filter(sent_at__lt=now - KEPT).delete()
    Attempts.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
    SessionStore.clear_expired()
    note(count=count)
    return count
