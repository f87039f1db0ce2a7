"""Signing in: name and password, then a code; or a passkey alone. Signing out."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.views.account import LoginView, LogoutView

from portevoix.accounts import gate, rules
from portevoix.accounts.exceptions import Closed, WrongProof
from portevoix.accounts.forms import LoginForm, ProofForm, closed_error
from portevoix.accounts.models import User
from portevoix.accounts.office import SESSION_KEY, actor_of, session_of
from portevoix.accounts.services.signing import refuse_sign_in, sign_in, sign_out
from portevoix.accounts.types import Device, Method, Staff, Visitor
from portevoix.kernel import clock
from portevoix.kernel.security import address_of, public

#: Who gave a right password, until they give a code.
PENDING = "password_proved"
PENDING_SECONDS = 600
#: What a passkey must sign, once.
CHALLENGE = "passkey_challenge"


class SignInPage(LoginView):
    """Name and password; whoever holds a second factor is asked for it next."""

    template_name = "accounts/sign_in.html"

    def get_form_class(self) -> type[LoginForm]:
        return LoginForm

    def form_valid(self, form: LoginForm) -> HttpResponseBase:
        user, target = form.get_user(), self.get_success_url()
        if not user.factors.exists():
            return enter(self.request, user, Method.PASSWORD, target)
        self.request.session[PENDING] = {"user": user.pk, "at": clock.now().timestamp(), "next": target}
        return redirect("sign_in:code")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "is_lenient": not settings.SECOND_FACTOR_REQUIRED}


@public
def code(request: HttpRequest) -> HttpResponseBase:
    """Ask whoever gave a right password for the second factor."""
    pending = request.session.get(PENDING, {})
    user = User.objects.filter(pk=pending.get("user"), is_active=True).first()
    if user is None or clock.now().timestamp() - pending["at"] > PENDING_SECONDS:
        return redirect("wagtailadmin_login")
    form = ProofForm(user, address_of(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        return enter(request, user, form.method, pending["next"])
    return render(request, "accounts/code.html", {"form": form, "next": pending["next"]})


@public
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Say what a passkey has to sign."""
    ceremony = gate.any_passkey()
    request.session[CHALLENGE] = ceremony.challenge
    return HttpResponse(ceremony.options, content_type="application/json")


@public
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Let in whose passkey signed the challenge: it is two factors in one."""
    challenge = request.session.pop(CHALLENGE, "")
    try:
        user = gate.by_passkey(request.POST.get("credential", ""), challenge, address_of(request))
    except Closed as closed:
        messages.error(request, closed_error(closed).message)
    except WrongProof:
        refuse_sign_in(None, reason="passkey", actor=Visitor())
        messages.error(request, gettext("This passkey opens nothing here."))
    else:
        return enter(request, user, Method.PASSKEY, request.POST.get("next", ""))
    return redirect("wagtailadmin_login")


def enter(request: HttpRequest, user: User, method: Method, target: str) -> HttpResponse:
    """Begin a session in this browser, and lead to where its owner was going."""
    mark = request.COOKIES.get(rules.DEVICE_COOKIE) or secrets.token_urlsafe(24)
    is_first = user.last_login is None  # before this one is written down
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session.pop(PENDING, None)
    session = sign_in(user, method=method, device=_device(request, mark), is_first=is_first, actor=Staff(user))
    request.session[SESSION_KEY] = session.pk
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = redirect(target if is_ours else reverse("wagtailadmin_home"))
    response.set_cookie(
        rules.DEVICE_COOKIE,
        mark,
        max_age=rules.DEVICE_AGE,
        path=reverse("wagtailadmin_home"),
        secure=settings.IS_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _device(request: HttpRequest, mark: str) -> Device:
    name = rules.device_name(request.headers.get("User-Agent", ""))
    return Device(gate.keyed("device", mark), name or gettext("unknown device"), rules.network(address_of(request)))


class SignOut(LogoutView):
    """End the session, in the journal too."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and (session := session_of(request)):
            sign_out(session, actor=actor_of(request))
        response: HttpResponseBase = super().post(request, *args, **kwargs)
        return response
