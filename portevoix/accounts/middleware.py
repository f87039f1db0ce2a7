"""Who is signed in is in a session that is open, fresh, and proved by two factors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from portevoix.accounts import rules
from portevoix.accounts.models import SignIn
from portevoix.accounts.office import session_of
from portevoix.kernel import clock

#: A session is written down as seen that often at most.
LOOK = timedelta(minutes=5)
#: What somebody without a second factor needs in order to have one, or to leave.
WITHOUT_SECOND_FACTOR = {
    *("accounts:begin", "accounts:totp", "accounts:passkey_options", "accounts:add_passkey"),
    *("wagtailadmin_logout", "wagtailadmin_javascript_catalog", "wagtailadmin_sprite"),
}

View = Callable[..., HttpResponseBase]


class SecondFactor:
    """Close every closed view to sessions that ended, grew old, or were proved by a password alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: tuple[object, ...], view_kwargs: dict[str, object]
    ) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if _is_open(request, view_func, name) or not request.user.is_authenticated:
            return None
        session, now = session_of(request), clock.now()
        if session is None or rules.is_over(session.started_at, session.seen_at, now):
            if session is not None:
                SignIn.objects.open().filter(pk=session.pk).update(ended_at=now)
            logout(request)
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        if now - session.seen_at > LOOK:
            SignIn.objects.filter(pk=session.pk).update(seen_at=now)
        if settings.SECOND_FACTOR_REQUIRED and not session.is_strong and name not in WITHOUT_SECOND_FACTOR:
            return _lead_to(request, resolve_url("accounts:begin"))
        return None


def _is_open(request: HttpRequest, view_func: View, name: str) -> bool:
    """Tell whether a view is for everybody.

    Under the back office's roof only our own word for it counts: the library that Wagtail's API is made with declares
    all its views free of a login.
    """
    if getattr(view_func, "login_required", True):
        return False
    is_in_office = request.path_info.startswith(resolve_url("wagtailadmin_home"))
    return not is_in_office or getattr(view_func, "is_public", False) or name == "wagtailadmin_login"


def _lead_to(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})  # a page must not be put into a part of another
    return HttpResponse(status=302, headers={"Location": address})
