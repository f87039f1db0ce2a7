"""One's own access: second factors, recovery codes, sessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import pyotp
import segno
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts import gate
from portevoix.accounts.exceptions import LastFactor, NotAllowed, WrongProof
from portevoix.accounts.forms import TotpForm
from portevoix.accounts.models import Factor, SignIn, User
from portevoix.accounts.office import actor_of, session_of
from portevoix.accounts.services import factors, signing
from portevoix.kernel import clock

#: What a new passkey must sign, once; the secret of an application that has not shown its first code yet, sealed.
NEW_CHALLENGE = "new_passkey_challenge"
NEW_SECRET = "new_totp_secret"  # noqa: S105 - the name of a key


View = Callable[..., HttpResponse]


def own(view: View) -> View:
    """Give a view who asks and the session they are in; the middleware let nobody else through.

    A session that a password alone opened may not touch an account that has a second factor: no right to the screen.
    """

    @wraps(view)
    def given(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user, session = cast("User", request.user), cast("SignIn", session_of(request))
        try:
            return view(request, user, session, *args, **kwargs)
        except NotAllowed:
            raise PermissionDenied from None

    return given


def begin(request: HttpRequest) -> HttpResponse:
    """Lead somebody without a second factor to one."""
    return render(request, "accounts/begin.html", {"is_required": settings.SECOND_FACTOR_REQUIRED})


@own
def totp(request: HttpRequest, user: User, session: SignIn) -> HttpResponse:
    """Hand over a secret by a QR code, and keep it once a right code comes back."""
    sealed = request.session.setdefault(NEW_SECRET, gate.sealed(pyotp.random_base32()))
    secret = gate.unsealed(sealed)
    form = TotpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = form.cleaned_data["code"].replace(" ", "")
            factors.add_totp(user, secret=secret, code=code, session=session, actor=actor_of(request))
        except WrongProof:
            form.add_error("code", gettext("This is not the code it shows now. Is the clock of the telephone right?"))
        else:
            del request.session[NEW_SECRET]
            return _with_recovery_codes(request, user, session)
    address = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=settings.WAGTAIL_SITE_NAME)
    context = {"form": form, "picture": _picture(address), "address": address, "secret": _grouped(secret)}
    return render(request, "accounts/totp.html", context)


@require_POST
@own
def passkey_options(request: HttpRequest, user: User, session: SignIn) -> HttpResponse:
    """Say what passkey is asked for."""
    ceremony = gate.new_passkey(user)
    request.session[NEW_CHALLENGE] = ceremony.challenge
    return HttpResponse(ceremony.options, content_type="application/json")


@require_POST
@own
def add_passkey(request: HttpRequest, user: User, session: SignIn) -> HttpResponse:
    """Keep the passkey that the browser made."""
    try:
        made = gate.made_passkey(request.POST.get("credential", ""), request.session.pop(NEW_CHALLENGE, ""))
    except WrongProof:
        messages.error(request, gettext("The passkey could not be made. Please try again."))
        return redirect("accounts:begin")
    name = request.POST.get("name", "").strip()[:60] or session.device
    factors.add_passkey(user, made, name=name, session=session, actor=actor_of(request))
    return _with_recovery_codes(request, user, session)


def _with_recovery_codes(request: HttpRequest, user: User, session: SignIn) -> HttpResponse:
    """Go on to the recovery codes when there are none yet."""
    if user.recovery_codes.exists():
        messages.success(request, gettext("Your second factor is in place."))
        return redirect("accounts:access")
    codes = factors.make_recovery_codes(user, session=session, actor=actor_of(request))
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@require_POST
@own
def recovery_codes(request: HttpRequest, user: User, session: SignIn) -> HttpResponse:
    """Show new codes once."""
    codes = factors.make_recovery_codes(user, session=session, actor=actor_of(request))
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@own
def access(request: HttpRequest, user: User, session: SignIn) -> HttpResponse:
    """Show one's factors and sessions."""
    context = {
        "header_title": gettext("My access"),
        "header_icon": "lock",
        "breadcrumbs_items": [{"url": "", "label": gettext("My access")}],
        "factors": user.factors.all(),
        "codes_left": user.recovery_codes.count(),
        "sessions": user.sign_ins.usable(clock.now()),
        "current": session,
        "is_required": settings.SECOND_FACTOR_REQUIRED,
    }
    return render(request, "accounts/access.html", context)


@require_POST
@own
def remove(request: HttpRequest, user: User, session: SignIn, pk: int) -> HttpResponse:
    """Forget one factor."""
    try:
        factors.remove_factor(user, pk, session=session, actor=actor_of(request))
    except Factor.DoesNotExist:
        raise Http404 from None
    except LastFactor:
        messages.error(request, gettext("This is your last second factor: add another one first."))
    return redirect("accounts:access")


@require_POST
@own
def end_sessions(request: HttpRequest, user: User, session: SignIn) -> HttpResponse:
    """End one of one's sessions elsewhere, or all of them."""
    only = request.POST.get("only", "")
    number = int(only) if only.isdecimal() and len(only) < 19 else None
    ended = signing.end_sessions(user, keep=session, only=number, actor=actor_of(request))
    if ended:
        messages.success(request, gettext("What was open elsewhere is closed."))
    return redirect("accounts:access")


def _picture(address: str) -> SafeString:
    # Without a size of its own: a narrow screen shrinks it, where it would cut a picture that has one.
    drawing = segno.make(address, error="m").svg_inline(omitsize=True, border=3, light="#fff", dark="#000")
    return mark_safe(drawing)  # noqa: S308 - paths drawn by the library; the text is in the pattern only


def _grouped(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
