"""What every screen of the back office needs."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks


@hooks.register("insert_global_admin_js")
def starters() -> SafeString:
    """Start Wagtail's calendars and panels without inline scripts."""
    return format_html('<script src="{}"></script>', static("kernel/admin/starters.js"))


@hooks.register("insert_global_admin_js")
def block_names() -> SafeString:
    """Name the fields of blocks, which Wagtail leaves without a name."""
    return format_html('<script src="{}"></script>', static("kernel/admin/block_names.js"))


@hooks.register("insert_global_admin_css")
def screens() -> SafeString:
    """Dress our screens, and keep htmx from what it must not do.

    It evaluates no code, which the policy of the back office forbids, and keeps no copies of screens, which show
    people, in the browser: the way back asks the server again.
    """
    return format_html(
        '<link rel="stylesheet" href="{}">'
        '<meta name="htmx-config" content=\'{{"allowEval":false,"includeIndicatorStyles":false,'
        '"historyCacheSize":0,"refreshOnHistoryMiss":true}}\'>',
        static("kernel/admin/screens.css"),
    )


@hooks.register("insert_global_admin_js")
def partial_updates() -> SafeString:
    """Load htmx, which makes quick what works without it."""
    return format_html('<script src="{}"></script>', static("vendor/htmx/htmx.min.js"))


@hooks.register("register_icons")
def icons(found: list[str]) -> list[str]:
    """Add the pictures that Wagtail has not."""
    return [*found, "kernel/icons/chart.svg", "kernel/icons/map.svg"]
