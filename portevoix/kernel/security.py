"""What the browser is told, and who may post to a public form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt


class ContentSecurityPolicy(CSPMiddleware):
    """Give public pages the strictest policy and the back office the strictest that its editor works with."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("wagtailadmin_home")):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts


View = Callable[..., HttpResponseBase]


class ClosedUnlessPublic(LoginRequiredMiddleware):
    """Ask for a login everywhere but where a view is declared public; there, do not even look for a session.

    Django's own asks who the visitor is first, which marks every public page as different for each cookie.
    """

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: tuple[object, ...], view_kwargs: dict[str, object]
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


def public(view: View) -> View:
    """Declare a view open to everybody; without this mark a view asks for a member of staff's login."""
    opened: View = login_not_required(view)
    opened.is_public = True  # type: ignore[attr-defined]
    return opened


def public_form(view: View) -> View:
    """Declare a view open to everybody that also takes posts, without a cookie.

    There is no session to ride on, so a token in a cookie would protect nothing; what the browser says of the
    request's origin keeps other sites from posting in a visitor's name (OWASP, verification of origin).
    Raises PermissionDenied for a post from elsewhere.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST" and not comes_from_here(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return public(csrf_exempt(checked))


def keyed(view: View) -> View:
    """Declare a view open to programs alone: a key in the request's header, never a session or a cookie, opens it.

    A browser sends such a header by itself to nobody, so no other site can ride on it. The view asks for the key.
    """
    opened: View = login_not_required(csrf_exempt(view))
    opened.is_keyed = True  # type: ignore[attr-defined]
    return opened


def comes_from_here(request: HttpRequest) -> bool:
    """Tell whether the browser says that this site's own page sent the request; silence is taken for yes."""
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.META.get("HTTP_ORIGIN")
    try:
        return origin is None or urlsplit(origin).netloc == request.get_host()
    except ValueError:
        return False


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: what the host's own proxy says, where there is one."""
    said = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return str(said.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))


def connection_of(address: str) -> str:
    """Return what one connection is known by: of IPv6, the network, in which each picks addresses at will."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address
