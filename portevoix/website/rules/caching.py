"""What may be kept of the site in a cache, and what makes it stale."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

#: Addresses of the site whose pages are the same for every anonymous visitor.
CACHEABLE_VIEWS = {"wagtail_serve"}

#: Parameters that follow a link from a message, or somebody's own link; pages do not read them, the forms that are
#: posted back to the same address do (the audience counter ignores them too).
IGNORED_PARAMETERS = {"utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "par"}

#: The one question that has a page of its own: after a form, the thanks, which are the same for everybody.
THANKS = "sent=1"

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


#: Of a page's row, what no page of the site shows: the editor's own notes.
UNSHOWN = frozenset(
    {
        *("draft_title", "has_unpublished_changes", "latest_revision_id", "latest_revision_created_at"),
        *("live_revision_id", "locked", "locked_at", "locked_by_id", "owner_id"),
    }
)
#: How many pages lie under a page is not shown; whether there are any decides what is asked next.
ZERO_OR_NOT = frozenset({"numchild"})

#: What finding the page of an address depends on, in the rows of the site and of the pages on the way.
ON_THE_WAY = frozenset(
    {
        *("id", "path", "depth", "numchild", "slug", "url_path", "live", "content_type_id", "page_ptr_id"),
        *("locale_id", "language_code", "translation_key", "alias_of_id"),
        *("hostname", "port", "is_default_site", "root_page_id", "match"),
    }
)

#: Back-office screens whose posts change more than rows that pages ask for (or that nobody has looked at): sites,
#: languages, collections, settings. Those of Wagtail's pages and of our own rooms change rows.
BEYOND_ROWS = ("wagtail", "website_office:")
ROWS_ALONE = "wagtailadmin_pages:"


def page_key(environ: Mapping[str, object], session_cookie: str) -> tuple[str, str, str, str] | None:
    """Return the name under which this request's page may be kept, None for a request that is somebody's own."""
    if environ.get("REQUEST_METHOD") != "GET":
        return None
    if session_cookie in str(environ.get("HTTP_COOKIE", "")) or environ.get("HTTP_AUTHORIZATION"):
        return None
    query = str(environ.get("QUERY_STRING", ""))
    asked = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    if query != THANKS and not asked <= IGNORED_PARAMETERS:
        return None
    return (
        f"{environ.get('wsgi.url_scheme')} {environ.get('HTTP_X_FORWARDED_PROTO', '')}",
        str(environ.get("HTTP_HOST", "")),
        str(environ.get("PATH_INFO", "")),
        query if query == THANKS else "",
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


def changes_rows_alone(view_name: str) -> bool:
    """Tell whether what a back-office request changed is all in rows that pages ask for again."""
    return view_name.startswith(ROWS_ALONE) or not view_name.startswith(BEYOND_ROWS)
