"""What the screens of actions have in common."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext


def framed(title: str, icon: str, *between: tuple[str, str], **more: Any) -> dict[str, Any]:
    """Return what the frame of a screen needs; ``between`` are the screens that lead to it, with their addresses."""
    way = [("wagtailadmin_home", gettext("Home"))]
    items = [{"url": reverse(name), "label": label} for name, label in way]
    items += [{"url": address, "label": label} for address, label in between]
    return {
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [*items, {"url": "", "label": title}],
        **more,
    }
