"""What may be kept of the site in a cache, and what makes it stale."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

#: Addresses of the site whose pages are the same for every anonymous visitor.
CACHEABLE_VIEWS = {"wagtail_serve"}

#: Parameters that follow a link from a message, or somebody's own link; pages do not read them, the forms that are
#: posted back to the same address do (the audience counter ignores them too).
IGNORED_PARAMETERS = {"utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "par"}

#: Back-office requests that save only a draft, or nothing; everything else staff post may show on the site.
PRIVATE_POSTS = {
    "wagtailadmin_pages:add",
    "wagtailadmin_pages:edit",  # publishing announces itself
    "wagtailadmin_pages:preview_on_add",
    "wagtailadmin_pages:preview_on_edit",
    "wagtailadmin_editing_sessions:ping",
    "wagtailadmin_editing_sessions:release",
    "wagtailadmin_block_preview",
    "wagtailadmin_login",
    "wagtailadmin_logout",
    "wagtailadmin_dismissibles",
}


def page_key(environ: Mapping[str, object], session_cookie: str) -> tuple[str, str, str] | None:
    """Return the name under which this request's page may be kept, None for a request that is somebody's own."""
    if environ.get("REQUEST_METHOD") != "GET":
        return None
    if session_cookie in str(environ.get("HTTP_COOKIE", "")) or environ.get("HTTP_AUTHORIZATION"):
        return None
    query = str(environ.get("QUERY_STRING", ""))
    if query and not {name for name, _ in parse_qsl(query, keep_blank_values=True)} <= IGNORED_PARAMETERS:
        return None
    return (
        f"{environ.get('wsgi.url_scheme')} {environ.get('HTTP_X_FORWARDED_PROTO', '')}",
        str(environ.get("HTTP_HOST", "")),
        str(environ.get("PATH_INFO", "")),
    )


def may_keep(view_name: str, status: int, headers: Mapping[str, str], *, sets_cookie: bool) -> bool:
    """Tell whether an answer is the same for everybody: a page of the site, whole, and marked as nobody's own."""
    control = headers.get("Cache-Control", "").lower()
    varies = {name.strip().lower() for name in headers.get("Vary", "").split(",") if name.strip()}
    return (
        view_name in CACHEABLE_VIEWS
        and status == 200
        and not sets_cookie
        and not any(word in control for word in ("private", "no-store", "no-cache"))
        and varies <= {"accept-encoding"}
        and "'nonce-" not in headers.get("Content-Security-Policy", "")  # a nonce used twice protects nothing
    )


def changes_the_site(view_name: str, method: str, status: int) -> bool:
    """Tell whether an answered back-office request may have changed what the public sees."""
    return method == "POST" and status < 400 and view_name not in PRIVATE_POSTS
