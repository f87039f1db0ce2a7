"""Commands of sessions: begin one, refuse one, end one's own."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import Attempts, Notice, SignIn, User
from portevoix.accounts.rules import FORGOTTEN_AFTER, LONGEST_SESSION
from portevoix.accounts.services.reminding import remind
from portevoix.accounts.types import Actor, Device, Method, NoticeKind, System
from portevoix.kernel import clock

#: A session that ended is kept that long: somebody may ask who was in their account.
KEPT = timedelta(days=365)
#: A letter about guessed codes goes out once in that time: more would bury it.
WARNED_AGAIN_AFTER = timedelta(days=1)


@command("accounts.sign_in", label=_("Sign in"), own=True)
def sign_in(user: User, *, method: Method, device: Device, is_first: bool, actor: Actor) -> SignIn:
    """Begin a session. A letter is due when the account was used before, and not from this device within a year.

    ``is_first`` says that nobody ever used it: sessions are forgotten, so none that is left proves nothing.
    """
    now = clock.now()
    is_new = not is_first and not SignIn.objects.filter(user=user, device_key=device.key).exists()
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
def refuse_sign_in(
    user: User | None, *, reason: str, closed_for: int = 0, is_account_closed: bool = False, actor: Actor
) -> None:
    """Keep that a proof was wrong, and for how many seconds the account or the address is closed because of it.

    ``is_account_closed`` says that wrong codes after a right password closed it: a letter tells its owner, once a day.
    """
    note(about=user, reason=reason)
    if closed_for:
        note(closed_seconds=closed_for)
    if user is not None and is_account_closed:
        _warn(user)


def _warn(user: User) -> None:
    screen = reverse("accounts:access")
    if Notice.objects.filter(user=user, path=screen, created_at__gt=clock.now() - WARNED_AGAIN_AFTER).exists():
        return
    with translation.override(settings.LANGUAGE_CODE):
        remind(
            user,
            subject=gettext("Somebody who knows your password tries to guess your code"),
            body=gettext(
                "Your account was closed for a while: after your password, which was right, wrong codes were given. "
                "If it was not you, change your password and tell a director of the campaign."
            ),
            path=screen,
            actor=System("accounts.warn"),
        )


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
