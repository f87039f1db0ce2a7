"""What the screens of actions have in common."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from portevoix.actions.models import ActionPage


def unwritten() -> str:
    """Return what is said where a letter cannot be written: nothing was kept of what it would have told."""
    return gettext(
        "The letter cannot be written, and nothing is changed: look at the campaign’s own words for it, in the "
        "standard letters, and at the site’s imprint."
    )


def of_one(page: ActionPage, title: str, icon: str, **more: Any) -> dict[str, Any]:
    """Return what the frame of a screen of one action needs."""
    way = [
        (reverse("actions_office:list"), gettext("Actions")),
        (reverse("actions_office:page", args=[page.pk]), page.title),
    ]
    return framed(title, icon, *way, page=page, **more)


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
